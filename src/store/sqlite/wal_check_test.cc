// What of a write-ahead log is torn, and what is damaged.
#include <tidings/io/file.h>
#include <tidings/sim/world.h>
#include <tidings/store/sqlite.h>

#include "store/sqlite/store_test_support.h"

#include <gtest/gtest.h>

#include <string>

namespace tidings::sqlite {
namespace {

constexpr std::size_t header_bytes = 32;
constexpr std::size_t frame_bytes = 24 + 4096;
const std::string path = "a.db";
const std::string wal = "a.db-wal";

class Wal : public testing::Test {
protected:
    /// Commits three transactions of one row each and is killed.
    void SetUp() override {
        auto store = open_sqlite(world, path).value();
        commit(*store, [](StoreTransaction& tx) {
            tx.execute("CREATE TABLE t (n INTEGER PRIMARY KEY, s TEXT)");
        }).value();
        before = io::read_file(world.files(), wal).value().size();
        for (int n = 0; n < 3; ++n) {
            commit(*store, [n](StoreTransaction& tx) {
                tx.execute("INSERT INTO t VALUES ($1, 'x')", n);
            }).value();
        }
        bytes = io::read_file(world.files(), wal).value();
        world.kill();
        store.reset();
    }
    Result<void> check(const std::string& with) {
        io::replace_file(world.files(), wal, with).value();
        return check_sqlite_wal(world, path);
    }
    std::string flipped(std::size_t at) const {
        std::string copy = bytes;
        copy[at] = static_cast<char>(copy[at] ^ 1);
        return copy;
    }

    sim::SimWorld world{1};
    std::size_t before = 0;
    std::string bytes;
};

TEST_F(Wal, ThatIsWholeIsInOrder) {
    TIDINGS_EXPECT_OK(check(bytes));
    TIDINGS_EXPECT_OK(check(""));
}

TEST_F(Wal, IsDamagedWhereALaterTransactionWasWritten) {
    const std::size_t last = bytes.size() - frame_bytes;
    for (std::size_t at = before; at < last; at += 101) {
        const auto checked = check(flipped(at));
        ASSERT_FALSE(checked) << "byte " << at;
        EXPECT_EQ(checked.error().code, ErrorCode::corruption);
        const std::size_t frame = (at - header_bytes) / frame_bytes;
        const std::string place =
            "byte " + std::to_string(header_bytes + frame * frame_bytes) + ":";
        EXPECT_NE(checked.error().message.find(wal + ", " + place), std::string::npos)
            << checked.error().message;
    }
}

TEST_F(Wal, MayEndAnywhereInItsLastTransaction) {
    const std::size_t last = bytes.size() - frame_bytes;
    for (std::size_t at = last; at < bytes.size(); at += 101) {
        TIDINGS_EXPECT_OK(check(flipped(at)));
        TIDINGS_EXPECT_OK(check(bytes.substr(0, at)));
    }
}

TEST_F(Wal, IsDamagedWhereItsHeaderIs) {
    for (std::size_t at = 0; at < header_bytes; ++at) ASSERT_FALSE(check(flipped(at))) << at;
}

TEST_F(Wal, ThatIsDamagedIsNotOpened) {
    ASSERT_FALSE(check(flipped(before + 500)));
    const auto store = open_sqlite(world, path);
    ASSERT_FALSE(store);
    EXPECT_EQ(store.error().code, ErrorCode::corruption);
    EXPECT_EQ(io::read_file(world.files(), wal).value(), flipped(before + 500));
}

TEST_F(Wal, TakesWhatATransactionWithoutRoomLeftBehindForNoWitness) {
    // Over the first of three frames another transaction had begun to write: neither its page nor
    // its checksum continues what stands there. The two behind it continue each other alone.
    constexpr std::size_t checksum_at = 16;
    constexpr std::size_t page_at = 24 + 100;
    std::string begun_over = flipped(before + checksum_at);
    begun_over[before + page_at] = static_cast<char>(begun_over[before + page_at] ^ 1);

    EXPECT_TRUE(check(begun_over));
    // Its checksum alone: the next frame continues what it should say.
    EXPECT_FALSE(check(flipped(before + checksum_at)));
}

}  // namespace
}  // namespace tidings::sqlite
