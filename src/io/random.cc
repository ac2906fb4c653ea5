#include "io/posix.h"

#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <pthread.h>
#include <sys/random.h>

namespace tidings::io {

namespace {

/// A system call costs as much as fifty ids; a block spreads it.
constexpr std::size_t block_bytes = 4096;

void fill_from_kernel(std::uint8_t* into, std::size_t count) noexcept {
    while (count > 0) {
        const ssize_t done = ::getrandom(into, count, 0);
        // There is no other answer to a kernel without randomness than to stop.
        TIDINGS_ASSERT(done > 0 || errno == EINTR);
        if (done <= 0) continue;
        into += done;
        count -= static_cast<std::size_t>(done);
    }
}

/// Counts forks, so that a child doesn't go on with its parent's block: both would make equal ids.
std::atomic<std::uint32_t> forks{0};

void count_fork() { forks.fetch_add(1, std::memory_order_relaxed); }

class Block {
public:
    void take(std::uint8_t* into, std::size_t count) noexcept {
        const std::uint32_t now = forks.load(std::memory_order_relaxed);
        if (now != forks_seen_ || count > left_) {
            fill_from_kernel(bytes_.data(), bytes_.size());
            left_ = bytes_.size();
            forks_seen_ = now;
        }
        left_ -= count;
        std::memcpy(into, bytes_.data() + left_, count);
        std::memset(bytes_.data() + left_, 0, count);  // What was given out stays with the caller.
    }

private:
    std::array<std::uint8_t, block_bytes> bytes_{};
    std::size_t left_ = 0;
    std::uint32_t forks_seen_ = 0;
};

}  // namespace

void fill_random(std::uint8_t* into, std::size_t count) noexcept {
    static const int registered = ::pthread_atfork(nullptr, nullptr, count_fork);
    TIDINGS_ASSERT(registered == 0);
    thread_local Block block;
    if (count > block_bytes / 4) {
        fill_from_kernel(into, count);
    } else {
        block.take(into, count);
    }
}

}  // namespace tidings::io
