#pragma once

#include <tidings/base/result.h>

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace tidings {

/// A UUID (RFC 9562), 16 bytes in network order. The nil UUID when default-made.
struct Uuid {
    static constexpr std::size_t text_bytes = 36;

    std::array<std::uint8_t, 16> bytes{};

    /// Returns a version 4 UUID made from 16 random bytes.
    static Uuid version4(std::array<std::uint8_t, 16> random) noexcept;

    /// Reads the 36-character form, lower or upper case, any version.
    /// Errors: `invalid_argument`.
    static Result<Uuid> parse(std::string_view text);

    bool is_nil() const noexcept { return *this == Uuid{}; }
    int version() const noexcept { return bytes[6] >> 4; }
    auto operator<=>(const Uuid&) const = default;
};

/// Returns the 36-character lower-case form.
std::string to_string(const Uuid& uuid);

/// Writes the same text to `out`, which holds `Uuid::text_bytes` bytes; not terminated.
void write_uuid(const Uuid& uuid, char* out) noexcept;

}  // namespace tidings
