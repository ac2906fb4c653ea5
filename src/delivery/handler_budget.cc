#include <tidings/delivery/handler_budget.h>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace tidings {

Result<void> HandlerBudget::Options::check() const {
    const auto wrong = [](std::string_view name, double value, const char* rule, const char* hint) {
        return Error{ErrorCode::invalid_argument,
                     fmt::format("{} {} of a retry budget {}", name, value, rule), hint};
    };
    if (!(ratio >= 0) || !std::isfinite(ratio)) {
        return wrong("ratio", ratio, "is negative", "use 0.1 for one retry in ten first attempts");
    }
    if (!(per_second > 0) || !std::isfinite(per_second)) {
        return wrong("rate per second", per_second, "is not above 0",
                     "without it what waits would wait for ever; use 10");
    }
    if (!(burst >= 1) || !std::isfinite(burst)) {
        return wrong("burst", burst, "is less than 1", "use 100");
    }
    return {};
}

bool HandlerBudget::take(TimePoint now) noexcept {
    if (now > refilled_) {
        const double seconds = std::chrono::duration<double>(now - refilled_).count();
        tokens_ = std::min(tokens_ + seconds * options_.per_second, options_.burst);
        refilled_ = now;
    }
    if (tokens_ < 1) return false;
    tokens_ -= 1;
    return true;
}

void HandlerBudget::give_back() noexcept { tokens_ = std::min(tokens_ + 1, options_.burst); }

Duration HandlerBudget::put_off_max(std::int64_t waiting) const noexcept {
    // Bounded, as what the caller makes of it is: no event waits a day for its turn.
    constexpr double seconds_max = 24 * 60 * 60;
    const double seconds =
        2 * static_cast<double>(std::max<std::int64_t>(waiting, 1)) / options_.per_second;
    return std::chrono::duration_cast<Duration>(
        std::chrono::duration<double>(std::min(seconds, seconds_max)));
}

}  // namespace tidings
