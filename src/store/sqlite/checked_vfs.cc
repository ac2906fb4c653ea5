#include "store/sqlite/checked_vfs.h"

#include <tidings/base/assert.h>

#include "store/sqlite/page_checksum.h"

#include <sqlite3.h>

#include <cstddef>
#include <cstring>
#include <new>

namespace tidings::sqlite {
namespace {

/// A database file. SQLite's own file lies behind it, in the memory that SQLite gave for both.
struct CheckedFile {
    sqlite3_file base;  ///< First, as SQLite demands.
    PageChecksums checksums;
};

constexpr std::size_t own_bytes = (sizeof(CheckedFile) + alignof(std::max_align_t) - 1) /
                                  alignof(std::max_align_t) * alignof(std::max_align_t);

CheckedFile& checked(sqlite3_file* file) { return *reinterpret_cast<CheckedFile*>(file); }
sqlite3_file* inner(sqlite3_file* file) {
    return reinterpret_cast<sqlite3_file*>(reinterpret_cast<char*>(file) + own_bytes);
}
sqlite3_vfs* inner(sqlite3_vfs* vfs) { return static_cast<sqlite3_vfs*>(vfs->pAppData); }

int close(sqlite3_file* file) {
    const int result = inner(file)->pMethods->xClose(inner(file));
    checked(file).~CheckedFile();
    return result;
}

int read(sqlite3_file* file, void* into, int bytes, sqlite3_int64 offset) {
    const int result = inner(file)->pMethods->xRead(inner(file), into, bytes, offset);
    if (result != SQLITE_OK) return result;
    const std::string_view text{static_cast<const char*>(into), static_cast<std::size_t>(bytes)};
    const auto at = static_cast<std::uint64_t>(offset);
    PageChecksums& checksums = checked(file).checksums;
    if (!checksums.notice(at, text)) return SQLITE_IOERR_DATA;
    if (!checksums.covers(at, text.size()) || PageChecksums::holds(at, text)) return SQLITE_OK;
    return SQLITE_IOERR_DATA;
}

int write(sqlite3_file* file, const void* from, int bytes, sqlite3_int64 offset) {
    const std::string_view text{static_cast<const char*>(from), static_cast<std::size_t>(bytes)};
    const auto at = static_cast<std::uint64_t>(offset);
    PageChecksums& checksums = checked(file).checksums;
    checksums.notice(at, text);
    if (!checksums.covers(at, text.size())) {
        return inner(file)->pMethods->xWrite(inner(file), from, bytes, offset);
    }
    const SealedPage page{at, text};  // A copy: the page is still SQLite's.
    return inner(file)->pMethods->xWrite(inner(file), page.data(), bytes, offset);
}

int truncate(sqlite3_file* file, sqlite3_int64 size) {
    return inner(file)->pMethods->xTruncate(inner(file), size);
}
int sync(sqlite3_file* file, int flags) { return inner(file)->pMethods->xSync(inner(file), flags); }
int file_size(sqlite3_file* file, sqlite3_int64* size) {
    return inner(file)->pMethods->xFileSize(inner(file), size);
}
int lock(sqlite3_file* file, int level) { return inner(file)->pMethods->xLock(inner(file), level); }
int unlock(sqlite3_file* file, int level) {
    return inner(file)->pMethods->xUnlock(inner(file), level);
}
int check_reserved_lock(sqlite3_file* file, int* taken) {
    return inner(file)->pMethods->xCheckReservedLock(inner(file), taken);
}
int file_control(sqlite3_file* file, int operation, void* argument) {
    return inner(file)->pMethods->xFileControl(inner(file), operation, argument);
}
int sector_size(sqlite3_file* file) { return inner(file)->pMethods->xSectorSize(inner(file)); }
int characteristics(sqlite3_file* file) {
    return inner(file)->pMethods->xDeviceCharacteristics(inner(file));
}
int shm_map(sqlite3_file* file, int page, int bytes, int extend, void volatile** map) {
    return inner(file)->pMethods->xShmMap(inner(file), page, bytes, extend, map);
}
int shm_lock(sqlite3_file* file, int offset, int count, int flags) {
    return inner(file)->pMethods->xShmLock(inner(file), offset, count, flags);
}
void shm_barrier(sqlite3_file* file) { inner(file)->pMethods->xShmBarrier(inner(file)); }
int shm_unmap(sqlite3_file* file, int remove) {
    return inner(file)->pMethods->xShmUnmap(inner(file), remove);
}

/// Version 2: without those for mapped reading, which would go past the checksums.
const sqlite3_io_methods methods{
    2,
    close,
    read,
    write,
    truncate,
    sync,
    file_size,
    lock,
    unlock,
    check_reserved_lock,
    file_control,
    sector_size,
    characteristics,
    shm_map,
    shm_lock,
    shm_barrier,
    shm_unmap,
    nullptr,
    nullptr,
};

int open(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* flags_out) {
    sqlite3_vfs* const own = inner(vfs);
    if ((flags & SQLITE_OPEN_MAIN_DB) == 0) return own->xOpen(own, name, file, flags, flags_out);
    auto* made = new (file) CheckedFile{};
    const int result = own->xOpen(own, name, inner(file), flags, flags_out);
    // SQLite closes what has methods, also after a failure.
    made->base.pMethods = inner(file)->pMethods == nullptr ? nullptr : &methods;
    return result;
}

/// SQLite's own with our way to open files; everything else is passed on.
sqlite3_vfs make() {
    sqlite3_vfs* const own = sqlite3_vfs_find(nullptr);
    TIDINGS_ASSERT(own != nullptr);
    sqlite3_vfs made = *own;
    made.pNext = nullptr;
    made.zName = "tidings-checked";
    made.szOsFile = static_cast<int>(own_bytes) + own->szOsFile;
    made.pAppData = own;
    made.xOpen = open;
    return made;
}

}  // namespace

const char* checked_vfs_name() {
    static sqlite3_vfs vfs = make();
    static const int registered = sqlite3_vfs_register(&vfs, 0);
    TIDINGS_ASSERT(registered == SQLITE_OK);
    return vfs.zName;
}

}  // namespace tidings::sqlite
