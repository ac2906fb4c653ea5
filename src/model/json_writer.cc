#include <tidings/model/json.h>

#include <array>
#include <charconv>
#include <cmath>

namespace tidings::json {

namespace {

constexpr char unicode_escape = 'u';

/// For each byte the character after its backslash, or 0 for a byte that stands for itself.
constexpr std::array<char, 256> make_escapes() {
    std::array<char, 256> escapes{};
    for (std::size_t i = 0; i < 0x20; ++i) escapes[i] = unicode_escape;
    escapes['"'] = '"';
    escapes['\\'] = '\\';
    escapes['\b'] = 'b';
    escapes['\f'] = 'f';
    escapes['\n'] = 'n';
    escapes['\r'] = 'r';
    escapes['\t'] = 't';
    return escapes;
}

constexpr std::array<char, 256> escapes = make_escapes();
constexpr std::string_view hex = "0123456789abcdef";

char escape_of(char c) { return escapes[static_cast<unsigned char>(c)]; }

void append_string(std::string_view value, std::string& out) {
    out += '"';
    std::size_t from = 0;
    for (std::size_t at = 0; at < value.size(); ++at) {
        const char escape = escape_of(value[at]);
        if (escape == '\0') continue;
        out.append(value.data() + from, at - from);
        from = at + 1;
        out += '\\';
        out += escape;
        if (escape == unicode_escape) {
            const auto byte = static_cast<unsigned char>(value[at]);
            out += "00";
            out += hex[byte >> 4];
            out += hex[byte & 0xF];
        }
    }
    out.append(value.data() + from, value.size() - from);
    out += '"';
}

}  // namespace

void Writer::separate() {
    if (comma_) out_ += ',';
    comma_ = true;
}

void Writer::begin_object() {
    separate();
    out_ += '{';
    comma_ = false;
}

void Writer::end_object() {
    out_ += '}';
    comma_ = true;
}

void Writer::begin_array() {
    separate();
    out_ += '[';
    comma_ = false;
}

void Writer::end_array() {
    out_ += ']';
    comma_ = true;
}

void Writer::name(std::string_view name) {
    separate();
    append_string(name, out_);
    out_ += ':';
    comma_ = false;
}

void Writer::text(std::string_view value) {
    separate();
    append_string(value, out_);
}

void Writer::integer(std::int64_t value) {
    separate();
    std::array<char, 24> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
    out_.append(digits.data(), end);
}

void Writer::number(double value) {
    if (!std::isfinite(value)) return null();
    separate();
    std::array<char, 32> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
    out_.append(digits.data(), end);
}

void Writer::boolean(bool value) {
    separate();
    out_ += value ? "true" : "false";
}

void Writer::null() {
    separate();
    out_ += "null";
}

void Writer::raw(std::string_view json) {
    separate();
    out_ += json;
}

void Writer::value(const Uuid& value) {
    separate();
    std::array<char, Uuid::text_bytes + 2> text{};
    text.front() = text.back() = '"';
    write_uuid(value, text.data() + 1);
    out_.append(text.data(), text.size());
}

void Writer::value(Timestamp value) {
    separate();
    std::array<char, timestamp_text_bytes + 2> text{};
    text.front() = text.back() = '"';
    write_timestamp(value, text.data() + 1);
    out_.append(text.data(), text.size());
}

void Writer::value(Money value) {
    separate();
    out_ += '"';
    out_ += to_string(value);
    out_ += '"';
}

}  // namespace tidings::json
