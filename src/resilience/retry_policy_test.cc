#include <tidings/resilience/retry_policy.h>

#include <gtest/gtest.h>

#include <limits>
#include <random>

namespace tidings {
namespace {

constexpr std::uint64_t random_max = std::numeric_limits<std::uint64_t>::max();

TEST(RetryPolicy, DoublesTheBoundUpToTheLongestDelay) {
    const RetryPolicy policy{.attempts = 20};
    EXPECT_EQ(policy.bound(1), 100ms);
    EXPECT_EQ(policy.bound(2), 200ms);
    EXPECT_EQ(policy.bound(5), 1600ms);
    EXPECT_EQ(policy.bound(10), 51200ms);
    EXPECT_EQ(policy.bound(11), 1min);
    EXPECT_EQ(policy.bound(1'000'000), 1min) << "a growth that no number holds is still bounded";
}

TEST(RetryPolicy, TakesAnAttemptBelowOneForTheFirst) {
    EXPECT_EQ(RetryPolicy{}.bound(0), 100ms);
    EXPECT_EQ(RetryPolicy{}.bound(-7), 100ms);
}

TEST(RetryPolicy, NeverLeavesItsBounds) {
    std::mt19937_64 random{1};
    for (int round = 0; round < 20'000; ++round) {
        RetryPolicy policy;
        policy.initial_delay = Duration{static_cast<Duration::rep>(random() % 10'000'000'000)};
        policy.delay_max =
            policy.initial_delay + Duration{static_cast<Duration::rep>(random() % 100'000'000'000)};
        policy.factor = 1 + static_cast<double>(random() % 1000) / 100;
        ASSERT_TRUE(policy.check());
        const int attempt = static_cast<int>(random() % 100);
        const Duration delay = policy.delay(attempt, random());
        ASSERT_GE(delay, Duration::zero());
        ASSERT_LE(delay, policy.bound(attempt));
        ASSERT_LE(policy.bound(attempt), policy.delay_max);
        ASSERT_LE(policy.bound(attempt), policy.bound(attempt + 1)) << "it never comes closer";
    }
}

TEST(RetryPolicy, JittersOverTheWholeRange) {
    const RetryPolicy policy;
    std::mt19937_64 random{1};
    Duration sum{};
    Duration least = Duration::max();
    Duration most{};
    constexpr int draws = 10'000;
    for (int i = 0; i < draws; ++i) {
        const Duration delay = policy.delay(1, random());
        sum += delay;
        least = std::min(least, delay);
        most = std::max(most, delay);
    }
    EXPECT_LT(least, 1ms);
    EXPECT_GT(most, 99ms);
    EXPECT_NEAR(static_cast<double>((sum / draws).count()), 50e6, 2e6);
}

TEST(RetryPolicy, AcceptsAnyRandomNumberAtTheLimitsOfTime) {
    const RetryPolicy longest{.initial_delay = Duration::max(), .delay_max = Duration::max()};
    EXPECT_GE(longest.delay(1, random_max), Duration::zero());
    const RetryPolicy at_once{.initial_delay = Duration{}, .delay_max = Duration{}};
    EXPECT_EQ(at_once.delay(3, random_max), Duration::zero());
}

TEST(RetryPolicy, IsExhaustedAfterItsLastAttempt) {
    const RetryPolicy policy{.attempts = 3};
    EXPECT_FALSE(policy.is_exhausted(0));
    EXPECT_FALSE(policy.is_exhausted(2));
    EXPECT_TRUE(policy.is_exhausted(3));
}

TEST(RetryPolicy, NamesTheNumberThatMakesNoSense) {
    const auto message = [](const RetryPolicy& policy) { return policy.check().error().message; };
    EXPECT_TRUE(RetryPolicy{}.check());
    EXPECT_EQ(message({.attempts = 0}), "attempts 0 of a retry policy is less than 1");
    EXPECT_EQ(message({.factor = 0.5}), "factor 0.5 of a retry policy is less than 1");
    EXPECT_NE(message({.factor = std::numeric_limits<double>::quiet_NaN()}).find("factor nan"),
              std::string::npos);
    EXPECT_EQ(message({.initial_delay = -1ns}), "initial delay of a retry policy is negative");
    EXPECT_EQ(message({.initial_delay = 2s, .delay_max = 1s}),
              "longest delay of a retry policy is shorter than its initial delay");
    EXPECT_EQ(message({.attempt_deadline = -1ns}),
              "attempt deadline of a retry policy is negative");
}

}  // namespace
}  // namespace tidings
