// T16: a dependency that was down for five minutes comes back to a thousand consumers.
#include "retry_storm.h"

#include <gtest/gtest.h>

namespace tidings::proof {
namespace {

constexpr double offered_max = 1.1;
constexpr double peak_max = 2;

TEST(RetryStorm, DoesNotFollowAnOutageThatAllConsumersMet) {
    const StormRun run = run_storm({});
    ASSERT_TRUE(run.is_drained) << run.summary();
    EXPECT_GT(run.needed, 20'000) << "there was something to make a storm of";
    EXPECT_LE(run.offered_ratio(), offered_max) << run.summary();
    EXPECT_LE(run.peak_ratio(), peak_max) << run.summary();
}

TEST(RetryStorm, FollowsWhereEverybodyDrawsTheSameNumbers) {
    const StormRun run = run_storm({.jitter = false});
    EXPECT_GT(run.peak_ratio(), peak_max) << "the control must fail: " << run.summary();
}

TEST(RetryStorm, IsTheSameFromTheSameSeed) {
    const StormScenario scenario{.seed = 7, .consumers = 50};
    EXPECT_EQ(run_storm(scenario).summary(), run_storm(scenario).summary());
}

}  // namespace
}  // namespace tidings::proof
