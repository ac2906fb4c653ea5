#pragma once

#include <tidings/base/time.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <string_view>

namespace tidings::io {

/// A bell that any thread may ring to have a worker polled soon. Ringing is remembered.
///
/// Guarantees
/// - Not lost. What a thread wrote before `notify()` is seen by whoever takes that ring.
/// - Cheap. `notify()` makes a system call only when somebody sleeps on the bell.
///
/// Threads   `notify()` from any; `take()` and `wait_until()` from the one that answers the bell.
class Wakeup {
public:
    /// Asks for a poll. Any thread; cheap when already rung.
    void notify() noexcept;
    /// Returns whether it was rung since the last take, and forgets it.
    bool take() noexcept;
    /// Waits until rung or `until`, then forgets the ring. For a Runner's thread.
    void wait_until(TimePoint until);

private:
    std::atomic<std::uint32_t> state_{0};  // quiet, rung or slept on; see worker.cc
};

/// Something that makes progress when asked and never blocks.
///
/// In production a thread calls `poll()` and sleeps until the time it returns or until it is woken.
/// In simulation one scheduler calls the workers of all services in an order drawn from a seed.
/// Therefore a worker keeps no thread, waits for nothing but a bounded disk flush, and does a
/// bounded amount of work in one call.
class Worker {
public:
    static constexpr TimePoint when_woken = TimePoint::max();

    virtual ~Worker() = default;
    /// Does at most one batch of work. Returns when to be called again at the latest; `now` or
    /// earlier means at once, `when_woken` means not before `wakeup()` is rung.
    virtual TimePoint poll(TimePoint now) = 0;
    virtual std::string_view name() const noexcept = 0;
    /// Rung by whoever has work for this worker.
    Wakeup& wakeup() noexcept { return wakeup_; }

private:
    Wakeup wakeup_;
};

/// Threads that poll workers, one thread each, until stopped.
///
/// A `poll()` that returns now or earlier is followed by another at once, without a look at the
/// bell. An exception out of `poll()` ends the process.
///
/// Threads   One thread, which is none of those it runs.
/// Lifetime  The workers must outlive the Runner. `stop()` (or the destructor) returns after each
///           worker's current `poll()`.
class Runner {
public:
    Runner();
    ~Runner();
    Runner(const Runner&) = delete;
    Runner& operator=(const Runner&) = delete;
    /// Polls `worker` on a thread of its own, which bears its name. Requires: not yet stopped.
    void start(Worker& worker);
    /// Stops polling, all workers at the same time, and waits. Again is harmless.
    void stop();

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace tidings::io
