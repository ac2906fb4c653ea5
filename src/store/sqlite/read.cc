#include <tidings/store/sqlite.h>

#include "io/posix.h"
#include "store/sqlite/connection.h"
#include "store/sqlite/statements.h"
#include "store/sqlite/world_vfs.h"

#include <fmt/format.h>

#include <algorithm>

namespace tidings {
namespace {

using sqlite::Connection;
using sqlite::SqliteTransaction;
using sqlite::WorldVfs;

constexpr int busy_timeout_ms = 2000;

/// Which files there are of a database. Asks the directory: opening and closing one of the files
/// would take away every lock that this process has on it.
struct Found {
    bool database = false;
    bool shared_index = false;  ///< And a writer that keeps it.
};

Found look(io::World& world, const std::string& path) {
    const std::size_t slash = path.rfind('/');
    const std::string directory = slash == std::string::npos ? "." : path.substr(0, slash + 1);
    const std::string name = path.substr(slash == std::string::npos ? 0 : slash + 1);
    const auto names = world.files().list(directory);
    if (!names) return {};
    const auto has = [&](const std::string& file) {
        return std::binary_search(names->begin(), names->end(), file);
    };
    // Only beside a writer that lives is the index of use: of one that was killed in the wrong
    // moment SQLite waits for what nobody will do any more.
    return {has(name), has(name + "-shm") && io::is_locked(path + ".lock")};
}

/// Returns `path` as a `file:` URI with `parameters`; characters with a meaning there are escaped.
std::string uri_of(const std::string& path, std::string_view parameters) {
    std::string uri = "file:";
    for (const char c : path) {
        const bool special = c == '%' || c == '?' || c == '#';
        uri += special ? fmt::format("%{:02X}", static_cast<unsigned char>(c)) : std::string(1, c);
    }
    return uri + std::string{parameters};
}

/// Reads beside a writer. SQLite opens the -shm to read alone; if the writer ends meanwhile, it
/// does not trust the index in there and makes its own on the heap.
Result<std::shared_ptr<Connection>> open_beside(const std::string& path) {
    return Connection::open(uri_of(path, "?mode=ro&readonly_shm=1"),
                            SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, nullptr, busy_timeout_ms);
}

/// Reads a database that has no writer, or has what a killed one left. SQLite's own files would
/// make a -shm.
Result<std::shared_ptr<Connection>> open_frozen(io::World& world, const std::string& path) {
    auto vfs = std::make_unique<WorldVfs>(world, WorldVfs::Access::frozen);
    auto connection = Connection::open(path, SQLITE_OPEN_READONLY, std::move(vfs), busy_timeout_ms);
    if (!connection) return connection;
    auto done = (*connection)->execute("PRAGMA locking_mode = EXCLUSIVE");
    if (!done) return done.error();
    return connection;
}

/// Reads, beside a writer or without one, and notices when a writer comes: a connection that was
/// opened while there was none takes no locks, so from then on it is replaced by one that does.
class ReadOnly final : public StoreTransaction {
public:
    static Result<std::unique_ptr<StoreTransaction>> open(io::World& world,
                                                          const std::string& path) {
        std::unique_ptr<ReadOnly> reader{new ReadOnly{world, path}};
        auto done = reader->connect();
        if (!done) return with_context(done.error(), "read database " + path);
        return std::unique_ptr<StoreTransaction>{std::move(reader)};
    }

    std::int64_t run(std::string_view sql, std::span<const Value> values) override {
        return current().run(sql, values);
    }
    Cursor& open(std::string_view sql, std::span<const Value> values) override {
        return current().open(sql, values);
    }

private:
    ReadOnly(io::World& world, std::string path) : world_(world), path_(std::move(path)) {}

    Result<void> connect() {
        const Found found = look(world_, path_);
        if (!found.database) {
            return Error{ErrorCode::not_found, "there is no such file",
                         "look whether the directory is the right one"};
        }
        frozen_ = !found.shared_index;
        auto connection = frozen_ ? open_frozen(world_, path_) : open_beside(path_);
        if (!connection) return connection.error();
        auto done = (*connection)->execute("PRAGMA query_only = ON; PRAGMA temp_store = MEMORY;");
        if (done) {
            // The first read finds out what there is; later ones only fail as SQLite's own would.
            if (auto read = (*connection)->value("SELECT count(*) FROM sqlite_schema"); !read) {
                return read.error();
            }
            before_ = std::move(transaction_);
            transaction_ = std::make_unique<SqliteTransaction>(std::move(*connection));
        }
        return done;
    }

    StoreTransaction& current() {
        if (frozen_ && look(world_, path_).shared_index) {
            if (auto done = connect(); !done) throw StoreFailure{done.error()};
        }
        return *transaction_;
    }

    io::World& world_;
    const std::string path_;
    bool frozen_ = false;
    std::unique_ptr<SqliteTransaction> transaction_;
    std::unique_ptr<SqliteTransaction> before_;  ///< Replaced, but its rows may still be read.
};

}  // namespace

Result<std::unique_ptr<StoreTransaction>> read_sqlite(const std::string& path) {
    return ReadOnly::open(io::real_world(), path);
}

Result<std::unique_ptr<StoreTransaction>> read_sqlite(io::World& world, const std::string& path) {
    return ReadOnly::open(world, path);
}

}  // namespace tidings
