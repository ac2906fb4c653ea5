#pragma once

#include <tidings/base/result.h>
#include <tidings/delivery/step_loop.h>
#include <tidings/io/worker.h>
#include <tidings/io/world.h>
#include <tidings/telemetry/log.h>

#include "delivery/running_step.h"

#include <array>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace tidings {

/// A step that the watchdog gave up on, as its record names it to the next process.
struct StuckRecord {
    std::string step;  ///< Its key, as in Attempts.
    std::string reason;
};

/// Reads the record at `path`; nothing if there is none, or none that can be read.
std::optional<StuckRecord> read_stuck_record(io::FileSystem& files, const std::string& path);

/// Sees what stands still, says so, and ends the process over a handler that never returns.
///
/// No thread can be taken out of a handler, and the handler holds the service's only transaction:
/// nothing but the end of the process frees what waits behind it. Before that its event is put on
/// record beside the database, so that it counts as an attempt at the next start.
///
/// What counts as time is what the watchdog itself saw pass: a process that was stopped and goes
/// on, or a machine that slept, is not taken for one that hung.
///
/// Threads   `poll` one thread, which must not be the step loop's; `stalled` any.
class Watchdog : public io::Worker {
public:
    Watchdog(io::World& world, const std::string& service, StepLoop::WatchdogLimits limits,
             Journal journal, const RunningStep& running, std::function<DeliveryStatus()> look);

    /// What stands still at this moment, and why.
    std::vector<Error> stalled() const;
    /// How long the step that runs has been running, as far as it was seen.
    Duration step_age() const;

    TimePoint poll(TimePoint now) override;
    std::string_view name() const noexcept override { return name_; }

private:
    static constexpr Duration interval = 250ms;

    /// One part of the service, and for how long it has not moved while work waited.
    struct Part {
        std::uint64_t progress = 0;
        Duration stands{0};
        bool is_told = false;
    };

    void watch(Part& part, bool work_waits, std::uint64_t progress, Duration passed);
    void watch_step(Duration passed, std::vector<Error>& found);
    void watch_parts(const DeliveryStatus& status, Duration passed, std::vector<Error>& found);
    void tell_of_shedding(const DeliveryStatus& status, TimePoint now);
    void report(Part& part, Duration limit, const Error& error, std::vector<Error>& found);
    void end_process(const RunningStep::Description& step, const std::string& what);

    io::World& world_;
    const StepLoop::WatchdogLimits limits_;
    const Journal journal_;
    const RunningStep& running_;
    const std::function<DeliveryStatus()> look_;
    const std::string name_;
    std::optional<TimePoint> last_poll_;
    TimePoint told_of_shedding_{};
    std::int64_t shed_told_ = 0;
    Part step_;
    Part loop_;
    Part relay_;
    Part effects_;
    mutable std::mutex mutex_;
    std::vector<Error> stalled_;
    Duration step_age_{0};
};

/// The exit status of a process that its watchdog has ended.
inline constexpr int stuck_exit_status = 86;

}  // namespace tidings
