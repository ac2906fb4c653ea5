#include <tidings/base/text.h>
#include <tidings/model/envelope.h>
#include <tidings/model/json.h>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace tidings {

namespace {

constexpr std::size_t source_bytes_max = 128;
constexpr std::size_t correlation_bytes_max = 128;

constexpr std::string_view id_rule = "must be a UUID version 4";
constexpr std::string_view type_rule =
    "must be domain.event_name in snake case, at most 128 characters";
constexpr std::string_view source_rule =
    "must be the name of a service (a-z, 0-9 and -, at most 128 characters)";
constexpr std::string_view version_rule = "must be a semantic version such as 1.0.0";
constexpr std::string_view timestamp_rule = "must be a time by RFC 3339";
constexpr std::string_view correlation_rule = "must be 1 to 128 printable characters";
constexpr std::string_view data_rule = "must be an object";

enum Field : unsigned { id, type, source, data_version, timestamp, correlation_id, data };
constexpr std::array<std::string_view, 7> field_names{
    "id", "type", "source", "dataVersion", "timestamp", "correlationId", "data"};

bool is_source(std::string_view name) {
    const auto is_lower = [](char c) { return c >= 'a' && c <= 'z'; };
    return !name.empty() && name.size() <= source_bytes_max && is_lower(name[0]) &&
           std::all_of(name.begin(), name.end(),
                       [&](char c) { return is_lower(c) || (c >= '0' && c <= '9') || c == '-'; });
}

bool is_correlation(std::string_view text) {
    if (text.empty() || text.size() > 4 * correlation_bytes_max) return false;
    const auto is_plain = [](char c) { return c >= ' ' && c <= '~'; };
    if (std::all_of(text.begin(), text.end(), is_plain))
        return text.size() <= correlation_bytes_max;
    std::size_t characters = 0;
    while (!text.empty()) {
        const std::size_t bytes = utf8_character_bytes(text);
        if (bytes == 0 || !is_harmless(utf8_code_point(text.substr(0, bytes)))) return false;
        text.remove_prefix(bytes);
        ++characters;
    }
    return characters <= correlation_bytes_max;
}

void read_id(json::Reader& reader, Envelope& envelope) {
    const auto parsed = Uuid::parse(reader.text());
    if (!parsed || parsed->version() != 4 || (parsed->bytes[8] & 0xC0) != 0x80) {
        return reader.fail(id_rule);
    }
    envelope.id = *parsed;
}

void read_version(json::Reader& reader, Envelope& envelope) {
    const auto parsed = SchemaVersion::parse(reader.text());
    if (!parsed) return reader.fail(version_rule);
    envelope.data_version = *parsed;
}

void read_timestamp(json::Reader& reader, Envelope& envelope) {
    const auto parsed = parse_timestamp(reader.text());
    if (!parsed) return reader.fail(timestamp_rule);
    envelope.timestamp = *parsed;
}

void read_data(json::Reader& reader, const DataReader* typed, Envelope& envelope) {
    if (reader.kind() != json::Kind::object) return reader.fail(data_rule);
    if (typed != nullptr) {
        (*typed)(reader);
    } else {
        envelope.data = reader.raw();
    }
}

void read_field(json::Reader& reader, Field field, const DataReader* typed, Envelope& envelope) {
    switch (field) {
        case id:
            return read_id(reader, envelope);
        case type:
            envelope.type = reader.text();
            if (!check_event_name(envelope.type)) reader.fail(type_rule);
            return;
        case source:
            envelope.source = reader.text();
            if (!is_source(envelope.source)) reader.fail(source_rule);
            return;
        case data_version:
            return read_version(reader, envelope);
        case timestamp:
            return read_timestamp(reader, envelope);
        case correlation_id:
            envelope.correlation_id = reader.text();
            if (!is_correlation(envelope.correlation_id)) reader.fail(correlation_rule);
            return;
        case data:
            return read_data(reader, typed, envelope);
    }
}

Result<Envelope> parse(std::string_view text, const EnvelopeLimits& limits,
                       const DataReader* typed) {
    json::Reader reader{text, {limits.bytes_max, limits.depth_max}};
    Envelope envelope;
    unsigned seen = 0;
    std::string_view name;
    reader.begin_object();
    while (reader.next_field(name)) {
        const auto found = std::find(field_names.begin(), field_names.end(), name);
        if (found == field_names.end()) {
            reader.skip();
            continue;
        }
        const auto field = static_cast<Field>(found - field_names.begin());
        seen |= 1u << field;
        read_field(reader, field, typed, envelope);
    }
    for (unsigned field = 0; field < field_names.size(); ++field) {
        if ((seen & 1u << field) == 0) reader.missing(field_names[field]);
    }
    if (auto finished = reader.finish(); !finished) return std::move(finished).error();
    return envelope;
}

Error wrong(Field field, std::string_view rule, std::string_view value) {
    return Error{ErrorCode::contract_violation,
                 fmt::format("field /{}: {}, is {}", field_names[field], rule, quote(value, 64))};
}

void write_version(const SchemaVersion& version, json::Writer& writer) {
    std::array<char, 40> text{};
    char* to = text.data();
    for (const int number : {version.major, version.minor, version.patch}) {
        if (to != text.data()) *to++ = '.';
        to = std::to_chars(to, text.data() + text.size(), number).ptr;
    }
    writer.text({text.data(), static_cast<std::size_t>(to - text.data())});
}

void write_head(const Envelope& envelope, json::Writer& writer) {
    writer.begin_object();
    writer.name("id");
    writer.value(envelope.id);
    writer.name("type");
    writer.text(envelope.type);
    writer.name("source");
    writer.text(envelope.source);
    writer.name("dataVersion");
    write_version(envelope.data_version, writer);
    writer.name("timestamp");
    writer.value(envelope.timestamp);
    writer.name("correlationId");
    writer.text(envelope.correlation_id);
    writer.name("data");
}

}  // namespace

Result<Envelope> parse_envelope(std::string_view text, const EnvelopeLimits& limits) {
    return parse(text, limits, nullptr);
}

Result<Envelope> parse_envelope(std::string_view text, const EnvelopeLimits& limits,
                                DataReader read_data) {
    return parse(text, limits, &read_data);
}

Result<void> check_source_name(std::string_view name) {
    if (is_source(name)) return {};
    return Error{ErrorCode::invalid_argument, fmt::format("source {} {}", quote(name), source_rule),
                 "write it like order-service"};
}

Result<void> validate(const Envelope& envelope) {
    if (envelope.id.version() != 4 || (envelope.id.bytes[8] & 0xC0) != 0x80) {
        return wrong(id, id_rule, to_string(envelope.id));
    }
    if (!check_event_name(envelope.type)) return wrong(type, type_rule, envelope.type);
    if (!is_source(envelope.source)) return wrong(source, source_rule, envelope.source);
    const SchemaVersion& version = envelope.data_version;
    if (version.major < 0 || version.minor < 0 || version.patch < 0) {
        return wrong(data_version, version_rule, to_string(envelope.data_version));
    }
    if (!is_correlation(envelope.correlation_id)) {
        return wrong(correlation_id, correlation_rule, envelope.correlation_id);
    }
    return {};
}

void write_envelope(const Envelope& envelope, std::string& out) {
    json::Writer writer{out};
    write_head(envelope, writer);
    writer.raw(envelope.data);
    writer.end_object();
}

void write_envelope(const Envelope& envelope, DataWriter write_data, std::string& out) {
    json::Writer writer{out};
    write_head(envelope, writer);
    write_data(writer);
    writer.end_object();
}

}  // namespace tidings
