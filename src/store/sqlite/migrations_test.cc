#include <tidings/store/sqlite.h>

#include "store/sqlite/store_test_support.h"

#include <gtest/gtest.h>

#include <vector>

namespace tidings::sqlite {
namespace {

const Migration orders{1, "orders", "CREATE TABLE orders (id TEXT PRIMARY KEY);"};
const Migration status{2, "status",
                       "ALTER TABLE orders ADD COLUMN status TEXT DEFAULT 'new';\n"
                       "CREATE INDEX by_status ON orders (status);"};

class MigrationsTest : public testing::Test {
protected:
    void SetUp() override {
        auto opened = open_sqlite(io::real_world(), directory_ / "shop.db");
        ASSERT_TRUE(opened) << opened.error().message;
        store_ = std::move(*opened);
    }
    Result<void> migrate(std::vector<Migration> migrations) {
        return store_->migrate("order-service", migrations);
    }
    std::vector<std::string> tables() {
        std::vector<std::string> names;
        Rows rows = store_->transaction().query(
            "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name");
        while (rows.next()) names.push_back(rows.row().get<std::string>(0));
        return names;
    }

    TestDirectory directory_;
    std::unique_ptr<Store> store_;
};

TEST_F(MigrationsTest, AppliesWhatIsNewAndOnlyOnce) {
    TIDINGS_EXPECT_OK(migrate({orders}));
    TIDINGS_EXPECT_OK(commit(
        *store_, [](StoreTransaction& tx) { tx.execute("INSERT INTO orders VALUES ('a')"); }));
    TIDINGS_EXPECT_OK(migrate({orders, status}));
    TIDINGS_EXPECT_OK(migrate({orders, status}));
    EXPECT_EQ(store_->transaction().value<std::string>("SELECT status FROM orders"), "new");
}

TEST_F(MigrationsTest, KeepsTheVersionsOfComponentsApart) {
    TIDINGS_EXPECT_OK(migrate({orders, status}));
    const std::vector<Migration> outbox{{1, "outbox", "CREATE TABLE outbox (n)"}};
    TIDINGS_EXPECT_OK(store_->migrate("tidings", outbox));
    EXPECT_EQ(tables(), (std::vector<std::string>{"orders", "outbox", "tidings_migrations"}));
}

TEST_F(MigrationsTest, RefusesTablesOfANewerVersionUntouched) {
    TIDINGS_EXPECT_OK(migrate({orders, status}));
    auto before = directory_.content();
    const auto done = migrate({orders});
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, ErrorCode::unsupported);
    auto after = directory_.content();
    before.erase("shop.db-shm");  // Whoever reads beside others notes it there.
    after.erase("shop.db-shm");
    EXPECT_EQ(after, before);
}

TEST_F(MigrationsTest, RefusesAnAppliedMigrationThatWasChanged) {
    TIDINGS_EXPECT_OK(migrate({orders}));
    Migration changed = orders;
    changed.sql = "CREATE TABLE orders (id TEXT PRIMARY KEY, extra);";
    const auto done = migrate({changed, status});
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, ErrorCode::invalid_argument);
    EXPECT_EQ(done.error().message,
              "migration 1 \"orders\" of order-service was changed after it was applied");
}

TEST_F(MigrationsTest, RefusesNumbersOutOfOrderAndLateInsertions) {
    EXPECT_EQ(migrate({status, orders}).error().code, ErrorCode::invalid_argument);
    EXPECT_EQ(migrate({orders, orders}).error().code, ErrorCode::invalid_argument);
    const Migration third{3, "third", "CREATE TABLE third (n)"};
    TIDINGS_EXPECT_OK(migrate({orders, third}));
    EXPECT_EQ(migrate({orders, status, third}).error().code, ErrorCode::invalid_argument);
}

TEST_F(MigrationsTest, DoesAMigrationWhollyOrNotAtAll) {
    const Migration broken{2, "broken", "CREATE TABLE half (n); CREATE TABLE orders (n);"};
    const auto done = migrate({orders, broken});
    ASSERT_FALSE(done);
    EXPECT_NE(done.error().message.find("migration 2 \"broken\""), std::string::npos);
    EXPECT_EQ(tables(), (std::vector<std::string>{"orders", "tidings_migrations"}));
    TIDINGS_EXPECT_OK(migrate({orders, status}));
}

TEST_F(MigrationsTest, RefusesAMigrationThatEndsItsOwnTransaction) {
    const Migration sly{1, "sly", "CREATE TABLE a (n); COMMIT; CREATE TABLE b (n);"};
    const auto done = migrate({sly});
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, ErrorCode::invalid_argument);
    EXPECT_TRUE(tables().empty());
    EXPECT_FALSE(store_->in_transaction());
}

TEST_F(MigrationsTest, RefusesToMigrateWithinATransaction) {
    TIDINGS_EXPECT_OK(store_->begin());
    EXPECT_EQ(migrate({orders}).error().code, ErrorCode::invalid_argument);
}

}  // namespace
}  // namespace tidings::sqlite
