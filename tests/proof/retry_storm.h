#pragma once

#include <tidings/base/time.h>

#include <cstdint>
#include <string>

namespace tidings::proof {

/// What happens to a dependency that many consumers share.
struct StormScenario {
    std::uint64_t seed = 1;
    int consumers = 1000;
    Duration down = 5min;   ///< How long nobody listens there.
    Duration period = 10s;  ///< Each consumer has something to ask so often.
    double capacity = 300;  ///< Requests that it can serve in a second.
    bool jitter = true;     ///< Off: the positive control. All random numbers are the same.
};

/// What the dependency saw after it had come back.
struct StormRun {
    std::int64_t offered = 0;  ///< Requests until all that had waited was done.
    std::int64_t needed = 0;   ///< Answers that were asked for: what a perfect world offers.
    std::int64_t offered_while_down = 0;
    std::int64_t peak = 0;  ///< The most in one second.
    double mean = 0;        ///< Over the seconds of `drained`.
    Duration drained{0};    ///< From its return until all that had waited was done.
    bool is_drained = false;

    double offered_ratio() const {
        return static_cast<double>(offered) / static_cast<double>(needed);
    }
    double peak_ratio() const { return static_cast<double>(peak) / mean; }
    std::string summary() const;
};

/// A retry storm, in virtual time (T16): a dependency goes down at a moment at which all of its
/// consumers ask it for something, stays down, and comes back to what has gathered meanwhile. Each
/// consumer is an effect's queue behind a circuit breaker of its own, as in production: backoff
/// after a failure, put off by an open circuit, one call at a time.
///
/// Guarantees
/// - Same scenario: the same run.
StormRun run_storm(const StormScenario& scenario);

}  // namespace tidings::proof
