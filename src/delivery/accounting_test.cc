// The account that the tables close by themselves, and the events that they contradict each other
// about. Each kind of contradiction is made by hand: the service makes none.
#include <tidings/delivery/accounting.h>

#include "delivery/delivery_testing.h"

#include <algorithm>

namespace tidings {
namespace {

using namespace testbench;

class Accounting : public ::testing::Test {
protected:
    /// Number 1 fails for good, 2 for now, 3 has to wait for that; the others are done.
    void SetUp() override {
        bench.handlers.retry.initial_delay = 1h;
        bench.handlers.retry.delay_max = 1h;
        bench.on_opened = [](const Opened& event, Transaction& tx) {
            if (event.city == "dead") throw Failure{{ErrorCode::contract_violation, "never"}};
            if (event.city == "later") throw Failure{{ErrorCode::unavailable, "not now"}};
            tx.publish(Lost{.parcel_id = parcel_id(event.number)});
        };
        bench.start();
        bench.send(1, "dead");
        bench.send(1, "behind");
        bench.send(2, "later");
        bench.send(3, "done");
        bench.send(4, "done");
        bench.run_for(100ms);
    }
    void change(const std::string& sql) {
        bench.store->begin().value();
        bench.store->transaction().execute(sql);
        bench.store->commit().value();
    }
    std::vector<UnaccountedEvent> named() {
        return unaccounted_events(*bench.store->reader().value());
    }
    void expect_named(const std::string& sql, const std::string& what, std::int64_t sequence) {
        ASSERT_TRUE(named().empty());
        change(sql);
        const auto events = named();
        const bool found = std::any_of(events.begin(), events.end(), [&](const auto& event) {
            return event.what.find(what) != std::string::npos && event.sequence == sequence;
        });
        EXPECT_TRUE(found) << events.size() << ' ' << (events.empty() ? "" : events[0].what);
    }
    Bench bench;
};

TEST_F(Accounting, HasEachEventInOneStateByOneQueryOnAStoppedService) {
    bench.drop();
    auto store = open_sqlite(bench.world.process("machine"), "parcel.db").value();
    const auto topics = account(*store->reader().value());
    store.reset();
    bench.start();
    ASSERT_EQ(topics.size(), 1U);
    EXPECT_EQ(topics[0].topic, "depot");
    EXPECT_EQ(topics[0].position, 5);
    EXPECT_EQ(topics[0].accepted, 5);
    EXPECT_EQ(topics[0].done, 2);
    EXPECT_EQ(topics[0].dead, 1);
    EXPECT_EQ(topics[0].parked, 1);
    EXPECT_EQ(topics[0].scheduled, 1);
    EXPECT_EQ(topics[0].pending, 0);
    EXPECT_EQ(unaccounted(topics), 0);
    EXPECT_EQ(bench.unaccounted(), 0);
}

TEST_F(Accounting, CountsWhatWaitsForItsFirstTryAsPending) {
    change("DELETE FROM tidings_held WHERE state = 3");
    change("UPDATE tidings_held SET state = 1 WHERE state = 2");
    const auto topics = account(*bench.store->reader().value());
    EXPECT_EQ(topics[0].pending, 1);
    EXPECT_EQ(topics[0].scheduled, 1);
    EXPECT_EQ(topics[0].unaccounted(), 1) << "the one that is gone";
}

TEST_F(Accounting, LetsNoTopicHideWhatAnotherLacks) {
    change("UPDATE tidings_position SET done = done + 1");
    change(
        "INSERT INTO tidings_position (topic, position, accepted, done, discarded) "
        "VALUES ('other', 1, 1, 0, 0)");
    EXPECT_EQ(unaccounted(account(*bench.store->reader().value())), 2);
}

TEST_F(Accounting, NamesAHeldEventThatTheInboxDoesNotKnow) {
    expect_named("UPDATE tidings_inbox SET mark = 2", "does not know it", 3);
}

TEST_F(Accounting, NamesAHeldEventThatIsThereTwice) {
    expect_named("UPDATE tidings_held SET sequence = 1 WHERE state = 2", "held twice", 1);
}

TEST_F(Accounting, NamesAnEventThatWaitsForNothing) {
    expect_named("DELETE FROM tidings_held WHERE state = 3", "behind nothing", 2);
}

TEST_F(Accounting, NamesAnEventInAStateThatThereIsNoneOf) {
    expect_named("UPDATE tidings_held SET state = 7 WHERE state = 1", "a state that", 3);
}

TEST_F(Accounting, NamesAnEventOfATopicThatNothingWasTakenFrom) {
    expect_named("UPDATE tidings_held SET topic = 'other' WHERE state = 1",
                 "nothing was ever taken", 3);
}

TEST_F(Accounting, NamesDiscardsThatNobodyIsOnRecordFor) {
    expect_named("UPDATE tidings_position SET discarded = 1", "audit record", 0);
}

TEST_F(Accounting, NamesRowsThatTheOutboxLacks) {
    bench.broker->outage(true);
    for (int i = 0; i < 4; ++i) {
        ASSERT_TRUE(
            bench.submit([](Transaction& tx) { tx.publish(Lost{.parcel_id = parcel_id(9)}); }));
    }
    bench.loop->poll(bench.world.monotonic());
    ASSERT_EQ(bench.count("tidings_outbox"), 4);
    expect_named("DELETE FROM tidings_outbox WHERE sequence = 4", "neither published", 4);
    change("DELETE FROM tidings_outbox WHERE sequence = 6");
    EXPECT_EQ(named().size(), 3U) << "that one, the last one, and how many there are";
    change("DELETE FROM tidings_outbox");
    EXPECT_EQ(named().size(), 1U) << "from which position on";
}

TEST_F(Accounting, NamesAnEventThatWasSkipped) {
    const auto skipped = [this] {
        return skipped_events(*bench.store->reader().value(), *bench.log, "depot");
    };
    bench.send(5, "done");
    bench.send(6, "done");
    EXPECT_TRUE(skipped().empty()) << "what is not read yet is not skipped";
    change("UPDATE tidings_position SET position = 7");
    const auto events = skipped();
    ASSERT_EQ(events.size(), 2U);
    EXPECT_EQ(events[0].sequence, 6);
    EXPECT_EQ(events[0].place, 5);
    EXPECT_EQ(events[0].type, "depot.opened");
    EXPECT_EQ(events[0].source, "depot-service");
    change(
        "INSERT INTO tidings_inbox_ahead (topic, source, epoch, sequence) "
        "SELECT topic, source, epoch, 6 FROM tidings_inbox");
    EXPECT_EQ(skipped().size(), 1U);
}

}  // namespace
}  // namespace tidings
