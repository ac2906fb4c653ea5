#pragma once

#include <tidings/base/named_type.h>
#include <tidings/base/result.h>
#include <tidings/base/time.h>
#include <tidings/io/worker.h>
#include <tidings/io/world.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tidings::log {

/// What a log stores: two byte strings with an offset. It does not know what they mean.
struct Record {
    Offset offset;
    Timestamp appended;
    std::string_view headers;
    std::string_view payload;
};

/// A record to be appended. Views live as long as the call.
struct NewRecord {
    std::string_view headers;
    std::string_view payload;
};

/// How a log is kept.
struct Options {
    /// Rounded up to 4 KiB; from 8 KiB to 2 GiB. A batch must fit into a segment.
    std::uint64_t segment_bytes_max = 64 * 1024 * 1024;
    /// False: `append` returns before the disk has it. For benchmarks and rebuildable data.
    bool durable = true;
    /// Whole segments beyond these bounds are removed, but never past `retain_from`.
    std::uint64_t retention_bytes_max = 0;  ///< 0: no bound.
    Duration retention_age_max{0};          ///< 0: no bound.
    /// A batch that would make the log larger is refused. 0: no bound but the disk.
    std::uint64_t bytes_max = 0;
};

/// What opening a log for writing found and did.
struct Recovery {
    Offset first;                 ///< Oldest record kept.
    Offset next;                  ///< Where the next record goes.
    std::uint64_t bytes_cut = 0;  ///< Of a tail that was never acknowledged.
    std::string note;             ///< One line for the journal; empty if there was nothing to say.
};

/// An append-only log in a directory: its one writer.
///
/// Guarantees
/// - When `append` returns, its records survive the loss of power, and readers see them.
/// - All or nothing: after a crash a batch is there whole or not at all.
/// - Corruption is found, never served, never cut: see rules R1 to R6 in docs/internals/log.md.
///
/// Threads   One thread at a time; readers anywhere.
/// Lifetime  The World must outlive the Log. The destructor closes without waiting.
/// Format    docs/internals/log.md
class Log {
public:
    /// Opens or makes the log in `directory`, takes the writer's lock and recovers.
    /// Errors: `unavailable` (the lock is held; says by whom), `corruption` (names segment file
    /// and byte offset), `unsupported` (a newer format), `io_error`.
    static Result<std::unique_ptr<Log>> open(io::World& world, const std::string& directory,
                                             std::string_view writer, const Options& options);
    ~Log();

    const Recovery& recovery() const noexcept;
    /// Appends a batch with one write and one flush; returns the first record's offset.
    /// Errors: `limit_exceeded` (larger than a segment), `unavailable` (the log, or the disk, is
    /// full: worth another try), `io_error` (R6: after a failed flush every later append fails).
    Result<Offset> append(std::span<const NewRecord> records);
    /// Returns where the next record goes: the high watermark.
    Offset next() const noexcept;
    Offset first() const noexcept;
    /// Returns how many bytes the records take, with what stands around them.
    std::uint64_t bytes() const noexcept;
    /// Removes whole segments by the options' bounds, never at or past `retain_from`. Returns how
    /// many bytes the bounds wanted gone but `retain_from` keeps: more than 0 is an alarm.
    Result<std::uint64_t> retain(Offset retain_from);

    struct Impl;

private:
    explicit Log(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

/// A reader of a log, in the writer's process or any other.
///
/// It reads up to the writer's high watermark, which a shared page tells. Where that page is stale
/// (the machine was started anew and no writer has been) a service waits; a tool that asks for
/// `Unacknowledged::shown` reads every valid batch.
class Reader {
public:
    enum class Unacknowledged { hidden, shown };

    /// The directory need not exist yet: the reader then sees an empty log.
    static Result<std::unique_ptr<Reader>> open(io::World& world, const std::string& directory,
                                                Unacknowledged unacknowledged);
    ~Reader();

    /// Returns up to `count_max` records from `from`, within about `bytes_max` bytes; empty at the
    /// watermark. Views live until the next call.
    /// Errors: `not_found` (`from` was removed by retention), `corruption` (segment file and
    /// offset), `invalid_argument` (`from` is beyond the watermark: "log went back from 900 to
    /// 700"), `io_error`.
    Result<std::vector<Record>> read(Offset from, std::size_t count_max, std::size_t bytes_max);
    Offset first();
    Offset high_watermark();
    /// Returns the first offset appended at or after `time`; the watermark if there is none.
    Result<Offset> find(Timestamp time);

private:
    struct Impl;
    explicit Reader(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

/// Rings wakeups when any log below a data directory grows, in whichever process.
///
/// Threads   Any. It keeps one thread, which waits in the kernel, only in the real world; in
///           others the writer rings directly.
class Doorbell {
public:
    /// `directory` holds the logs; the shared page is `directory/doorbell`.
    static Result<std::unique_ptr<Doorbell>> open(io::World& world, const std::string& directory);
    virtual ~Doorbell() = default;
    /// Rings `wakeup` whenever something was appended to `log` (a directory name). Until
    /// `forget`, or the end of this Doorbell; what others watch for is theirs.
    virtual void watch(const std::string& log, io::Wakeup& wakeup) = 0;
    virtual void forget(io::Wakeup& wakeup) = 0;
    /// Says that `log` grew: rings in this process at once, and in the others.
    virtual void ring(const std::string& log) = 0;
};

}  // namespace tidings::log
