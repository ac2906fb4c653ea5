#pragma once

#include <cstdint>
#include <string_view>

namespace tidings {

/// Returns the CRC-32C (Castagnoli, RFC 3720 B.4) of `bytes`, continuing from `seed` (0 to start).
/// `crc32c(b, crc32c(a))` equals the checksum of a followed by b.
std::uint32_t crc32c(std::string_view bytes, std::uint32_t seed = 0) noexcept;

}  // namespace tidings
