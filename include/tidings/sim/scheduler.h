#pragma once

#include <tidings/io/worker.h>
#include <tidings/sim/world.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

namespace tidings::sim {

/// The one thread of a simulation: polls the workers that are due, in an order drawn from the
/// world's seed, and moves the clock to the next due time when none is.
///
///     Scheduler scheduler{world};
///     scheduler.add(order_steps);
///     scheduler.add(relay);
///     ASSERT_TRUE(scheduler.run_until_quiet(1h));
///
/// A poll takes a little virtual time, so that a worker which always wants to be polled at once
/// does not stop the clock.
///
/// Guarantees
/// - Same seed, same workers in the same order of adding: same order of polls, at the same times.
///
/// Threads   One thread.
/// Lifetime  The world must outlive the Scheduler, and a worker its place in it.
class Scheduler {
public:
    static constexpr Duration poll_takes = 10us;

    explicit Scheduler(SimWorld& world);

    /// Takes `worker` in; it is polled at once. Requires: it is not in.
    void add(io::Worker& worker);
    /// Leaves `worker` alone from now on, e.g. because its process was killed. A worker may be
    /// removed while it is being polled; one that is not in is nothing to do.
    void remove(io::Worker& worker);

    /// Has `watch` called before each poll, with the worker that is about to be polled.
    void before_poll(std::function<void(const io::Worker&)> watch) { watch_ = std::move(watch); }

    /// Runs until every worker waits to be woken, for at most `limit` of virtual time. Returns
    /// whether it came to that. A worker with a clock of its own (a retry, a deadline, a sweep
    /// every minute) is not quiet: its next time is waited for, unless it is later than the limit.
    bool run_until_quiet(Duration limit);
    /// Runs until `is_done` says so, which is asked after each poll, for at most `limit`. Returns
    /// whether it did. If all wait to be woken before that, nothing more can happen: false.
    bool run_until(const std::function<bool()>& is_done, Duration limit);
    /// Runs for exactly `duration` of virtual time, at whose end the clock stands.
    void run_for(Duration duration);

    /// Returns how many polls there were.
    std::uint64_t polls() const noexcept { return polls_; }
    /// Returns a checksum of who was polled when, by name: equal runs have equal ones.
    std::uint64_t trace() const noexcept { return trace_; }

private:
    struct Place {
        io::Worker* worker;
        TimePoint due;
    };
    enum class Turn { polled, quiet, late };

    /// Polls one worker that is due, moving the clock for it if need be, but not beyond `end`.
    Turn take_turn(TimePoint end);
    std::optional<TimePoint> next_due();
    void poll_one_of_those_due();
    void advance_to(TimePoint time);

    SimWorld& world_;
    Random random_;
    std::vector<Place> places_;
    std::function<void(const io::Worker&)> watch_;
    std::uint64_t polls_ = 0;
    std::uint64_t trace_ = 0;
};

}  // namespace tidings::sim
