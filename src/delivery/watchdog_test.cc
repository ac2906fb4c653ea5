// What stands still is seen, told, and in the end ended: handlers, the loop, the relay, effects.
#include "delivery/watchdog.h"

#include <tidings/io/file.h>

#include "delivery/delivery_testing.h"

namespace tidings {
namespace {

using namespace testbench;

class Watching : public ::testing::Test {
protected:
    void SetUp() override {
        bench.options.watchdog.record = "parcel.stuck";
        bench.options.journal =
            Journal{bench.world, {LogLevel::info, 1}, [this](std::string_view line) {
                        told += line;
                        return true;
                    }};
    }
    /// Lets time pass in which only the watchdog's thread gets on.
    void pass(Duration duration) {
        for (Duration passed{0}; passed < duration; passed += 250ms) {
            bench.world.advance(250ms);
            bench.loop->watchdog().poll(bench.world.monotonic());
        }
    }
    std::string stalled() {
        std::string all;
        for (const Error& error : bench.status().stalled) all += error.message + '\n';
        return all;
    }

    std::string told;
    Bench bench;
};

TEST_F(Watching, AHandlerThatDoesNotReturnIsNamedAndItsProcessEndedAndThatCounts) {
    int hangs = 0;
    bench.on_opened = [this, &hangs](const Opened& event, Transaction&) {
        if (event.city != "Ys") return;
        ++hangs;
        pass(9s);
        EXPECT_EQ(stalled(), "");
        pass(2s);
        EXPECT_NE(stalled().find("handler of depot.opened has not returned for 1"),
                  std::string::npos);
        EXPECT_GE(bench.status().step_age, 10s);
        pass(50s);
    };
    bench.start();
    bench.loop->watchdog().poll(bench.world.monotonic());
    bench.send(1, "Ys");
    bench.send(2, "Bonn");
    bench.handlers.retry.attempts = 2;
    for (int i = 0; i < 40 && bench.status().dead == 0; ++i) {
        const int before = hangs;
        bench.poll();
        if (hangs != before) {
            ASSERT_TRUE(io::read_file(bench.world.files(), "parcel.stuck")) << "it is on record";
            bench.drop();
            bench.start();
            bench.loop->watchdog().poll(bench.world.monotonic());
        }
        bench.world.advance(100ms);
    }
    EXPECT_EQ(hangs, 2) << "even the first one counts";
    EXPECT_EQ(bench.status().dead, 1);
    EXPECT_NE(bench.dead_reason().find("the watchdog ended the process"), std::string::npos);
    EXPECT_FALSE(io::read_file(bench.world.files(), "parcel.stuck")) << "it was taken note of";
    EXPECT_NE(told.find("event "), std::string::npos) << "the journal names the event";
    bench.settle();
    EXPECT_EQ(bench.handled().size(), 1U) << "the other event was done";
}

TEST_F(Watching, AProcessThatWasStoppedAndGoesOnIsNotTakenForOneThatHangs) {
    bench.on_opened = [this](const Opened&, Transaction&) {
        pass(1s);
        bench.world.advance(10min);  // SIGSTOP, or a machine that slept.
        pass(1s);
        EXPECT_EQ(stalled(), "");
    };
    bench.start();
    bench.loop->watchdog().poll(bench.world.monotonic());
    bench.send(1, "Bonn");
    bench.settle();
    EXPECT_EQ(bench.handled().size(), 1U);
}

TEST_F(Watching, EventsThatNobodyTakesTurnTheLoopRedAndItsGoingOnGreen) {
    bench.start();
    bench.send(1, "Bonn");
    pass(31s);
    EXPECT_NE(stalled().find("step loop has not moved"), std::string::npos) << stalled();
    bench.settle();
    pass(1s);
    EXPECT_EQ(stalled(), "");
    EXPECT_NE(told.find("goes on again"), std::string::npos);
}

TEST_F(Watching, ARelayThatDoesNotGetOnIsRedWithTheReason) {
    bench.start();
    bench.broker->outage(true);
    ASSERT_TRUE(bench.submit([](Transaction& tx) { tx.publish(Lost{.parcel_id = parcel_id(1)}); }));
    for (int i = 0; i < 62; ++i) {
        bench.poll();
        pass(500ms);
    }
    EXPECT_NE(stalled().find("the relay has published nothing for"), std::string::npos)
        << stalled();
    bench.broker->outage(false);
    bench.settle();
    pass(1s);
    EXPECT_EQ(stalled(), "");
}

TEST_F(Watching, ADependencyThatHangsIsNamed) {
    const auto port = std::make_shared<TestPort>();
    port->answer = [this](const EffectRequest&) {
        pass(31s);
        EXPECT_NE(stalled().find("effect gateway.charge of o1 has had no answer"),
                  std::string::npos)
            << stalled();
        return EffectResult{Answered{"{}"}};
    };
    bench.handlers.effect("gateway.charge", port, [](const EffectAnswer&, Transaction&) {});
    bench.start();
    ASSERT_TRUE(bench.submit([](Transaction& tx) { tx.request("gateway.charge", "o1", "{}"); }));
    bench.settle();
    pass(1s);
    EXPECT_EQ(stalled(), "");
    EXPECT_EQ(port->asked.size(), 1U);
}

TEST_F(Watching, AnIdleServiceIsNotStalled) {
    bench.start();
    pass(10min);
    EXPECT_EQ(stalled(), "");
}

}  // namespace
}  // namespace tidings
