#include <tidings/base/uuid.h>

#include <gtest/gtest.h>

#include <random>

namespace tidings {
namespace {

Uuid random_uuid(std::mt19937_64& random) {
    std::array<std::uint8_t, 16> bytes{};
    for (auto& byte : bytes) byte = static_cast<std::uint8_t>(random());
    return Uuid::version4(bytes);
}

TEST(Uuid, ReadsAndWritesTheExamplesOfRfc9562) {
    for (const char* text : {
             "919108f7-52d1-4320-9bac-f847db4148a8",  // version 4
             "c232ab00-9414-11ec-b3c8-9f6bdeced846",  // version 1
             "017f22e2-79b0-7cc3-98c4-dc0c0c07398f",  // version 7
             "00000000-0000-0000-0000-000000000000",  // nil
             "ffffffff-ffff-ffff-ffff-ffffffffffff",  // max
         }) {
        const auto uuid = Uuid::parse(text);
        ASSERT_TRUE(uuid) << text;
        EXPECT_EQ(to_string(*uuid), text);
    }
    EXPECT_EQ(Uuid::parse("919108f7-52d1-4320-9bac-f847db4148a8").value().version(), 4);
    EXPECT_EQ(Uuid::parse("017f22e2-79b0-7cc3-98c4-dc0c0c07398f").value().version(), 7);
    EXPECT_EQ(Uuid::parse("919108f7-52d1-4320-9bac-f847db4148a8").value().bytes[0], 0x91);
}

TEST(Uuid, ReadsUpperCase) {
    EXPECT_EQ(to_string(Uuid::parse("F81D4FAE-7DEC-11D0-A765-00A0C91E6BF6").value()),
              "f81d4fae-7dec-11d0-a765-00a0c91e6bf6");
}

TEST(Uuid, RefusesEverythingElse) {
    for (const std::string_view text : {
             std::string_view{""},
             std::string_view{"919108f752d143209bacf847db4148a8"},
             std::string_view{"{919108f7-52d1-4320-9bac-f847db4148a8}"},
             std::string_view{"919108f7-52d1-4320-9bac-f847db4148a"},
             std::string_view{"919108f7-52d1-4320-9bac-f847db4148a8 "},
             std::string_view{"919108f7-52d1-4320-9bac-f847db4148ag"},
             std::string_view{"919108f7-52d1-4320-9bac-f847db4148a/"},
             std::string_view{"919108f7_52d1_4320_9bac_f847db4148a8"},
             std::string_view{"-19108f7-52d1-4320-9bac-f847db4148a8"},
             std::string_view{"919108f7-52d1-4320-9bac-f847db41\xc3\xa9"
                              "a8"},
             std::string_view{"919108f7-52d1-4320-9bac-f847db4148a\0", 36},
         }) {
        const auto uuid = Uuid::parse(text);
        ASSERT_FALSE(uuid) << text;
        EXPECT_EQ(uuid.error().code, ErrorCode::invalid_argument);
    }
}

TEST(Uuid, WhatIsWrittenIsReadBack) {
    std::mt19937_64 random{1};
    for (int i = 0; i < 1'000; ++i) {
        const Uuid uuid = random_uuid(random);
        EXPECT_EQ(Uuid::parse(to_string(uuid)).value(), uuid);
    }
}

TEST(Uuid, Version4FixesVersionAndVariantAndKeepsTheRest) {
    std::array<std::uint8_t, 16> ones{};
    ones.fill(0xFF);
    EXPECT_EQ(to_string(Uuid::version4(ones)), "ffffffff-ffff-4fff-bfff-ffffffffffff");
    EXPECT_EQ(to_string(Uuid::version4({})), "00000000-0000-4000-8000-000000000000");
}

TEST(Uuid, TextsSortAsTheUuidsDo) {
    std::mt19937_64 random{2};
    for (int i = 0; i < 1'000; ++i) {
        const Uuid a = random_uuid(random);
        const Uuid b = random_uuid(random);
        EXPECT_EQ(a < b, to_string(a) < to_string(b));
    }
}

TEST(Uuid, IsNilUntilItIsGivenAValue) {
    EXPECT_TRUE(Uuid{}.is_nil());
    EXPECT_FALSE(Uuid::version4({}).is_nil());
}

}  // namespace
}  // namespace tidings
