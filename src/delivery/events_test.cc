// How events are taken: each once, in the order of their keys, whatever becomes of them.
#include "delivery/delivery_testing.h"

namespace tidings {
namespace {

using namespace testbench;
using Cities = std::vector<std::string>;

class Events : public ::testing::Test {
protected:
    void fail_at(const std::string& city, Error error = {ErrorCode::unavailable, "not now"}) {
        bench.on_opened = [city, error](const Opened& event, Transaction& tx) {
            tx.publish(Lost{.parcel_id = parcel_id(event.number)});
            tx.set_timer("remind", event.city, 1h);
            if (event.city == city) throw Failure{error};
        };
    }
    Bench bench;
};

TEST_F(Events, AreHandledInOrderAndWhatTheyCauseNamesItsCause) {
    bench.on_opened = [](const Opened& event, Transaction& tx) {
        tx.publish(Lost{.parcel_id = parcel_id(event.number)});
    };
    bench.start();
    bench.send(1, "Bonn");
    bench.send(2, "Ulm");
    bench.settle();
    EXPECT_EQ(bench.handled(), (Cities{"Bonn", "Ulm"}));
    const auto said = bench.published();
    ASSERT_EQ(said.size(), 2U);
    EXPECT_EQ(said[0].envelope.correlation_id, "flow");
    EXPECT_EQ(said[0].envelope.source, "parcel-service");
    EXPECT_EQ(said[0].headers.key, parcel_id(1));
    EXPECT_FALSE(said[0].headers.causation_id.empty());
    EXPECT_EQ(said[0].headers.sequence.value, 1);
    EXPECT_EQ(said[1].headers.sequence.value, 2);
    EXPECT_EQ(bench.status().done, 2);
    EXPECT_TRUE(bench.status().is_quiet());
}

TEST_F(Events, LeaveNothingBehindWhenTheHandlerThrows) {
    fail_at("Bonn", {ErrorCode::contract_violation, "never"});
    bench.handlers.on_timer("remind", [](const DueTimer&, Transaction&) {});
    bench.start();
    bench.send(1, "Bonn");
    bench.settle();
    EXPECT_EQ(bench.calls, 1);
    EXPECT_TRUE(bench.handled().empty());
    EXPECT_TRUE(bench.published().empty());
    EXPECT_EQ(bench.count("tidings_timer"), 0);
    EXPECT_EQ(bench.count("tidings_outbox"), 0);
    EXPECT_EQ(bench.status().dead, 1);
    EXPECT_EQ(bench.dead_reason(), "never");
}

TEST_F(Events, WaitBehindTheOneOfTheirKeyThatFailedWhileOtherKeysFlow) {
    bool down = true;
    bench.on_opened = [&down](const Opened& event, Transaction&) {
        if (down && event.number == 1) throw Failure{{ErrorCode::unavailable, "down"}};
    };
    bench.handlers.retry.attempts = 100;
    bench.start();
    bench.send(1, "first");
    bench.send(1, "second");
    bench.send(2, "other");
    bench.send(1, "third");
    bench.run_for(50ms);
    EXPECT_EQ(bench.handled(), Cities{"other"});
    EXPECT_EQ(bench.status().scheduled, 1);
    EXPECT_EQ(bench.status().parked, 2);
    EXPECT_EQ(bench.status().unaccounted(), 0);
    down = false;
    bench.send(1, "fourth");
    bench.settle();
    EXPECT_EQ(bench.handled(), (Cities{"other", "first", "second", "third", "fourth"}));
    EXPECT_EQ(bench.status().done, 5);
    EXPECT_TRUE(bench.status().is_quiet());
}

TEST_F(Events, AreTriedAgainEverLaterAndRestAsDeadLettersInTheEnd) {
    std::vector<TimePoint> tries;
    bench.on_opened = [&](const Opened& event, Transaction&) {
        if (event.number != 1) return;
        tries.push_back(bench.world.monotonic());
        throw std::runtime_error{"broken"};
    };
    bench.handlers.retry.attempts = 4;
    bench.start();
    bench.send(1, "first");
    bench.settle();
    ASSERT_EQ(tries.size(), 4U);
    for (std::size_t i = 1; i < tries.size(); ++i) {
        EXPECT_LE(tries[i] - tries[i - 1], bench.handlers.retry.bound(static_cast<int>(i)) + 10ms);
    }
    EXPECT_EQ(bench.dead_reason(), "handler threw broken");
    // Its key stays parked behind it, also after a restart; the others go on.
    bench.kill();
    bench.send(1, "second");
    bench.send(2, "other");
    bench.settle();
    EXPECT_EQ(bench.handled(), Cities{"other"});
    EXPECT_EQ(bench.status().parked, 1);
    EXPECT_EQ(bench.status().dead, 1);
    EXPECT_EQ(bench.status().unaccounted(), 0);
    EXPECT_EQ(tries.size(), 4U);
}

struct Broken {
    const char* name;
    std::function<void(Bench&)> send;
    const char* reason;
};
void PrintTo(const Broken& broken, std::ostream* out) { *out << broken.name; }

class BrokenEvents : public ::testing::TestWithParam<Broken> {};

TEST_P(BrokenEvents, AreDeadLettersAtOnceWithTheReasonAndTheRestGoesOn) {
    Bench bench;
    bench.start();
    GetParam().send(bench);
    bench.send(9, "after");
    bench.settle();
    EXPECT_EQ(bench.handled(), Cities{"after"});
    EXPECT_EQ(bench.status().dead, 1);
    EXPECT_EQ(bench.status().accepted, 2);
    EXPECT_EQ(bench.status().unaccounted(), 0);
    EXPECT_NE(bench.dead_reason().find(GetParam().reason), std::string::npos)
        << bench.dead_reason();
}

INSTANTIATE_TEST_SUITE_P(
    All, BrokenEvents,
    ::testing::Values(
        Broken{"NoJson", [](Bench& b) { b.send_raw(b.headers(1, ++b.sequence), "{\"id\":"); },
               "field"},
        Broken{"Contract",
               [](Bench& b) {
                   b.send_raw(b.headers(1, ++b.sequence),
                              b.envelope("{\"number\":0,\"city\":\"x\"}"));
               },
               "field /data/number"},
        Broken{"UnknownMajor",
               [](Bench& b) {
                   b.send_raw(b.headers(1, ++b.sequence), b.envelope("{\"number\":1}", {7, 0, 0}));
               },
               "does not know depot.opened version 7.0.0"},
        Broken{"OtherType",
               [](Bench& b) {
                   std::string text = b.opened(1, "x");
                   text.replace(text.find("depot.opened"), 12, "depot.closed");
                   b.send_raw(b.headers(1, ++b.sequence), text);
               },
               "differs from the header"},
        Broken{"OtherSource",
               [](Bench& b) {
                   std::string text = b.opened(1, "x");
                   text.replace(text.find("depot-service"), 13, "other-service");
                   b.send_raw(b.headers(1, ++b.sequence), text);
               },
               "field /source"},
        Broken{"NoHeaders", [](Bench& b) { b.send_raw(EventHeaders{}, b.opened(1, "x")); },
               "differs from the header"}),
    [](const auto& tested) { return std::string{tested.param.name}; });

TEST_F(Events, HandedOverAgainAreDroppedHoweverLate) {
    bench.start();
    const EventHeaders headers = bench.headers(1, ++bench.sequence);
    const std::string text = bench.opened(1, "once");
    bench.send_raw(headers, text);
    for (int i = 0; i < 50; ++i) bench.send(2, "next");
    bench.settle();
    bench.kill();
    bench.world.advance(24h * 400);
    bench.send_raw(headers, text);
    bench.settle();
    EXPECT_EQ(bench.handled().size(), 51U);
    EXPECT_EQ(bench.status().duplicates, 1);
    EXPECT_EQ(bench.status().accepted, 51);
}

TEST_F(Events, OutOfOrderAreTakenOnce) {
    bench.start();
    for (const std::int64_t sequence : {3, 1, 3, 5, 2, 1, 4, 5, 2}) {
        bench.send_raw(bench.headers(sequence, sequence), bench.opened(sequence, "x"));
        bench.settle();
        if (sequence == 5) bench.kill();
    }
    EXPECT_EQ(bench.handled().size(), 5U);
    EXPECT_EQ(bench.count("tidings_inbox_ahead"), 0) << "all below the mark need no row";
}

TEST_F(Events, OfANewEpochAreNotThoseOfTheOldOne) {
    bench.start();
    bench.send(1, "before");
    bench.epoch = bench.world.new_uuid();
    bench.sequence = 0;
    bench.send(1, "after");
    bench.settle();
    EXPECT_EQ(bench.handled(), (Cities{"before", "after"}));
}

TEST_F(Events, OfForeignProducersAreKnownByTheirIds) {
    bench.start();
    for (const Uuid& epoch : {Uuid{}, bench.epoch}) {  // An epoch without numbers is no number.
        EventHeaders headers = bench.headers(1, 0);
        headers.epoch = epoch;
        const std::string text = bench.opened(1, "once");
        bench.send_raw(headers, text);
        bench.send_raw(headers, text);
    }
    bench.settle();
    EXPECT_EQ(bench.handled(), (Cities{"once", "once"}));
    EXPECT_EQ(bench.status().duplicates, 2);
}

TEST_F(Events, ThatNobodyHandlesAreWrittenDownLazilyAndLeaveNoGap) {
    bench.start();
    const auto send_other = [this] {
        EventHeaders headers = bench.headers(1, ++bench.sequence);
        headers.type = "depot.closed";
        bench.send_raw(headers, "{}");
    };
    for (int i = 0; i < 20; ++i) send_other();
    bench.poll();
    EXPECT_EQ(bench.status().groups, 0) << "nothing worth a flush of its own";
    bench.settle();
    EXPECT_EQ(bench.status().groups, 1);
    EXPECT_EQ(bench.status().lag, 0);
    bench.send(1, "wanted");
    send_other();
    bench.settle();
    EXPECT_EQ(bench.handled(), Cities{"wanted"});
    EXPECT_EQ(bench.count("tidings_inbox_ahead"), 0);
    EXPECT_EQ(bench.status().accepted, 1);
}

TEST_F(Events, GoOnWhenTheLogCanBeReadAgain) {
    bench.start();
    bench.settle();
    bench.broker->outage(true);
    bench.send(1, "late");
    bench.run_for(2s);
    EXPECT_TRUE(bench.handled().empty());
    ASSERT_TRUE(bench.status().intake_error);
    bench.broker->outage(false);
    bench.run_for(2s);
    EXPECT_EQ(bench.handled(), Cities{"late"});
    EXPECT_FALSE(bench.status().intake_error);
    EXPECT_FALSE(bench.status().failed);
}

}  // namespace
}  // namespace tidings
