#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace tidings {

/// Returns `text` between double quotes, fit for a log line, a terminal and an error message.
///
/// Quotes, backslashes, control characters, bytes that are not UTF-8, and the invisible characters
/// that reorder or break lines (U+2028, right-to-left marks) are written as escapes, so that
/// hostile input cannot forge a line. What is longer than `bytes_max` is cut and ends in `...`.
std::string quote(std::string_view text, std::size_t bytes_max = 80);

/// Returns `text` if it is UTF-8, or else with each broken byte as `\xff`: fit for a JSON writer.
std::string utf8(std::string_view text);

/// Returns `text` as HTML and SVG show it, between tags and in quoted attributes.
std::string html(std::string_view text);

/// Returns the length in bytes of the UTF-8 character that `text` starts with, or 0 if it starts
/// with none: empty, overlong, surrogate, beyond U+10FFFF, or cut off.
std::size_t utf8_character_bytes(std::string_view text) noexcept;

/// Returns the code point of one UTF-8 character. Requires: `utf8_character_bytes()` found it.
char32_t utf8_code_point(std::string_view character) noexcept;

/// Returns whether a character can be shown as it is without deceiving a reader: no control, no
/// line separator, no mark that is invisible or turns the direction of text.
bool is_harmless(char32_t code_point) noexcept;

}  // namespace tidings
