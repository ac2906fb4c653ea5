#pragma once

#include <tidings/base/time.h>

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string_view>
#include <vector>

namespace tidings::io {

/// A bell that any thread may ring to have a worker polled soon. Ringing is remembered.
class Wakeup {
public:
    /// Asks for a poll. Any thread; cheap when already rung.
    void notify() noexcept;
    /// Returns whether it was rung since the last take, and forgets it.
    bool take() noexcept;
    /// Waits until rung or `until`, then forgets the ring. For a Runner's thread.
    void wait_until(TimePoint until);

private:
    std::mutex mutex_;
    std::condition_variable condition_;
    std::atomic<bool> rung_{false};
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
/// Lifetime  The workers must outlive the Runner. `stop()` (or the destructor) returns after each
///           worker's current `poll()`.
class Runner {
public:
    Runner();
    ~Runner();
    void start(Worker& worker);
    void stop();

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace tidings::io
