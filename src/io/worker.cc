#include <tidings/io/worker.h>

#include "io/posix.h"

#include <chrono>
#include <pthread.h>
#include <string>
#include <thread>
#include <vector>

namespace tidings::io {

namespace {

// States of a bell. Every change is an exchange, so that of a ring and a take that meet either the
// ring comes first and its work is seen, or the ring finds the bell quiet and is remembered.
constexpr std::uint32_t quiet = 0;
constexpr std::uint32_t rung = 1;
constexpr std::uint32_t slept_on = 2;

void name_this_thread(std::string_view name) {
    constexpr std::size_t bytes_max = 15;  // The kernel's own limit.
    ::pthread_setname_np(::pthread_self(), std::string{name.substr(0, bytes_max)}.c_str());
}

}  // namespace

void Wakeup::notify() noexcept {
    if (state_.exchange(rung, std::memory_order_acq_rel) == slept_on) futex_wake(state_, false);
}

bool Wakeup::take() noexcept { return state_.exchange(quiet, std::memory_order_acq_rel) == rung; }

void Wakeup::wait_until(TimePoint until) {
    std::uint32_t expected = quiet;
    state_.compare_exchange_strong(expected, slept_on, std::memory_order_acq_rel);
    while (state_.load(std::memory_order_acquire) == slept_on &&
           std::chrono::steady_clock::now() < until) {
        futex_wait(state_, slept_on, until, false);
    }
    take();
}

struct Runner::Impl {
    struct Running {
        Worker* worker;
        std::thread thread;
    };

    void run(Worker& worker) {
        name_this_thread(worker.name());
        while (!stopping.load(std::memory_order_acquire)) {
            worker.wakeup().take();
            const TimePoint now = std::chrono::steady_clock::now();
            const TimePoint next = worker.poll(now);
            if (next > now) worker.wakeup().wait_until(next);
        }
    }

    std::atomic<bool> stopping{false};
    std::vector<Running> running;
};

Runner::Runner() : impl_(std::make_unique<Impl>()) {}

Runner::~Runner() { stop(); }

void Runner::start(Worker& worker) {
    TIDINGS_ASSERT(!impl_->stopping.load());
    impl_->running.push_back(
        {&worker, std::thread{[impl = impl_.get(), &worker] { impl->run(worker); }}});
}

void Runner::stop() {
    impl_->stopping.store(true, std::memory_order_release);
    for (Impl::Running& one : impl_->running) one.worker->wakeup().notify();
    for (Impl::Running& one : impl_->running) one.thread.join();
    impl_->running.clear();
}

}  // namespace tidings::io
