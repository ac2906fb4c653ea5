#pragma once

#include <cstdint>
#include <string_view>

namespace tidings::detail {

/// The checksum with tables alone, for processors without the instruction.
std::uint32_t crc32c_portable(std::string_view bytes, std::uint32_t seed) noexcept;

}  // namespace tidings::detail
