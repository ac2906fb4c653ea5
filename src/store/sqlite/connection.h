#pragma once

#include <tidings/base/result.h>

#include "store/sqlite/error.h"

#include <sqlite3.h>

#include <memory>
#include <string>
#include <string_view>

namespace tidings::sqlite {

class WorldVfs;

/// One connection to one database. It never checkpoints on closing, unless told to: that is the
/// writer's affair, at a moment of its choice.
///
/// Statements that were made on it are finalised when it closes, also those whose owners still
/// live; these see `is_open()` false and leave them alone.
///
/// Threads   One thread at a time.
class Connection {
public:
    /// Opens `name`, a path or a `file:` URI. `vfs` may be null: SQLite's own files, with
    /// checksums.
    static Result<std::shared_ptr<Connection>> open(const std::string& name, int flags,
                                                    std::unique_ptr<WorldVfs> vfs,
                                                    int busy_timeout_ms);
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;
    ~Connection();

    sqlite3* handle() const noexcept { return db_; }
    bool is_open() const noexcept { return db_ != nullptr; }
    bool in_transaction() const noexcept {
        return db_ != nullptr && sqlite3_get_autocommit(db_) == 0;
    }

    /// Runs statements without parameters or rows.
    Result<void> execute(const std::string& sql);
    /// Returns the first column of the first row of `sql`, as text.
    Result<std::string> value(const std::string& sql);
    /// Returns the error for `result`, and remembers whether a flush failed.
    Error failed(int result, std::string_view sql = {});
    /// Returns whether any flush on this connection ever failed.
    bool flush_failed() const noexcept { return flush_failed_; }

    void set_checkpoint_on_close(bool on) noexcept;
    void close() noexcept;

private:
    Connection() = default;

    std::unique_ptr<WorldVfs> vfs_;
    sqlite3* db_ = nullptr;
    bool flush_failed_ = false;
};

}  // namespace tidings::sqlite
