#include <tidings/broker/log_broker.h>
#include <tidings/delivery/step_loop.h>
#include <tidings/sim/world.h>
#include <tidings/store/sqlite.h>
#include <tidings/view/table.h>

#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <models/depot_service.h>

namespace tidings {
namespace {

using sample::depot_service::Shipment;
using sample::depot_service::State;

/// A table and a step loop to write it with: rows change in steps only.
class Tables : public ::testing::Test {
protected:
    Tables() {
        store = open_sqlite(world, "depot.db").value();
        static constexpr std::array schema{Migration{
            1, "shipments",
            "CREATE TABLE shipments (id TEXT PRIMARY KEY, state TEXT NOT NULL, size TEXT NOT NULL, "
            "cost BIGINT NOT NULL, created_at BIGINT NOT NULL, is_urgent INTEGER NOT NULL, "
            "weight REAL NOT NULL, tries BIGINT NOT NULL, done_at BIGINT, outcome TEXT, "
            "notes TEXT NOT NULL, route TEXT);"}};
        store->migrate("depot-service", schema).value();
        broker = open_log_broker(world, "log").value();
        StepLoop::Options options;
        options.service = "depot-service";
        loop = StepLoop::open(world, *store, *broker, handlers, options).value();
    }
    /// Runs one step; returns why it failed, or nothing.
    std::string step(std::function<void(Transaction&)> run) {
        std::string answer = "none";
        EXPECT_TRUE(loop->submit({"test", "", std::move(run), [&answer](Result<void> done) {
                                      answer = done ? "" : done.error().message;
                                  }}));
        loop->poll(world.monotonic());
        return answer;
    }
    static Shipment shipment(const std::string& id, State state) {
        Shipment made;
        made.id = id;
        made.state = state;
        made.size = {20, 10};
        made.cost = Money{490};
        made.weight = 1.25;
        made.notes = {"with care", "'; DROP TABLE shipments; --"};
        return made;
    }

    sim::SimWorld world{1};
    Handlers handlers;
    std::unique_ptr<Store> store;
    std::unique_ptr<Broker> broker;
    std::unique_ptr<StepLoop> loop;
    Table<Shipment> shipments;
};

TEST_F(Tables, GiveBackTheRowThatWasPut) {
    Shipment put = shipment("a", State::waiting);
    EXPECT_EQ(step([&](Transaction& tx) { shipments.put(tx, put); }), "");
    const auto reader = store->reader().value();
    EXPECT_EQ(shipments.get(*reader, "a"), put);
    put.state = State::done;
    put.done_at = Timestamp{std::chrono::milliseconds{7}};
    put.route = sample::depot_service::Route{{1, 2}};
    EXPECT_EQ(step([&](Transaction& tx) { shipments.put(tx, put); }), "");
    EXPECT_EQ(shipments.get(*reader, "a"), put) << "a row of its key is replaced";
    EXPECT_EQ(reader->value<std::int64_t>("SELECT count(*) FROM shipments"), 1);
}

TEST_F(Tables, FindRowsByAnyFieldInTheOrderOfTheirKeys) {
    step([&](Transaction& tx) {
        shipments.put(tx, shipment("c", State::waiting));
        shipments.put(tx, shipment("a", State::waiting));
        shipments.put(tx, shipment("b", State::done));
        EXPECT_EQ(shipments.find(tx, &Shipment::cost, Money{490}).size(), 3U);
    });
    const auto reader = store->reader().value();
    const auto waiting = shipments.find(*reader, &Shipment::state, State::waiting);
    ASSERT_EQ(waiting.size(), 2U);
    EXPECT_EQ(waiting[0].id, "a");
    EXPECT_EQ(waiting[1].id, "c");
    EXPECT_TRUE(shipments.find(*reader, &Shipment::state, State::on_tour).empty());
}

TEST_F(Tables, SayWhichRowIsMissing) {
    EXPECT_EQ(step([&](Transaction& tx) {
                  EXPECT_FALSE(shipments.find(tx, "x"));
                  EXPECT_FALSE(shipments.erase(tx, "x"));
                  (void)shipments.get(tx, "x");
              }),
              "no row x in table shipments");
}

TEST_F(Tables, EraseARow) {
    step([&](Transaction& tx) { shipments.put(tx, shipment("a", State::done)); });
    step([&](Transaction& tx) { EXPECT_TRUE(shipments.erase(tx, "a")); });
    EXPECT_FALSE(shipments.find(*store->reader().value(), "a"));
}

}  // namespace
}  // namespace tidings
