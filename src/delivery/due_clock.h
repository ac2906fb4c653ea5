#pragma once

#include <tidings/io/world.h>
#include <tidings/store/store.h>

#include <mutex>

namespace tidings {

/// The time by which timers, retries and questions to the outside world are due.
///
/// It is the wall clock's as long as that behaves, and never falls behind the monotonic one: when
/// the wall clock is set back, this one goes on at its own pace, so an interval that was set before
/// ends when it should and nothing waits a day. When the wall clock is set ahead, or the machine
/// slept, it follows. What it says is kept now and then, and after a restart it begins no earlier:
/// a wall clock that is wrong then may cost an interval what passed since, and no more.
///
/// Threads   Any; `open` and `before_commit` the step loop's.
class DueClock {
public:
    explicit DueClock(io::World& world);

    Timestamp now();
    /// Begins no earlier than it was when something that waits was set, or when it was kept.
    void open(StoreTransaction& tx);
    /// Keeps what it says, now and then.
    void before_commit(StoreTransaction& tx);
    /// Whether it should be kept although nothing else is: nobody else knows the time.
    bool is_worth_keeping();

private:
    using Exact = std::chrono::sys_time<std::chrono::nanoseconds>;

    io::World& world_;
    std::mutex mutex_;
    Exact last_;  // What was told at `at_`.
    TimePoint at_;
    Timestamp kept_{};
};

}  // namespace tidings
