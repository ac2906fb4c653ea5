// The whole shop in virtual time: what is here runs with every test; ./dev sim goes on from there.
#include "shop_simulation.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

namespace shop {
namespace {

using namespace tidings;

std::string told(const ShopRun& run, std::uint64_t seed) {
    std::string text = "again: ./dev sim --seed " + std::to_string(seed) + '\n';
    for (const std::string& violation : run.violations) text += violation + '\n';
    return text;
}

class ShopInVirtualTime : public testing::TestWithParam<std::uint64_t> {};

TEST_P(ShopInVirtualTime, BringsEveryOrderToItsEndUnderFaultsAndTwiceTheSameWay) {
    const ShopRun run = ShopSimulation{GetParam(), {}}.run();
    EXPECT_TRUE(run.violations.empty()) << told(run, GetParam());

    const ShopRun again = ShopSimulation{GetParam(), {}}.run();
    EXPECT_EQ(again.digest, run.digest);
    EXPECT_EQ(again.trace, run.trace);
    EXPECT_EQ(again.polls, run.polls);
    EXPECT_EQ(again.story, run.story);
}

INSTANTIATE_TEST_SUITE_P(Seeds, ShopInVirtualTime, testing::Range<std::uint64_t>(1, 9));

TEST(ShopSimulation, WaitsForTheDaysThatTheOutsideWorldTakes) {
    const ShopRun run = ShopSimulation{1, {.faults = ShopFaults::none()}}.run();

    EXPECT_TRUE(run.violations.empty()) << told(run, 1);
    EXPECT_TRUE(run.faults.empty());
    EXPECT_GT(run.took, 72h);  // The late answers come after three days.
    EXPECT_LT(run.took, 73h);
    EXPECT_EQ(run.outcomes.at("PAYMENT_TIMEOUT"), 4);
    EXPECT_EQ(run.outcomes.at("INVENTORY_TIMEOUT"), 3);
    EXPECT_EQ(run.outcomes.at("SHIPPING_TIMEOUT"), 4);
}

TEST(ShopSimulation, GivesUpAfterThirtyDaysWhatIsNotDelivered) {
    const ShopScenario scenario{.orders = 20, .never_delivered = 2};
    const ShopRun run = ShopSimulation{3, scenario}.run();

    EXPECT_TRUE(run.violations.empty()) << told(run, 3);
    EXPECT_GT(run.took, 29 * 24h);  // The clock may have been set forward.
    EXPECT_GE(run.outcomes.at("SHIPPING_TIMEOUT"), 2);
}

TEST(ShopSimulation, HasEveryKindOfFault) {
    std::map<std::string, int> seen;
    std::int64_t duplicates = 0;
    for (std::uint64_t seed = 101; seed <= 103; ++seed) {
        const ShopRun run = ShopSimulation{seed, {}}.run();
        EXPECT_TRUE(run.violations.empty()) << told(run, seed);
        for (const auto& [fault, count] : run.faults) seen[fault] += count;
        duplicates += run.duplicates;
    }

    for (const char* fault : {"crash of a service", "outage of a broker", "kill of all services",
                              "loss of power", "jump of the clock"}) {
        EXPECT_GT(seen[fault], 0) << fault;
    }
    EXPECT_GT(duplicates, 100);
}

TEST(ShopSimulation, TakesAnotherWayWithAnotherSeed) {
    const ShopScenario small{.orders = 5};
    EXPECT_NE((ShopSimulation{1, small}.run().digest), (ShopSimulation{2, small}.run().digest));
}

}  // namespace
}  // namespace shop
