#pragma once

#include <tidings/base/result.h>
#include <tidings/base/time.h>

namespace tidings {

/// How many retries may go out beside first attempts: a token bucket.
///
/// When what a handler depends on is down, everything it does fails and comes back. Backoff thins
/// each event's retries out, but not their sum: a hundred thousand waiting events still make a
/// storm that keeps the dependency down. The sum is bounded here. Each first attempt earns a part
/// of a retry, time earns a few more, and each retry costs a whole one; what finds the bucket
/// empty is put off. A retry that succeeds gets its token back: what works is no storm, so a
/// backlog drains at full speed once the dependency is up.
///
///     HandlerBudget budget{{.ratio = 0.1, .per_second = 10}};
///     budget.first_attempt();
///     if (budget.take(world.monotonic())) ...  // Try again now; else put it off.
///
/// Limits    Holds at most `burst` retries.
/// Threads   One at a time.
class HandlerBudget {
public:
    struct Options {
        double ratio = 0.1;      ///< Retries earned by one first attempt.
        double per_second = 10;  ///< Retries earned by a second, so that an idle handler's end too.
        double burst = 100;      ///< Retries that may be saved up.

        /// Checks that the numbers make sense. Errors: `invalid_argument`, naming the number.
        Result<void> check() const;
        bool operator==(const Options&) const = default;
    };

    HandlerBudget() : HandlerBudget(Options{}) {}
    /// A full one.
    explicit HandlerBudget(const Options& options) : options_(options), tokens_(options.burst) {}

    /// Says that something was tried for the first time.
    void first_attempt() noexcept {
        tokens_ += options_.ratio;
        if (tokens_ > options_.burst) tokens_ = options_.burst;
    }
    /// Takes a retry out of the budget. Returns false, taking nothing, if there is none.
    bool take(TimePoint now) noexcept;
    /// Gives back what `take` took: the retry succeeded.
    void give_back() noexcept;
    /// Returns the longest time that one of so many waiting retries should be put off: in which
    /// time alone earns twice as many.
    Duration put_off_max(std::int64_t waiting) const noexcept;

private:
    Options options_;
    double tokens_;
    TimePoint refilled_{};
};

}  // namespace tidings
