#include <tidings/resilience/retry_budget.h>

#include <gtest/gtest.h>

#include <limits>

namespace tidings {
namespace {

TimePoint at(Duration since_start) { return TimePoint{} + 1h + since_start; }

int taken_at(RetryBudget& budget, TimePoint now) {
    int count = 0;
    while (count < 1'000'000 && budget.take(now)) ++count;
    return count;
}

TEST(RetryBudget, LetsAFewRetriesThroughAndThenAsManyAsTimeEarns) {
    RetryBudget budget{{.ratio = 0.1, .per_second = 10, .burst = 100}};
    EXPECT_EQ(taken_at(budget, at(0s)), 100);
    EXPECT_EQ(taken_at(budget, at(50ms)), 0) << "half a retry is none";
    EXPECT_EQ(taken_at(budget, at(1s)), 10);
    EXPECT_EQ(taken_at(budget, at(24h)), 100) << "no more is saved up than the burst";
}

TEST(RetryBudget, EarnsOneRetryInTenFirstAttempts) {
    RetryBudget budget{{.ratio = 0.1, .per_second = 10, .burst = 1000}};
    EXPECT_EQ(taken_at(budget, at(0s)), 1000);
    for (int i = 0; i < 2'005; ++i) budget.first_attempt();
    EXPECT_EQ(taken_at(budget, at(0s)), 200);
}

TEST(RetryBudget, DoesNotSlowDownWhatSucceeds) {
    RetryBudget budget{{.ratio = 0, .per_second = 1, .burst = 1}};
    for (int i = 0; i < 1'000; ++i) {
        ASSERT_TRUE(budget.take(at(0s)));
        budget.give_back();
    }
    ASSERT_TRUE(budget.take(at(0s)));
    EXPECT_FALSE(budget.take(at(0s))) << "what was given back is not saved up beyond the burst";
}

TEST(RetryBudget, IsNotRefilledByAClockThatStandsOrGoesBack) {
    RetryBudget budget{{.ratio = 0, .per_second = 10, .burst = 1}};
    ASSERT_TRUE(budget.take(at(10s)));
    EXPECT_FALSE(budget.take(at(10s)));
    EXPECT_FALSE(budget.take(at(5s)));
    EXPECT_TRUE(budget.take(at(11s)));
}

TEST(RetryBudget, PutsOffByHowManyWait) {
    const RetryBudget budget{{.ratio = 0, .per_second = 10, .burst = 1}};
    EXPECT_EQ(budget.put_off_max(0), 200ms);
    EXPECT_EQ(budget.put_off_max(100), 20s);
    EXPECT_EQ(budget.put_off_max(std::numeric_limits<std::int64_t>::max()), 24h);
}

TEST(RetryBudget, NamesTheNumberThatMakesNoSense) {
    const auto message = [](const RetryBudget::Options& options) {
        return options.check().error().message;
    };
    EXPECT_TRUE(RetryBudget::Options{}.check());
    EXPECT_EQ(message({.ratio = -1}), "ratio -1 of a retry budget is negative");
    EXPECT_EQ(message({.per_second = 0}), "rate per second 0 of a retry budget is not above 0");
    EXPECT_EQ(message({.burst = 0.5}), "burst 0.5 of a retry budget is less than 1");
    EXPECT_FALSE((RetryBudget::Options{.ratio = std::numeric_limits<double>::quiet_NaN()}.check()));
}

}  // namespace
}  // namespace tidings
