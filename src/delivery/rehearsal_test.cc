// A rehearsal shows what a redrive would do, and does nothing.
#include <tidings/delivery/rehearsal.h>

#include "delivery/delivery_testing.h"

namespace tidings {
namespace {

using namespace testbench;
using Texts = std::vector<std::string>;

class Rehearsing : public ::testing::Test {
protected:
    Rehearsing() {
        bench.handlers.effect("gateway.charge", port, [](const EffectAnswer&, Transaction&) {});
        bench.handlers.on_timer("remind", [](const DueTimer&, Transaction&) {});
        bench.on_opened = [this](const Opened& event, Transaction& tx) {
            if (!mended || event.city == "worse") {
                throw Failure{{ErrorCode::not_found, "no city \"" + event.city + "\""}, true};
            }
            tx.execute("UPDATE handled SET city = 'moved' WHERE number = 9");
            tx.execute("DELETE FROM handled WHERE number = 8");
            tx.publish(Lost{.parcel_id = parcel_id(event.number), .name_ = event.city});
            tx.request("gateway.charge", event.city, "{\"cents\":7}");
            tx.set_timer("remind", event.city, 1h);
        };
        bench.start();
    }

    Result<Rehearsal> rehearse_all(std::size_t count_max = 100,
                                   const DeadLetterChoice& choice = {{}, "", true}) {
        EXPECT_TRUE(copy_sqlite(bench.world.process("machine"), "parcel.db", "scratch.db"));
        auto scratch = open_sqlite(bench.world.process("machine"), "scratch.db").value();
        auto rehearsal = rehearse(bench.world.process("machine"), *scratch, bench.handlers,
                                  "parcel-service", {"parcel"}, choice, count_max);
        EXPECT_TRUE(scratch->close());
        EXPECT_TRUE(remove_sqlite(bench.world.process("machine"), "scratch.db"));
        return rehearsal;
    }

    bool mended = false;
    std::shared_ptr<TestPort> port = std::make_shared<TestPort>();
    Bench bench;
};

TEST_F(Rehearsing, ShowsWhatWouldChangeAndWhatWouldBeAskedFor) {
    bench.send(1, "first");
    bench.send(1, "behind");
    bench.settle();
    mended = true;
    const Rehearsal rehearsal = rehearse_all().value();
    EXPECT_EQ(rehearsal.chosen, 1);
    EXPECT_TRUE(rehearsal.is_whole);
    EXPECT_EQ(rehearsal.failed(), 0);
    ASSERT_EQ(rehearsal.events.size(), 2U);
    const RehearsedEvent& first = rehearsal.events[0];
    EXPECT_EQ(first.position, 1);
    EXPECT_FALSE(first.was_parked);
    ASSERT_EQ(first.rows.size(), 1U);
    EXPECT_EQ(first.rows[0].table, "handled");
    EXPECT_EQ(first.rows[0].before, "");
    EXPECT_EQ(first.rows[0].after, R"({"place":1,"number":1,"city":"first"})");
    ASSERT_EQ(first.published.size(), 1U);
    EXPECT_EQ(first.published[0].name, "parcel.lost");
    EXPECT_EQ(first.published[0].key, parcel_id(1));
    ASSERT_EQ(first.effects.size(), 1U);
    EXPECT_EQ(first.effects[0].name, "gateway.charge");
    EXPECT_EQ(first.effects[0].data, "{\"cents\":7}");
    ASSERT_EQ(first.timers.size(), 1U);
    EXPECT_EQ(first.timers[0].key, "first");
    EXPECT_TRUE(rehearsal.events[1].was_parked) << "what waits behind it goes on as well";
}

TEST_F(Rehearsing, ShowsRowsBeforeAndAfter) {
    bench.store->begin().value();
    bench.store->transaction().execute(
        "INSERT INTO handled (place, number, city) VALUES (5, 9, 'nine'), (6, 8, 'eight')");
    bench.store->commit().value();
    bench.send(1, "first");
    bench.settle();
    mended = true;
    const Rehearsal rehearsal = rehearse_all().value();
    const auto& rows = rehearsal.events.at(0).rows;
    ASSERT_EQ(rows.size(), 3U);
    EXPECT_EQ(rows[1].before, R"({"place":5,"number":9,"city":"nine"})");
    EXPECT_EQ(rows[1].after, R"({"place":5,"number":9,"city":"moved"})");
    EXPECT_EQ(rows[2].before, R"({"place":6,"number":8,"city":"eight"})");
    EXPECT_EQ(rows[2].after, "");
}

TEST_F(Rehearsing, ChangesAndPublishesNothing) {
    bench.send(1, "first");
    bench.settle();
    mended = true;
    const DeliveryStatus before = bench.status();
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(rehearse_all());
    bench.settle();
    EXPECT_EQ(bench.handled(), Texts{});
    EXPECT_TRUE(bench.published().empty());
    EXPECT_TRUE(port->asked.empty());
    EXPECT_EQ(bench.count("tidings_timer"), 0);
    EXPECT_EQ(bench.count("tidings_audit"), 0);
    EXPECT_EQ(bench.status().dead, before.dead);
    bench.crash();
    EXPECT_EQ(bench.status().dead, before.dead);
}

TEST_F(Rehearsing, ShowsTheErrorsThatRemain) {
    bench.send(1, "better");
    bench.send(2, "worse");
    bench.send(2, "behind");
    bench.settle();
    mended = true;
    const Rehearsal rehearsal = rehearse_all().value();
    ASSERT_EQ(rehearsal.events.size(), 2U) << "what waits behind the failing one still waits";
    EXPECT_EQ(rehearsal.failed(), 1);
    ASSERT_TRUE(rehearsal.events[1].failed);
    EXPECT_EQ(rehearsal.events[1].failed->message, "no city \"worse\"");
    EXPECT_TRUE(rehearsal.events[1].rows.empty()) << "what it did is undone";
}

TEST_F(Rehearsing, IsBoundedAndSaysSo) {
    for (int i = 1; i <= 10; ++i) bench.send(i, "city");
    bench.settle();
    mended = true;
    const Rehearsal rehearsal = rehearse_all(4).value();
    EXPECT_EQ(rehearsal.chosen, 10);
    EXPECT_EQ(rehearsal.events.size(), 4U);
    EXPECT_FALSE(rehearsal.is_whole);
    EXPECT_EQ(rehearse_all(4, {{99}, "", false}).error().code, ErrorCode::not_found);
}

TEST_F(Rehearsing, ReadsAsItWasWritten) {
    bench.send(1, "better");
    bench.send(2, "worse");
    bench.settle();
    mended = true;
    const Rehearsal rehearsal = rehearse_all().value();
    std::string text;
    json::Writer writer{text};
    write_json(writer, rehearsal);
    std::string again;
    json::Writer writer_again{again};
    write_json(writer_again, read_rehearsal(text).value());
    EXPECT_EQ(again, text);
}

}  // namespace
}  // namespace tidings
