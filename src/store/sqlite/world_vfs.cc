#include "store/sqlite/world_vfs.h"

#include "store/sqlite/page_checksum.h"

#include <fmt/format.h>

#include <atomic>
#include <cstring>
#include <new>
#include <utility>

namespace tidings::sqlite {
namespace {

constexpr int path_bytes_max = 1024;
constexpr int sector_bytes = 4096;
/// The Julian day 2440587.5, which is 1970-01-01T00:00:00Z, in milliseconds.
constexpr sqlite3_int64 unix_epoch_julian_ms = 210866760000000;

/// What SQLite holds as an open file. `methods` is first, as SQLite demands.
struct OpenFile {
    sqlite3_file base;
    WorldVfs* vfs;
    std::unique_ptr<io::File> file;  ///< Null: empty, and stays so (frozen).
    std::string path;
    bool remove_on_close = false;
    bool is_database = false;  ///< And no WAL or journal.
    PageChecksums checksums{};
    bool directory_flush_due = false;  ///< It was made, and its name is not durable yet.
};

OpenFile& open_file(sqlite3_file* file) { return *reinterpret_cast<OpenFile*>(file); }
WorldVfs& world_vfs(sqlite3_vfs* vfs) { return *static_cast<WorldVfs*>(vfs->pAppData); }
io::FileSystem& files(WorldVfs& vfs) { return vfs.world().files(); }

std::string directory_of(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    if (slash == std::string::npos) return ".";
    return slash == 0 ? "/" : path.substr(0, slash);
}

int result_of(const Error& error, int otherwise) {
    return error.code == ErrorCode::limit_exceeded ? SQLITE_FULL : otherwise;
}

int close(sqlite3_file* file) {
    OpenFile& open = open_file(file);
    open.file.reset();
    int result = SQLITE_OK;
    if (open.remove_on_close && !files(*open.vfs).remove(open.path)) result = SQLITE_IOERR_DELETE;
    open.~OpenFile();
    return result;
}

int is_as_written(OpenFile& open, sqlite3_int64 offset, std::string_view bytes) {
    if (!open.is_database) return SQLITE_OK;
    const auto at = static_cast<std::uint64_t>(offset);
    if (!open.checksums.notice(at, bytes)) return SQLITE_IOERR_DATA;
    if (!open.checksums.covers(at, bytes.size())) return SQLITE_OK;
    return PageChecksums::holds(at, bytes) ? SQLITE_OK : SQLITE_IOERR_DATA;
}

int read(sqlite3_file* file, void* into, int bytes, sqlite3_int64 offset) {
    OpenFile& open = open_file(file);
    const auto wanted = static_cast<std::size_t>(bytes);
    char* const target = static_cast<char*>(into);
    std::size_t got = 0;
    if (open.file) {
        const auto read =
            open.file->read_at(static_cast<std::uint64_t>(offset), std::span{target, wanted});
        if (!read) return SQLITE_IOERR_READ;
        got = *read;
    }
    if (got == wanted) return is_as_written(open, offset, {target, wanted});
    std::memset(target + got, 0, wanted - got);
    return SQLITE_IOERR_SHORT_READ;
}

int write(sqlite3_file* file, const void* from, int bytes, sqlite3_int64 offset) {
    OpenFile& open = open_file(file);
    if (open.vfs->is_frozen()) return SQLITE_READONLY;
    const std::string_view text{static_cast<const char*>(from), static_cast<std::size_t>(bytes)};
    const auto at = static_cast<std::uint64_t>(offset);
    if (open.is_database) open.checksums.notice(at, text);
    const bool sealed = open.is_database && open.checksums.covers(at, text.size());
    const auto written = sealed ? open.file->write_at(at, SealedPage{at, text}.text())
                                : open.file->write_at(at, text);
    return written ? SQLITE_OK : result_of(written.error(), SQLITE_IOERR_WRITE);
}

int truncate(sqlite3_file* file, sqlite3_int64 size) {
    OpenFile& open = open_file(file);
    if (open.vfs->is_frozen()) return SQLITE_READONLY;
    const auto cut = open.file->truncate(static_cast<std::uint64_t>(size));
    return cut ? SQLITE_OK : result_of(cut.error(), SQLITE_IOERR_TRUNCATE);
}

int sync(sqlite3_file* file, int /*flags*/) {
    OpenFile& open = open_file(file);
    if (open.vfs->is_frozen()) return SQLITE_OK;
    if (!open.file->flush()) return SQLITE_IOERR_FSYNC;
    if (!open.directory_flush_due) return SQLITE_OK;
    if (!files(*open.vfs).flush_directory(directory_of(open.path))) return SQLITE_IOERR_DIR_FSYNC;
    open.directory_flush_due = false;
    return SQLITE_OK;
}

int file_size(sqlite3_file* file, sqlite3_int64* size) {
    OpenFile& open = open_file(file);
    *size = 0;
    if (!open.file) return SQLITE_OK;
    const auto bytes = open.file->size();
    if (!bytes) return SQLITE_IOERR_FSTAT;
    *size = static_cast<sqlite3_int64>(*bytes);
    return SQLITE_OK;
}

// One connection has the database to itself: locks within SQLite have nobody to keep out.
int lock(sqlite3_file*, int) { return SQLITE_OK; }
int check_reserved_lock(sqlite3_file*, int* taken) {
    *taken = 0;
    return SQLITE_OK;
}
int file_control(sqlite3_file*, int, void*) { return SQLITE_NOTFOUND; }
int sector_size(sqlite3_file*) { return sector_bytes; }
// The same promise that SQLite's own files make: a torn write harms no bytes beside it.
int characteristics(sqlite3_file*) { return SQLITE_IOCAP_POWERSAFE_OVERWRITE; }

const sqlite3_io_methods& file_methods() {
    static const sqlite3_io_methods methods = [] {
        sqlite3_io_methods made{};
        made.iVersion = 1;
        made.xClose = close;
        made.xRead = read;
        made.xWrite = write;
        made.xTruncate = truncate;
        made.xSync = sync;
        made.xFileSize = file_size;
        made.xLock = lock;
        made.xUnlock = lock;
        made.xCheckReservedLock = check_reserved_lock;
        made.xFileControl = file_control;
        made.xSectorSize = sector_size;
        made.xDeviceCharacteristics = characteristics;
        return made;
    }();
    return methods;
}

/// Opens the file at `open.path`; in a frozen world one that is missing is an empty one.
int open_in_world(OpenFile& open, int flags) {
    io::FileSystem& all = files(*open.vfs);
    if (open.vfs->is_frozen()) {
        auto file = all.open(open.path, io::OpenMode::read);
        if (file) open.file = std::move(*file);
        const bool may_be_missing = (flags & SQLITE_OPEN_WAL) != 0;
        const bool missing = !file && file.error().code == ErrorCode::not_found;
        return file || (missing && may_be_missing) ? SQLITE_OK : SQLITE_CANTOPEN;
    }
    const bool read_only = (flags & SQLITE_OPEN_READONLY) != 0;
    auto file = all.open(open.path, read_only ? io::OpenMode::read : io::OpenMode::write);
    if (!file && file.error().code == ErrorCode::not_found && (flags & SQLITE_OPEN_CREATE) != 0) {
        file = all.open(open.path, io::OpenMode::create_new);
        open.directory_flush_due = file.has_value();
    }
    if (!file) return result_of(file.error(), SQLITE_CANTOPEN);
    open.file = std::move(*file);
    return SQLITE_OK;
}

int open(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* flags_out) {
    file->pMethods = nullptr;
    if (name == nullptr) return SQLITE_CANTOPEN;  // No temporary files: temp_store is memory.
    auto* made = new (file) OpenFile{{}, &world_vfs(vfs), nullptr, name};
    const int result = open_in_world(*made, flags);
    if (result != SQLITE_OK) {
        made->~OpenFile();
        file->pMethods = nullptr;
        return result;
    }
    made->is_database = (flags & SQLITE_OPEN_MAIN_DB) != 0;
    made->remove_on_close = (flags & SQLITE_OPEN_DELETEONCLOSE) != 0;
    made->base.pMethods = &file_methods();
    if (flags_out != nullptr) {
        *flags_out =
            made->vfs->is_frozen()
                ? (flags & ~(SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE)) | SQLITE_OPEN_READONLY
                : flags;
    }
    return SQLITE_OK;
}

int remove(sqlite3_vfs* vfs, const char* name, int sync_directory) {
    WorldVfs& ours = world_vfs(vfs);
    if (ours.is_frozen()) return SQLITE_READONLY;
    const auto removed = files(ours).remove(name);
    if (!removed) {
        return removed.error().code == ErrorCode::not_found ? SQLITE_IOERR_DELETE_NOENT
                                                            : SQLITE_IOERR_DELETE;
    }
    if (sync_directory != 0 && !files(ours).flush_directory(directory_of(name))) {
        return SQLITE_IOERR_DIR_FSYNC;
    }
    return SQLITE_OK;
}

int access(sqlite3_vfs* vfs, const char* name, int /*how*/, int* found) {
    const auto file = files(world_vfs(vfs)).open(name, io::OpenMode::read);
    *found = file ? 1 : 0;
    if (!file && file.error().code != ErrorCode::not_found) return SQLITE_IOERR_ACCESS;
    return SQLITE_OK;
}

int full_path(sqlite3_vfs*, const char* name, int bytes, char* out) {
    const std::size_t length = std::strlen(name);
    if (length + 1 > static_cast<std::size_t>(bytes)) return SQLITE_CANTOPEN;
    std::memcpy(out, name, length + 1);
    return SQLITE_OK;
}

int randomness(sqlite3_vfs* vfs, int bytes, char* out) {
    const auto count = static_cast<std::size_t>(bytes);
    world_vfs(vfs).world().random({reinterpret_cast<std::uint8_t*>(out), count});
    return bytes;
}

int sleep(sqlite3_vfs*, int microseconds) { return microseconds; }

int current_time_ms(sqlite3_vfs* vfs, sqlite3_int64* now) {
    *now = world_vfs(vfs).world().now().time_since_epoch().count() + unix_epoch_julian_ms;
    return SQLITE_OK;
}

int current_time(sqlite3_vfs* vfs, double* now) {
    sqlite3_int64 ms = 0;
    current_time_ms(vfs, &ms);
    *now = static_cast<double>(ms) / 86'400'000.0;
    return SQLITE_OK;
}

int last_error(sqlite3_vfs*, int, char*) { return 0; }

std::string next_name() {
    static std::atomic<std::uint64_t> count{0};
    return fmt::format("tidings-world-{}", ++count);
}

}  // namespace

WorldVfs::WorldVfs(io::World& world, Access access_given)
    : world_(world), access_(access_given), name_(next_name()) {
    vfs_.iVersion = 2;
    vfs_.szOsFile = sizeof(OpenFile);
    vfs_.mxPathname = path_bytes_max;
    vfs_.zName = name_.c_str();
    vfs_.pAppData = this;
    vfs_.xOpen = open;
    vfs_.xDelete = remove;
    vfs_.xAccess = access;
    vfs_.xFullPathname = full_path;
    vfs_.xRandomness = randomness;
    vfs_.xSleep = sleep;
    vfs_.xCurrentTime = current_time;
    vfs_.xGetLastError = last_error;
    vfs_.xCurrentTimeInt64 = current_time_ms;
    sqlite3_vfs_register(&vfs_, 0);
}

WorldVfs::~WorldVfs() { sqlite3_vfs_unregister(&vfs_); }

}  // namespace tidings::sqlite
