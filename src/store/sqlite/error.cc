#include "store/sqlite/error.h"

#include <tidings/store/store.h>

#include <fmt/format.h>

namespace tidings::sqlite {
namespace {

constexpr std::size_t sql_shown_max = 200;

/// Returns `sql` with every run of white space as one blank, cut after `sql_shown_max` characters.
std::string on_one_line(std::string_view sql) {
    std::string line;
    for (const char c : sql) {
        const bool blank = c == ' ' || c == '\n' || c == '\t' || c == '\r';
        if (blank && (line.empty() || line.back() == ' ')) continue;
        if (line.size() == sql_shown_max) return line + "...";
        line += blank ? ' ' : c;
    }
    while (!line.empty() && line.back() == ' ') line.pop_back();
    return line;
}

std::string_view hint_of(ErrorCode code) {
    switch (code) {
        case ErrorCode::limit_exceeded:
            return "free some disk space; the store then goes on";
        case ErrorCode::corruption:
            return "restore the database from a backup";
        case ErrorCode::unavailable:
            return "another connection holds the database; try again";
        default:
            return "";
    }
}

}  // namespace

ErrorCode code_of(int result) noexcept {
    switch (result) {
        case SQLITE_CONSTRAINT_UNIQUE:
        case SQLITE_CONSTRAINT_PRIMARYKEY:
        case SQLITE_CONSTRAINT_ROWID:
            return ErrorCode::conflict;
        case SQLITE_IOERR_NOMEM:
            return ErrorCode::limit_exceeded;
        case SQLITE_IOERR_CORRUPTFS:
        case SQLITE_IOERR_DATA:
            return ErrorCode::corruption;
        default:
            break;
    }
    switch (result & 0xff) {
        case SQLITE_FULL:
        case SQLITE_TOOBIG:
        case SQLITE_NOMEM:
            return ErrorCode::limit_exceeded;
        case SQLITE_IOERR:
        case SQLITE_CANTOPEN:
        case SQLITE_PERM:
            return ErrorCode::io_error;
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
            return ErrorCode::corruption;
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
        case SQLITE_PROTOCOL:
            return ErrorCode::unavailable;
        case SQLITE_INTERRUPT:
            return ErrorCode::cancelled;
        default:
            return ErrorCode::invalid_argument;
    }
}

bool is_failed_flush(int result) noexcept {
    return result == SQLITE_IOERR_FSYNC || result == SQLITE_IOERR_DIR_FSYNC;
}

Error error_of(sqlite3* db, int result, std::string_view sql) {
    const ErrorCode code = code_of(result);
    std::string message = db != nullptr ? sqlite3_errmsg(db) : sqlite3_errstr(result);
    if ((result & 0xff) == SQLITE_IOERR) message += fmt::format(" ({})", result);
    if (!sql.empty()) message = fmt::format("statement \"{}\": {}", on_one_line(sql), message);
    return Error{code, std::move(message), std::string{hint_of(code)}};
}

void throw_failure(Error error, int result) {
    switch (result & 0xff) {
        case SQLITE_FULL:
        case SQLITE_NOMEM:
        case SQLITE_IOERR:
        case SQLITE_CANTOPEN:
        case SQLITE_PERM:
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
        case SQLITE_PROTOCOL:
            throw StoreFailure{std::move(error)};
        default:
            break;
    }
    if (error.code == ErrorCode::conflict) throw Failure{std::move(error)};
    throw StatementFailure{std::move(error)};
}

}  // namespace tidings::sqlite
