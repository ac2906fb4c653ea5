#pragma once

#include <cstdint>
#include <string>

namespace tidings::proof {

/// What happens at one of this process's calls to the storage.
struct StoragePlan {
    enum class What : std::uint8_t {
        nothing,
        kill,          ///< The process is killed, the call is not made.
        kill_halfway,  ///< Likewise, but of a write half of the bytes are written first.
        stop,          ///< The process is stopped, as by SIGSTOP, before the call.
        fail,          ///< The call fails with `error`.
        cut_short,     ///< A write writes half; the next call then fails with `error`.
    };
    enum class Calls : std::uint8_t { changes, reads };

    What what = What::nothing;
    Calls calls = Calls::changes;
    std::uint64_t at = 0;   ///< Counted from 1.
    int error = 0;          ///< An errno.
    bool for_ever = false;  ///< Whether all later calls fail, too.
};

/// Every program that is linked with this has its own `pwrite`, `fdatasync`, `rename` and so on,
/// which stand before those of the C library for all that is in the process, SQLite too. They count
/// and do what the plan says.
///
/// Threads   One.
void plan_storage(const StoragePlan& plan);
/// Returns how many calls that change the storage (or read it) there were since the plan.
std::uint64_t storage_calls(StoragePlan::Calls calls) noexcept;
/// The file of the log or of a database that was written to after one of its flushes had failed,
/// which R6 forbids; empty if none was.
const std::string& wrote_after_failed_flush() noexcept;
/// Begins a new life: it may write to what the one before it could not flush.
void forget_failed_flushes();

}  // namespace tidings::proof
