#include "store/sqlite/migrations.h"

#include <tidings/base/crc32c.h>

#include "store/sqlite/statements.h"

#include <fmt/format.h>

#include <map>
#include <string>

namespace tidings::sqlite {
namespace {

constexpr const char* create_table =
    "CREATE TABLE IF NOT EXISTS tidings_migrations ("
    " component TEXT NOT NULL,"
    " version INTEGER NOT NULL,"
    " name TEXT NOT NULL,"
    " checksum INTEGER NOT NULL,"
    " applied_at INTEGER NOT NULL,"
    " PRIMARY KEY (component, version)) WITHOUT ROWID";

/// A migration that the database has: version -> checksum of its text.
using Applied = std::map<int, std::int64_t>;

Applied applied_of(StoreTransaction& tx, std::string_view component) {
    Applied applied;
    const auto tables = tx.value<std::int64_t>(
        "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'tidings_migrations'");
    if (tables.value_or(0) == 0) return applied;
    Rows rows = tx.query("SELECT version, checksum FROM tidings_migrations WHERE component = $1",
                         component);
    while (rows.next()) applied[rows.row().get<int>(0)] = rows.row().integer(1);
    return applied;
}

std::string name_of(std::string_view component, const Migration& migration) {
    return fmt::format("migration {} \"{}\" of {}", migration.version, migration.name, component);
}

/// Refuses what does not fit the database, before anything is touched.
Result<void> check(std::string_view component, std::span<const Migration> migrations,
                   const Applied& applied) {
    int last = 0;
    for (const Migration& migration : migrations) {
        if (migration.version <= last) {
            return Error{
                ErrorCode::invalid_argument,
                fmt::format("{} does not come after {}", name_of(component, migration), last),
                "number migrations from 1 upwards"};
        }
        last = migration.version;
    }
    const int newest = applied.empty() ? 0 : applied.rbegin()->first;
    if (newest > last) {
        return Error{ErrorCode::unsupported,
                     fmt::format("tables of {} have version {}, and this program knows {}",
                                 component, newest, last),
                     "start the newer program, or restore a backup from before its start"};
    }
    for (const Migration& migration : migrations) {
        const auto found = applied.find(migration.version);
        if (found == applied.end() && migration.version < newest) {
            return Error{ErrorCode::invalid_argument,
                         fmt::format("{} was added before version {}, which is applied",
                                     name_of(component, migration), newest),
                         "give it the next free number"};
        }
        if (found != applied.end() && found->second != crc32c(migration.sql)) {
            return Error{
                ErrorCode::invalid_argument,
                fmt::format("{} was changed after it was applied", name_of(component, migration)),
                "undo the change and put it into a new migration"};
        }
    }
    return {};
}

int allow_all_but_transactions(void*, int action, const char*, const char*, const char*,
                               const char*) {
    return action == SQLITE_TRANSACTION ? SQLITE_DENY : SQLITE_OK;
}

/// Runs `sql` without letting it end the transaction that it is part of.
Result<void> run_within_transaction(Connection& connection, const std::string& sql) {
    sqlite3_set_authorizer(connection.handle(), allow_all_but_transactions, nullptr);
    auto done = connection.execute(sql);
    sqlite3_set_authorizer(connection.handle(), nullptr, nullptr);
    if (done || sqlite3_errcode(connection.handle()) != SQLITE_AUTH) return done;
    return Error{ErrorCode::invalid_argument, "it begins or ends a transaction",
                 "take BEGIN, COMMIT and ROLLBACK out; each migration is one transaction"};
}

Result<void> apply(Connection& connection, StoreTransaction& tx, std::string_view component,
                   const Migration& migration, Timestamp now) {
    if (auto begun = connection.execute("BEGIN IMMEDIATE"); !begun) return begun;
    auto done = connection.execute(create_table);
    if (done) done = run_within_transaction(connection, std::string{migration.sql});
    if (done) {
        try {
            tx.execute(
                "INSERT INTO tidings_migrations (component, version, name, checksum, applied_at)"
                " VALUES ($1, $2, $3, $4, $5)",
                component, migration.version, migration.name, crc32c(migration.sql), now);
        } catch (const Failure& failure) {
            done = failure.error();
        }
    }
    if (done) done = connection.execute("COMMIT");
    if (done) return {};
    if (connection.in_transaction()) static_cast<void>(connection.execute("ROLLBACK"));
    return with_context(done.error(), name_of(component, migration));
}

}  // namespace

Result<void> migrate(const std::shared_ptr<Connection>& connection, std::string_view component,
                     std::span<const Migration> migrations, Timestamp now) {
    SqliteTransaction tx{connection};
    Applied applied;
    try {
        applied = applied_of(tx, component);
    } catch (const Failure& failure) {
        return with_context(failure.error(), "read tidings_migrations");
    }
    if (auto fits = check(component, migrations, applied); !fits) return fits;
    for (const Migration& migration : migrations) {
        if (applied.contains(migration.version)) continue;
        if (auto done = apply(*connection, tx, component, migration, now); !done) return done;
    }
    return {};
}

}  // namespace tidings::sqlite
