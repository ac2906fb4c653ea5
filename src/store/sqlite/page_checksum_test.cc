// Damage in a database file, page by page, on real files and on a world's.
#include <tidings/io/file.h>
#include <tidings/sim/world.h>
#include <tidings/store/sqlite.h>

#include "store/sqlite/store_test_support.h"

#include <gtest/gtest.h>

#include <string>

namespace tidings::sqlite {
namespace {

constexpr std::size_t page_bytes = 4096;

/// A closed database of some pages, in the real world or in a simulated one.
class DamagedDatabase : public testing::TestWithParam<bool> {
protected:
    void make(const SqliteOptions& options = {}) {
        auto store = open_sqlite(world(), path(), options).value();
        commit(*store, [](StoreTransaction& tx) {
            tx.execute("CREATE TABLE t (n INTEGER PRIMARY KEY, s TEXT)");
            for (int n = 0; n < 40; ++n) {
                tx.execute("INSERT INTO t VALUES ($1, $2)", n, std::string(700, 'x'));
            }
        }).value();
        store->close().value();
        bytes_ = io::read_file(world().files(), path()).value();
    }
    void write(const std::string& bytes) {
        io::replace_file(world().files(), path(), bytes).value();
    }
    /// Reads all that there is; the error if that cannot be.
    Result<std::int64_t> read_all() {
        auto reader = read_sqlite(world(), path());
        if (!reader) return reader.error();
        try {
            return (*reader)->value<std::int64_t>("SELECT sum(length(s)) FROM t").value_or(0);
        } catch (const Failure& failure) {
            return failure.error();
        }
    }
    io::World& world() { return GetParam() ? io::real_world() : simulated_; }
    std::string path() const { return GetParam() ? directory_ / "a.db" : "a.db"; }

    TestDirectory directory_;
    sim::SimWorld simulated_{1};
    std::string bytes_;
};

INSTANTIATE_TEST_SUITE_P(Worlds, DamagedDatabase, testing::Bool(),
                         [](const auto& one) { return one.param ? "Real" : "Simulated"; });

TEST_P(DamagedDatabase, IsNeverServed) {
    make();
    ASSERT_EQ(read_all().value(), 40 * 700);
    for (std::size_t at = 3; at < bytes_.size(); at += 97) {
        std::string damaged = bytes_;
        damaged[at] = static_cast<char>(damaged[at] ^ 0x10);
        write(damaged);
        const auto read = read_all();
        ASSERT_FALSE(read) << "byte " << at;
        EXPECT_EQ(read.error().code, ErrorCode::corruption) << read.error().message;
    }
}

TEST_P(DamagedDatabase, IsFoundWhereAPageStandsInAnothersPlace) {
    make();
    const std::size_t last = bytes_.size() / page_bytes - 1;
    std::string damaged = bytes_;
    damaged.replace(last * page_bytes, page_bytes, bytes_, (last - 1) * page_bytes, page_bytes);
    write(damaged);
    ASSERT_FALSE(read_all());
}

TEST_P(DamagedDatabase, IsFoundWhereTheHeaderSaysThatThereAreNoChecksums) {
    make();
    std::string damaged = bytes_;
    ASSERT_EQ(damaged[20], 8);
    damaged[20] = 0;
    write(damaged);
    ASSERT_FALSE(read_all());
}

TEST_P(DamagedDatabase, OfBeforeStaysAsItIs) {
    make({.page_checksums = false});
    EXPECT_EQ(bytes_[20], 0);
    auto store = open_sqlite(world(), path()).value();
    TIDINGS_EXPECT_OK(commit(*store, [](StoreTransaction& tx) { tx.execute("DELETE FROM t"); }));
    TIDINGS_EXPECT_OK(store->close());
    EXPECT_EQ(io::read_file(world().files(), path()).value()[20], 0);
    EXPECT_EQ(read_all().value(), 0);
}

}  // namespace
}  // namespace tidings::sqlite
