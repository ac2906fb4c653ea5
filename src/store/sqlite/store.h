#pragma once

#include <tidings/base/assert.h>
#include <tidings/store/sqlite.h>

#include "store/sqlite/connection.h"
#include "store/sqlite/statements.h"

#include <memory>
#include <string>

namespace tidings::sqlite {

/// A SQLite database with its one writing connection, which is also the only one that checkpoints:
/// SQLite 3.40 can corrupt a WAL that two connections write or checkpoint at once.
class SqliteStore final : public Store {
public:
    static Result<std::unique_ptr<Store>> open(io::World& world, const std::string& path,
                                               const SqliteOptions& options);
    ~SqliteStore() override;

    Result<void> begin() override;
    Result<void> savepoint() override;
    Result<void> keep() override;
    Result<void> undo() override;
    Result<void> commit() override;
    void rollback() noexcept override;
    bool in_transaction() const noexcept override { return connection_->in_transaction(); }
    StoreTransaction& transaction() override;
    Result<void> migrate(std::string_view component,
                         std::span<const Migration> migrations) override;
    Result<std::unique_ptr<StoreTransaction>> reader() override;
    void maintain() override;
    void give_room_back() override;
    Result<void> close() override;

private:
    /// Statements that make no rows, prepared once.
    struct Controls {
        sqlite3_stmt* begin = nullptr;
        sqlite3_stmt* commit = nullptr;
        sqlite3_stmt* rollback = nullptr;
        sqlite3_stmt* savepoint = nullptr;
        sqlite3_stmt* release = nullptr;
        sqlite3_stmt* rollback_to = nullptr;
    };

    SqliteStore(io::World& world, std::string path, const SqliteOptions& options);
    Result<void> claim();
    Result<void> connect();
    Result<void> configure();
    Result<void> mark_as_ours();
    Result<void> prepare_controls();
    Result<void> check_usable() const;
    Result<void> run(sqlite3_stmt* control);
    Result<void> checkpoint(int mode);
    /// Copies all of the WAL and cuts it, unless a reader is in the way for longer than a moment.
    void truncate();

    io::World& world_;
    const std::string path_;
    const SqliteOptions options_;
    std::unique_ptr<io::FileLock> lock_;
    std::shared_ptr<Connection> connection_;
    std::unique_ptr<SqliteTransaction> transaction_;
    Controls controls_;
    bool has_page_checksums_ = false;
    int wal_pages_ = 0;           ///< In the WAL after the last commit.
    int checkpointed_pages_ = 0;  ///< Of these, copied into the database.
};

}  // namespace tidings::sqlite
