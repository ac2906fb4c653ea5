#pragma once

#include <tidings/io/world.h>
#include <tidings/store/store.h>

#include <memory>
#include <string>
#include <string_view>

namespace tidings {

/// How a SQLite database is kept.
struct SqliteOptions {
    /// False only for a database whose whole content can be had again from the log by its own
    /// stored position: commits then do not wait for the disk.
    bool durable = true;
    /// Whether a new database gets a checksum in each page, which is checked when the page is read
    /// from the file. Those of an existing one stay as they are.
    bool page_checksums = true;
    /// A passive checkpoint is made once this many WAL pages have gathered.
    int checkpoint_pages = 4000;
    /// Milliseconds that another process's lock is waited for.
    int busy_timeout_ms = 2000;
    /// Names the writer to whoever is refused; empty stands for the path and the process.
    std::string holder = {};
};

/// Opens (or makes) the SQLite database at `path` as its one writer: WAL, `synchronous=FULL`,
/// automatic checkpoints off. In the real world files are SQLite's own; in any other world SQLite
/// runs on `world.files()` through a VFS, so that its real recovery code meets the world's faults.
/// Errors: `unavailable` (another process writes it; says who), `corruption`, `io_error`.
Result<std::unique_ptr<Store>> open_sqlite(io::World& world, const std::string& path,
                                           const SqliteOptions& options = {});

/// Opens the database at `path` to read, changing nothing on disk: no recovery, no checkpoint.
/// Works beside a running writer and on what a killed one left. Each query sees what is committed.
/// Errors: `not_found`, `corruption`, `io_error`.
Result<std::unique_ptr<StoreTransaction>> read_sqlite(const std::string& path);
/// The same in any world. In another than the real one there must be no writer.
Result<std::unique_ptr<StoreTransaction>> read_sqlite(io::World& world, const std::string& path);

/// Looks through the write-ahead log of the database at `path`, changing nothing.
///
/// SQLite ends reading a log at the first frame whose checksum is wrong, without a word, because
/// that is how a torn write looks. Here a later transaction tells the two apart: it is begun only
/// once the one before it is durable, so what stands before it was acknowledged.
/// Errors: `corruption` (names file and byte), `io_error`.
Result<void> check_sqlite_wal(io::World& world, const std::string& path);

/// Returns the version of SQLite that this program runs on, e.g. `3.40.1`.
std::string_view sqlite_version() noexcept;

/// Copies the database at `from`, as of one moment, to `to`, which must not be there: what is
/// committed, and nothing else. Works beside its running writer and on what a killed one left; on a
/// simulated world between two of the writer's transactions. The copy need not survive a crash.
/// Errors: `not_found`, `limit_exceeded` (disk full), `io_error`; then nothing is at `to`.
Result<void> copy_sqlite(io::World& world, const std::string& from, const std::string& to);

/// Removes a database and all its files; one that is not there is fine. Requires: nobody uses it.
Result<void> remove_sqlite(io::World& world, const std::string& path);

}  // namespace tidings
