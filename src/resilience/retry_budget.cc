#include <tidings/base/assert.h>
#include <tidings/resilience/retry_budget.h>

#include <algorithm>

namespace tidings {

RetryBudget::RetryBudget(double ratio, double reserve)
    : ratio_(ratio), reserve_(reserve), left_(reserve) {
    TIDINGS_ASSERT(ratio >= 0 && reserve >= 0);
}

void RetryBudget::first_try() noexcept {
    const std::lock_guard lock{mutex_};
    left_ = std::min(left_ + ratio_, reserve_);
}

bool RetryBudget::take() noexcept {
    const std::lock_guard lock{mutex_};
    // A hair of tolerance: ten times a tenth is a little less than one.
    if (left_ < 1 - 1e-9) return false;
    left_ = std::max(left_ - 1, 0.0);
    return true;
}

}  // namespace tidings
