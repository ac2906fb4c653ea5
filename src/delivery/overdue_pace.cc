#include "delivery/overdue_pace.h"

#include "base/test_points.h"

#include <algorithm>

namespace tidings {

void OverduePace::begin(std::int64_t overdue_count) {
    per_second_ = std::max<std::int64_t>(per_second_min, overdue_count / (window / 1s));
    taken_ = 0;
    began_ = world_.monotonic();
    if (overdue_count > per_second_min) reached("due.spread_overdue");
}

std::size_t OverduePace::allowance() const {
    // A second's worth is there at once when few are overdue; of many, a twentieth of it.
    const std::int64_t first = std::max<std::int64_t>(per_second_min, per_second_ / 20);
    const std::int64_t earned = (world_.monotonic() - began_) / (Duration{1s} / per_second_);
    return static_cast<std::size_t>(std::max<std::int64_t>(first + earned - taken_, 0));
}

Duration OverduePace::wait() const {
    if (!is_active() || allowance() > 0) return 0s;
    return std::max<Duration>(Duration{1s} / per_second_, 1ms);
}

}  // namespace tidings
