#include <tidings/store/sqlite.h>

#include "store/sqlite/connection.h"
#include "store/sqlite/statements.h"
#include "store/sqlite/world_vfs.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

namespace tidings {
namespace {

constexpr std::size_t chunk_bytes = std::size_t{1} << 20;
constexpr int busy_timeout_ms = 2000;

/// Copies one file's bytes; a file that is not there has none.
Result<void> copy_file(io::FileSystem& files, const std::string& from, const std::string& to) {
    auto source = files.open(from, io::OpenMode::read);
    if (!source) {
        return source.error().code == ErrorCode::not_found ? Result<void>{}
                                                           : Result<void>{source.error()};
    }
    auto target = files.open(to, io::OpenMode::create_new);
    if (!target) return target.error();
    std::string chunk(chunk_bytes, '\0');
    for (std::uint64_t at = 0;;) {
        const auto count = (*source)->read_at(at, chunk);
        if (!count) return count.error();
        if (*count == 0) return {};
        if (auto written = (*target)->write_at(at, std::string_view{chunk}.substr(0, *count));
            !written) {
            return written;
        }
        at += *count;
    }
}

/// The database and what of it is still in its WAL. Nobody may write meanwhile.
Result<void> copy_files(io::FileSystem& files, const std::string& from, const std::string& to) {
    if (auto copied = copy_file(files, from, to); !copied) return copied;
    return copy_file(files, from + "-wal", to + "-wal");
}

/// Reads beside the writer, as of one moment.
Result<void> copy_beside(const std::string& from, const std::string& to) {
    auto connection =
        sqlite::Connection::open(from, SQLITE_OPEN_READONLY, nullptr, busy_timeout_ms);
    if (!connection) return connection.error();
    sqlite::SqliteTransaction tx{std::move(*connection)};
    try {
        tx.execute("VACUUM INTO $1", to);
    } catch (const Failure& failure) {
        return failure.error();
    }
    return {};
}

}  // namespace

Result<void> copy_sqlite(io::World& world, const std::string& from, const std::string& to) {
    const auto failed = [&](Error error) {
        (void)remove_sqlite(world, to);
        return with_context(std::move(error), "copy database " + from);
    };
    io::FileSystem& files = world.files();
    const auto lock = files.lock(from + ".lock", "who copies " + from);
    const bool has_writer = !lock && lock.error().code == ErrorCode::unavailable;
    if (!lock && !has_writer) return failed(lock.error());
    const bool is_real = &world == &io::real_world();
    auto copied = has_writer && is_real ? copy_beside(from, to) : copy_files(files, from, to);
    if (!copied) return failed(copied.error());
    return {};
}

Result<void> remove_sqlite(io::World& world, const std::string& path) {
    Result<void> first;
    for (const char* part : {"", "-wal", "-shm", ".lock"}) {
        auto removed = world.files().remove(path + part);
        if (!removed && removed.error().code != ErrorCode::not_found && first) first = removed;
    }
    return first;
}

}  // namespace tidings
