#include <tidings/resilience/retry_policy.h>

#include <fmt/format.h>

#include <cmath>

namespace tidings {

Result<void> RetryPolicy::check() const {
    const auto wrong = [](std::string message, const char* hint) {
        return Error{ErrorCode::invalid_argument, std::move(message), hint};
    };
    if (attempts < 1) {
        return wrong(fmt::format("attempts {} of a retry policy is less than 1", attempts),
                     "use 1 for no retries");
    }
    if (!(factor >= 1) || !std::isfinite(factor)) {
        return wrong(fmt::format("factor {} of a retry policy is less than 1", factor),
                     "use 1 for equal delays, 2 to double them");
    }
    if (initial_delay < Duration::zero()) {
        return wrong("initial delay of a retry policy is negative", "use 0 to retry at once");
    }
    if (delay_max < initial_delay) {
        return wrong("longest delay of a retry policy is shorter than its initial delay",
                     "raise the longest delay or lower the initial one");
    }
    if (attempt_deadline < Duration::zero()) {
        return wrong("attempt deadline of a retry policy is negative", "use 0 for none");
    }
    return {};
}

Duration RetryPolicy::bound(int attempt) const noexcept {
    const double growth = std::pow(factor, attempt > 1 ? attempt - 1 : 0);
    const double nanoseconds = static_cast<double>(initial_delay.count()) * growth;
    // Compared as floating point: a late attempt's bound is past what an integer can hold.
    if (!(nanoseconds < static_cast<double>(delay_max.count()))) return delay_max;
    return Duration{static_cast<Duration::rep>(nanoseconds)};
}

Duration RetryPolicy::delay(int attempt, std::uint64_t random) const noexcept {
    const auto choices = static_cast<std::uint64_t>(bound(attempt).count()) + 1;
    return Duration{static_cast<Duration::rep>(random % choices)};
}

}  // namespace tidings
