#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace tidings::json {

/// Appends to `out` what stands between the quotes of a JSON string, with its escapes resolved.
/// False if an escape is unknown or cut off, or is half of a surrogate pair.
bool unescape(std::string_view content, std::string& out);

/// Returns whether `text` is a number by JSON's grammar.
bool is_number(std::string_view text) noexcept;

enum class Whole : std::uint8_t { yes, no, too_large };
/// Reads a number as an integer, exactly; JSON Schema has `3.0`, `3e2` and `30e-1` as integers,
/// too. Requires: `is_number(text)`.
Whole whole_number(std::string_view text, std::int64_t& value);

/// Appends `name` as one token of a JSON pointer, fit for a message: `~` and `/` escaped by
/// RFC 6901, control characters as `quote` writes them, cut at 64 bytes.
void append_pointer_token(std::string_view name, std::string& out);

/// Returns a pointer without its middle if it is too long for a message.
std::string shortened(std::string pointer);

}  // namespace tidings::json
