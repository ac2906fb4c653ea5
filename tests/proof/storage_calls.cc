// The C library's storage calls, once more, for rigs. Declared by hand: the headers' own
// declarations carry attributes that a second definition does not keep.
#include "storage_calls.h"

#include <climits>

#include <cerrno>
#include <csignal>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <set>
#include <string>
#include <string_view>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <utility>

namespace tidings::proof {

namespace {

constexpr std::size_t page_bytes = 4096;
using What = StoragePlan::What;
using Calls = StoragePlan::Calls;

struct State {
    StoragePlan plan;
    std::uint64_t changes = 0;
    std::uint64_t reads = 0;
    bool fail_next = false;
    std::set<std::pair<dev_t, ino_t>> flush_failed;
    std::string wrote_after;
};

State& state() {
    static State* const made = new State;  // Outlives all that may still call.
    return *made;
}

std::string path_of(int file) {
    char path[PATH_MAX];
    const std::string link = "/proc/self/fd/" + std::to_string(file);
    const ssize_t length = ::readlink(link.c_str(), path, sizeof path);
    return std::string(path, length > 0 ? static_cast<std::size_t>(length) : 0);
}

/// A file of the log or of a database: the ones that R6 speaks of. Others are made anew when they
/// are written.
bool is_kept(int file) {
    const std::string name = path_of(file);
    return name.ends_with(".segment") || name.ends_with(".db") || name.ends_with("-wal");
}

std::pair<dev_t, ino_t> identity(int file) {
    struct stat status {};
    ::fstat(file, &status);
    return {status.st_dev, status.st_ino};
}

enum class Do { call, half, fail };

/// Counts one call, and says what becomes of it.
Do due(Calls calls) {
    State& now = state();
    std::uint64_t& count = calls == Calls::changes ? now.changes : now.reads;
    ++count;
    const StoragePlan& plan = now.plan;
    if (plan.what == What::nothing || plan.calls != calls) return Do::call;
    if (std::exchange(now.fail_next, false)) return Do::fail;
    if (count < plan.at || (count > plan.at && !plan.for_ever)) return Do::call;
    switch (plan.what) {
        case What::kill:
            ::raise(SIGKILL);
            return Do::call;
        case What::stop:
            ::raise(SIGSTOP);
            return Do::call;
        case What::kill_halfway:
        case What::cut_short:
            return Do::half;
        default:
            return Do::fail;
    }
}

long failed() {
    errno = state().plan.error;
    return -1;
}

long write_to(int file, const void* bytes, std::size_t count, off_t offset) {
    State& now = state();
    if (!now.flush_failed.empty() && now.flush_failed.contains(identity(file))) {
        now.wrote_after = path_of(file);
    }
    const Do what = due(Calls::changes);
    if (what == Do::fail) return failed();
    if (what == Do::half) {
        // The kernel writes page by page, so a part of a page is never what is there.
        const std::size_t half = count / 2 / page_bytes * page_bytes;
        const long written = half == 0 ? 0 : ::syscall(SYS_pwrite64, file, bytes, half, offset);
        if (now.plan.what == What::kill_halfway) ::raise(SIGKILL);
        now.fail_next = true;
        return half == 0 ? failed() : written;
    }
    return ::syscall(SYS_pwrite64, file, bytes, count, offset);
}

int flush(int file, long call) {
    if (due(Calls::changes) == Do::call) return static_cast<int>(::syscall(call, file));
    if (state().plan.what == What::kill_halfway) ::raise(SIGKILL);
    if (is_kept(file)) state().flush_failed.insert(identity(file));
    return static_cast<int>(failed());
}

/// Any other call that changes something.
template <class Call>
int change(Call call) {
    if (due(Calls::changes) == Do::call) return call();
    if (state().plan.what == What::kill_halfway) ::raise(SIGKILL);
    return static_cast<int>(failed());
}

long read_from(int file, void* into, std::size_t count, off_t offset) {
    if (due(Calls::reads) != Do::call) return failed();
    return ::syscall(SYS_pread64, file, into, count, offset);
}

int open_at(const char* path, int flags, mode_t mode) {
    const auto call = [&] {
        return static_cast<int>(::syscall(SYS_openat, AT_FDCWD, path, flags, mode));
    };
    // Opening makes a file where it is asked to, and there is none.
    const bool makes = (flags & O_CREAT) != 0 && ::faccessat(AT_FDCWD, path, F_OK, 0) != 0;
    return makes ? change(call) : call();
}

}  // namespace

void plan_storage(const StoragePlan& plan) {
    state() = State{};
    state().plan = plan;
}

std::uint64_t storage_calls(StoragePlan::Calls calls) noexcept {
    return calls == Calls::changes ? state().changes : state().reads;
}

const std::string& wrote_after_failed_flush() noexcept { return state().wrote_after; }
void forget_failed_flushes() { state().flush_failed.clear(); }

}  // namespace tidings::proof

using namespace tidings::proof;  // NOLINT: for the definitions below alone

extern "C" {

ssize_t pwrite(int file, const void* bytes, std::size_t count, off_t offset) {
    return write_to(file, bytes, count, offset);
}
ssize_t pwrite64(int file, const void* bytes, std::size_t count, off_t offset) {
    return write_to(file, bytes, count, offset);
}
ssize_t pread(int file, void* into, std::size_t count, off_t offset) {
    return read_from(file, into, count, offset);
}
ssize_t pread64(int file, void* into, std::size_t count, off_t offset) {
    return read_from(file, into, count, offset);
}
int fsync(int file) { return flush(file, SYS_fsync); }
int fdatasync(int file) { return flush(file, SYS_fdatasync); }
int ftruncate(int file, off_t size) noexcept {
    return change([&] { return static_cast<int>(::syscall(SYS_ftruncate, file, size)); });
}
int ftruncate64(int file, off_t size) noexcept { return ftruncate(file, size); }
int rename(const char* from, const char* to) noexcept {
    return change([&] { return static_cast<int>(::syscall(SYS_rename, from, to)); });
}
int unlink(const char* path) noexcept {
    return change([&] { return static_cast<int>(::syscall(SYS_unlink, path)); });
}
int remove(const char* path) noexcept {
    return change([&] {
        const auto gone = static_cast<int>(::syscall(SYS_unlink, path));
        if (gone == 0 || errno != EISDIR) return gone;
        return static_cast<int>(::syscall(SYS_rmdir, path));
    });
}
int mkdir(const char* path, mode_t mode) noexcept {
    return change([&] { return static_cast<int>(::syscall(SYS_mkdir, path, mode)); });
}
int open(const char* path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    const mode_t mode = (flags & O_CREAT) != 0 ? va_arg(rest, mode_t) : 0;
    va_end(rest);
    return open_at(path, flags, mode);
}
int open64(const char* path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    const mode_t mode = (flags & O_CREAT) != 0 ? va_arg(rest, mode_t) : 0;
    va_end(rest);
    return open_at(path, flags, mode);
}

}  // extern "C"
