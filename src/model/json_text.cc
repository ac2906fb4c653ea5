#include "model/json_text.h"

#include <tidings/base/text.h>
#include <tidings/model/json.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <optional>

namespace tidings::json {

namespace {

constexpr std::size_t shown_bytes_max = 64;
constexpr std::size_t pointer_bytes_max = 512;

std::optional<std::uint32_t> hex4(std::string_view text, std::size_t at) {
    if (at + 4 > text.size()) return std::nullopt;
    std::uint32_t value = 0;
    for (std::size_t i = at; i < at + 4; ++i) {
        const char c = text[i];
        std::uint32_t digit = 0;
        if (c >= '0' && c <= '9') {
            digit = static_cast<std::uint32_t>(c - '0');
        } else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f') {
            digit = static_cast<std::uint32_t>((c | 0x20) - 'a') + 10;
        } else {
            return std::nullopt;
        }
        value = value << 4 | digit;
    }
    return value;
}

void append_utf8(std::uint32_t point, std::string& out) {
    const auto put = [&out](std::uint32_t byte) { out += static_cast<char>(byte); };
    if (point < 0x80) {
        put(point);
    } else if (point < 0x800) {
        put(0xC0 | point >> 6);
        put(0x80 | (point & 0x3F));
    } else if (point < 0x10000) {
        put(0xE0 | point >> 12);
        put(0x80 | (point >> 6 & 0x3F));
        put(0x80 | (point & 0x3F));
    } else {
        put(0xF0 | point >> 18);
        put(0x80 | (point >> 12 & 0x3F));
        put(0x80 | (point >> 6 & 0x3F));
        put(0x80 | (point & 0x3F));
    }
}

/// Reads `uXXXX`, or the pair of them that makes one character; `at` stands on the `u`.
bool unescape_unicode(std::string_view content, std::size_t& at, std::string& out) {
    std::optional<std::uint32_t> point = hex4(content, at + 1);
    at += 5;
    if (!point || (*point >= 0xDC00 && *point <= 0xDFFF)) return false;
    if (*point >= 0xD800 && *point <= 0xDBFF) {
        if (content.substr(at, 2) != "\\u") return false;
        const auto low = hex4(content, at + 2);
        at += 6;
        if (!low || *low < 0xDC00 || *low > 0xDFFF) return false;
        point = 0x10000 + ((*point - 0xD800) << 10) + (*low - 0xDC00);
    }
    append_utf8(*point, out);
    return true;
}

char simple_escape(char c) {
    switch (c) {
        case '"':
        case '\\':
        case '/':
            return c;
        case 'b':
            return '\b';
        case 'f':
            return '\f';
        case 'n':
            return '\n';
        case 'r':
            return '\r';
        case 't':
            return '\t';
        default:
            return '\0';
    }
}

std::size_t digits(std::string_view text, std::size_t from) {
    std::size_t at = from;
    while (at < text.size() && text[at] >= '0' && text[at] <= '9') ++at;
    return at - from;
}

}  // namespace

bool unescape(std::string_view content, std::string& out) {
    out.clear();
    std::size_t at = 0;
    while (at < content.size()) {
        const std::size_t backslash = content.find('\\', at);
        out += content.substr(at, backslash - at);
        if (backslash == std::string_view::npos) return true;
        at = backslash + 1;
        if (at == content.size()) return false;
        if (content[at] == 'u') {
            if (!unescape_unicode(content, at, out)) return false;
            continue;
        }
        const char plain = simple_escape(content[at]);
        if (plain == '\0') return false;
        out += plain;
        ++at;
    }
    return true;
}

bool is_number(std::string_view text) noexcept {
    std::size_t at = text.empty() || text[0] != '-' ? 0 : 1;
    const std::size_t whole = digits(text, at);
    if (whole == 0 || (whole > 1 && text[at] == '0')) return false;
    at += whole;
    if (at < text.size() && text[at] == '.') {
        const std::size_t fraction = digits(text, ++at);
        if (fraction == 0) return false;
        at += fraction;
    }
    if (at < text.size() && (text[at] | 0x20) == 'e') {
        ++at;
        if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
        const std::size_t exponent = digits(text, at);
        if (exponent == 0) return false;
        at += exponent;
    }
    return at == text.size();
}

Whole whole_number(std::string_view text, std::int64_t& value) {
    constexpr std::int64_t exponent_max = 1'000'000'000;
    const auto plain = std::from_chars(text.data(), text.data() + text.size(), value);
    if (plain.ptr == text.data() + text.size()) {
        return plain.ec == std::errc{} ? Whole::yes : Whole::too_large;
    }
    const std::size_t e = std::min(text.find_first_of("eE"), text.size());
    std::int64_t exponent = 0;
    if (e < text.size()) {
        const std::size_t from = e + (text[e + 1] == '+' ? 2 : 1);
        const auto read = std::from_chars(text.data() + from, text.data() + text.size(), exponent);
        if (read.ec != std::errc{} || std::abs(exponent) > exponent_max) {
            exponent = text[e + 1] == '-' ? -exponent_max : exponent_max;
        }
    }
    std::string figures;
    for (const char c : text.substr(0, e)) {
        if (c != '.') figures += c;
    }
    const std::size_t point = text.substr(0, e).find('.');
    if (point != std::string_view::npos) exponent -= static_cast<std::int64_t>(e - point - 1);
    while (figures.ends_with('0')) {
        figures.pop_back();
        ++exponent;
    }
    value = 0;
    if (figures.empty() || figures == "-") return Whole::yes;
    if (exponent < 0) return Whole::no;
    if (exponent > 20) return Whole::too_large;
    figures.append(static_cast<std::size_t>(exponent), '0');
    const auto read = std::from_chars(figures.data(), figures.data() + figures.size(), value);
    return read.ec == std::errc{} ? Whole::yes : Whole::too_large;
}

void append_pointer_token(std::string_view name, std::string& out) {
    std::string escaped;
    for (const char c : name.substr(0, shown_bytes_max + 4)) {
        if (c == '~') {
            escaped += "~0";
        } else if (c == '/') {
            escaped += "~1";
        } else {
            escaped += c;
        }
    }
    const std::string quoted = quote(escaped, shown_bytes_max);
    out.append(quoted, 1, quoted.size() - 2);
}

std::string shortened(std::string pointer) {
    if (pointer.size() <= pointer_bytes_max) return pointer;
    // quote() makes good what is left of a character that the cut goes through.
    const std::size_t half = pointer_bytes_max / 2;
    const std::string first = quote(pointer.substr(0, half), pointer_bytes_max);
    const std::string last = quote(pointer.substr(pointer.size() - half), pointer_bytes_max);
    return first.substr(1, first.size() - 2) + "..." + last.substr(1, last.size() - 2);
}

std::string shown(std::string_view json_value) {
    std::string decoded;
    if (json_value.size() >= 2 && json_value.front() == '"' &&
        unescape(json_value.substr(1, json_value.size() - 2), decoded)) {
        return quote(decoded, shown_bytes_max);
    }
    const std::string quoted = quote(json_value, shown_bytes_max);
    const std::string_view inner = std::string_view{quoted}.substr(1, quoted.size() - 2);
    std::string out;
    for (std::size_t i = 0; i < inner.size(); ++i) {
        // Only control characters stay escaped: the value is shown as it is written.
        const bool plain = inner[i] == '\\' && (inner[i + 1] == '"' || inner[i + 1] == '\\');
        out += inner[plain ? ++i : i];
    }
    return out;
}

}  // namespace tidings::json
