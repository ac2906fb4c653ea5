#pragma once

#include <tidings/base/time.h>

#include <cstddef>
#include <deque>

namespace tidings {

/// How the last calls went: at most so many, none older than so long.
class CallWindow {
public:
    CallWindow(std::size_t calls_max, Duration age_max)
        : calls_max_(calls_max), age_max_(age_max) {}

    void add(TimePoint at, bool failed, bool slow) {
        expire(at);
        if (calls_.size() == calls_max_) drop_oldest();
        calls_.push_back({at, failed, slow});
        failed_ += failed ? 1 : 0;
        slow_ += slow ? 1 : 0;
    }
    void clear() {
        calls_.clear();
        failed_ = slow_ = 0;
    }

    std::size_t count() const noexcept { return calls_.size(); }
    std::size_t failed() const noexcept { return failed_; }
    std::size_t slow() const noexcept { return slow_; }
    double failure_rate() const noexcept { return share(failed_); }
    double slow_rate() const noexcept { return share(slow_); }

private:
    struct Call {
        TimePoint at;
        bool failed;
        bool slow;
    };

    void expire(TimePoint now) {
        while (!calls_.empty() && now - calls_.front().at >= age_max_) drop_oldest();
    }
    void drop_oldest() {
        failed_ -= calls_.front().failed ? 1 : 0;
        slow_ -= calls_.front().slow ? 1 : 0;
        calls_.pop_front();
    }
    double share(std::size_t part) const noexcept {
        return calls_.empty() ? 0 : static_cast<double>(part) / static_cast<double>(calls_.size());
    }

    const std::size_t calls_max_;
    const Duration age_max_;
    std::deque<Call> calls_;
    std::size_t failed_ = 0;
    std::size_t slow_ = 0;
};

}  // namespace tidings
