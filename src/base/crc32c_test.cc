#include <tidings/base/crc32c.h>

#include "base/crc32c_variants.h"

#include <gtest/gtest.h>

#include <cstring>
#include <random>
#include <string>

namespace tidings {
namespace {

std::string random_bytes(std::size_t count, std::mt19937_64& random) {
    std::string bytes(count, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random());
    return bytes;
}

/// Bit by bit, straight from the definition.
std::uint32_t by_definition(std::string_view bytes) {
    std::uint32_t crc = ~std::uint32_t{0};
    for (const char byte : bytes) {
        crc ^= static_cast<unsigned char>(byte);
        for (int i = 0; i < 8; ++i) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0x82F63B78u : 0u);
    }
    return ~crc;
}

TEST(Crc32c, AgreesWithTheExamplesOfRfc3720) {
    std::string ascending;
    std::string descending;
    for (char i = 0; i < 32; ++i) {
        ascending += i;
        descending += static_cast<char>(31 - i);
    }
    EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8A9136AAu);
    EXPECT_EQ(crc32c(std::string(32, '\xFF')), 0x62A8AB43u);
    EXPECT_EQ(crc32c(ascending), 0x46DD794Eu);
    EXPECT_EQ(crc32c(descending), 0x113FDB5Cu);
    // An iSCSI SCSI Read (10) command PDU.
    const std::string command{
        "\x01\xc0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x14\0\0\0\0\0\x04\0\0\0\0\x14\0\0\0\x18"
        "\x28\0\0\0\0\0\0\0\x02\0\0\0\0\0\0\0",
        48};
    EXPECT_EQ(crc32c(command), 0xD9963A56u);
    EXPECT_EQ(crc32c("123456789"), 0xE3069283u);
    EXPECT_EQ(crc32c(""), 0u);
}

TEST(Crc32c, IsTheSameWithAndWithoutTheInstruction) {
    std::mt19937_64 random{1};
    for (std::size_t bytes = 0; bytes < 5'000; bytes += bytes < 70 ? 1 : 61) {
        // An odd start, so that loads are not aligned.
        const std::string text = random_bytes(bytes + 1, random);
        const std::string_view view = std::string_view{text}.substr(1);
        const std::uint32_t expected = by_definition(view);
        ASSERT_EQ(crc32c(view), expected) << bytes << " bytes";
        ASSERT_EQ(detail::crc32c_portable(view, 0), expected) << bytes << " bytes";
    }
}

TEST(Crc32c, ContinuesWhereItStopped) {
    std::mt19937_64 random{2};
    const std::string text = random_bytes(4'000, random);
    for (std::size_t cut = 0; cut <= text.size(); cut += 97) {
        const std::string_view first = std::string_view{text}.substr(0, cut);
        const std::string_view second = std::string_view{text}.substr(cut);
        ASSERT_EQ(crc32c(second, crc32c(first)), crc32c(text));
        ASSERT_EQ(detail::crc32c_portable(second, crc32c(first)), crc32c(text));
    }
}

TEST(Crc32c, SeesEverySingleFlippedBit) {
    std::string text = "an event that has happened";
    const std::uint32_t before = crc32c(text);
    for (std::size_t bit = 0; bit < text.size() * 8; ++bit) {
        text[bit / 8] = static_cast<char>(text[bit / 8] ^ (1 << bit % 8));
        EXPECT_NE(crc32c(text), before);
        text[bit / 8] = static_cast<char>(text[bit / 8] ^ (1 << bit % 8));
    }
}

}  // namespace
}  // namespace tidings
