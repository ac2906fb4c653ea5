#include "delivery/error_shape.h"

#include <fmt/format.h>

#include <cstdint>

namespace tidings {

namespace {

constexpr std::size_t shape_bytes_max = 300;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
bool is_word(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/// How long the quoted text at the start of `text` is, quotes included; 0 if none ends there.
std::size_t quoted(std::string_view text) {
    const char quote = text.front();
    if (quote != '"' && quote != '\'' && quote != '`') return 0;
    for (std::size_t i = 1; i < text.size(); ++i) {
        if (text[i] == '\\') {
            ++i;
        } else if (text[i] == quote) {
            return i + 1;
        }
    }
    return 0;
}

/// How long the word at the start of `text` is; words may have dots and dashes between letters.
std::size_t word(std::string_view text) {
    std::size_t end = 0;
    while (end < text.size()) {
        const bool joins = (text[end] == '-' || text[end] == '.') && end > 0 &&
                           end + 1 < text.size() && is_word(text[end + 1]);
        if (!is_word(text[end]) && !joins) break;
        ++end;
    }
    return end;
}

bool is_uuid(std::string_view text) {
    if (text.size() != 36) return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash ? text[i] != '-' : !is_hex(text[i])) return false;
    }
    return true;
}

/// An id is a UUID, or eight hexadecimal digits and more with a number among them.
bool is_id(std::string_view text) {
    if (is_uuid(text)) return true;
    bool digit = false;
    for (const char c : text) {
        if (!is_hex(c)) return false;
        digit = digit || is_digit(c);
    }
    return digit && text.size() >= 8;
}

/// The word with each run of digits replaced by one `#`.
void append_numbers(std::string_view text, std::string& shape) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (!is_digit(text[i])) {
            shape += text[i];
        } else if (i == 0 || !is_digit(text[i - 1])) {
            shape += '#';
        }
    }
}

}  // namespace

std::string shape_of(std::string_view message) {
    std::string shape;
    // Bounded before it is looked at: a quote that nothing ends costs a look at all that follows.
    message = message.substr(0, 4 * shape_bytes_max);
    while (!message.empty() && shape.size() < shape_bytes_max) {
        if (const std::size_t size = quoted(message)) {
            (shape += message.front()) += '*';
            shape += message.front();
            message.remove_prefix(size);
        } else if (const std::size_t length = word(message)) {
            const std::string_view part = message.substr(0, length);
            const bool number = part.find_first_not_of("0123456789.") == std::string_view::npos;
            if (number) {
                shape += '#';
            } else if (is_id(part)) {
                shape += "<id>";
            } else {
                append_numbers(part, shape);
            }
            message.remove_prefix(length);
        } else {
            shape += message.front();
            message.remove_prefix(1);
        }
    }
    return shape.substr(0, shape_bytes_max);
}

std::string cause_of(std::string_view handler, ErrorCode code, std::string_view shape) {
    std::uint64_t hash = 14695981039346656037U;  // FNV-1a. Persistent: causes are kept with rows.
    const auto add = [&hash](std::string_view text) {
        for (const char c : text) {
            hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211U;
        }
        hash = (hash ^ 0xFF) * 1099511628211U;  // No UTF-8 text has this byte.
    };
    add(handler);
    add(to_string(code));
    add(shape);
    return fmt::format("{:016x}", hash);
}

}  // namespace tidings
