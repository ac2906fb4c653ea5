#include <tidings/sim/world.h>
#include <tidings/store/sqlite.h>

#include "store/sqlite/store_test_support.h"

#include <gtest/gtest.h>

#include <string>

namespace tidings::sqlite {
namespace {

using sim::DiskFault;
using sim::DiskOperation;
using sim::DiskProfile;
using sim::SimWorld;

constexpr const char* path = "shop.db";

std::unique_ptr<Store> open(io::World& world, const SqliteOptions& options = {}) {
    auto store = open_sqlite(world, path, options);
    EXPECT_TRUE(store) << store.error().message;
    return store ? std::move(*store) : nullptr;
}

Result<void> make_table(Store& store) {
    return commit(store, [](StoreTransaction& tx) {
        tx.execute("CREATE TABLE IF NOT EXISTS t (n INTEGER PRIMARY KEY, filling TEXT)");
    });
}

/// Commits the row `n`; rows are about a third of a page, so that commits share pages.
Result<void> insert(Store& store, std::int64_t n) {
    return commit(store, [&](StoreTransaction& tx) {
        tx.execute("INSERT INTO t VALUES ($1, $2)", n, std::string(1300, char('a' + n % 26)));
    });
}

/// Returns how many rows there are, 1 to n without a gap, each as it was written.
std::int64_t intact_rows(Store& store) {
    StoreTransaction& tx = store.transaction();
    EXPECT_EQ(tx.value<std::string>("PRAGMA integrity_check"), "ok");
    Rows rows = tx.query("SELECT n, filling FROM t ORDER BY n");
    std::int64_t count = 0;
    while (rows.next()) {
        ++count;
        EXPECT_EQ(rows.row().integer(0), count);
        EXPECT_EQ(rows.row().text(1), std::string(1300, char('a' + count % 26)));
    }
    return count;
}

TEST(SqliteInASimulatedWorld, KeepsItsFilesThereAndNowhereElse) {
    SimWorld world{1};
    auto store = open(world);
    ASSERT_TRUE(make_table(*store));
    ASSERT_TRUE(insert(*store, 1));
    EXPECT_EQ(*world.files().list("."),
              (std::vector<std::string>{"shop.db", "shop.db-wal", "shop.db.lock"}));
    auto reader = store->reader();
    ASSERT_TRUE(reader);
    EXPECT_EQ((*reader)->value<std::int64_t>("SELECT count(*) FROM t"), 1);
    EXPECT_EQ((*reader)->value<std::int64_t>("SELECT unixepoch()"),
              world.now().time_since_epoch().count() / 1000);
    ASSERT_TRUE(store->close());
    EXPECT_EQ(*world.files().list("."), (std::vector<std::string>{"shop.db", "shop.db.lock"}));
    EXPECT_EQ(intact_rows(*open(world)), 1);
}

TEST(SqliteInASimulatedWorld, WritesTheSameBytesForASeed) {
    const auto digest_of = [](std::uint64_t seed) {
        SimWorld world{seed};
        auto store = open(world);
        EXPECT_TRUE(make_table(*store));
        for (int n = 1; n <= 20; ++n) EXPECT_TRUE(insert(*store, n));
        return world.digest();
    };
    EXPECT_EQ(digest_of(1), digest_of(1));
    EXPECT_NE(digest_of(1), digest_of(2)) << "the WAL's salt is drawn from the world";
}

TEST(SqliteInASimulatedWorld, FreesTheDatabaseOfAKilledProcess) {
    SimWorld world{1};
    auto dead = open(world.process("order"));
    ASSERT_TRUE(make_table(*dead));
    ASSERT_TRUE(insert(*dead, 1));
    EXPECT_EQ(open_sqlite(world.process("other"), path).error().code, ErrorCode::unavailable);
    ASSERT_TRUE(dead->begin());
    dead->transaction().execute("INSERT INTO t VALUES (2, 'never committed')");
    world.kill("order");
    auto store = open(world.process("order"));
    EXPECT_EQ(intact_rows(*store), 1);
    EXPECT_FALSE(dead->commit());
    dead.reset();
    ASSERT_TRUE(insert(*store, 2));
    EXPECT_EQ(intact_rows(*store), 2);
}

/// After a failed flush the kernel shows what the disk does not have. Who starts anew then reads
/// it, and builds on it: it has to be made durable first.
TEST(SqliteInASimulatedWorld, KeepsWhatItFoundAfterAFailedFlushAlsoWhenPowerIsLost) {
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
        SimWorld world{seed};
        auto store = open(world);
        ASSERT_TRUE(make_table(*store));
        std::int64_t rows = 0;
        while (rows < 10) ASSERT_TRUE(insert(*store, ++rows));
        world.fail({.operation = DiskOperation::flush, .path_part = "-wal"});
        ASSERT_FALSE(insert(*store, rows + 1));
        world.kill();

        store = open(world);
        rows = intact_rows(*store);  // With the last one, or without it.
        for (std::uint64_t more = seed % 3; more > 0; --more) ASSERT_TRUE(insert(*store, ++rows));
        world.crash();

        store = open(world);
        ASSERT_EQ(intact_rows(*store), rows) << "seed " << seed;
    }
}

struct Survival {
    int runs_that_lost = 0;
    int runs_in_which_work_was_cut = 0;
};

/// Commits, with a checkpoint now and then, until power is lost after a number of disk operations
/// drawn from the seed; recovers; and so again. Counts the runs in which what was acknowledged was
/// gone.
Survival survive(int runs, DiskProfile profile, const SqliteOptions& options) {
    Survival survival;
    for (int run = 0; run < runs; ++run) {
        SimWorld world{static_cast<std::uint64_t>(run), profile};
        sim::Random random = world.stream("moments");
        std::int64_t acknowledged = 0;
        for (int life = 0; life < 3; ++life) {
            world.stop_after(1 + random.below(120));
            auto store = open_sqlite(world, path, options);
            bool alive = store.has_value() && make_table(**store).has_value();
            std::int64_t tried = acknowledged;
            while (alive && tried < acknowledged + 40) {
                alive = insert(**store, tried + 1).has_value();
                if (alive) {
                    ++tried;
                    (*store)->maintain();
                }
            }
            acknowledged = tried;
            survival.runs_in_which_work_was_cut += alive ? 0 : 1;
            world.crash();
            if (store) store->reset();

            auto recovered = open(world, options);
            if (!recovered) return survival;
            EXPECT_TRUE(make_table(*recovered));
            const std::int64_t rows = intact_rows(*recovered);
            EXPECT_LE(rows, acknowledged + 1) << "seed " << run;
            if (rows < acknowledged) ++survival.runs_that_lost;
            acknowledged = rows;
            world.kill();
        }
    }
    return survival;
}

TEST(SqliteInASimulatedWorld, KeepsEveryAcknowledgedCommitWhenPowerIsLostAtAnyMoment) {
    for (const DiskProfile profile : {DiskProfile::ordered, DiskProfile::strict}) {
        const Survival survival = survive(300, profile, {.checkpoint_pages = 10});
        EXPECT_EQ(survival.runs_that_lost, 0);
        EXPECT_GT(survival.runs_in_which_work_was_cut, 300);
    }
}

// The control that shows that the test above can fail.
TEST(SqliteInASimulatedWorld, LosesAcknowledgedCommitsWhenItDoesNotWaitForTheDisk) {
    const Survival survival =
        survive(100, DiskProfile::ordered, {.durable = false, .checkpoint_pages = 10});
    EXPECT_GT(survival.runs_that_lost, 30);
}

TEST(SqliteInASimulatedWorld, TakesAFailedFlushForFinal) {
    SimWorld world{1};
    auto store = open(world);
    ASSERT_TRUE(make_table(*store));
    ASSERT_TRUE(insert(*store, 1));
    world.fail({DiskOperation::flush});
    const auto done = insert(*store, 2);
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, ErrorCode::io_error);
    EXPECT_FALSE(store->in_transaction());
    EXPECT_EQ(intact_rows(*store), 1);
    EXPECT_EQ(insert(*store, 2).error().code, ErrorCode::io_error) << "until it is restarted";
    EXPECT_EQ(store->close().error().code, ErrorCode::io_error);
    store.reset();
    world.crash();
    const std::int64_t rows = intact_rows(*open(world));
    EXPECT_TRUE(rows == 1 || rows == 2) << rows;
}

// The first of them ends a statement that had answered already: its answer was taken for success.
TEST(SqliteInASimulatedWorld, IsNotMadeWhereAFlushFails) {
    for (std::uint64_t nth = 1; nth <= 3; ++nth) {
        SimWorld world{1};
        world.fail({sim::DiskOperation::flush, nth, path});
        const auto store = open_sqlite(world, path);
        ASSERT_FALSE(store) << "although flush " << nth << " failed";
        EXPECT_EQ(store.error().code, ErrorCode::io_error);
    }
}

TEST(SqliteInASimulatedWorld, GoesOnAfterAFailedWrite) {
    for (std::uint64_t nth = 1; nth <= 3; ++nth) {
        SimWorld world{nth};
        auto store = open(world);
        ASSERT_TRUE(make_table(*store));
        world.fail({DiskOperation::write, nth, "-wal"});
        std::int64_t rows = 0;
        int failures = 0;
        for (int n = 0; n < 8; ++n) {
            if (insert(*store, rows + 1)) {
                ++rows;
            } else {
                ++failures;
                EXPECT_FALSE(store->in_transaction());
            }
        }
        EXPECT_EQ(failures, 1);
        EXPECT_EQ(intact_rows(*store), rows);
        world.crash();
        store.reset();
        EXPECT_EQ(intact_rows(*open(world)), rows) << "write " << nth;
    }
}

TEST(SqliteInASimulatedWorld, GoesOnWhenAFullDiskHasSpaceAgain) {
    SimWorld world{1};
    auto store = open(world);
    ASSERT_TRUE(make_table(*store));
    for (std::int64_t room = 0; room < 40'000; room += 1'000) {
        world.heal();
        const std::int64_t rows = intact_rows(*store);
        world.set_disk_bytes_max(world.disk_bytes() + static_cast<std::uint64_t>(room));
        ASSERT_TRUE(store->begin());
        std::int64_t next = rows;
        Error error;
        bool gone = false;
        try {
            while (next < rows + 900) {
                ASSERT_TRUE(store->savepoint());
                store->transaction().execute("INSERT INTO t VALUES ($1, $2)", next + 1,
                                             std::string(1300, char('a' + (next + 1) % 26)));
                ASSERT_TRUE(store->keep());
                ++next;
            }
        } catch (const Failure& failure) {
            error = failure.error();
            gone = !store->in_transaction();
        }
        if (!gone) {
            const auto done = store->commit();
            ASSERT_FALSE(done) << "900 rows need more than there is";
            error = done.error();
        }
        EXPECT_EQ(error.code, ErrorCode::limit_exceeded) << error.message;
        EXPECT_FALSE(store->in_transaction());
        EXPECT_EQ(intact_rows(*store), rows);
        world.heal();
        ASSERT_TRUE(insert(*store, rows + 1));
        store->maintain();
    }
    world.crash();
    store.reset();
    EXPECT_EQ(intact_rows(*open(world)), 40);
}

TEST(SqliteInASimulatedWorld, FindsThatAPageIsNotWhatWasWritten) {
    SimWorld world{1};
    auto store = open(world);
    ASSERT_TRUE(make_table(*store));
    for (int n = 1; n <= 30; ++n) ASSERT_TRUE(insert(*store, n));
    ASSERT_TRUE(store->close());
    auto file = world.files().open(path, io::OpenMode::write);
    ASSERT_TRUE(file);
    ASSERT_TRUE((*file)->write_at(4096, std::string(4096, '\x7f')));
    store = open(world);
    EXPECT_EQ(failure_of([&] { insert(*store, 31).value(); }).code, ErrorCode::corruption);
}

}  // namespace
}  // namespace tidings::sqlite
