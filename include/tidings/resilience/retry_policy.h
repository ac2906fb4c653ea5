#pragma once

#include <tidings/base/result.h>
#include <tidings/base/time.h>

#include <cstdint>

namespace tidings {

/// How often a step that failed is tried again, and how far apart.
///
/// Exponential backoff with full jitter: before attempt n + 1 passes a time drawn evenly from zero
/// to `initial_delay * factor^(n - 1)`, at most `delay_max`. Full jitter, because what failed
/// together (a broker was down) would else come back together, again and again.
///
///     attempt failed    1        2        3        4        5
///     delay up to     100 ms   200 ms   400 ms   800 ms   (dead letter)
struct RetryPolicy {
    /// Attempts in all, the first one included.
    int attempts = 5;
    Duration initial_delay = 100ms;
    double factor = 2;
    Duration delay_max = 1min;
    /// An attempt that took longer failed, with `timeout`, whatever it did. Zero: it has all time.
    Duration attempt_deadline{0};

    /// Checks that the numbers make sense. Errors: `invalid_argument`, naming the number.
    Result<void> check() const;

    /// Returns whether nothing is left after so many failed attempts.
    bool is_exhausted(int attempts_failed) const noexcept { return attempts_failed >= attempts; }

    /// Returns the longest time to wait after attempt `attempt` (from 1) has failed.
    Duration bound(int attempt) const noexcept;

    /// Returns how long to wait after attempt `attempt` (from 1) has failed: from zero to
    /// `bound(attempt)`, chosen by `random`, which is even over all its values.
    Duration delay(int attempt, std::uint64_t random) const noexcept;

    bool operator==(const RetryPolicy&) const = default;
};

}  // namespace tidings
