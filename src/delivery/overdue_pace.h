#pragma once

#include <tidings/io/world.h>

#include <cstddef>
#include <cstdint>

namespace tidings {

/// Spreads what is long overdue over some seconds.
///
/// After a restart, a sleep of the machine or a clock that was set ahead, thousands of timers and
/// retries are due at one moment. Taken at once they would hit what they depend on at once, in
/// every service together.
///
///     due one by one, service down from 2 to 5     .  .     (       )::::::.  .  .
///
/// Threads   The step loop's.
class OverduePace {
public:
    /// What is later than this was not merely waiting for its turn.
    static constexpr Duration late = 5s;
    static constexpr Duration window = 10s;
    /// As many a second go in any case: a few need no spreading.
    static constexpr std::int64_t per_second_min = 100;

    explicit OverduePace(io::World& world) : world_(world) {}

    static bool is_late(Timestamp due, Timestamp now) { return now - due > late; }
    bool is_active() const noexcept { return per_second_ > 0; }
    /// Begins to spread so many.
    void begin(std::int64_t overdue_count);
    void end() noexcept { per_second_ = 0; }

    /// How many may be taken now. Requires: it is active.
    std::size_t allowance() const;
    void took(std::size_t count) noexcept { taken_ += static_cast<std::int64_t>(count); }
    /// How long until one more may be taken.
    Duration wait() const;

private:
    io::World& world_;
    std::int64_t per_second_ = 0;
    std::int64_t taken_ = 0;
    TimePoint began_{};
};

}  // namespace tidings
