#include <tidings/base/assert.h>
#include <tidings/io/signals.h>

#include "io/posix.h"

#include <algorithm>
#include <chrono>
#include <ctime>
#include <signal.h>
#include <unistd.h>

namespace tidings::io {

namespace {

sigset_t ending_signals() {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    return set;
}

}  // namespace

struct Signals::Impl {
    sigset_t waited_for = ending_signals();
    sigset_t mask_before{};
    struct sigaction pipe_before {};
    bool seen = false;

    bool take(Duration timeout) const {
        const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(timeout);
        timespec limit{};
        limit.tv_sec = seconds.count();
        limit.tv_nsec = (timeout - seconds).count();
        return sigtimedwait(&waited_for, nullptr, &limit) > 0;
    }
};

Signals::Signals() : impl_(std::make_unique<Impl>()) {
    TIDINGS_ASSERT(pthread_sigmask(SIG_BLOCK, &impl_->waited_for, &impl_->mask_before) == 0);
    struct sigaction ignore {};
    ignore.sa_handler = SIG_IGN;
    TIDINGS_ASSERT(sigaction(SIGPIPE, &ignore, &impl_->pipe_before) == 0);
}

Signals::~Signals() {
    // What is still pending was meant for us; unblocked, it would end the process.
    while (impl_->take(Duration::zero())) {
    }
    sigaction(SIGPIPE, &impl_->pipe_before, nullptr);
    pthread_sigmask(SIG_SETMASK, &impl_->mask_before, nullptr);
}

bool Signals::wait(Duration timeout) {
    const TimePoint deadline = deadline_after(timeout);
    while (!impl_->seen) {
        const auto left = deadline - std::chrono::steady_clock::now();
        impl_->seen = impl_->take(std::max<Duration>(left, Duration::zero()));
        if (!impl_->seen && left <= Duration::zero()) return false;
        if (impl_->seen) {
            // SIGTERM stays blocked: supervisors such as timeout(1) send it twice at once.
            sigset_t interrupt;
            sigemptyset(&interrupt);
            sigaddset(&interrupt, SIGINT);
            pthread_sigmask(SIG_UNBLOCK, &interrupt, nullptr);
        }
    }
    return true;
}

void Signals::request() noexcept { kill(getpid(), SIGTERM); }

}  // namespace tidings::io
