#include <tidings/resilience/last_known.h>
#include <tidings/sim/world.h>

#include <gtest/gtest.h>

namespace tidings {
namespace {

class LastKnownRates : public ::testing::Test {
protected:
    void learn(const std::string& zone, int rate) {
        EXPECT_TRUE(rates.put(zone, rate, rates.generation()));
    }

    sim::SimWorld world{1};
    LastKnown<int> rates{world, 1h, 3};
};

TEST_F(LastKnownRates, GivesWhatWasLearnedLastUntilItIsTooOld) {
    learn("north", 5);
    learn("north", 7);
    EXPECT_EQ(rates.find("north"), 7);
    EXPECT_EQ(rates.find("south"), std::nullopt);
    world.advance(1h - 1ns);
    EXPECT_EQ(rates.find("north"), 7);
    world.advance(1ns);
    EXPECT_EQ(rates.find("north"), std::nullopt);
}

TEST_F(LastKnownRates, AgesByTheMonotonicClockAlone) {
    learn("north", 5);
    world.jump_wall_clock(48h);
    EXPECT_EQ(rates.find("north"), 5);
    world.jump_wall_clock(-96h);
    world.advance(1h);
    EXPECT_EQ(rates.find("north"), std::nullopt);
}

TEST_F(LastKnownRates, DoesNotKeepWhatASlowReaderAskedBeforeItWasForgotten) {
    const std::uint64_t slow = rates.generation();
    rates.forget("north");
    EXPECT_FALSE(rates.put("north", 5, slow));
    EXPECT_EQ(rates.find("north"), std::nullopt);
    learn("north", 6);
    EXPECT_EQ(rates.find("north"), 6);
}

TEST_F(LastKnownRates, LetsTheOldestGoForANewOne) {
    for (const char* zone : {"a", "b", "c"}) {
        learn(zone, 1);
        world.advance(1s);
    }
    learn("a", 2);
    learn("d", 1);
    EXPECT_EQ(rates.find("b"), std::nullopt);
    EXPECT_EQ(rates.find("a"), 2);
    EXPECT_EQ(rates.find("c"), 1);
    EXPECT_EQ(rates.find("d"), 1);
}

}  // namespace
}  // namespace tidings
