#include <tidings/sim/random.h>

#include <gtest/gtest.h>

#include <map>
#include <set>

namespace tidings::sim {
namespace {

TEST(Random, RepeatsItselfForEverOnEveryMachine) {
    Random random{1};
    EXPECT_EQ(random.next(), 0xb3f2af6d0fc710c5u);  // Whoever changes these numbers
    EXPECT_EQ(random.next(), 0x853b559647364ceau);  // makes every seed on record worthless.
}

TEST(Random, GivesEachPurposeNumbersOfItsOwnWhateverTheOthersDrew) {
    Random one{42};
    const std::uint64_t expected = one.split("crashes").next();
    for (int i = 0; i < 100; ++i) one.next();
    EXPECT_EQ(one.split("crashes").next(), expected);
    EXPECT_NE(one.split("delays").next(), expected);
    EXPECT_NE(Random{43}.split("crashes").next(), expected);
}

TEST(Random, DrawsEachNumberOfARangeAboutEquallyOften) {
    Random random{7};
    std::map<std::uint64_t, int> drawn;
    for (int i = 0; i < 6000; ++i) ++drawn[random.below(6)];
    ASSERT_EQ(drawn.size(), 6u);
    for (const auto& [number, times] : drawn) {
        EXPECT_GT(times, 850) << number;
        EXPECT_LT(times, 1150) << number;
    }
}

TEST(Random, TakesChancesAsTheyAre) {
    Random random{7};
    int taken = 0;
    for (int i = 0; i < 10'000; ++i) {
        EXPECT_FALSE(random.chance(0));
        EXPECT_TRUE(random.chance(1));
        taken += random.chance(0.1) ? 1 : 0;
    }
    EXPECT_NEAR(taken, 1000, 120);
}

}  // namespace
}  // namespace tidings::sim
