#include <tidings/base/text.h>
#include <tidings/model/cloud_event.h>
#include <tidings/model/json.h>

#include <algorithm>
#include <map>

namespace tidings {

namespace {

constexpr std::string_view spec_version = "1.0";
constexpr std::string_view structured_type = "application/cloudevents+json";
constexpr std::string_view header_prefix = "ce-";

/// The context attributes by name, in the order in which they are written.
std::vector<std::pair<std::string, std::string>> attributes_of(const CarriedEvent& event,
                                                               const CloudEventOptions& options) {
    const Envelope& envelope = event.envelope;
    std::vector<std::pair<std::string, std::string>> attributes{
        {"specversion", std::string{spec_version}},
        {"id", to_string(envelope.id)},
        {"source", options.source_prefix + envelope.source},
        {"type", envelope.type},
        {"time", to_string(envelope.timestamp)},
    };
    const auto add = [&attributes](std::string_view name, std::string_view value) {
        if (!value.empty()) attributes.emplace_back(name, value);
    };
    if (!options.schema_prefix.empty()) {
        const std::size_t dot = envelope.type.find('.');
        add("dataschema", options.schema_prefix + envelope.type.substr(0, dot) + "/" +
                              envelope.type.substr(dot + 1) + ".v" +
                              std::to_string(envelope.data_version.major) + ".data.schema.json");
    }
    add("subject", event.headers.key);
    add("dataversion", to_string(envelope.data_version));
    add("correlationid", envelope.correlation_id);
    add("causationid", event.headers.causation_id);
    add("partitionkey", event.headers.key);
    add("traceparent", event.headers.traceparent);
    return attributes;
}

bool is_json_type(std::string_view type) {
    type = type.substr(0, type.find(';'));
    while (type.ends_with(' ')) type.remove_suffix(1);
    return type.empty() || type == "application/json" || type.ends_with("+json") ||
           type == "text/json";
}

Error wrong(std::string_view field, const std::string& rule, std::string hint = {}) {
    return Error{ErrorCode::contract_violation, "field /" + std::string{field} + ": " + rule,
                 std::move(hint)};
}

using Attributes = std::map<std::string, std::string, std::less<>>;

std::string take(const Attributes& attributes, std::string_view name) {
    const auto found = attributes.find(name);
    return found == attributes.end() ? std::string{} : found->second;
}

/// The service that `source` stands for.
Result<std::string> source_of(const Attributes& attributes, const CloudEventOptions& options) {
    const std::string source = take(attributes, "source");
    if (source.starts_with(options.source_prefix)) {
        std::string name = source.substr(options.source_prefix.size());
        if (check_source_name(name)) return name;
    }
    if (!options.foreign_source.empty()) return options.foreign_source;
    return wrong("source", "must be " + options.source_prefix + "<service>, is " + quote(source),
                 "say which service stands for events of others: foreign_source");
}

/// Makes an event from its attributes; `data` is a JSON text.
Result<CarriedEvent> make_event(const Attributes& attributes, std::string data,
                                const CloudEventOptions& options) {
    for (const char* name : {"specversion", "id", "source", "type", "time"}) {
        if (take(attributes, name).empty()) return wrong(name, "is missing");
    }
    if (const std::string version = take(attributes, "specversion"); version != spec_version) {
        return Error{ErrorCode::unsupported,
                     "field /specversion: must be 1.0, is " + quote(version)};
    }
    if (const std::string type = take(attributes, "datacontenttype"); !is_json_type(type)) {
        return Error{ErrorCode::unsupported,
                     "field /datacontenttype: must be JSON, is " + quote(type)};
    }
    CarriedEvent event;
    Envelope& envelope = event.envelope;
    const auto id = Uuid::parse(take(attributes, "id"));
    if (!id) return wrong("id", "must be a UUID, is " + quote(take(attributes, "id")));
    envelope.id = *id;
    auto source = source_of(attributes, options);
    if (!source) return std::move(source).error();
    envelope.source = std::move(*source);
    envelope.type = take(attributes, "type");
    const auto time = parse_timestamp(take(attributes, "time"));
    if (!time) return wrong("time", "must be a time by RFC 3339");
    envelope.timestamp = *time;
    const std::string version = take(attributes, "dataversion");
    if (version.empty() && !options.data_version) return wrong("dataversion", "is missing");
    const auto parsed = version.empty() ? Result<SchemaVersion>{*options.data_version}
                                        : SchemaVersion::parse(version);
    if (!parsed) return wrong("dataversion", "must be a semantic version such as 1.0.0");
    envelope.data_version = *parsed;
    envelope.correlation_id = take(attributes, "correlationid");
    if (envelope.correlation_id.empty()) envelope.correlation_id = to_string(envelope.id);
    envelope.data = std::move(data);
    // The envelope's own reader knows all its rules, those for data's size and depth included.
    std::string text;
    write_envelope(envelope, text);
    if (auto kept = parse_envelope(text); !kept) return std::move(kept).error();
    event.headers.type = envelope.type;
    event.headers.source = envelope.source;
    event.headers.key = take(attributes, "partitionkey");
    if (event.headers.key.empty()) event.headers.key = take(attributes, "subject");
    event.headers.causation_id = take(attributes, "causationid");
    event.headers.traceparent = take(attributes, "traceparent");
    return event;
}

bool is_plain_in_header(unsigned char c) { return c > 0x20 && c < 0x7f && c != '"' && c != '%'; }

/// As the HTTP binding writes what is not plain: percent and two hexadecimal digits.
std::string to_header(std::string_view value) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string out;
    for (const char c : value) {
        const auto byte = static_cast<unsigned char>(c);
        if (is_plain_in_header(byte)) {
            out += c;
        } else {
            out += '%';
            out += digits[byte >> 4];
            out += digits[byte & 15];
        }
    }
    return out;
}

int digit_of(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

std::string from_header(std::string_view value) {
    std::string out;
    for (std::size_t i = 0; i < value.size(); ++i) {
        const int high = value[i] == '%' && i + 2 < value.size() ? digit_of(value[i + 1]) : -1;
        const int low = high >= 0 ? digit_of(value[i + 2]) : -1;
        if (low < 0) {
            out += value[i];
            continue;
        }
        out += static_cast<char>(high * 16 + low);
        i += 2;
    }
    return out;
}

}  // namespace

std::string to_cloud_event(const CarriedEvent& event, const CloudEventOptions& options) {
    std::string out;
    json::Writer writer{out};
    writer.begin_object();
    for (const auto& [name, value] : attributes_of(event, options)) {
        writer.name(name);
        writer.text(value);
    }
    writer.name("datacontenttype");
    writer.text("application/json");
    writer.name("data");
    writer.raw(event.envelope.data);
    writer.end_object();
    return out;
}

CloudEventMessage to_cloud_event_message(const CarriedEvent& event,
                                         const CloudEventOptions& options) {
    CloudEventMessage message;
    message.headers.emplace_back("content-type", "application/json");
    for (const auto& [name, value] : attributes_of(event, options)) {
        message.headers.emplace_back(std::string{header_prefix} + name, to_header(value));
    }
    message.body = event.envelope.data;
    return message;
}

Result<CarriedEvent> parse_cloud_event(std::string_view text, const CloudEventOptions& options) {
    json::Reader reader{text};
    Attributes attributes;
    std::string data;
    bool is_binary = false;
    std::string_view field;
    reader.begin_object();
    while (reader.next_field(field)) {
        const std::string name{field};
        if (name == "data") {
            if (reader.kind() != json::Kind::object) reader.fail("must be an object");
            data = reader.raw();
        } else if (reader.kind() == json::Kind::string) {
            attributes[name] = reader.text();
            is_binary = is_binary || name == "data_base64";
        } else {
            reader.skip();  // An extension of another type, or null: as if it were not there.
        }
    }
    if (data.empty() && !reader.failed() && !is_binary) reader.missing("data");
    if (Result<void> finished = reader.finish(); !finished) return std::move(finished).error();
    if (is_binary) {
        return Error{ErrorCode::unsupported, "field /data_base64: must be JSON, in data"};
    }
    return make_event(attributes, std::move(data), options);
}

Result<CarriedEvent> parse_cloud_event(const CloudEventMessage& message,
                                       const CloudEventOptions& options) {
    Attributes attributes;
    for (const auto& [name, value] : message.headers) {
        if (name == "content-type") {
            if (value.starts_with(structured_type)) {
                return parse_cloud_event(message.body, options);
            }
            attributes["datacontenttype"] = value;
        } else if (name.starts_with(header_prefix)) {
            attributes[name.substr(header_prefix.size())] = from_header(value);
        }
    }
    return make_event(attributes, message.body, options);
}

}  // namespace tidings
