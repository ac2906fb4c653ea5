#include <tidings/store/sqlite.h>

#include "store/sqlite/store_test_support.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace tidings::sqlite {
namespace {

class SqliteStoreTest : public testing::Test {
protected:
    void SetUp() override { open(); }

    void open(const SqliteOptions& options = {}) {
        store_.reset();
        auto opened = open_sqlite(io::real_world(), path(), options);
        ASSERT_TRUE(opened) << opened.error().message;
        store_ = std::move(*opened);
    }
    std::string path() const { return directory_ / "shop.db"; }
    std::size_t size_of(const std::string& name) const {
        return std::filesystem::file_size(directory_ / name);
    }
    Store& store() { return *store_; }
    StoreTransaction& tx() { return store_->transaction(); }

    TestDirectory directory_;
    std::unique_ptr<Store> store_;
};

std::int64_t count_of(StoreTransaction& tx, std::string_view table) {
    return *tx.value<std::int64_t>("SELECT count(*) FROM " + std::string{table});
}

TEST_F(SqliteStoreTest, GivesTheRoomOfItsWalBackWhenTheDiskIsFull) {
    // Given a WAL that holds every page many times over, too small for a checkpoint of its own.
    TIDINGS_EXPECT_OK(store().begin());
    tx().execute("CREATE TABLE t (n INTEGER)");
    TIDINGS_EXPECT_OK(store().commit());
    for (int n = 0; n < 100; ++n) {
        TIDINGS_EXPECT_OK(store().begin());
        tx().execute("INSERT INTO t VALUES ($1)", n);
        TIDINGS_EXPECT_OK(store().commit());
        store().maintain();
    }
    ASSERT_GT(size_of("shop.db-wal"), 100u * 4096u);

    store().give_room_back();

    EXPECT_EQ(size_of("shop.db-wal"), 0u);
    open();
    TIDINGS_EXPECT_OK(store().begin());
    EXPECT_EQ(count_of(tx(), "t"), 100);
}

TEST_F(SqliteStoreTest, KeepsWhatWasCommittedAndForgetsTheRest) {
    TIDINGS_EXPECT_OK(store().begin());
    tx().execute("CREATE TABLE orders (id TEXT PRIMARY KEY, cents INTEGER)");
    EXPECT_EQ(tx().execute("INSERT INTO orders VALUES ($1, $2)", "a", 5), 1);
    TIDINGS_EXPECT_OK(store().commit());
    TIDINGS_EXPECT_OK(store().begin());
    tx().execute("INSERT INTO orders VALUES ($1, $2)", "b", 6);
    open();

    TIDINGS_EXPECT_OK(store().begin());
    EXPECT_EQ(count_of(tx(), "orders"), 1);
    EXPECT_EQ(tx().value<std::int64_t>("SELECT cents FROM orders WHERE id = $1", "a"), 5);
}

TEST_F(SqliteStoreTest, UndoesOneStepAndKeepsTheOthersOfTheGroup) {
    TIDINGS_EXPECT_OK(store().begin());
    tx().execute("CREATE TABLE t (n INTEGER)");
    for (int n = 1; n <= 3; ++n) {
        TIDINGS_EXPECT_OK(store().savepoint());
        tx().execute("INSERT INTO t VALUES ($1)", n);
        if (n == 2) {
            TIDINGS_EXPECT_OK(store().undo());
        } else {
            TIDINGS_EXPECT_OK(store().keep());
        }
    }
    TIDINGS_EXPECT_OK(store().commit());
    auto reader = store().reader();
    ASSERT_TRUE(reader);
    EXPECT_EQ((*reader)->value<std::int64_t>("SELECT sum(n) FROM t"), 4);
}

TEST_F(SqliteStoreTest, CarriesEveryTypeThereAndBack) {
    TIDINGS_EXPECT_OK(store().begin());
    tx().execute("CREATE TABLE t (a, b, c, d, e, f, g)");
    const std::string bytes{"\0\xff x", 4};
    const Timestamp time{std::chrono::milliseconds{1'700'000'000'123}};
    tx().execute("INSERT INTO t VALUES ($1, $2, $3, $4, $5, $6, $7)", std::string_view{},
                 Blob{bytes}, nullptr, 2.5, time, Money{-1234}, std::optional<std::string>{});

    Rows rows = tx().query("SELECT a, b, c, d, e, f, g FROM t");
    ASSERT_TRUE(rows.next());
    const Row row = rows.row();
    EXPECT_FALSE(row.is_null(0)) << "an empty text is not null";
    EXPECT_EQ(row.text(0), "");
    EXPECT_EQ(row.text(1), bytes);
    EXPECT_TRUE(row.is_null(2));
    EXPECT_EQ(row.real(3), 2.5);
    EXPECT_EQ(row.get<Timestamp>(4), time);
    EXPECT_EQ(row.get<Money>(5), Money{-1234});
    EXPECT_EQ(row.get<std::optional<std::string>>(6), std::nullopt);
    EXPECT_FALSE(rows.next());
    EXPECT_FALSE(rows.next()) << "the end stays the end";
}

TEST_F(SqliteStoreTest, BindsParametersByTheirNumberHoweverOftenAndInWhateverOrder) {
    EXPECT_EQ(tx().value<std::string>("SELECT $2 || $1 || $2", "a", "b"), "bab");
    EXPECT_EQ(tx().value<std::int64_t>("SELECT $1 + $11 - $2", 1, 2, 0, 0, 0, 0, 0, 0, 0, 0, 30),
              29);
}

TEST_F(SqliteStoreTest, RefusesStatementsThatWouldNotRunAsWritten) {
    for (const char* sql : {"SELECT ?", "SELECT :a", "SELECT $x", "SELECT $1::text", "", "  ;",
                            "SELECT 1; SELECT 2", "SELEC 1", "SELECT \"no column\""}) {
        EXPECT_EQ(failure_of([&] { tx().run(sql, {}); }).code, ErrorCode::invalid_argument) << sql;
    }
    const Error error = failure_of([&] { tx().execute("SELECT\n   $2", 1); });
    EXPECT_EQ(error.code, ErrorCode::invalid_argument);
    EXPECT_EQ(error.message, "statement \"SELECT $2\" needs 2 values and was given 1");
}

TEST_F(SqliteStoreTest, TellsAStatementsFaultFromAKeyThatIsTaken) {
    TIDINGS_EXPECT_OK(store().begin());
    tx().execute("CREATE TABLE t (id TEXT PRIMARY KEY, n INTEGER CHECK (n > 0))");
    tx().execute("INSERT INTO t VALUES ('a', 1)");

    EXPECT_THROW(tx().execute("SELEC 1"), StatementFailure);
    EXPECT_THROW(tx().execute("INSERT INTO t VALUES ('b', 0)"), StatementFailure);
    try {
        tx().execute("INSERT INTO t VALUES ('a', 1)");
        FAIL() << "the key is taken";
    } catch (const StatementFailure&) {
        FAIL() << "that is the caller's doing, and no bug";
    } catch (const Failure& failure) {
        EXPECT_EQ(failure.error().code, ErrorCode::conflict);
    }
}

TEST_F(SqliteStoreTest, RefusesToStartAStatementThatIsBeingRead) {
    Rows rows = tx().query("SELECT 1");
    ASSERT_TRUE(rows.next());
    EXPECT_EQ(failure_of([&] { tx().query("SELECT 1"); }).code, ErrorCode::invalid_argument);
    EXPECT_EQ(rows.row().integer(0), 1);
}

TEST_F(SqliteStoreTest, SaysWhatWentWrongWithoutTheValues) {
    TIDINGS_EXPECT_OK(store().begin());
    tx().execute("CREATE TABLE t (id TEXT PRIMARY KEY, n INTEGER CHECK (n > 0), u UNIQUE)");
    tx().execute("CREATE TABLE c (id TEXT REFERENCES t (id))");
    tx().execute("INSERT INTO t VALUES ($1, $2, $3)", "maria@example.org", 1, 1);

    const Error taken = failure_of(
        [&] { tx().execute("INSERT INTO t VALUES ($1, $2, $3)", "maria@example.org", 1, 2); });
    EXPECT_EQ(taken.code, ErrorCode::conflict);
    EXPECT_EQ(taken.message.find("maria"), std::string::npos) << taken.message;
    EXPECT_NE(taken.message.find("INSERT INTO t"), std::string::npos) << taken.message;
    EXPECT_EQ(failure_of([&] { tx().execute("INSERT INTO t VALUES ('b', 1, 1)"); }).code,
              ErrorCode::conflict);
    EXPECT_EQ(failure_of([&] { tx().execute("INSERT INTO t VALUES ('c', 0, 3)"); }).code,
              ErrorCode::invalid_argument);
    EXPECT_EQ(failure_of([&] { tx().execute("INSERT INTO c VALUES ('nobody')"); }).code,
              ErrorCode::invalid_argument);
    EXPECT_TRUE(store().in_transaction()) << "a wrong statement does not end the transaction";
}

TEST_F(SqliteStoreTest, CountsTheRowsThatAStatementChanged) {
    TIDINGS_EXPECT_OK(store().begin());
    EXPECT_EQ(tx().execute("CREATE TABLE t (n INTEGER PRIMARY KEY)"), 0);
    EXPECT_EQ(tx().execute("INSERT INTO t VALUES (1), (2), (3)"), 3);
    EXPECT_EQ(tx().execute("CREATE TABLE u (n)"), 0);
    EXPECT_EQ(tx().execute("INSERT INTO t VALUES (3) ON CONFLICT DO NOTHING"), 0);
    EXPECT_EQ(tx().execute("UPDATE t SET n = n + 10 WHERE n > 1"), 2);
    EXPECT_EQ(tx().execute("DELETE FROM t WHERE n = $1", 1), 1);
}

TEST_F(SqliteStoreTest, FindsStatementsByTextEvenIfTwoTextsHadOneAddress) {
    std::string sql = "SELECT 1";
    EXPECT_EQ(tx().value<std::int64_t>(sql), 1);
    sql[7] = '2';
    EXPECT_EQ(tx().value<std::int64_t>(sql), 2);
}

TEST_F(SqliteStoreTest, KeepsABoundedNumberOfStatements) {
    Rows rows = tx().query("SELECT 'still being read'");
    for (int n = 0; n < 2000; ++n) {
        ASSERT_EQ(tx().value<std::int64_t>("SELECT " + std::to_string(n)), n);
    }
    ASSERT_TRUE(rows.next());
    EXPECT_EQ(rows.row().text(0), "still being read");
}

TEST_F(SqliteStoreTest, ShowsReadersWhatIsCommittedAndNothingElse) {
    TIDINGS_EXPECT_OK(
        commit(store(), [](StoreTransaction& tx) { tx.execute("CREATE TABLE t (n)"); }));
    auto reader = store().reader();
    ASSERT_TRUE(reader);
    TIDINGS_EXPECT_OK(store().begin());
    tx().execute("INSERT INTO t VALUES (1)");
    EXPECT_EQ(count_of(**reader, "t"), 0);
    TIDINGS_EXPECT_OK(store().commit());
    EXPECT_EQ(count_of(**reader, "t"), 1);
    EXPECT_EQ(failure_of([&] { (*reader)->execute("DELETE FROM t"); }).code,
              ErrorCode::invalid_argument);
}

TEST_F(SqliteStoreTest, RefusesASecondWriterAndSaysWhoTheFirstIs) {
    open({.holder = "order-service"});
    auto second = open_sqlite(io::real_world(), path());
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, ErrorCode::unavailable);
    EXPECT_NE(second.error().message.find("order-service"), std::string::npos)
        << second.error().message;
}

TEST_F(SqliteStoreTest, LeavesOneFileBehindWhenItIsClosed) {
    TIDINGS_EXPECT_OK(
        commit(store(), [](StoreTransaction& tx) { tx.execute("CREATE TABLE t (n)"); }));
    TIDINGS_EXPECT_OK(store().close());
    EXPECT_EQ(store().begin().error().code, ErrorCode::unavailable);
    EXPECT_EQ(failure_of([&] { tx().execute("INSERT INTO t VALUES (1)"); }).code,
              ErrorCode::unavailable);
    EXPECT_FALSE(directory_.content().contains("shop.db-wal"));
    EXPECT_FALSE(directory_.content().contains("shop.db-shm"));
    open();
    TIDINGS_EXPECT_OK(store().begin());
    EXPECT_EQ(count_of(tx(), "t"), 0);
}

TEST_F(SqliteStoreTest, RefusesAFileThatIsNoDatabaseUntouched) {
    const std::string letter = directory_ / "letter.txt";
    std::ofstream{letter} << "Dear reader, this is not a database.";
    const auto before = directory_.content();
    auto opened = open_sqlite(io::real_world(), letter);
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, ErrorCode::corruption);
    EXPECT_EQ(directory_.content().at("letter.txt"), before.at("letter.txt"));
}

TEST_F(SqliteStoreTest, KeepsItsFilesFromOthers) {
    TIDINGS_EXPECT_OK(
        commit(store(), [](StoreTransaction& tx) { tx.execute("CREATE TABLE t (n)"); }));
    using std::filesystem::perms;
    for (const auto& entry : std::filesystem::directory_iterator{directory_.path()}) {
        EXPECT_EQ(entry.status().permissions() & (perms::group_all | perms::others_all),
                  perms::none)
            << entry.path();
    }
}

TEST_F(SqliteStoreTest, CheckpointsBetweenGroupsSoThatTheWalStaysSmall) {
    open({.checkpoint_pages = 50});
    TIDINGS_EXPECT_OK(
        commit(store(), [](StoreTransaction& tx) { tx.execute("CREATE TABLE t (n, filling)"); }));
    const std::string filling(1000, 'x');
    for (int group = 0; group < 200; ++group) {
        TIDINGS_EXPECT_OK(commit(store(), [&](StoreTransaction& tx) {
            for (int n = 0; n < 20; ++n) tx.execute("INSERT INTO t VALUES ($1, $2)", n, filling);
        }));
        store().maintain();
    }
    EXPECT_LT(size_of("shop.db-wal"), 100u * 4120u);
    EXPECT_GT(size_of("shop.db"), 3'900'000u);
}

TEST_F(SqliteStoreTest, CutsAWalThatAReaderHeldOpenOnceTheReaderIsDone) {
    TIDINGS_EXPECT_OK(commit(store(), [](StoreTransaction& tx) {
        tx.execute("CREATE TABLE t (filling)");
        tx.execute("INSERT INTO t VALUES ('a'), ('b')");
    }));
    auto reader = store().reader();
    ASSERT_TRUE(reader);
    const auto grow = [&](int megabytes) {
        for (int n = 0; n < megabytes; ++n) {
            TIDINGS_EXPECT_OK(commit(store(), [&](StoreTransaction& tx) {
                tx.execute("UPDATE t SET filling = $1", std::string(1'000'000, char('a' + n % 26)));
            }));
            store().maintain();
        }
    };
    {
        Rows rows = (*reader)->query("SELECT filling FROM t");
        ASSERT_TRUE(rows.next());
        grow(40);
        EXPECT_GT(size_of("shop.db-wal"), 70'000'000u);
    }
    grow(2);
    EXPECT_LT(size_of("shop.db-wal"), 10'000'000u);
}

}  // namespace
}  // namespace tidings::sqlite
