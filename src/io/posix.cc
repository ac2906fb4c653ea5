#include "io/posix.h"

#include <tidings/base/text.h>

#include <climits>

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <fcntl.h>
#include <linux/futex.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <system_error>
#include <unistd.h>

namespace tidings::io {

namespace {

std::string_view hint_for(int error_number) {
    switch (error_number) {
        case EACCES:
        case EPERM:
            return "check the owner and the rights of the file and its directories";
        case ENOSPC:
        case EDQUOT:
            return "make room on the disk";
        case EROFS:
            return "choose a directory on a disk that can be written to";
        case EMFILE:
        case ENFILE:
            return "raise the limit on open files (ulimit -n)";
        case ELOOP:
            return "name the file itself; links are not followed";
        case EIO:
            return "look at the kernel's log; the disk may be failing";
        default:
            return "";
    }
}

ErrorCode code_for(int error_number) {
    switch (error_number) {
        case ENOENT:
            return ErrorCode::not_found;
        case EEXIST:
            return ErrorCode::already_exists;
        case EINVAL:
        case ENAMETOOLONG:
            return ErrorCode::invalid_argument;
        default:
            return ErrorCode::io_error;
    }
}

}  // namespace

Descriptor::~Descriptor() {
    if (number_ >= 0) ::close(number_);
}

Error system_error(int error_number, std::string_view what, const std::string& path) {
    std::string reason = std::generic_category().message(error_number);
    if (!reason.empty() && reason[0] >= 'A' && reason[0] <= 'Z') reason[0] += 'a' - 'A';
    return {code_for(error_number),
            "cannot " + std::string{what} + " " + quote(path, 300) + ": " + reason,
            std::string{hint_for(error_number)}};
}

Result<Descriptor> open_regular(const std::string& path, int flags) {
    if (path.find('\0') != std::string::npos) return system_error(EINVAL, "open", path);
    // Without O_NONBLOCK a planted FIFO would stop us for ever; regular files don't mind it.
    constexpr int always = O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;
    int number = -1;
    do {
        number = ::open(path.c_str(), flags | always, 0600);
    } while (number < 0 && errno == EINTR);
    if (number < 0) return system_error(errno, "open", path);
    Descriptor file{number};
    struct stat status {};
    if (::fstat(number, &status) != 0) return system_error(errno, "look at", path);
    if (!S_ISREG(status.st_mode)) {
        return Error{ErrorCode::invalid_argument, quote(path, 300) + " is not a regular file"};
    }
    return file;
}

TimePoint deadline_after(Duration timeout) noexcept {
    const TimePoint now = std::chrono::steady_clock::now();
    return timeout > TimePoint::max() - now ? TimePoint::max() : now + timeout;
}

void futex_wait(const std::atomic<std::uint32_t>& word, std::uint32_t expected, TimePoint deadline,
                bool between_processes) noexcept {
    // The deadline is absolute on CLOCK_MONOTONIC, which is what steady_clock reads.
    const auto since_start = std::max(deadline.time_since_epoch(), Duration::zero());
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(since_start);
    timespec until{};
    until.tv_sec = seconds.count();
    until.tv_nsec = (since_start - seconds).count();
    const int operation = FUTEX_WAIT_BITSET | (between_processes ? 0 : FUTEX_PRIVATE_FLAG);
    ::syscall(SYS_futex, &word, operation, expected,
              deadline == TimePoint::max() ? nullptr : &until, nullptr, FUTEX_BITSET_MATCH_ANY);
}

void futex_wake(const std::atomic<std::uint32_t>& word, bool between_processes) noexcept {
    const int operation = FUTEX_WAKE | (between_processes ? 0 : FUTEX_PRIVATE_FLAG);
    ::syscall(SYS_futex, &word, operation, INT_MAX, nullptr, nullptr, 0);
}

}  // namespace tidings::io
