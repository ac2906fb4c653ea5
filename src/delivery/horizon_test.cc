// Events that nobody numbers: known by their ids within a horizon, and never run on a guess.
#include "delivery/delivery_testing.h"

namespace tidings {
namespace {

using namespace testbench;
using Cities = std::vector<std::string>;

class Horizon : public ::testing::Test {
protected:
    void send_foreign(const std::string& text) {
        EventHeaders headers = bench.headers(7, 0);
        headers.epoch = Uuid{};
        bench.send_raw(headers, text);
        bench.settle(1s);
    }
    template <class T>
    std::optional<T> value(const std::string& sql) {
        return bench.store->reader().value()->value<T>(sql);
    }
    Bench bench;
};

TEST_F(Horizon, MakesDeadLettersOfEventsThatMayHaveBeenTakenBefore) {
    bench.options.foreign_horizon = 1h;
    bench.start();
    const std::string never_seen = bench.opened(7, "never seen");
    const std::string once = bench.opened(7, "once");
    send_foreign(once);
    bench.world.advance(2h);
    send_foreign(bench.opened(7, "new"));
    EXPECT_EQ(bench.status().foreign_ids, 1) << "the one of two hours ago is forgotten";
    EXPECT_GT(bench.status().foreign_forgotten_to, Timestamp{});
    bench.kill();
    send_foreign(once);
    send_foreign(once);
    send_foreign(never_seen);
    EXPECT_EQ(bench.handled(), (Cities{"once", "new"}));
    EXPECT_EQ(bench.status().dead, 2);
    EXPECT_EQ(bench.status().duplicates, 1) << "that it came is known";
    EXPECT_EQ(value<int>("SELECT count(*) FROM tidings_held WHERE handler = 'inbox'"), 2);
    EXPECT_EQ(bench.unaccounted(), 0);
    send_foreign(bench.opened(7, "after"));
    EXPECT_EQ(bench.handled().back(), "after") << "it stands in nobody's way";
}

TEST_F(Horizon, IsLookedAtByNoRedrive) {
    bench.options.foreign_horizon = 1h;
    bench.start();
    const std::string late = bench.opened(7, "late");
    send_foreign(bench.opened(7, "first"));
    bench.world.advance(2h);
    send_foreign(bench.opened(7, "second"));
    send_foreign(late);
    ASSERT_EQ(bench.status().dead, 1);
    bench.drop();
    {
        auto store = open_sqlite(bench.world.process("machine"), "parcel.db").value();
        store->begin().value();
        store->transaction().execute(
            "UPDATE tidings_held SET state = 1, due = 0, attempts_before = attempts");
        store->commit().value();
    }
    bench.start();
    bench.settle();
    EXPECT_EQ(bench.handled(), (Cities{"first", "second", "late"}));
}

TEST_F(Horizon, HoldsWhateverTheClocksSay) {
    bench.options.foreign_horizon = 1h;
    bench.start();
    // The producer's clock is half an hour ahead: its id is kept by that.
    bench.world.jump_wall_clock(30min);
    const std::string ahead = bench.opened(7, "ahead");
    bench.world.jump_wall_clock(-30min);
    send_foreign(ahead);
    bench.world.advance(80min);
    send_foreign(bench.opened(7, "new"));
    EXPECT_EQ(bench.status().foreign_ids, 2);
    send_foreign(ahead);
    EXPECT_EQ(bench.status().duplicates, 1);
    // Two hours ahead: its id would have to be kept for longer than any.
    bench.world.jump_wall_clock(2h);
    const std::string far_ahead = bench.opened(7, "far ahead");
    bench.world.jump_wall_clock(-2h);
    bench.kill();  // The service's own clock does not go back.
    bench.world.advance(1s);
    send_foreign(far_ahead);
    EXPECT_EQ(bench.status().dead, 1);
    EXPECT_EQ(bench.handled(), (Cities{"ahead", "new"}));
}

TEST_F(Horizon, ComesCloserWhenThereAreTooManyIds) {
    bench.options.foreign_ids_max = 10;
    bench.start();
    const std::string first = bench.opened(7, "0");
    send_foreign(first);
    for (int i = 1; i < 30; ++i) {
        bench.world.advance(1s);
        send_foreign(bench.opened(7, std::to_string(i)));
        EXPECT_LE(bench.status().foreign_ids, 11);
    }
    EXPECT_GT(bench.status().foreign_forgotten_to, Timestamp{});
    send_foreign(first);
    EXPECT_EQ(bench.handled().size(), 30U);
    EXPECT_EQ(bench.status().dead, 1);
}

}  // namespace
}  // namespace tidings
