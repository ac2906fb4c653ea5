// The whole shop in virtual time: what is here runs with every test; ./dev sim goes on from there.
#include "shop_simulation.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

namespace shop {
namespace {

using namespace tidings;

class ShopInVirtualTime : public testing::TestWithParam<std::uint64_t> {};

TEST_P(ShopInVirtualTime, BringsEveryOrderToItsEndUnderFaultsAndTwiceTheSameWay) {
    const sim::Verdict run = ShopSimulation{GetParam(), {.orders = 40}}.run();
    EXPECT_TRUE(run);

    const sim::Verdict again = ShopSimulation{GetParam(), {.orders = 40}}.run_once();
    EXPECT_EQ(again.figures.digest, run.figures.digest);
    EXPECT_EQ(again.figures.trace, run.figures.trace);
    EXPECT_EQ(again.figures.polls, run.figures.polls);
    EXPECT_EQ(again.story, run.story);
}

INSTANTIATE_TEST_SUITE_P(Seeds, ShopInVirtualTime, testing::Range<std::uint64_t>(1, 9));

TEST(ShopSimulation, WaitsForTheDaysThatTheOutsideWorldTakes) {
    ShopSimulation shop{1, {.faults = sim::Faults::none()}};
    const sim::Verdict run = shop.run();

    EXPECT_TRUE(run);
    EXPECT_TRUE(run.figures.faults.empty());
    EXPECT_GT(run.figures.took, 72h);  // The late answers come after three days.
    EXPECT_LT(run.figures.took, 73h);
    EXPECT_EQ(shop.outcomes().at("PAYMENT_TIMEOUT"), 4);
    EXPECT_EQ(shop.outcomes().at("INVENTORY_TIMEOUT"), 3);
    EXPECT_EQ(shop.outcomes().at("SHIPPING_TIMEOUT"), 4);
}

TEST(ShopSimulation, GivesUpAfterThirtyDaysWhatIsNotDelivered) {
    ShopSimulation shop{3, {.orders = 20, .never_delivered = 2}};
    const sim::Verdict run = shop.run();

    EXPECT_TRUE(run);
    EXPECT_GT(run.figures.took, 29 * 24h);  // The clock may have been set forward.
    EXPECT_GE(shop.outcomes().at("SHIPPING_TIMEOUT"), 2);
}

TEST(ShopSimulation, FindsAPlantedDoubleChargeAndShowsItSmall) {
    const auto faults = sim::Faults::only({sim::FaultKind::dependency_failing,
                                           sim::FaultKind::crash, sim::FaultKind::repeated})
                            .scaled(2);
    sim::Verdict run;
    for (std::uint64_t seed = 1; run && seed <= 50; ++seed) {
        run = ShopSimulation{seed, {.orders = 10, .faults = faults, .charges_carelessly = true}}
                  .run();
    }

    ASSERT_FALSE(run);
    EXPECT_EQ(run.invariant, "gateway does nothing twice");
    EXPECT_TRUE(run.is_replayed);
    EXPECT_LE(run.schedule.incidents.size(), 5u) << run.text();
    EXPECT_NE(run.diagram.find("gateway."), std::string::npos) << run.text();
}

TEST(ShopSimulation, TakesAnotherWayWithAnotherSeed) {
    const ShopScenario small{.orders = 5};
    EXPECT_NE((ShopSimulation{1, small}.run_once().figures.digest),
              (ShopSimulation{2, small}.run_once().figures.digest));
}

}  // namespace
}  // namespace shop
