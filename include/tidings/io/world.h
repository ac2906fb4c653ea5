#pragma once

#include <tidings/base/result.h>
#include <tidings/base/time.h>
#include <tidings/base/uuid.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tidings::io {

/// A file open for reading and writing at offsets.
///
/// Guarantees
/// - What `write_at` wrote before a successful `flush` survives the loss of power; what was not
///   flushed may be there wholly, in part, or not at all.
/// - After the first failed `flush` of a file the caller stops writing to it for good (R6).
///
/// Threads   `read_at` from any thread; the rest from one thread at a time.
class File {
public:
    virtual ~File() = default;
    /// Reads up to `into.size()` bytes from `offset`; fewer only at the end of the file.
    virtual Result<std::size_t> read_at(std::uint64_t offset, std::span<char> into) const = 0;
    /// Writes all of `bytes` at `offset`, growing the file if need be.
    virtual Result<void> write_at(std::uint64_t offset, std::string_view bytes) = 0;
    /// Makes all that was written durable (`fdatasync`).
    virtual Result<void> flush() = 0;
    virtual Result<std::uint64_t> size() const = 0;
    virtual Result<void> truncate(std::uint64_t size) = 0;
};

/// How a file is opened: what must be there already, and what may be done.
enum class OpenMode {
    read,        ///< Must exist; never changed.
    write,       ///< Must exist.
    create,      ///< Made if missing (mode 0600).
    create_new,  ///< Must not exist (O_EXCL, mode 0600).
};

/// An exclusive claim on a file, given back by the destructor or the end of the process.
class FileLock {
public:
    virtual ~FileLock() = default;
};

/// A small page of memory that all processes on this machine share: for a watermark, and to be
/// woken when it moves. It is never durable and never trusted over the file it speaks of.
class SharedPage {
public:
    static constexpr std::size_t words_count = 64;

    virtual ~SharedPage() = default;
    /// Words that live as long as the page; zero when it was made.
    virtual std::span<std::atomic<std::uint64_t>, words_count> words() noexcept = 0;
    /// Wakes every `wait()` in any process.
    virtual void wake() noexcept = 0;
    /// Waits until `wake()` was called since `seen` was read with `wakes()`, or `timeout`.
    virtual void wait(std::uint32_t seen, Duration timeout) noexcept = 0;
    /// Returns how often `wake()` was called (modulo 2^32).
    virtual std::uint32_t wakes() const noexcept = 0;
};

/// Files by path, below nothing: paths are as the caller gives them. Links are not followed at the
/// last part of a path.
class FileSystem {
public:
    virtual ~FileSystem() = default;
    virtual Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) = 0;
    /// Returns the names in a directory, sorted. Errors: `not_found`.
    virtual Result<std::vector<std::string>> list(const std::string& directory) = 0;
    /// Makes a directory and its parents (mode 0700); there already is fine.
    virtual Result<void> make_directory(const std::string& path) = 0;
    virtual Result<void> rename(const std::string& from, const std::string& to) = 0;
    virtual Result<void> remove(const std::string& path) = 0;
    /// Makes creations, renames and removals in `path` durable.
    virtual Result<void> flush_directory(const std::string& path) = 0;
    /// Takes the exclusive lock of `path` (made if missing) and writes `holder` into it.
    /// Errors: `unavailable`, whose message says who holds it.
    virtual Result<std::unique_ptr<FileLock>> lock(const std::string& path,
                                                   std::string_view holder) = 0;
    virtual Result<std::unique_ptr<SharedPage>> share(const std::string& path) = 0;
};

/// How much room a file system has.
struct DiskSpace {
    std::uint64_t bytes_total = 0;
    std::uint64_t bytes_free = 0;  ///< For this process; what is kept for root is not counted.
};

/// The one door to everything outside: clock, randomness, disk.
///
/// Production uses `real_world()`, tests and the simulator `sim::SimWorld`. Nothing else in Tidings
/// reads a clock, draws a random number or touches a file.
///
/// Threads   Any thread may call any member of the real world.
class World {
public:
    virtual ~World() = default;
    /// Wall clock. May jump; nothing that must be right depends on it.
    virtual Timestamp now() = 0;
    /// Monotonic clock.
    virtual TimePoint monotonic() = 0;
    virtual void random(std::span<std::uint8_t> into) = 0;
    virtual FileSystem& files() = 0;
    /// Names the boot of the machine: a `SharedPage` of another boot is stale.
    virtual std::string boot_id() = 0;
    /// Returns the room on the file system that holds `path`. Errors: `not_found`, `io_error`.
    virtual Result<DiskSpace> disk_space(const std::string& path) = 0;
    /// Ends the process at once, with `status` and without destructors: for a watchdog. In a
    /// simulated world it ends the simulated process, and returns.
    virtual void end_process(int status) = 0;

    /// Returns a new version 4 UUID.
    Uuid new_uuid();
    /// Returns 64 random bits.
    std::uint64_t random_number();
};

/// Returns the world of this process: its clocks, `getrandom` in blocks, POSIX files.
World& real_world();

}  // namespace tidings::io
