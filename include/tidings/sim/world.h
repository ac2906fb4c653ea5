#pragma once

#include <tidings/io/world.h>
#include <tidings/sim/random.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace tidings::sim {

/// How far the simulated disk trusts itself. What is written but not flushed is uncertain in both.
enum class DiskProfile {
    ordered,  ///< New names, renames and removals are durable at once, as on ext4 in daily life.
    strict,   ///< They are durable once their directory was flushed, as POSIX has it.
};

/// What a `DiskFault` can hit. Flushing a directory is a flush, cutting a file a write.
enum class DiskOperation { read, write, flush };

/// A fault to come: fails an operation on a file with `io_error`.
struct DiskFault {
    DiskOperation operation = DiskOperation::write;
    std::uint64_t nth = 1;    ///< Counted from now; 1 is the next.
    std::string path_part{};  ///< Only files whose path contains it; empty: all.
    bool for_ever = false;    ///< Whether all later ones fail too.
    std::string process{};    ///< Only operations of this process; empty: of all.
};

/// What a disk does wrong at any time: chances from 0 to 1, of each operation.
struct DiskRates {
    double read_error = 0;     ///< That a read fails with `io_error`.
    double write_error = 0;    ///< That a write does, some of it done.
    double flush_error = 0;    ///< That a flush does, and what it should have kept is given up.
    double slow = 0;           ///< That an operation takes time, during which nothing else happens.
    Duration slow_max = 50ms;  ///< How much, at most.
};

/// How the wall clock of one process differs from the world's.
struct ClockError {
    std::chrono::milliseconds offset{0};
    /// How much faster it runs, in millionths: 10'000 gains 36 s in an hour. The monotonic clock
    /// keeps the world's pace; nobody compares it with another process's.
    std::int64_t drift_ppm = 0;
};

/// A world in memory that does what a seed says: clocks that only the test moves, random numbers
/// that repeat, and a disk that can lose power, fill up and fail.
///
///     SimWorld world{7};
///     io::World& order = world.process("order-service");
///     auto store = open_sqlite(order, "order.db");
///     ...
///     world.kill("order-service");           // its open files and locks are gone
///     auto again = open_sqlite(order, "order.db");
///
/// A world has any number of processes, each an `io::World` of its own: they share clock and disk
/// and differ in their random numbers and in what ends with them. The SimWorld itself is a process
/// too, the one without a name.
///
/// Guarantees
/// - Same seed, same calls: same answers, on every machine.
/// - Everything that was written is there after `kill`. After `crash`, everything that was flushed;
///   each block of 4096 bytes that was written since is new, old, or torn at 512 bytes. A file
///   that was cut is cut, or as long as before and what was cut off is there again.
/// - After a failed flush, blocks that were not durable stay so until they are written again, even
///   if a later flush succeeds: Linux does that.
/// - What a dead process still holds does nothing but fail: its objects can be destroyed in peace.
///
/// Limits    Memory: one copy of each file, and of each block that is not flushed.
/// Threads   One thread. `SharedPage::wait` returns at once.
/// Lifetime  Outlives its processes' worlds, which live as long as it does.
class SimWorld final : public io::World {
public:
    explicit SimWorld(std::uint64_t seed, DiskProfile profile = DiskProfile::ordered);
    ~SimWorld() override;

    Timestamp now() override;
    TimePoint monotonic() override;
    void random(std::span<std::uint8_t> into) override;
    io::FileSystem& files() override;
    std::string boot_id() override;
    Result<io::DiskSpace> disk_space(const std::string& path) override;
    void end_process(int status) override;

    std::uint64_t seed() const noexcept;
    /// Returns a stream of random numbers for one purpose.
    Random stream(std::string_view purpose) const;

    /// Moves both clocks. Requires: `by` is not negative.
    void advance(Duration by);
    /// Moves the wall clock alone, either way, as a clock that is set does.
    void jump_wall_clock(std::chrono::milliseconds by);
    /// Gives the process `name` a wall clock of its own from now on; it keeps it when it is killed.
    void set_clock(std::string_view name, const ClockError& error);

    /// Returns the world as the process `name` has it, the same object every time. After a `kill`
    /// it is a new process with the same name.
    io::World& process(std::string_view name);
    /// Ends the process `name`: its locks are free, its open files are dead. Writes stay.
    void kill(std::string_view name);
    /// Ends every process.
    void kill();
    /// Loses power: every process ends, and what was not flushed may be lost.
    void crash();

    void fail(DiskFault fault);
    /// Has operations of the disk fail, and take time, by chance, from now on.
    void set_disk_rates(const DiskRates& rates);
    /// Lets the disk hold at most this many bytes of files; writes beyond fail, `limit_exceeded`.
    void set_disk_bytes_max(std::uint64_t bytes);
    std::uint64_t disk_bytes() const;
    /// Ends every process after `operations` more writes, truncations, flushes and changes of
    /// names: the last of them happens, the next fails. Call `crash` or `kill` then.
    void stop_after(std::uint64_t operations);
    bool is_stopped() const noexcept;
    /// Ends the process `name` alone after `operations` more of its own. Call `kill` then.
    void stop_after(std::string_view name, std::uint64_t operations);
    /// Returns whether the process has come to the end that `stop_after` set it.
    bool is_stopped(std::string_view name) const noexcept;
    /// Returns how many of these operations there were since the beginning.
    std::uint64_t operations() const noexcept;
    /// Takes back all faults of the disk, its bound, and the stops to come. Clocks stay wrong.
    void heal();

    /// Returns a checksum of all names and contents: equal worlds have equal ones.
    std::uint64_t digest() const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace tidings::sim
