#include <tidings/store/sqlite.h>

#include "store/sqlite/store_test_support.h"

#include <gtest/gtest.h>

#include <csignal>
#include <sys/wait.h>
#include <unistd.h>

namespace tidings::sqlite {
namespace {

/// A database that another process writes, so that its locks are another process's too.
class ReadTest : public testing::Test {
protected:
    /// Starts a writer that commits rows 1 to `rows` and then waits to be killed.
    void start_writer(int rows, bool checkpointed) {
        int ready[2];
        ASSERT_EQ(pipe(ready), 0);
        writer_ = fork();
        ASSERT_GE(writer_, 0);
        if (writer_ == 0) {
            write_and_wait(rows, checkpointed, ready[1]);
            _exit(1);
        }
        char byte = 0;
        ::close(ready[1]);
        ASSERT_EQ(::read(ready[0], &byte, 1), 1);
        ::close(ready[0]);
    }
    void kill_writer() {
        if (writer_ <= 0) return;
        ::kill(writer_, SIGKILL);
        ::waitpid(writer_, nullptr, 0);
        writer_ = 0;
    }
    void TearDown() override { kill_writer(); }

    std::string path() const { return directory_ / "shop.db"; }

    /// Reads how many rows there are, in a process of its own, as a tool would.
    int rows_read() {
        const pid_t reader = fork();
        if (reader == 0) {
            int rows = 200;
            if (auto opened = read_sqlite(path())) {
                rows = static_cast<int>(
                    (*opened)->value<std::int64_t>("SELECT count(*) FROM t").value_or(201));
                opened->reset();
            }
            _exit(rows);
        }
        int status = 0;
        ::waitpid(reader, &status, 0);
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    }

    TestDirectory directory_;

private:
    void write_and_wait(int rows, bool checkpointed, int ready) {
        auto store = open_sqlite(io::real_world(), path(),
                                 {.checkpoint_pages = checkpointed ? 1 : 1'000'000});
        if (!store) return;
        const auto insert = [&](int n) {
            return commit(**store, [&](StoreTransaction& tx) {
                tx.execute("CREATE TABLE IF NOT EXISTS t (n)");
                tx.execute("INSERT INTO t VALUES ($1)", n);
            });
        };
        for (int n = 1; n <= rows; ++n) {
            if (!insert(n)) return;
            (*store)->maintain();
        }
        if (::write(ready, "x", 1) != 1) return;
        ::pause();
    }

    pid_t writer_ = 0;
};

TEST_F(ReadTest, SeesWhatARunningWriterCommittedAndChangesNothing) {
    start_writer(7, false);
    const auto before = directory_.content();
    ASSERT_GT(before.at("shop.db-wal").first, 0u);
    EXPECT_EQ(rows_read(), 7);
    EXPECT_EQ(directory_.content(), before);
}

TEST_F(ReadTest, SeesWhatAKilledWriterLeftInTheWalAndChangesNothing) {
    start_writer(7, false);
    kill_writer();
    const auto before = directory_.content();
    EXPECT_EQ(rows_read(), 7);
    EXPECT_EQ(directory_.content(), before);
}

TEST_F(ReadTest, SeesWhatWasCheckpointedAndWhatWasNot) {
    start_writer(9, true);
    const auto before = directory_.content();
    EXPECT_EQ(rows_read(), 9);
    EXPECT_EQ(directory_.content(), before);
    kill_writer();
    EXPECT_EQ(rows_read(), 9);
    EXPECT_EQ(directory_.content(), before);
}

TEST_F(ReadTest, SeesTheWalOfACopyThatHasNoIndex) {
    start_writer(5, false);
    kill_writer();
    std::filesystem::remove(directory_ / "shop.db-shm");
    const auto before = directory_.content();
    EXPECT_EQ(rows_read(), 5);
    EXPECT_EQ(directory_.content(), before);
}

TEST_F(ReadTest, ReadsAClosedDatabaseAndMakesNoFiles) {
    {
        auto store = open_sqlite(io::real_world(), path());
        ASSERT_TRUE(store);
        TIDINGS_EXPECT_OK(commit(**store, [](StoreTransaction& tx) {
            tx.execute("CREATE TABLE t (n)");
            tx.execute("INSERT INTO t VALUES (1), (2)");
        }));
        TIDINGS_EXPECT_OK((*store)->close());
    }
    const auto before = directory_.content();
    EXPECT_EQ(rows_read(), 2);
    EXPECT_EQ(directory_.content(), before);
}

TEST_F(ReadTest, NoticesAWriterThatComesLater) {
    start_writer(3, false);
    kill_writer();
    std::filesystem::remove(directory_ / "shop.db-shm");
    auto reader = read_sqlite(path());
    ASSERT_TRUE(reader) << reader.error().message;
    EXPECT_EQ((*reader)->value<std::int64_t>("SELECT count(*) FROM t"), 3);
    start_writer(4, true);
    EXPECT_EQ((*reader)->value<std::int64_t>("SELECT count(*) FROM t"), 7);
}

TEST_F(ReadTest, RefusesToWrite) {
    start_writer(1, false);
    auto reader = read_sqlite(path());
    ASSERT_TRUE(reader) << reader.error().message;
    EXPECT_EQ(failure_of([&] { (*reader)->execute("DELETE FROM t"); }).code,
              ErrorCode::invalid_argument);
}

TEST_F(ReadTest, SaysWhenThereIsNothingToRead) {
    auto reader = read_sqlite(directory_ / "missing.db");
    ASSERT_FALSE(reader);
    EXPECT_EQ(reader.error().code, ErrorCode::not_found);
    EXPECT_TRUE(directory_.content().empty());
}

}  // namespace
}  // namespace tidings::sqlite
