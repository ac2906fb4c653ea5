// What is held is on disk: memory does not grow with it.
#include <tidings/io/world.h>
#include <tidings/store/sqlite.h>

#include "delivery/held.h"
#include "delivery/schema.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <malloc.h>
#include <memory>
#include <string>

namespace tidings {
namespace {

constexpr std::size_t envelope_bytes = 4096;
constexpr int group_max = 500;

/// A database in a directory of its own, with the events of one key that are held in it.
class HeldMemory : public ::testing::Test {
protected:
    HeldMemory() {
        std::string name =
            (std::filesystem::temp_directory_path() / "tidings-held-XXXXXX").string();
        directory_ = ::mkdtemp(name.data());
        SqliteOptions options;
        options.durable = false;
        store = open_sqlite(io::real_world(), directory_ + "/held.db", options).value();
        store->migrate("tidings", delivery_migrations()).value();
        transact([this](StoreTransaction& tx) {
            tx.execute("PRAGMA cache_size = -1024");  // The database's own bound, small.
            held.open(tx);
        });
    }
    ~HeldMemory() override {
        store.reset();
        std::filesystem::remove_all(directory_);
    }

    void transact(const std::function<void(StoreTransaction&)>& run) {
        store->begin().value();
        run(store->transaction());
        store->commit().value();
    }
    void park(int count) {
        DeliveredEvent event;
        event.headers.key = "o-1";
        const std::string envelope(envelope_bytes, 'x');
        event.envelope = envelope;
        for (int done = 0; done < count; done += group_max) {
            transact([&](StoreTransaction& tx) {
                for (int i = 0; i < group_max; ++i) {
                    held.park(tx, {"order", event.headers.key, ""}, event);
                }
                held.before_commit(tx);
            });
        }
    }
    static std::size_t bytes_in_use() { return ::mallinfo2().uordblks; }

    std::string directory_;
    std::unique_ptr<Store> store;
    Held held;
};

TEST_F(HeldMemory, StaysWhatItIsHoweverManyEventsWaitBehindOne) {
    park(1'000);  // More than the database keeps in its cache.
    const std::size_t before = bytes_in_use();
    park(5'000);
    EXPECT_EQ(held.counts().parked, 6'000);
    EXPECT_EQ(held.counts().bytes, 6'000 * static_cast<std::int64_t>(envelope_bytes));
    const std::size_t after = bytes_in_use();
    const std::size_t grown = after > before ? after - before : 0;
    EXPECT_LT(grown, std::size_t{1} << 20) << "20 MiB more are held";

    Held reopened;
    transact([&reopened](StoreTransaction& tx) { reopened.open(tx); });
    EXPECT_EQ(reopened.counts().parked, 6'000);
    EXPECT_EQ(reopened.counts().bytes, held.counts().bytes);
    EXPECT_LT(bytes_in_use(), after + (std::size_t{1} << 20)) << "a start reads no envelopes";
}

}  // namespace
}  // namespace tidings
