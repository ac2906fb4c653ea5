#include <tidings/store/sqlite.h>

#include "store/sqlite/store_test_support.h"

#include <gtest/gtest.h>

#include <csignal>
#include <sys/wait.h>
#include <unistd.h>

namespace tidings::sqlite {
namespace {

/// A process of its own that writes the database when told to, so that its locks are another's.
///
/// It is made before this process opens anything: SQLite's connections do not survive a fork.
class Writer {
public:
    /// It will commit `rows` rows and then wait to be killed.
    Writer(std::string path, int rows, bool checkpointed) {
        if (pipe(go_) != 0 || pipe(ready_) != 0) return;
        process_ = fork();
        if (process_ != 0) return;
        char byte = 0;
        if (::read(go_[0], &byte, 1) == 1) write_and_wait(path, rows, checkpointed);
        _exit(1);
    }
    Writer(const Writer&) = delete;
    Writer& operator=(const Writer&) = delete;
    ~Writer() {
        kill();
        for (const int file : {go_[0], go_[1], ready_[0], ready_[1]}) ::close(file);
    }

    void write() {
        char byte = 'x';
        ASSERT_EQ(::write(go_[1], &byte, 1), 1);
        ASSERT_EQ(::read(ready_[0], &byte, 1), 1);
        ASSERT_EQ(byte, 'y') << "the writer could not write";
    }
    void kill() {
        if (process_ <= 0) return;
        ::kill(process_, SIGKILL);
        ::waitpid(process_, nullptr, 0);
        process_ = 0;
    }

private:
    void write_and_wait(const std::string& path, int rows, bool checkpointed) {
        const bool written = write_rows(path, rows, checkpointed);
        if (::write(ready_[1], written ? "y" : "n", 1) == 1) ::pause();
    }
    /// Leaves the store open: its locks are what the readers meet.
    bool write_rows(const std::string& path, int rows, bool checkpointed) {
        auto store =
            open_sqlite(io::real_world(), path, {.checkpoint_pages = checkpointed ? 1 : 1'000'000});
        if (!store) return false;
        store_ = std::move(*store);
        for (int n = 1; n <= rows; ++n) {
            const auto done = commit(*store_, [&](StoreTransaction& tx) {
                tx.execute("CREATE TABLE IF NOT EXISTS t (n)");
                tx.execute("INSERT INTO t VALUES ($1)", n);
            });
            if (!done) return false;
            store_->maintain();
        }
        return true;
    }

    int go_[2] = {-1, -1};
    int ready_[2] = {-1, -1};
    pid_t process_ = 0;
    std::unique_ptr<Store> store_;
};

class ReadTest : public testing::Test {
protected:
    void start_writer(int rows, bool checkpointed) {
        writer_ = std::make_unique<Writer>(path(), rows, checkpointed);
        writer_->write();
    }
    void kill_writer() { writer_.reset(); }

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

    std::unique_ptr<Writer> writer_;
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

TEST_F(ReadTest, SeesTheWalBesideAnIndexThatWasNeverMadeWhole) {
    start_writer(5, false);
    kill_writer();
    std::filesystem::resize_file(directory_ / "shop.db-shm", 4096);  // Killed as it grew.
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
    Writer next{path(), 4, true};
    start_writer(3, false);
    kill_writer();
    std::filesystem::remove(directory_ / "shop.db-shm");
    auto reader = read_sqlite(path());
    ASSERT_TRUE(reader) << reader.error().message;
    EXPECT_EQ((*reader)->value<std::int64_t>("SELECT count(*) FROM t"), 3);
    next.write();
    EXPECT_EQ((*reader)->value<std::int64_t>("SELECT count(*) FROM t"), 7);
}

TEST_F(ReadTest, NoticesWritersThatComeAfterOneThatWasKilled) {
    Writer next{path(), 4, true};
    Writer last{path(), 5, false};
    start_writer(3, false);
    kill_writer();
    auto reader = read_sqlite(path());
    ASSERT_TRUE(reader) << reader.error().message;
    EXPECT_EQ((*reader)->value<std::int64_t>("SELECT count(*) FROM t"), 3);
    next.write();
    EXPECT_EQ((*reader)->value<std::int64_t>("SELECT count(*) FROM t"), 7);
    next.kill();
    EXPECT_EQ((*reader)->value<std::int64_t>("SELECT count(*) FROM t"), 7);
    last.write();
    EXPECT_EQ((*reader)->value<std::int64_t>("SELECT count(*) FROM t"), 12);
}

TEST_F(ReadTest, KeepsRowsThatAreBeingReadWhenAWriterComes) {
    Writer next{path(), 1, false};
    start_writer(3, false);
    kill_writer();
    std::filesystem::remove(directory_ / "shop.db-shm");
    auto reader = read_sqlite(path());
    ASSERT_TRUE(reader) << reader.error().message;
    Rows rows = (*reader)->query("SELECT n FROM t ORDER BY n");
    ASSERT_TRUE(rows.next());
    next.write();
    EXPECT_EQ((*reader)->value<std::int64_t>("SELECT count(*) FROM t"), 4);
    EXPECT_EQ(rows.row().integer(0), 1);
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
