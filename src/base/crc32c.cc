#include <tidings/base/crc32c.h>

#include "base/crc32c_variants.h"

#include <array>
#include <bit>
#include <cstddef>
#include <cstring>

#if defined(__x86_64__)
#include <nmmintrin.h>
#endif

namespace tidings {

namespace {

constexpr std::uint32_t polynomial = 0x82F63B78;  // 0x1EDC6F41 with its bits reversed.

using Table = std::array<std::uint32_t, 256>;

/// tables[k][b] is the checksum of byte b followed by k zero bytes: "slicing by eight".
constexpr std::array<Table, 8> make_slicing_tables() {
    std::array<Table, 8> tables{};
    for (std::uint32_t byte = 0; byte < 256; ++byte) {
        std::uint32_t crc = byte;
        for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? polynomial : 0);
        tables[0][byte] = crc;
    }
    for (std::size_t k = 1; k < 8; ++k) {
        for (std::size_t byte = 0; byte < 256; ++byte) {
            const std::uint32_t before = tables[k - 1][byte];
            tables[k][byte] = (before >> 8) ^ tables[0][before & 0xFF];
        }
    }
    return tables;
}

constexpr std::array<Table, 8> slicing = make_slicing_tables();

std::uint32_t step(std::uint32_t crc, char byte) {
    return (crc >> 8) ^ slicing[0][(crc ^ static_cast<unsigned char>(byte)) & 0xFF];
}

std::uint64_t load(const char* from) {
    std::uint64_t word = 0;
    std::memcpy(&word, from, sizeof word);
    return word;
}

}  // namespace

std::uint32_t detail::crc32c_portable(std::string_view bytes, std::uint32_t seed) noexcept {
    std::uint32_t crc = ~seed;
    if constexpr (std::endian::native == std::endian::little) {
        for (; bytes.size() >= 8; bytes.remove_prefix(8)) {
            const std::uint64_t word = load(bytes.data()) ^ crc;
            crc = 0;
            for (std::size_t i = 0; i < 8; ++i) crc ^= slicing[7 - i][(word >> (8 * i)) & 0xFF];
        }
    }
    for (const char byte : bytes) crc = step(crc, byte);
    return ~crc;
}

#if defined(__x86_64__)

namespace {

/// The instruction takes three cycles but one can start every cycle, so long input is read as three
/// streams of this many bytes side by side.
constexpr std::size_t stream_bytes = 512;

constexpr std::uint32_t multiply(const std::array<std::uint32_t, 32>& matrix,
                                 std::uint32_t vector) {
    std::uint32_t sum = 0;
    for (std::size_t i = 0; vector != 0; ++i, vector >>= 1) {
        if ((vector & 1) != 0) sum ^= matrix[i];
    }
    return sum;
}

/// Tables that say what a checksum becomes when `stream_bytes` zero bytes follow.
constexpr std::array<Table, 4> make_shift_tables() {
    std::array<std::uint32_t, 32> matrix{};  // One zero bit.
    matrix[0] = polynomial;
    for (std::size_t i = 1; i < 32; ++i) matrix[i] = std::uint32_t{1} << (i - 1);
    for (std::size_t bits = 1; bits < stream_bytes * 8; bits *= 2) {
        std::array<std::uint32_t, 32> square{};
        for (std::size_t i = 0; i < 32; ++i) square[i] = multiply(matrix, matrix[i]);
        matrix = square;
    }
    std::array<Table, 4> tables{};
    for (std::size_t place = 0; place < 4; ++place) {
        for (std::uint32_t byte = 0; byte < 256; ++byte) {
            tables[place][byte] = multiply(matrix, byte << (8 * place));
        }
    }
    return tables;
}

constexpr std::array<Table, 4> shift_tables = make_shift_tables();

std::uint64_t shift(std::uint64_t crc) {
    return shift_tables[0][crc & 0xFF] ^ shift_tables[1][(crc >> 8) & 0xFF] ^
           shift_tables[2][(crc >> 16) & 0xFF] ^ shift_tables[3][(crc >> 24) & 0xFF];
}

__attribute__((target("sse4.2"))) std::uint32_t crc32c_sse42(std::string_view bytes,
                                                             std::uint32_t seed) noexcept {
    std::uint64_t crc = ~seed;
    for (; bytes.size() >= 3 * stream_bytes; bytes.remove_prefix(3 * stream_bytes)) {
        const char* at = bytes.data();
        std::uint64_t second = 0;
        std::uint64_t third = 0;
        for (const char* end = at + stream_bytes; at < end; at += 8) {
            crc = _mm_crc32_u64(crc, load(at));
            second = _mm_crc32_u64(second, load(at + stream_bytes));
            third = _mm_crc32_u64(third, load(at + 2 * stream_bytes));
        }
        crc = shift(shift(crc) ^ second) ^ third;
    }
    for (; bytes.size() >= 8; bytes.remove_prefix(8)) crc = _mm_crc32_u64(crc, load(bytes.data()));
    auto narrow = static_cast<std::uint32_t>(crc);
    for (const char byte : bytes) {
        narrow = _mm_crc32_u8(narrow, static_cast<unsigned char>(byte));
    }
    return ~narrow;
}

}  // namespace

std::uint32_t crc32c(std::string_view bytes, std::uint32_t seed) noexcept {
    static const bool has_instruction = __builtin_cpu_supports("sse4.2") != 0;
    return has_instruction ? crc32c_sse42(bytes, seed) : detail::crc32c_portable(bytes, seed);
}

#else

std::uint32_t crc32c(std::string_view bytes, std::uint32_t seed) noexcept {
    return detail::crc32c_portable(bytes, seed);
}

#endif

}  // namespace tidings
