#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace shop {

/// The SHA-256 digest (FIPS 180-4) of a stream of bytes.
///
/// It tells whether two runs read the same files and whether two accounts are equal, to the byte.
/// It is no defence against anybody: nothing here is secret.
class Sha256 {
public:
    /// Adds `bytes` to what is digested.
    void update(std::string_view bytes) noexcept;

    /// Returns the digest of all bytes given, 64 lower-case hex digits. Call once, as the last.
    std::string finish();

private:
    void add_block(const std::uint8_t* block) noexcept;

    std::array<std::uint32_t, 8> state_{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                        0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    std::array<std::uint8_t, 64> block_{};
    std::size_t block_bytes_ = 0;
    std::uint64_t total_bytes_ = 0;
};

/// Returns the digest of `bytes`.
std::string sha256(std::string_view bytes);

}  // namespace shop
