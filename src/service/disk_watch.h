#pragma once

#include <tidings/base/result.h>
#include <tidings/io/worker.h>
#include <tidings/io/world.h>
#include <tidings/telemetry/log.h>

#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace tidings {

/// How full the disk of a data directory is.
struct DiskState {
    enum class Level {
        ok,
        low,   ///< Early alarm: time to make room.
        full,  ///< The reserve is given up, and nothing new is taken.
    };
    Level level = Level::ok;
    io::DiskSpace space;
    std::uint64_t reserve_bytes = 0;  ///< Held back at this moment.
    std::optional<Error> error;       ///< Why it is not ok.
};

/// Watches the room on the disk, and keeps some of it back for the end.
///
/// A disk that is full to the last byte cannot even write down what is done, and deleting rows
/// needs room too. So a file of zeros is held back. When the disk is full, by measure or because a
/// database or log was refused, it is removed and the intake stops: what it gave is enough to mark
/// what is published, to store positions, to settle dead letters, to copy the WAL back. When room
/// has come back, the file is made again and the intake goes on, without a restart.
///
/// Threads   `poll` one; `state` any.
class DiskWatch : public io::Worker {
public:
    struct Options {
        std::string directory;
        /// At most a sixteenth of the disk. 0: none, and only what is refused tells that it is
        /// full.
        std::uint64_t reserve_bytes = 16 * 1024 * 1024;
        /// Below this, or a tenth of the disk if that is less, the alarm is early.
        std::uint64_t low_bytes = 1024 * 1024 * 1024;
        Journal journal;
    };

    /// `is_refused` tells whether a database or log is refused room at this moment. `hold` is told
    /// why nothing new may be taken, and with nothing that it may again.
    DiskWatch(io::World& world, Options options, std::function<bool()> is_refused,
              std::function<void(const std::optional<Error>&)> hold);

    DiskState state() const;

    TimePoint poll(TimePoint now) override;
    std::string_view name() const noexcept override { return "disk watch"; }

private:
    static constexpr Duration interval = 250ms;

    void look(const io::DiskSpace& space);
    void give_up(const io::DiskSpace& space);
    void take_back(const io::DiskSpace& space);
    /// Makes the reserve if there is none. Returns whether it is there.
    bool make_reserve(std::uint64_t bytes);
    void publish(DiskState::Level level, const io::DiskSpace& space, std::optional<Error> error);

    io::World& world_;
    const Options options_;
    const std::function<bool()> is_refused_;
    const std::function<void(const std::optional<Error>&)> hold_;
    const std::string path_;
    std::uint64_t reserve_ = 0;   ///< Bytes of the file; 0 if there is none.
    std::uint64_t taken_at_ = 0;  ///< Room at which the disk counts as usable again.
    bool is_full_ = false;
    mutable std::mutex mutex_;
    DiskState state_;
};

}  // namespace tidings
