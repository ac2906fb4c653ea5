#include <tidings/base/text.h>

#include <fmt/format.h>

#include <cstdint>
#include <iterator>

namespace tidings {

namespace {

std::uint32_t byte_at(std::string_view text, std::size_t index) {
    return static_cast<unsigned char>(text[index]);
}

void append_escaped(std::string& out, char32_t point) {
    switch (point) {
        case '"':
            out += "\\\"";
            return;
        case '\\':
            out += "\\\\";
            return;
        case '\n':
            out += "\\n";
            return;
        case '\r':
            out += "\\r";
            return;
        case '\t':
            out += "\\t";
            return;
        default:
            fmt::format_to(std::back_inserter(out), "\\u{{{:x}}}",
                           static_cast<std::uint32_t>(point));
    }
}

}  // namespace

char32_t utf8_code_point(std::string_view character) noexcept {
    if (character.size() == 1) return byte_at(character, 0);
    char32_t point = byte_at(character, 0) & (0x7Fu >> character.size());
    for (std::size_t i = 1; i < character.size(); ++i) {
        point = point << 6 | (byte_at(character, i) & 0x3F);
    }
    return point;
}

bool is_harmless(char32_t point) noexcept {
    if (point < 0x20 || (point >= 0x7F && point < 0xA0)) return false;
    if (point >= 0x200B && point <= 0x200F) return false;  // zero width, direction marks
    if (point >= 0x2028 && point <= 0x202E) return false;  // line separators, direction overrides
    if (point >= 0x2060 && point <= 0x206F) return false;  // invisible operators, isolates
    return point != 0x061C && point != 0xFEFF && !(point >= 0xE0000 && point <= 0xE0FFF);
}

std::size_t utf8_character_bytes(std::string_view text) noexcept {
    if (text.empty()) return 0;
    const std::uint32_t first = byte_at(text, 0);
    if (first < 0x80) return 1;
    std::size_t length = 0;
    std::uint32_t smallest = 0;
    if (first >= 0xC2 && first <= 0xDF) {
        length = 2;
        smallest = 0x80;
    } else if (first >= 0xE0 && first <= 0xEF) {
        length = 3;
        smallest = 0x800;
    } else if (first >= 0xF0 && first <= 0xF4) {
        length = 4;
        smallest = 0x10000;
    } else {
        return 0;
    }
    if (text.size() < length) return 0;
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte_at(text, i) & 0xC0) != 0x80) return 0;
    }
    const char32_t point = utf8_code_point(text.substr(0, length));
    if (point < smallest || point > 0x10FFFF) return 0;
    if (point >= 0xD800 && point <= 0xDFFF) return 0;
    return length;
}

std::string quote(std::string_view text, std::size_t bytes_max) {
    std::string out = "\"";
    std::size_t at = 0;
    while (at < text.size()) {
        const std::size_t length = utf8_character_bytes(text.substr(at));
        const std::size_t taken = length == 0 ? 1 : length;
        if (at + taken > bytes_max) break;
        if (length == 0) {
            fmt::format_to(std::back_inserter(out), "\\x{:02x}", byte_at(text, at));
        } else {
            const std::string_view character = text.substr(at, length);
            const char32_t point = utf8_code_point(character);
            if (is_harmless(point) && point != '"' && point != '\\') {
                out += character;
            } else {
                append_escaped(out, point);
            }
        }
        at += taken;
    }
    if (at < text.size()) out += "...";
    out += '"';
    return out;
}

std::string utf8(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t length = utf8_character_bytes(text.substr(at));
        if (length == 0) {
            fmt::format_to(std::back_inserter(out), "\\x{:02x}", byte_at(text, at));
            ++at;
            continue;
        }
        out += text.substr(at, length);
        at += length;
    }
    return out;
}

std::string html(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (const char c : text) {
        switch (c) {
            case '&':
                out += "&amp;";
                break;
            case '<':
                out += "&lt;";
                break;
            case '>':
                out += "&gt;";
                break;
            case '"':
                out += "&quot;";
                break;
            case '\'':
                out += "&#39;";
                break;
            default:
                out += c;
        }
    }
    return out;
}

}  // namespace tidings
