#include "service/disk_watch.h"

#include <tidings/io/file.h>

#include "base/test_points.h"

#include <algorithm>
#include <utility>

namespace tidings {

namespace {

constexpr std::uint64_t zeros_bytes = 64 * 1024;

std::string mebibytes(std::uint64_t bytes) {
    constexpr std::uint64_t mebibyte = 1024 * 1024;
    if (bytes < mebibyte) return std::to_string(bytes / 1024) + " KiB";
    return std::to_string(bytes / mebibyte) + " MiB";
}

}  // namespace

DiskWatch::DiskWatch(io::World& world, Options options, std::function<bool()> is_refused,
                     std::function<void(const std::optional<Error>&)> hold)
    : world_(world),
      options_(std::move(options)),
      is_refused_(std::move(is_refused)),
      hold_(std::move(hold)),
      path_(options_.directory + "/reserve") {}

DiskState DiskWatch::state() const {
    const std::lock_guard lock{mutex_};
    return state_;
}

bool DiskWatch::make_reserve(std::uint64_t bytes) {
    if (bytes == 0 || reserve_ > 0) return true;
    // Hosts in other processes may share the directory, and with it the reserve.
    auto file = world_.files().open(path_, io::OpenMode::create);
    if (!file) return false;
    const std::string zeros(zeros_bytes, '\0');
    const Result<std::uint64_t> size = (*file)->size();
    std::uint64_t at = size ? *size : 0;
    Result<void> written;
    for (; written && at < bytes; at += zeros.size()) written = (*file)->write_at(at, zeros);
    if (written) written = (*file)->flush();
    if (!written) {
        (void)world_.files().remove(path_);
        return false;
    }
    reserve_ = at;
    return true;
}

void DiskWatch::give_up(const io::DiskSpace& space) {
    reached("disk.reserve_given_up");
    (void)world_.files().remove(path_);
    taken_at_ = 2 * std::max(reserve_, std::uint64_t{zeros_bytes});
    reserve_ = 0;
    is_full_ = true;
    Error error{ErrorCode::unavailable,
                "the disk of " + options_.directory + " is full (" + mebibytes(space.bytes_free) +
                    " left): nothing new is taken",
                "make room; the services then go on by themselves"};
    options_.journal.write(LogLevel::error, error.message, {{"hint", error.hint}});
    hold_(error);
    publish(DiskState::Level::full, space, std::move(error));
}

void DiskWatch::take_back(const io::DiskSpace& space) {
    if (!make_reserve(taken_at_ / 2)) return;
    reached("disk.room_again");
    is_full_ = false;
    options_.journal.write(LogLevel::info, "the disk has room again, and the intake goes on");
    hold_(std::nullopt);
    publish(DiskState::Level::ok, space, std::nullopt);
}

void DiskWatch::look(const io::DiskSpace& space) {
    const std::uint64_t wanted = std::min(options_.reserve_bytes, space.bytes_total / 16);
    if (is_full_) {
        taken_at_ = std::max(taken_at_, 2 * wanted);
        if (space.bytes_free >= taken_at_ && !is_refused_()) return take_back(space);
        return publish(DiskState::Level::full, space, state().error);
    }
    if (is_refused_() || space.bytes_free < wanted / 2 || !make_reserve(wanted)) {
        return give_up(space);
    }
    const std::uint64_t low = std::min(options_.low_bytes, space.bytes_total / 10);
    if (space.bytes_free >= low) return publish(DiskState::Level::ok, space, std::nullopt);
    publish(DiskState::Level::low, space,
            Error{ErrorCode::limit_exceeded,
                  "the disk of " + options_.directory + " has " + mebibytes(space.bytes_free) +
                      " left of " + mebibytes(space.bytes_total),
                  "make room before it is full: du -sh " + options_.directory + "/*"});
}

void DiskWatch::publish(DiskState::Level level, const io::DiskSpace& space,
                        std::optional<Error> error) {
    const std::lock_guard lock{mutex_};
    if (level == DiskState::Level::low && state_.level == DiskState::Level::ok) {
        options_.journal.write(LogLevel::warning, error->message, {{"hint", error->hint}});
    }
    state_ = {level, space, reserve_, std::move(error)};
}

TimePoint DiskWatch::poll(TimePoint now) {
    // What cannot be measured is not held against anybody.
    if (const Result<io::DiskSpace> space = world_.disk_space(options_.directory)) look(*space);
    return now + interval;
}

}  // namespace tidings
