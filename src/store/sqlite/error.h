#pragma once

#include <tidings/base/result.h>

#include <sqlite3.h>

#include <string>
#include <string_view>

namespace tidings::sqlite {

/// Returns the code of Tidings for an extended result code of SQLite.
ErrorCode code_of(int result) noexcept;

/// Returns whether `result` says that a flush failed: what is on disk is then unknown (R6).
bool is_failed_flush(int result) noexcept;

/// Returns the error that `db` reports for `result`. `sql` is named in it, on one line and cut; the
/// values bound to it never are, because they may be personal data.
Error error_of(sqlite3* db, int result, std::string_view sql);

/// Throws `error` as what it is: trouble of the database itself, a key that is taken, or a
/// statement that cannot be run.
[[noreturn]] void throw_failure(Error error, int result);

}  // namespace tidings::sqlite
