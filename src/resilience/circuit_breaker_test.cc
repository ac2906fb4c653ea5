#include "resilience/circuit_testing.h"

#include <string>
#include <vector>

namespace tidings {
namespace {

// ------------------------------------------------------------------------------------ transitions

TEST_F(Circuit, StaysClosedWhileFewerThanTheRateFail) {
    for (int i = 0; i < 20; ++i) {
        succeed();
        succeed();
        fail();
    }
    EXPECT_EQ(state(), CircuitState::closed);
    EXPECT_EQ(calls("success"), 40);
    EXPECT_EQ(calls("failure"), 20);
}

TEST_F(Circuit, JudgesNothingByTooFewCalls) {
    for (int i = 0; i < 3; ++i) fail();
    EXPECT_EQ(state(), CircuitState::closed);
    fail();
    EXPECT_EQ(state(), CircuitState::open) << "the fourth is enough";
}

TEST_F(Circuit, OpensAtTheRateOfFailedCallsAndSaysWhy) {
    succeed();
    succeed();
    fail();
    EXPECT_EQ(state(), CircuitState::closed);
    fail();
    EXPECT_EQ(state(), CircuitState::open);
    EXPECT_EQ(breaker->status().reason, "2 of its last 4 calls failed: connection refused");
    EXPECT_EQ(refusal(),
              "rates is not called: its circuit is open, since 2 of its last 4 calls failed: "
              "connection refused");
    EXPECT_EQ(calls("refused"), 1);
}

TEST_F(Circuit, OpensAtTheRateOfSlowCallsThoughAllSucceed) {
    succeed();
    succeed(1s);
    succeed(1s);
    EXPECT_EQ(state(), CircuitState::closed);
    succeed(1s);
    EXPECT_EQ(state(), CircuitState::open);
    EXPECT_EQ(breaker->status().reason, "3 of its last 4 calls took 1 s or longer");
    EXPECT_EQ(calls("slow"), 3);
}

TEST_F(Circuit, ForgetsCallsBeyondTheWindowByCount) {
    for (int i = 0; i < 4; ++i) succeed();
    for (int i = 0; i < 3; ++i) fail();
    for (int i = 0; i < 8; ++i) succeed();
    for (int i = 0; i < 4; ++i) fail();
    EXPECT_EQ(state(), CircuitState::closed) << "the first failures have fallen out";
    fail();
    EXPECT_EQ(state(), CircuitState::open) << "5 of the last 10, though only 8 of all 20";
}

TEST_F(Circuit, ForgetsCallsBeyondTheWindowByTime) {
    for (int i = 0; i < 3; ++i) fail();
    world.advance(10s);
    fail();
    EXPECT_EQ(state(), CircuitState::closed) << "three of four are too old to count";
}

TEST_F(Circuit, LetsProbesThroughOnceItWasOpenForAWhile) {
    open();
    EXPECT_NE(refusal(), "");
    world.advance(4s);
    EXPECT_EQ(state(), CircuitState::open) << "it is the next call that finds out";
    succeed();
    EXPECT_EQ(state(), CircuitState::half_open);
    succeed();
    EXPECT_EQ(state(), CircuitState::closed);
}

TEST_F(Circuit, OpensAgainAtTheFirstProbeThatFails) {
    half_open();
    succeed();
    fail();
    EXPECT_EQ(state(), CircuitState::open);
    EXPECT_EQ(breaker->status().reason, "a probe failed: connection refused");
}

TEST_F(Circuit, TakesASlowProbeForAFailedOne) {
    half_open();
    succeed(1s);
    EXPECT_EQ(state(), CircuitState::open);
}

TEST_F(Circuit, StaysOpenLongerEachTimeUpToTheLongest) {
    open();
    for (const Duration longest : {4s, 8s, 16s, 16s}) {
        const Duration wait = breaker->ask_again() - 250ms;  // Less its own jitter at most.
        EXPECT_GT(wait, longest / 2 - 250ms);
        EXPECT_LE(wait, longest);
        world.advance(longest / 2 - 1ms);
        EXPECT_NE(refusal(), "") << "half of it is sure";
        world.advance(longest / 2 + 1ms);
        fail(0ms);
    }
}

TEST_F(Circuit, BeginsAtTheShortestTimeAgainOnceItHasCarriedItsFullLoad) {
    half_open();
    fail();
    world.advance(8s);
    succeed();
    succeed();
    world.advance(10s);  // The ramp.
    succeed();
    EXPECT_FALSE(breaker->status().is_degraded());
    for (int i = 0; i < 3; ++i) fail();
    ASSERT_EQ(state(), CircuitState::open);
    world.advance(4s);
    succeed();
    EXPECT_EQ(state(), CircuitState::half_open);
}

// -------------------------------------------------------------------------------------- stampedes

TEST_F(Circuit, LetsOnlyAsManyProbesThroughAsItNeeds) {
    half_open();
    Permit first = enter();
    Permit second = enter();
    for (int i = 0; i < 1000; ++i) {
        EXPECT_EQ(refusal().rfind("rates is not called: it is being probed", 0), 0u);
    }
    first.succeeded();
    EXPECT_NE(refusal(), "") << "what has been learned is not asked again";
    second.succeeded();
    EXPECT_EQ(state(), CircuitState::closed);
}

TEST_F(Circuit, RampsUpAfterClosingAndNotAllAtOnce) {
    close_again();
    const auto admitted = [this] {
        int count = 0;
        for (int i = 0; i < 100; ++i) {
            Result<Permit> permit = breaker->enter();
            if (!permit) continue;
            ++count;
            permit->succeeded();
        }
        return count;
    };
    EXPECT_EQ(breaker->status().is_ramping, true);
    EXPECT_NEAR(admitted(), 10, 1);
    world.advance(5s);
    EXPECT_NEAR(admitted(), 50, 1);
    world.advance(4s);
    EXPECT_NEAR(admitted(), 90, 1);
    world.advance(1s);
    EXPECT_EQ(admitted(), 100);
    EXPECT_FALSE(breaker->status().is_ramping);
}

TEST_F(Circuit, OpensSoonWhenItFailsDuringTheRamp) {
    close_again();
    fail();
    world.advance(9s);
    Result<Permit> permit = breaker->enter();
    while (!permit) permit = breaker->enter();
    permit->failed(down);
    EXPECT_EQ(state(), CircuitState::open) << "as few as the probes are enough";
}

TEST_F(Circuit, HasNoMoreCallsUnderWayThanTheBulkheadHolds) {
    std::vector<Permit> permits;
    for (int i = 0; i < 4; ++i) permits.push_back(enter());
    EXPECT_EQ(refusal(), "rates is not called: 4 calls are under way");
    EXPECT_EQ(state(), CircuitState::closed) << "a full bulkhead says nothing about it";
    permits.pop_back();
    EXPECT_EQ(refusal(), "");
}

// ---------------------------------------------------------------------------- late and lost calls

TEST_F(Circuit, IsNotMovedByResultsOfAnEarlierEpoch) {
    Permit hangs = enter();
    Permit hangs_too = enter();
    open();
    world.advance(4s);
    Permit probe = enter();
    hangs.succeeded();
    EXPECT_EQ(state(), CircuitState::half_open) << "an old success is no probe";
    hangs_too.failed(down);
    EXPECT_EQ(state(), CircuitState::half_open) << "an old failure is none either";
    EXPECT_EQ(calls("late"), 2);
    probe.succeeded();
    succeed();
    EXPECT_EQ(state(), CircuitState::closed);
}

TEST_F(Circuit, DoesNotCountAnOldCallIntoANewClosedEpoch) {
    std::vector<Permit> old;
    for (int i = 0; i < 2; ++i) old.push_back(enter());
    for (int i = 0; i < 4; ++i) fail();
    world.advance(4s);
    succeed();
    succeed();
    ASSERT_EQ(state(), CircuitState::closed);
    for (Permit& permit : old) permit.failed(down);
    EXPECT_EQ(state(), CircuitState::closed) << "two failures would be enough in the ramp";
}

TEST_F(Circuit, GivesAProbesPermitBackWhenItIsDropped) {
    half_open();
    { const Permit dropped = enter(); }
    succeed();
    succeed();
    EXPECT_EQ(state(), CircuitState::closed);
    EXPECT_EQ(calls("dropped"), 1);
}

TEST_F(Circuit, OpensAgainWhenAProbeNeverComesBack) {
    half_open();
    Permit lost = enter();
    Permit lost_too = enter();
    world.advance(5s);
    EXPECT_NE(refusal(), "");
    EXPECT_EQ(state(), CircuitState::half_open);
    world.advance(1s);
    EXPECT_NE(refusal(), "");
    EXPECT_EQ(state(), CircuitState::open);
    EXPECT_EQ(breaker->status().reason, "a probe did not come back");
    lost.succeeded();
    EXPECT_EQ(state(), CircuitState::open);
}

// ----------------------------------------------------------------------------------------- clocks

TEST_F(Circuit, DoesNotCareWhenTheWallClockIsSet) {
    open();
    world.jump_wall_clock(24h);
    EXPECT_NE(refusal(), "") << "it is not over because somebody set the clock forward";
    world.jump_wall_clock(-72h);
    world.advance(4s);
    EXPECT_EQ(refusal(), "") << "nor does it last because somebody set it back";
}

// -------------------------------------------------------------------------------------- telemetry

TEST_F(Circuit, ShowsItsStateAndWritesEachChange) {
    close_again();
    const std::string text = metrics.to_text();
    EXPECT_NE(
        text.find("tidings_circuit_state{dependency=\"rates\",service=\"shipping-service\"} 0"),
        std::string::npos)
        << text;
    ASSERT_EQ(journal.size(), 3u);
    EXPECT_NE(journal[0].find(R"("from":"closed","to":"open")"), std::string::npos) << journal[0];
    EXPECT_NE(journal[0].find("connection refused"), std::string::npos) << journal[0];
    EXPECT_NE(journal[1].find(R"("from":"open","to":"half_open")"), std::string::npos);
    EXPECT_NE(journal[2].find(R"("from":"half_open","to":"closed")"), std::string::npos);
    breaker->observe(nullptr, {}, {});
    EXPECT_EQ(metrics.to_text().find("tidings_circuit_state{"), std::string::npos);
    fail();
    EXPECT_EQ(calls("failure"), 4) << "it counts no more, and touches nothing that may be gone";
}

TEST_F(Circuit, NamesTheNumberThatMakesNoSense) {
    const auto message = [](void (*change)(CircuitBreaker::Options&)) {
        CircuitBreaker::Options options = small();
        change(options);
        const Result<void> checked = options.check();
        return checked ? "" : checked.error().message;
    };
    EXPECT_EQ(message([](auto&) {}), "");
    EXPECT_NE(message([](auto& o) { o.dependency.clear(); }).find("no name"), std::string::npos);
    EXPECT_NE(message([](auto& o) { o.calls_min = 11; }).find("10 calls in the window"),
              std::string::npos);
    EXPECT_NE(message([](auto& o) { o.failure_rate = 0; }).find("rates of 0"), std::string::npos);
    EXPECT_NE(message([](auto& o) { o.slow_rate = 1.5; }).find("1.5 slow"), std::string::npos);
    EXPECT_NE(message([](auto& o) { o.probes = 0; }).find("0 probes"), std::string::npos);
    EXPECT_NE(message([](auto& o) { o.timeout = 0s; }).find("positive"), std::string::npos);
    EXPECT_NE(message([](auto& o) { o.open_max = 1s; }).find("longest time open"),
              std::string::npos);
    EXPECT_NE(message([](auto& o) { o.retry.attempts = 0; }).find("attempts 0"), std::string::npos);
}

}  // namespace
}  // namespace tidings
