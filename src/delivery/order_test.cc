// The order of a lane while one of its events is held, and what is kept of one that is.
#include <tidings/delivery/dead_letters.h>

#include "delivery/delivery_testing.h"
#include "delivery/held.h"

namespace tidings {
namespace {

using namespace testbench;
using Cities = std::vector<std::string>;

const Error never{ErrorCode::contract_violation, "parcel 77 of \"Bonn\" is not for us"};

class Order : public ::testing::Test {
protected:
    /// Events of this city fail.
    void fail_at(const std::string& city, const Error& error = never) {
        bench.on_opened = [this, city, error](const Opened& event, Transaction&) {
            if (is_broken && event.city == city) throw Failure{error};
        };
    }
    /// Does something to the tables while the service is stopped, as an administrator's tool does.
    void while_stopped(const std::function<void(StoreTransaction&)>& run) {
        bench.drop();
        auto store = open_sqlite(bench.world.process("machine"), "parcel.db").value();
        store->begin().value();
        run(store->transaction());
        store->commit().value();
        store.reset();
        bench.start();
    }
    template <class T>
    T value(const std::string& sql) {
        return bench.store->reader().value()->value<T>(sql).value();
    }

    Bench bench;
    bool is_broken = true;
};

TEST_F(Order, GoesOnWhereItStoodOnceTheDeadLetterIsDiscarded) {
    fail_at("bad");
    bench.start();
    bench.send(1, "bad");
    bench.send(1, "second");
    bench.send(1, "third");
    bench.send(2, "other");
    bench.settle();
    EXPECT_EQ(bench.handled(), Cities{"other"});
    while_stopped([&](StoreTransaction& tx) {
        tx.execute("DELETE FROM tidings_held WHERE state = 3");
        tx.execute("UPDATE tidings_position SET discarded = discarded + 1");
        EXPECT_EQ(Held::release_next(tx, {"depot", "1", ""}, bench.world.now()), 1);
        EXPECT_EQ(Held::release_next(tx, {"depot", "1", ""}, bench.world.now()), 0)
            << "one at a time";
    });
    bench.settle();
    EXPECT_EQ(bench.handled(), (Cities{"other", "second", "third"}));
    EXPECT_EQ(bench.status().unaccounted(), 0);
    EXPECT_EQ(bench.status().discarded, 1);
}

TEST_F(Order, IsKeptThroughARedrive) {
    fail_at("bad");
    bench.start();
    bench.send(1, "bad");
    bench.send(1, "second");
    bench.settle();
    is_broken = false;
    while_stopped([&](StoreTransaction& tx) {
        tx.execute(
            "UPDATE tidings_held SET state = 1, due = 0, attempts_before = attempts "
            "WHERE state = 3");
    });
    bench.settle();
    EXPECT_EQ(bench.handled(), (Cities{"bad", "second"}));
    EXPECT_EQ(bench.count("tidings_attempt"), 0);
}

TEST_F(Order, GivesARedrivenEventNewAttemptsAndKeepsTheHistory) {
    fail_at("bad", {ErrorCode::unavailable, "down"});
    bench.start();
    bench.send(1, "bad");
    bench.settle();
    EXPECT_EQ(bench.calls, 3);
    while_stopped([&](StoreTransaction& tx) {
        tx.execute("UPDATE tidings_held SET state = 1, due = 0, attempts_before = attempts");
    });
    bench.settle();
    EXPECT_EQ(bench.calls, 6);
    EXPECT_EQ(bench.status().dead, 1);
    EXPECT_EQ(value<int>("SELECT attempts FROM tidings_held"), 6);
    EXPECT_EQ(bench.count("tidings_attempt"), 6);
}

TEST_F(Order, IsNotKeptForAHandlerThatLetsLaterEventsPass) {
    bench.handlers.set_options(Opened::name, {.order = KeyOrder::let_pass});
    fail_at("bad", {ErrorCode::unavailable, "down"});
    bench.start();
    bench.send(1, "bad");
    bench.send(1, "second");
    bench.poll();
    EXPECT_EQ(bench.handled(), Cities{"second"});
    EXPECT_EQ(bench.status().parked, 0);
    bench.settle();
    EXPECT_EQ(bench.status().dead, 1);
    bench.kill();
    bench.send(1, "third");
    bench.settle();
    EXPECT_EQ(bench.handled(), (Cities{"second", "third"})) << "also after a restart";
    EXPECT_EQ(bench.status().unaccounted(), 0);
}

TEST_F(Order, LetsThoseBehindPassOnceAParkedEventFailsThatLetsPass) {
    bench.handlers.set_options(Opened::name, {.order = KeyOrder::let_pass});
    int moves = 0;
    bench.handlers.on<Moved>([&](const Moved&, Transaction&) {
        if (++moves < 2) throw Failure{{ErrorCode::unavailable, "down"}};
    });
    fail_at("bad");
    bench.start();
    bench.send_moved(1);
    bench.send(1, "bad");
    bench.send(1, "third");
    bench.poll();
    EXPECT_EQ(bench.status().parked, 2) << "the first one's handler keeps the order";
    bench.settle();
    EXPECT_EQ(bench.handled(), Cities{"third"});
    EXPECT_EQ(bench.status().dead, 1);
    EXPECT_EQ(bench.status().parked, 0);
    EXPECT_EQ(bench.status().unaccounted(), 0);
}

TEST_F(Order, IsKeptForAnyNumberOfKeysWhileOthersFlowAndTheServiceSaysSo) {
    bench.options.held_alarm = 5'000;
    fail_at("bad");
    bench.start();
    constexpr int keys = 5'000;
    for (int i = 1; i <= keys; ++i) bench.send(i, "bad");
    bench.settle();
    ASSERT_EQ(bench.status().dead, keys);
    ASSERT_TRUE(bench.status().held_alarm);
    EXPECT_FALSE(bench.status().intake_error) << "nothing of it stops the intake";
    bench.kill();
    for (int i = 1; i <= keys; i += 100) bench.send(i, "behind");
    for (int i = 1; i <= 500; ++i) bench.send(keys + i, "free");
    bench.settle();
    EXPECT_EQ(bench.status().parked, keys / 100);
    EXPECT_EQ(bench.handled().size(), 500U);
    EXPECT_EQ(bench.status().unaccounted(), 0);
}

TEST_F(Order, IsKeptHoweverManyBytesWaitAndTheServiceSaysSo) {
    bench.options.held_alarm_bytes = 64 * 1024;
    fail_at("bad");
    bench.start();
    const auto in_table = [this] {
        return value<std::int64_t>(
            "SELECT coalesce(sum(length(CAST(envelope AS BLOB))), 0) FROM tidings_held");
    };
    bench.send(1, "bad");
    bench.settle();
    EXPECT_EQ(bench.status().held_bytes, in_table());
    EXPECT_FALSE(bench.status().held_alarm) << "one is not much";
    for (int i = 0; i < 100; ++i) bench.send(1, std::string(1000, 'x'));
    bench.send(2, "free");
    bench.settle();
    EXPECT_EQ(bench.status().parked, 100);
    EXPECT_GT(bench.status().held_bytes, 100'000);
    EXPECT_EQ(bench.status().held_bytes, in_table());
    ASSERT_TRUE(bench.status().held_alarm);
    EXPECT_NE(bench.status().held_alarm->message.find("101 events of "), std::string::npos);
    EXPECT_FALSE(bench.status().intake_error) << "nothing of it stops the intake";
    EXPECT_EQ(bench.handled(), Cities{"free"});

    bench.kill();
    bench.settle();
    EXPECT_EQ(bench.status().held_bytes, in_table());
    EXPECT_TRUE(bench.status().held_alarm);
    Command command;
    command.administers_held = true;
    command.run = [](Transaction& tx) {
        DeadLetters{tx.store()}.discard({{}, "", true}, 10, {"anna", "a test"}, tx.time());
    };
    ASSERT_TRUE(bench.loop->submit(std::move(command)));
    bench.settle();
    EXPECT_EQ(bench.handled().size(), 101U);
    EXPECT_EQ(bench.status().held_bytes, 0);
    EXPECT_EQ(in_table(), 0);
    EXPECT_FALSE(bench.status().held_alarm);
}

TEST_F(Order, HoldsEventsWithTheirCauseAndAllThatIsKnownOfThem) {
    fail_at("bad");
    bench.start();
    bench.send(1, "bad");
    bench.send(2, "bad");
    bench.send(2, "behind");
    bench.settle();
    EXPECT_EQ(value<std::string>("SELECT handler FROM tidings_held WHERE state = 3"),
              "depot.opened v2");
    EXPECT_EQ(value<std::string>("SELECT shape FROM tidings_held WHERE state = 3"),
              "parcel # of \"*\" is not for us");
    EXPECT_EQ(value<int>("SELECT count(DISTINCT cause) FROM tidings_held WHERE state = 3"), 1);
    EXPECT_EQ(value<int>("SELECT count(*) FROM tidings_held WHERE correlation_id = 'flow' AND "
                         "length(event_id) = 36"),
              3);
    EXPECT_EQ(value<int>("SELECT max(log_offset) FROM tidings_held"), 2);
    EXPECT_EQ(value<std::string>("SELECT error FROM tidings_attempt"), never.message);
}

TEST_F(Order, KeepsTheFirstAndTheLastErrorsOfManyAttempts) {
    bench.handlers.retry.attempts = 100;
    bench.handlers.retry.delay_max = 1s;
    bench.on_opened = [this](const Opened&, Transaction&) {
        throw Failure{{ErrorCode::unavailable, "attempt " + std::to_string(bench.calls)}};
    };
    bench.start();
    bench.send(1, "bad");
    bench.settle();
    EXPECT_EQ(bench.calls, 100);
    EXPECT_EQ(bench.count("tidings_attempt"), 21);
    EXPECT_EQ(value<std::string>("SELECT error FROM tidings_attempt ORDER BY attempt LIMIT 1"),
              "attempt 1");
    EXPECT_EQ(value<std::string>("SELECT error FROM tidings_attempt ORDER BY attempt DESC"),
              "attempt 100");
}

TEST_F(Order, NeverGivesThePositionOfAHeldEventAgain) {
    fail_at("bad");
    bench.start();
    bench.send(1, "bad");
    bench.settle();
    while_stopped([](StoreTransaction& tx) {
        tx.execute("DELETE FROM tidings_held");
        tx.execute("UPDATE tidings_position SET discarded = 1");
    });
    bench.send(1, "bad");
    bench.settle();
    EXPECT_EQ(value<int>("SELECT position FROM tidings_held"), 2);
}

TEST_F(Order, KnowsForeignEventsWithoutAKeyBesideThemByTheirData) {
    fail_at("bad");
    bench.start();
    for (const char* city : {"bad", "behind"}) {
        EventHeaders headers = bench.headers(7, 0);
        headers.key.clear();
        headers.epoch = Uuid{};
        bench.send_raw(headers, bench.opened(7, city));
    }
    bench.settle();
    EXPECT_EQ(bench.status().dead, 1);
    EXPECT_EQ(bench.status().parked, 1);
}

TEST_F(Order, AccountsForEventsOfATopicThatIsReadNoMore) {
    fail_at("bad");
    bench.start();
    bench.send(1, "bad");
    bench.send(2, "fine");
    bench.settle();
    bench.drop();
    const Handlers none;
    bench.log = open_log_broker(bench.world.process("machine"), "log").value();
    bench.store = open_sqlite(bench.world.process("machine"), "parcel.db").value();
    const auto loop = StepLoop::open(bench.world.process("machine"), *bench.store, *bench.log, none,
                                     bench.options)
                          .value();
    EXPECT_EQ(loop->status().dead, 1);
    EXPECT_EQ(loop->status().accepted, 2);
    EXPECT_EQ(loop->status().unaccounted(), 0);
}

}  // namespace
}  // namespace tidings
