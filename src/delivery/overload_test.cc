// More than can be done: queues that are bounded by time, groups that stay short, steps that may
// not grow without bound.
#include "base/test_points.h"
#include "delivery/delivery_testing.h"

#include <algorithm>
#include <new>

namespace tidings {
namespace {

using namespace testbench;
using Texts = std::vector<std::string>;

class Overload : public ::testing::Test {
protected:
    static void nothing(Transaction&) {}
    std::int64_t answered(const std::string& what) {
        return std::count_if(
            bench.answers.begin(), bench.answers.end(),
            [&what](const std::string& text) { return text.find(what) != std::string::npos; });
    }
    Bench bench;
};

TEST_F(Overload, ACommandIsRefusedWhileAnotherHasWaitedTooLong) {
    bench.start();
    ASSERT_TRUE(bench.submit(nothing));
    bench.world.advance(1s);
    ASSERT_TRUE(bench.submit(nothing));
    bench.world.advance(1ms);
    const Result<void> refused = bench.submit(nothing);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::unavailable);
    EXPECT_GE(bench.loop->retry_after(), 1s);
    EXPECT_EQ(bench.status().commands_shed, 1);
    // What was accepted is done, and then others are accepted again.
    bench.settle();
    EXPECT_EQ(answered("done"), 2);
    EXPECT_TRUE(bench.submit(nothing));
}

TEST_F(Overload, ACommandThatWaitedSoLongThatNobodyWaitsForItIsRefusedUnrun) {
    bench.start();
    bool ran = false;
    ASSERT_TRUE(bench.submit([&ran](Transaction&) { ran = true; }));
    bench.world.advance(6s);
    bench.settle();
    EXPECT_FALSE(ran);
    EXPECT_EQ(answered("waited too long"), 1);
}

TEST_F(Overload, WithoutABoundOnTheWaitNobodyIsRefused) {
    bench.options.command_wait_max = 0s;
    bench.start();
    ASSERT_TRUE(bench.submit(nothing));
    bench.world.advance(1h);
    ASSERT_TRUE(bench.submit(nothing));
    bench.settle();
    EXPECT_EQ(answered("done"), 2);
}

TEST_F(Overload, ACommandIsRefusedWhoseTurnWouldComeTooLate) {
    bench.start();
    const auto slow = [this](Transaction&) { bench.world.advance(100ms); };
    ASSERT_TRUE(bench.submit(slow));
    bench.settle();
    // Each takes a tenth of a second, so there is room for ten in a second.
    int accepted = 0;
    while (bench.submit(slow)) ++accepted;
    EXPECT_EQ(accepted, 11);
    EXPECT_LE(bench.loop->retry_after(), 2s);
    const TimePoint began = bench.world.monotonic();
    bench.settle();
    EXPECT_LE(bench.world.monotonic() - began, 1200ms) << "and that was true";
}

TEST_F(Overload, SlowStepsMakeTheGroupsSmallAndFastOnesLargeAgain) {
    bench.options.command_wait_max = 0s;
    bench.start();
    Duration step = 10ms;
    const auto groups_of = [&](int commands) {
        const std::int64_t before = bench.status().groups;
        for (int i = 0; i < commands; ++i) {
            EXPECT_TRUE(bench.submit([&](Transaction&) { bench.world.advance(step); }));
        }
        while (bench.status().commands_waiting > 0) bench.loop->poll(bench.world.monotonic());
        return bench.status().groups - before;
    };
    EXPECT_EQ(groups_of(100), 1) << "the first group has to find out";
    EXPECT_GE(groups_of(100), 15) << "100 ms hold ten steps, half of them commands";
    step = 0ms;
    groups_of(1000);
    EXPECT_EQ(groups_of(500), 1);
}

TEST_F(Overload, AStepThatPublishesWithoutBoundIsADeadLetterAndTheRestGoesOn) {
    bench.options.step_events_max = 100;
    bench.on_opened = [](const Opened& event, Transaction& tx) {
        if (event.city == "Ys") {
            while (true) tx.publish(Lost{.parcel_id = parcel_id(1)});
        }
        for (int i = 0; i < 100; ++i) tx.publish(Lost{.parcel_id = parcel_id(i)});
    };
    bench.start();
    bench.send(1, "Ys");
    bench.send(2, "Bonn");
    bench.settle();
    EXPECT_EQ(bench.status().dead, 1) << "trying again cannot help";
    EXPECT_NE(bench.dead_reason().find("too many things"), std::string::npos);
    EXPECT_EQ(bench.handled(), Texts{"Bonn"});
    EXPECT_EQ(bench.published().size(), 100U);
}

TEST_F(Overload, WhatAStepPublishesIsBoundedInBytesToo) {
    bench.options.step_bytes_max = 10'000;
    bench.start();
    const auto lose = [](std::size_t bytes) {
        return [bytes](Transaction& tx) {
            tx.publish(Lost{.parcel_id = parcel_id(1), .name_ = std::string(bytes, 'x')});
        };
    };
    ASSERT_TRUE(bench.submit(lose(9000)));
    ASSERT_TRUE(bench.submit(lose(10'000)));
    ASSERT_TRUE(bench.submit([](Transaction& tx) {
        for (int i = 0; i < 1000; ++i) tx.set_timer("t", parcel_id(i), 1h, std::string(100, 'x'));
    }));
    bench.settle();
    EXPECT_EQ(answered("done"), 1);
    EXPECT_EQ(answered("too large"), 2);
    EXPECT_EQ(bench.status().timers, 0);
}

TEST_F(Overload, AHandlerThatRunsOutOfMemoryIsAFailedAttempt) {
    bench.on_opened = [](const Opened& event, Transaction&) {
        if (event.city == "Ys") throw std::bad_alloc{};
    };
    bench.start();
    bench.send(1, "Ys");
    bench.send(2, "Bonn");
    bench.settle();
    EXPECT_EQ(bench.status().dead, 1);
    EXPECT_EQ(bench.handled(), Texts{"Bonn"});
    EXPECT_NE(bench.dead_reason().find("bad_alloc"), std::string::npos);
}

TEST_F(Overload, TheAgeOfTheLagIsThatOfTheOldestEventThatWaits) {
    bench.start();
    EXPECT_EQ(bench.status().lag_age, 0s);
    bench.world.advance(1h);
    bench.send(1, "Bonn");
    EXPECT_EQ(bench.status().lag_age, 0s) << "an idle hour before it does not count";
    bench.world.advance(1min);
    bench.send(2, "Bonn");
    EXPECT_EQ(bench.status().lag_age, 1min);
    bench.kill();
    EXPECT_EQ(bench.status().lag_age, 1min) << "nor does a restart, either way";
    bench.settle();
    EXPECT_EQ(bench.status().lag_age, 0s);
}

TEST_F(Overload, AnOutboxLargerThanTheRelayMayHoldStaysInTheDatabaseAndKeepsItsOrder) {
    constexpr int commands = 40;
    constexpr int events = 1000;
    bench.start();
    forget_reached_states();
    const auto was_reached = [](const std::string& name) {
        const auto states = reached_states();
        return std::any_of(states.begin(), states.end(),
                           [&name](const ReachedState& state) { return state.name == name; });
    };
    bench.broker->outage(true);
    for (int i = 0; i < commands; ++i) {
        ASSERT_TRUE(bench.submit([](Transaction& tx) {
            for (int j = 0; j < events; ++j) tx.publish(Lost{.parcel_id = parcel_id(j)});
        }));
        bench.loop->poll(bench.world.monotonic());
    }
    EXPECT_EQ(bench.status().outbox_pending, commands * events);
    EXPECT_TRUE(was_reached("relay.window_full"));
    bench.settle(1s);
    bench.broker->outage(false);
    // Some of it before a restart, the rest after it.
    for (int i = 0; i < 30 && bench.status().outbox_pending > commands * events / 2; ++i) {
        bench.world.advance(1s);
        bench.poll();
    }
    bench.kill();
    bench.settle();
    EXPECT_TRUE(was_reached("relay.fed_from_database"));
    EXPECT_EQ(bench.status().outbox_pending, 0);
    std::int64_t last = 0;
    for (const Bench::Said& said : bench.published()) {
        ASSERT_LE(said.headers.sequence.value, last + 1) << "nothing is passed over";
        last = std::max(last, said.headers.sequence.value);
    }
    EXPECT_EQ(last, commands * events);
}

TEST_F(Overload, TooManyRequestsOwedToTheOutsideWorldStopTheIntake) {
    bench.options.effects_max = 3;
    const auto port = std::make_shared<TestPort>();
    bool is_up = false;
    port->answer = [&is_up](const EffectRequest&) -> Result<EffectResult> {
        if (!is_up) return Error{ErrorCode::unavailable, "down"};
        return EffectResult{Answered{"{}"}};
    };
    bench.handlers.retry.attempts = 100;
    bench.handlers.effect("gateway.charge", port, [](const EffectAnswer&, Transaction&) {});
    bench.on_opened = [](const Opened& event, Transaction& tx) {
        tx.request("gateway.charge", event.city, "{}");
    };
    bench.options.group_steps_max = 2;
    bench.start();
    for (std::int64_t i = 1; i <= 40; ++i) bench.send(i, "Bonn");
    bench.run_for(10s);
    EXPECT_LT(bench.status().effects_owed, 40);
    ASSERT_TRUE(bench.status().intake_error);
    EXPECT_FALSE(bench.submit(nothing));
    is_up = true;
    bench.settle();
    EXPECT_EQ(bench.handled().size(), 40U);
    EXPECT_TRUE(bench.submit(nothing));
}

}  // namespace
}  // namespace tidings
