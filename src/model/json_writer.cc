#include <tidings/model/json.h>

#include <array>
#include <charconv>
#include <cmath>
#include <cstring>

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

/// Texts up to this length are put together first, so that the string grows once.
constexpr std::size_t short_bytes_max = 240;

char escape_of(char c) { return escapes[static_cast<unsigned char>(c)]; }

/// Returns whether one of eight bytes is `"`, `\\` or below 0x20.
bool any_escape(std::uint64_t bytes) {
    constexpr std::uint64_t ones = 0x0101010101010101ULL;
    constexpr std::uint64_t high = 0x8080808080808080ULL;
    const auto has_zero = [](std::uint64_t word) { return (word - ones) & ~word & high; };
    const std::uint64_t control = (bytes - ones * 0x20) & ~bytes & high;
    return (control | has_zero(bytes ^ ones * '"') | has_zero(bytes ^ ones * '\\')) != 0;
}

bool needs_escape(std::string_view value) {
    std::size_t at = 0;
    for (; at + 8 <= value.size(); at += 8) {
        std::uint64_t bytes = 0;
        std::memcpy(&bytes, value.data() + at, sizeof bytes);
        if (any_escape(bytes)) return true;
    }
    for (; at < value.size(); ++at) {
        if (escape_of(value[at]) != '\0') return true;
    }
    return false;
}

void append_escaped(std::string_view value, std::string& out) {
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

/// Appends a comma if wanted, `value` as a string, and what follows it.
void append_string(bool comma, std::string_view value, std::string_view end, std::string& out) {
    if (value.size() > short_bytes_max || needs_escape(value)) {
        if (comma) out += ',';
        append_escaped(value, out);
        out += end.substr(1);
        return;
    }
    std::array<char, short_bytes_max + 8> text;
    char* to = text.data();
    if (comma) *to++ = ',';
    *to++ = '"';
    if (!value.empty()) std::memcpy(to, value.data(), value.size());  // It may be nowhere.
    to += value.size();
    std::memcpy(to, end.data(), end.size());
    to += end.size();
    out.append(text.data(), static_cast<std::size_t>(to - text.data()));
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
    append_string(comma_, name, "\":", out_);
    comma_ = false;
}

void Writer::text(std::string_view value) {
    append_string(comma_, value, "\"", out_);
    comma_ = true;
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
    const bool is_negative = value.cents < 0;
    // The smallest number has no positive twin, but its bits have.
    std::uint64_t cents = static_cast<std::uint64_t>(value.cents);
    if (is_negative) cents = 0 - cents;
    std::array<char, 32> text{};
    char* to = text.data();
    *to++ = '"';
    if (is_negative) *to++ = '-';
    to = std::to_chars(to, text.data() + text.size(), cents / 100).ptr;
    *to++ = '.';
    *to++ = static_cast<char>('0' + cents % 100 / 10);
    *to++ = static_cast<char>('0' + cents % 10);
    *to++ = '"';
    out_.append(text.data(), to);
}

}  // namespace tidings::json
