#include "store/sqlite/store.h"

#include "base/test_points.h"
#include "store/sqlite/migrations.h"
#include "store/sqlite/page_checksum.h"
#include "store/sqlite/world_vfs.h"

#include <fmt/format.h>

#include <array>
#include <unistd.h>
#include <utility>

namespace tidings::sqlite {
namespace {

constexpr int cache_kib = 64 * 1024;
constexpr int wal_bytes_kept = 64 * 1024 * 1024;
/// A WAL that long readers let grow beyond this is truncated as soon as they pause.
constexpr int wal_pages_max = 16 * 1024;
constexpr int truncate_wait_ms = 20;

bool is_real(io::World& world) { return &world == &io::real_world(); }

std::string directory_of(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    if (slash == std::string::npos) return ".";
    return slash == 0 ? "/" : path.substr(0, slash);
}

/// Makes the file if there is none, with mode 0600, which SQLite's other files then take from it.
/// What is there must be a file and no link; whether it is a database is for SQLite to find out,
/// which may have to recover it first.
Result<void> make_or_check_file(io::FileSystem& files, const std::string& path) {
    auto made = files.open(path, io::OpenMode::create_new);
    if (made) return files.flush_directory(directory_of(path));
    if (made.error().code != ErrorCode::already_exists) return made.error();
    auto file = files.open(path, io::OpenMode::read);
    if (!file) return file.error();
    // Who made it may have been killed before its name was durable.
    return files.flush_directory(directory_of(path));
}

/// Whether a database has checksums in its pages or, if it is empty, will have them.
Result<bool> will_have_checksums(io::FileSystem& files, const std::string& path, bool wanted) {
    const auto file = files.open(path, io::OpenMode::read);
    if (!file) return file.error();
    std::array<char, 100> header{};
    const auto read = (*file)->read_at(0, header);
    if (!read) return read.error();
    if (*read == 0) return wanted;
    PageChecksums checksums;
    // One that contradicts itself SQLite meets again, and then it is an error.
    static_cast<void>(checksums.notice(0, {header.data(), *read}));
    return checksums.covers(0, page_bytes_max);
}

/// Writes the WAL again, unchanged, and flushes it. After a failed flush of the process before us
/// the kernel may show, and call clean, what the disk does not have: we would build on it, and once
/// it was copied into the database, a WAL that came back without its end would undo half of it.
Result<void> make_wal_durable(io::FileSystem& files, const std::string& path) {
    auto file = files.open(path + "-wal", io::OpenMode::write);
    if (!file && file.error().code == ErrorCode::not_found) return {};
    if (!file) return file.error();
    std::string bytes(256 * 1024, '\0');
    for (std::uint64_t at = 0;; at += bytes.size()) {
        const auto read = (*file)->read_at(at, bytes);
        if (!read) return read.error();
        if (*read == 0) break;
        bytes.resize(*read);
        if (auto written = (*file)->write_at(at, bytes); !written) return written;
    }
    return (*file)->flush();
}

/// Makes what SQLite draws repeat with the world's seed. It has one generator for all connections,
/// which takes its seed from the machine and not from the VFS.
void seed_randomness(io::World& world) {
    const auto seed = static_cast<int>(world.random_number() >> 33 | 1);
    sqlite3_test_control(SQLITE_TESTCTRL_PRNG_SEED, seed, static_cast<sqlite3*>(nullptr));
}

}  // namespace

SqliteStore::SqliteStore(io::World& world, std::string path, const SqliteOptions& options)
    : world_(world), path_(std::move(path)), options_(options) {}

Result<std::unique_ptr<Store>> SqliteStore::open(io::World& world, const std::string& path,
                                                 const SqliteOptions& options) {
    std::unique_ptr<SqliteStore> store{new SqliteStore{world, path, options}};
    auto done = store->claim();
    if (done) done = store->connect();
    if (done) done = store->configure();
    if (done) done = store->prepare_controls();
    if (!done) return with_context(done.error(), "open database " + path);
    return std::unique_ptr<Store>{std::move(store)};
}

SqliteStore::~SqliteStore() {
    // As a crash would leave it: what was committed is in the WAL. Writing is for `close`.
    if (connection_) connection_->close();
}

Result<void> SqliteStore::claim() {
    std::string holder = options_.holder;
    if (holder.empty()) {
        holder = is_real(world_) ? fmt::format("the writer of {}, process {}", path_, getpid())
                                 : fmt::format("the writer of {}", path_);
    }
    auto lock = world_.files().lock(path_ + ".lock", holder);
    if (!lock) return lock.error();
    lock_ = std::move(*lock);
    if (auto made = make_or_check_file(world_.files(), path_); !made) return made;
    auto checksums = will_have_checksums(world_.files(), path_, options_.page_checksums);
    if (!checksums) return checksums.error();
    has_page_checksums_ = *checksums;
    // What is not durable may lose any of it, and nobody was promised more.
    if (!options_.durable) return {};
    if (auto whole = check_sqlite_wal(world_, path_); !whole) return whole;
    return make_wal_durable(world_.files(), path_);
}

Result<void> SqliteStore::connect() {
    std::unique_ptr<WorldVfs> vfs;
    if (!is_real(world_)) {
        vfs = std::make_unique<WorldVfs>(world_, WorldVfs::Access::full);
        seed_randomness(world_);
    }
    auto connection =
        Connection::open(path_, SQLITE_OPEN_READWRITE, std::move(vfs), options_.busy_timeout_ms);
    if (!connection) return connection.error();
    connection_ = std::move(*connection);
    transaction_ = std::make_unique<SqliteTransaction>(connection_);
    return {};
}

Result<void> SqliteStore::configure() {
    // Before anything is read: in this mode the index of the WAL is on the heap and not in a -shm.
    const char* locking = is_real(world_) ? "NORMAL" : "EXCLUSIVE";
    const std::string before = fmt::format(
        "PRAGMA locking_mode = {}; PRAGMA page_size = 4096; PRAGMA mmap_size = 0;"
        "PRAGMA temp_store = MEMORY; PRAGMA cache_size = -{}; PRAGMA foreign_keys = ON;"
        "PRAGMA cell_size_check = ON;",
        locking, cache_kib);
    if (auto done = connection_->execute(before); !done) return done;
    if (has_page_checksums_) {
        // Before the first page is made.
        int bytes = page_checksum_bytes;
        sqlite3_file_control(connection_->handle(), "main", SQLITE_FCNTL_RESERVE_BYTES, &bytes);
    }
    auto mode = connection_->value("PRAGMA journal_mode = WAL");
    if (!mode) return mode.error();
    if (*mode != "wal") {
        return Error{ErrorCode::unsupported,
                     fmt::format("journal mode is {} and cannot be made wal", *mode),
                     "put the database on a local disk"};
    }
    const std::string after = fmt::format(
        "PRAGMA synchronous = {}; PRAGMA wal_autocheckpoint = 0; PRAGMA journal_size_limit = {};",
        options_.durable && !planted(Mistake::database_without_flush) ? "FULL" : "NORMAL",
        wal_bytes_kept);
    if (auto done = connection_->execute(after); !done) return done;
    if (auto marked = mark_as_ours(); !marked) return marked;
    sqlite3_wal_hook(
        connection_->handle(),
        [](void* store, sqlite3*, const char*, int pages) {
            static_cast<SqliteStore*>(store)->wal_pages_ = pages;
            return SQLITE_OK;
        },
        this);
    return checkpoint(SQLITE_CHECKPOINT_TRUNCATE);
}

/// Says in the header that there are page checksums, so that one who finds none knows that the
/// header is damaged.
Result<void> SqliteStore::mark_as_ours() {
    if (!has_page_checksums_) return {};
    auto known = connection_->value("PRAGMA application_id");
    if (!known) return known.error();
    if (*known != "0") return {};
    return connection_->execute(fmt::format("PRAGMA application_id = {}", application_id));
}

Result<void> SqliteStore::prepare_controls() {
    const std::array<std::pair<sqlite3_stmt**, const char*>, 6> all{{
        {&controls_.begin, "BEGIN IMMEDIATE"},
        {&controls_.commit, "COMMIT"},
        {&controls_.rollback, "ROLLBACK"},
        {&controls_.savepoint, "SAVEPOINT step"},
        {&controls_.release, "RELEASE step"},
        {&controls_.rollback_to, "ROLLBACK TO step"},
    }};
    for (const auto& [statement, sql] : all) {
        const int result = sqlite3_prepare_v3(connection_->handle(), sql, -1,
                                              SQLITE_PREPARE_PERSISTENT, statement, nullptr);
        if (result != SQLITE_OK) return connection_->failed(result, sql);
    }
    return {};
}

Result<void> SqliteStore::check_usable() const {
    if (!connection_->is_open()) return Error{ErrorCode::unavailable, path_ + " is closed"};
    if (connection_->flush_failed()) {
        // R6: the kernel may have thrown away what it could not write and call it clean.
        return Error{ErrorCode::io_error,
                     path_ + ": a flush has failed, so nothing more is written",
                     "look after the disk, then restart the service"};
    }
    return {};
}

Result<void> SqliteStore::run(sqlite3_stmt* control) {
    const int result = sqlite3_step(control);
    if (result == SQLITE_DONE) {
        sqlite3_reset(control);
        return {};
    }
    Error error = connection_->failed(result, sqlite3_sql(control));
    sqlite3_reset(control);
    return error;
}

Result<void> SqliteStore::begin() {
    if (auto usable = check_usable(); !usable) return usable;
    return run(controls_.begin);
}

Result<void> SqliteStore::savepoint() {
    if (auto usable = check_usable(); !usable) return usable;
    if (!in_transaction()) return Error{ErrorCode::invalid_argument, "no transaction is open"};
    return run(controls_.savepoint);
}

Result<void> SqliteStore::keep() {
    if (auto usable = check_usable(); !usable) return usable;
    return run(controls_.release);
}

Result<void> SqliteStore::undo() {
    if (auto usable = check_usable(); !usable) return usable;
    reached("store.savepoint_undone");
    if (auto undone = run(controls_.rollback_to); !undone) return undone;
    return run(controls_.release);
}

Result<void> SqliteStore::commit() {
    if (auto usable = check_usable(); !usable) {
        rollback();
        return usable;
    }
    auto done = run(controls_.commit);
    if (!done) reached("store.commit_failed");
    if (!done) rollback();
    return done;
}

void SqliteStore::rollback() noexcept {
    if (!in_transaction()) return;
    sqlite3_step(controls_.rollback);
    sqlite3_reset(controls_.rollback);
}

StoreTransaction& SqliteStore::transaction() {
    TIDINGS_ASSERT(transaction_ != nullptr);
    return *transaction_;
}

Result<void> SqliteStore::migrate(std::string_view component,
                                  std::span<const Migration> migrations) {
    if (auto usable = check_usable(); !usable) return usable;
    if (in_transaction()) {
        return Error{ErrorCode::invalid_argument, "a transaction is open; migrate before it"};
    }
    return sqlite::migrate(connection_, component, migrations, world_.now());
}

Result<std::unique_ptr<StoreTransaction>> SqliteStore::reader() {
    if (!is_real(world_)) {
        // The WAL's index is on this connection's heap; no other connection can read the database.
        return std::unique_ptr<StoreTransaction>{std::make_unique<SqliteTransaction>(connection_)};
    }
    auto connection =
        Connection::open(path_, SQLITE_OPEN_READONLY, nullptr, options_.busy_timeout_ms);
    if (!connection) return with_context(connection.error(), "open database " + path_);
    auto done = (*connection)
                    ->execute(
                        "PRAGMA mmap_size = 0; PRAGMA temp_store = MEMORY;"
                        "PRAGMA query_only = ON; PRAGMA wal_autocheckpoint = 0;");
    if (!done) return with_context(done.error(), "open database " + path_);
    return std::unique_ptr<StoreTransaction>{
        std::make_unique<SqliteTransaction>(std::move(*connection))};
}

Result<void> SqliteStore::checkpoint(int mode) {
    int in_wal = 0;
    int copied = 0;
    const int result =
        sqlite3_wal_checkpoint_v2(connection_->handle(), "main", mode, &in_wal, &copied);
    // A reader in the way is no failure: the rest is copied another time.
    if (result != SQLITE_OK && (result & 0xff) != SQLITE_BUSY) {
        return connection_->failed(result, "PRAGMA wal_checkpoint");
    }
    if (mode == SQLITE_CHECKPOINT_TRUNCATE && result == SQLITE_OK) wal_pages_ = 0;
    checkpointed_pages_ = copied > 0 ? copied : 0;
    return {};
}

void SqliteStore::maintain() {
    if (!check_usable() || in_transaction()) return;
    // The WAL was begun anew since the last checkpoint.
    if (wal_pages_ < checkpointed_pages_) checkpointed_pages_ = 0;
    if (wal_pages_ - checkpointed_pages_ < options_.checkpoint_pages) return;
    if (wal_pages_ < wal_pages_max) {
        reached("store.checkpointed");
        // A failed flush is remembered and refused at the next `begin`; any other failure leaves
        // the pages in the WAL, where they are safe, for the next time.
        static_cast<void>(checkpoint(SQLITE_CHECKPOINT_PASSIVE));
        return;
    }
    truncate();
}

void SqliteStore::give_room_back() {
    if (!check_usable() || in_transaction() || wal_pages_ == 0) return;
    reached("store.room_given_back");
    truncate();
}

void SqliteStore::truncate() {
    sqlite3_busy_timeout(connection_->handle(), truncate_wait_ms);
    static_cast<void>(checkpoint(SQLITE_CHECKPOINT_TRUNCATE));
    sqlite3_busy_timeout(connection_->handle(), options_.busy_timeout_ms);
}

Result<void> SqliteStore::close() {
    if (auto usable = check_usable(); !usable) return usable;
    rollback();
    auto done = checkpoint(SQLITE_CHECKPOINT_TRUNCATE);
    if (done) connection_->set_checkpoint_on_close(true);
    connection_->close();
    lock_.reset();
    return done;
}

}  // namespace tidings::sqlite

namespace tidings {

Result<std::unique_ptr<Store>> open_sqlite(io::World& world, const std::string& path,
                                           const SqliteOptions& options) {
    return sqlite::SqliteStore::open(world, path, options);
}

std::string_view sqlite_version() noexcept { return sqlite3_libversion(); }

}  // namespace tidings
