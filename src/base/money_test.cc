#include <tidings/base/money.h>

#include <gtest/gtest.h>

#include <limits>

namespace tidings {
namespace {

TEST(Money, IsADecimalWithTwoPlacesOnTheWire) {
    EXPECT_EQ(Money::parse("1234.50").value().cents, 123'450);
    EXPECT_EQ(Money::parse("0.00").value().cents, 0);
    EXPECT_EQ(Money::parse("-0.01").value().cents, -1);
    EXPECT_EQ(Money::parse("999999999999999.99").value().cents, 99'999'999'999'999'999);
    EXPECT_EQ(to_string(Money{123'450}), "1234.50");
    EXPECT_EQ(to_string(Money{5}), "0.05");
    EXPECT_EQ(to_string(Money{-5}), "-0.05");
    EXPECT_EQ(to_string(Money{-100}), "-1.00");
    EXPECT_EQ(to_string(Money{std::numeric_limits<std::int64_t>::min()}), "-92233720368547758.08");
}

TEST(Money, WhatIsWrittenIsReadBack) {
    for (std::int64_t cents : {0L, 1L, -1L, 99L, 100L, -12'345L, 99'999'999'999'999'999L}) {
        EXPECT_EQ(Money::parse(to_string(Money{cents})).value().cents, cents);
    }
}

TEST(Money, RefusesEverythingElse) {
    for (const std::string_view text :
         {"",      "-",      ".",      ".00",    "-.00",  "1",
          "1.",    "1.5",    "1.500",  "1,50",   "+1.50", " 1.50",
          "1.50 ", "1e2.00", "0x1.00", "--1.00", "1.-1",  "1000000000000000.00",
          "NaN",   "1..0"}) {
        const auto money = Money::parse(text);
        ASSERT_FALSE(money) << text;
        EXPECT_EQ(money.error().code, ErrorCode::invalid_argument);
    }
}

TEST(Money, AddsUpExactly) {
    Money sum;
    for (int i = 0; i < 1'000; ++i) sum += Money::parse("0.10").value();
    EXPECT_EQ(sum, Money::parse("100.00").value());
    EXPECT_EQ(sum - Money{1}, Money{9'999});
    EXPECT_EQ(Money{250} * 3 + Money{1}, Money{751});
    EXPECT_LT(Money{-1}, Money{0});
}

}  // namespace
}  // namespace tidings
