#include "resilience/circuit_testing.h"

#include <atomic>
#include <string>
#include <thread>
#include <vector>

namespace tidings {
namespace {

struct Counted {
    int works = 0;
    int fallbacks = 0;
};

TEST_F(Circuit, CallAnswersWithTheWorksValue) {
    const Called<int> called = breaker->call(
        [](const CallAttempt& attempt) -> Result<int> {
            EXPECT_EQ(attempt.timeout, 2s);
            return 7;
        },
        [](const CallRefused&) { return 0; });
    EXPECT_EQ(called.value, 7);
    EXPECT_FALSE(called.is_fallback);
    EXPECT_FALSE(called.why);
}

TEST_F(Circuit, CallSaysThatAFallbackIsOne) {
    open();
    Counted counted;
    const Called<std::string> called = breaker->call(
        [&](const CallAttempt&) -> Result<std::string> {
            ++counted.works;
            return std::string{"fresh"};
        },
        [&](const CallRefused& refused) {
            EXPECT_FALSE(refused.was_called);
            EXPECT_GT(refused.ask_again, 0s);
            return "last known";
        });
    EXPECT_EQ(called.value, "last known");
    EXPECT_TRUE(called.is_fallback);
    EXPECT_EQ(called.why->code, ErrorCode::unavailable);
    EXPECT_EQ(counted.works, 0) << "nothing is sent while it is open";
}

/// Calls that fail as often as told, then succeed; returns how often the work was called.
class Retrying : public Circuit {
protected:
    void SetUp() override {
        CircuitBreaker::Options options = small();
        options.calls_min = options.window_calls = 1000;
        options.retry = {.attempts = 3, .initial_delay = 100ms, .delay_max = 1s};
        options.pause = [this](Duration pause) {
            EXPECT_LE(pause, 1s);
            pauses.push_back(pause);
            world.advance(pause);
        };
        make(options);
    }
    Called<int> call(int failures, const Error& error = down) {
        attempts = 0;
        return breaker->call(
            [&](const CallAttempt& attempt) -> Result<int> {
                EXPECT_EQ(attempt.number, ++attempts);
                if (attempt.number <= failures) return error;
                return attempt.number;
            },
            [](const CallRefused& refused) { return refused.was_called ? -1 : -2; });
    }
    int attempts = 0;
    std::vector<Duration> pauses;
};

TEST_F(Retrying, TriesAgainAFewTimesWithJitter) {
    EXPECT_EQ(call(2).value, 3);
    EXPECT_EQ(pauses.size(), 2u);
    EXPECT_NE(pauses[0], 100ms) << "drawn, not told";
    const Called<int> failed = call(9);
    EXPECT_EQ(failed.value, -1);
    EXPECT_EQ(attempts, 3);
    EXPECT_EQ(failed.why->message, "connection refused");
}

TEST_F(Retrying, DoesNotTryAgainWhatCannotSucceed) {
    const Called<int> called = call(9, {ErrorCode::invalid_argument, "no such zone"});
    EXPECT_EQ(attempts, 1);
    EXPECT_EQ(called.value, -1);
    EXPECT_EQ(calls("failure"), 0) << "what was asked was wrong, not the dependency";
}

TEST_F(Retrying, NeverMakesRetriesTheLoad) {
    constexpr int first_tries = 500;
    int made = 0;
    for (int i = 0; i < first_tries; ++i) {
        call(9);
        made += attempts;
    }
    EXPECT_LE(made, first_tries * 1.1 + 10) << "a tenth, and the reserve";
    EXPECT_GT(made, first_tries * 1.05);
}

TEST_F(Retrying, StopsWhenTheCircuitOpensMeanwhile) {
    CircuitBreaker::Options options = breaker->options();
    options.calls_min = 1;
    make(options);
    const Called<int> called = call(9);
    EXPECT_EQ(attempts, 1) << "the first failure has opened it";
    EXPECT_EQ(called.value, -1) << "but it was called";
    EXPECT_EQ(called.why->message, "connection refused");
}

TEST_F(Circuit, CountsNothingForWorkThatThrows) {
    EXPECT_THROW(breaker->call([](const CallAttempt&) -> Result<int> { throw Failure{down}; },
                               [](const CallRefused&) { return 0; }),
                 Failure);
    EXPECT_EQ(calls("dropped"), 1);
}

TEST(CircuitThreads, HoldItsBoundsHoweverManyCallAtOnce) {
    CircuitBreaker::Options options;
    options.dependency = "rates";
    options.window_calls = options.calls_min = 5;
    options.open_initial = options.open_max = 1ms;
    options.ramp = 2ms;
    options.concurrent_max = 3;
    options.retry.attempts = 1;
    CircuitBreaker breaker{io::real_world(), options};
    constexpr int threads = 8;
    constexpr int calls = 2000;
    std::atomic<int> under_way{0};
    std::atomic<int> most{0};
    std::atomic<int> answered{0};
    std::atomic<int> fallbacks{0};
    std::vector<std::thread> callers;
    for (int t = 0; t < threads; ++t) {
        callers.emplace_back([&] {
            for (int i = 0; i < calls; ++i) {
                const bool fails = i / 100 % 2 == 1;
                const Called<int> called = breaker.call(
                    [&](const CallAttempt&) -> Result<int> {
                        const int now = ++under_way;
                        int seen = most;
                        while (now > seen && !most.compare_exchange_weak(seen, now)) {
                        }
                        std::this_thread::yield();
                        --under_way;
                        if (fails) return down;
                        return 1;
                    },
                    [](const CallRefused&) { return 0; });
                (called.is_fallback ? fallbacks : answered) += 1;
                EXPECT_EQ(called.value, called.is_fallback ? 0 : 1);
            }
        });
    }
    for (std::thread& caller : callers) caller.join();
    EXPECT_EQ(answered + fallbacks, threads * calls);
    EXPECT_LE(most, 3);
    EXPECT_GT(answered, 0);
    EXPECT_GT(fallbacks, 0);
}

}  // namespace
}  // namespace tidings
