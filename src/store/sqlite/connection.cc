#include "store/sqlite/connection.h"

#include <tidings/base/assert.h>

#include "store/sqlite/checked_vfs.h"
#include "store/sqlite/world_vfs.h"

namespace tidings::sqlite {
namespace {

/// SQLite's memory statistics take a global mutex at every allocation and nobody reads them.
void configure_once() {
    static const int result = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    static_cast<void>(result);  // Somebody else's SQLite may run already: slower, not wrong.
}

}  // namespace

Result<std::shared_ptr<Connection>> Connection::open(const std::string& name, int flags,
                                                     std::unique_ptr<WorldVfs> vfs,
                                                     int busy_timeout_ms) {
    configure_once();
    std::shared_ptr<Connection> connection{new Connection};
    connection->vfs_ = std::move(vfs);
    const char* vfs_name = connection->vfs_ ? connection->vfs_->name() : checked_vfs_name();
    const int result =
        sqlite3_open_v2(name.c_str(), &connection->db_, flags | SQLITE_OPEN_NOMUTEX, vfs_name);
    if (result != SQLITE_OK) {
        const int extended =
            connection->db_ != nullptr ? sqlite3_extended_errcode(connection->db_) : result;
        return connection->failed(extended);
    }
    sqlite3* db = connection->db_;
    sqlite3_extended_result_codes(db, 1);
    sqlite3_busy_timeout(db, busy_timeout_ms);
    connection->set_checkpoint_on_close(false);
    // "name" is an identifier and nothing else, as in PostgreSQL; and a schema from elsewhere may
    // not call functions behind our back.
    sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DML, 0, nullptr);
    sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DDL, 0, nullptr);
    sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
    return connection;
}

Connection::~Connection() { close(); }

Result<void> Connection::execute(const std::string& sql) {
    const int result = sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, nullptr);
    if (result != SQLITE_OK) return failed(result, sql);
    return {};
}

Result<std::string> Connection::value(const std::string& sql) {
    sqlite3_stmt* statement = nullptr;
    int result = sqlite3_prepare_v2(db_, sql.c_str(), -1, &statement, nullptr);
    if (result != SQLITE_OK) return failed(result, sql);
    std::string text;
    result = sqlite3_step(statement);
    if (result == SQLITE_ROW) {
        const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(statement, 0));
        if (bytes != nullptr) text = bytes;
    }
    // A statement that has answered may still fail at its end, which is where it commits.
    const int ended = sqlite3_finalize(statement);
    if (ended != SQLITE_OK) return failed(ended, sql);
    return text;
}

Error Connection::failed(int result, std::string_view sql) {
    flush_failed_ = flush_failed_ || is_failed_flush(result);
    return error_of(db_, result, sql);
}

void Connection::set_checkpoint_on_close(bool on) noexcept {
    sqlite3_db_config(db_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, on ? 0 : 1, nullptr);
}

void Connection::close() noexcept {
    if (db_ == nullptr) return;
    while (sqlite3_stmt* statement = sqlite3_next_stmt(db_, nullptr)) sqlite3_finalize(statement);
    const int result = sqlite3_close(db_);
    TIDINGS_ASSERT(result == SQLITE_OK);
    db_ = nullptr;
}

}  // namespace tidings::sqlite
