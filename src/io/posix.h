#pragma once

#include <tidings/base/result.h>
#include <tidings/base/time.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace tidings::io {

class FileSystem;
class SharedPage;
struct DiskSpace;

/// An open file descriptor that closes itself.
class Descriptor {
public:
    Descriptor() = default;
    explicit Descriptor(int number) : number_(number) {}
    Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
    /// Hands the file held before to `other`, which closes it when it ends.
    Descriptor& operator=(Descriptor&& other) noexcept {
        std::swap(number_, other.number_);
        return *this;
    }
    ~Descriptor();
    int get() const noexcept { return number_; }

private:
    int number_ = -1;
};

/// Returns what `error_number` (an errno) means for doing `what` (`open`, `write to`) to `path`.
Error system_error(int error_number, std::string_view what, const std::string& path);

/// Opens a regular file; never follows a link at the end of the path, never blocks, is not
/// inherited by child processes.
Result<Descriptor> open_regular(const std::string& path, int flags);

/// Whether somebody holds the lock of `path` (`FileSystem::lock`), in this process or another.
bool is_locked(const std::string& path) noexcept;

/// Returns the moment `timeout` from now, or the last there is.
TimePoint deadline_after(Duration timeout) noexcept;

/// Waits on `word` while it holds `expected`, until `deadline` at the latest. May return early.
void futex_wait(const std::atomic<std::uint32_t>& word, std::uint32_t expected, TimePoint deadline,
                bool between_processes) noexcept;
/// Wakes all who wait on `word`.
void futex_wake(const std::atomic<std::uint32_t>& word, bool between_processes) noexcept;

Result<std::unique_ptr<SharedPage>> map_shared_page(const std::string& path);

Result<DiskSpace> posix_disk_space(const std::string& path);

[[noreturn]] void end_this_process(int status) noexcept;

/// Returns the files of this machine.
FileSystem& posix_files();

/// Fills `into` from the kernel's generator, in blocks.
void fill_random(std::uint8_t* into, std::size_t count) noexcept;

}  // namespace tidings::io
