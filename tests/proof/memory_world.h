#pragma once

#include <tidings/io/world.h>
#include <tidings/sim/random.h>

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tidings::proof {

/// The bytes of a file. Copies share what they have in common, so a copy costs next to nothing.
class Bytes {
public:
    static constexpr std::size_t block_bytes = 4096;

    std::uint64_t size() const noexcept { return size_; }
    std::size_t read(std::uint64_t offset, std::span<char> into) const;
    void write(std::uint64_t offset, std::string_view bytes);
    void truncate(std::uint64_t size);
    std::string text() const;
    bool operator==(const Bytes& other) const { return text() == other.text(); }

private:
    using Block = std::array<char, block_bytes>;

    std::uint64_t size_ = 0;
    std::vector<std::shared_ptr<Block>> blocks_;  ///< Null: all zero.
};

/// A disk at one moment: every file by its path, and the directories.
struct Image {
    std::map<std::string, Bytes> files;
    std::set<std::string> directories;
};

/// A change of a disk.
struct Operation {
    enum class Kind { make, rename, remove, write, truncate, flush, flush_directory };

    Kind kind = Kind::write;
    std::size_t file = 0;  ///< Which file, whatever its name is; counted from 0.
    std::string path;      ///< Of the file or directory.
    std::string to;        ///< The new name.
    std::uint64_t offset = 0;
    std::uint64_t size = 0;  ///< What it is cut to.
    std::string bytes;
};

std::string_view name_of(Operation::Kind kind) noexcept;

/// A world whose disk is an `Image` in memory, for rigs that need many thousand of them: made in
/// microseconds, told of each change before it happens, and with clocks that only the rig moves.
/// One process; see `sim::SimWorld` for more.
///
/// Threads   One.
class MemoryWorld final : public io::World {
public:
    explicit MemoryWorld(std::uint64_t seed, Image image = {});
    ~MemoryWorld() override;

    Timestamp now() override { return std::chrono::floor<std::chrono::milliseconds>(wall_); }
    TimePoint monotonic() override { return monotonic_; }
    void random(std::span<std::uint8_t> into) override;
    io::FileSystem& files() override;
    std::string boot_id() override { return "memory"; }
    Result<io::DiskSpace> disk_space(const std::string&) override {
        return io::DiskSpace{std::uint64_t{1} << 40, std::uint64_t{1} << 40};
    }
    void end_process(int) override {}

    /// Moves both clocks.
    void advance(Duration by) { wall_ += by, monotonic_ += by; }
    /// Moves the wall clock alone.
    void jump(Duration by) { wall_ += by; }

    /// Is asked before each change; an error is what the change then fails with. Of a write, as
    /// many bytes happen as `written` says.
    using Ask = std::function<Result<void>(const Operation&, std::size_t& written)>;
    void ask(Ask ask);
    /// Is asked before each read of a file.
    void ask_reads(std::function<Result<void>(const std::string& path)> ask);
    /// Has nothing reach the disk any more, as for a process that was killed, until it is said
    /// again that it may.
    void be_dead(bool dead);
    /// Returns the disk as processes see it now.
    Image image() const;

private:
    class Files;

    std::unique_ptr<Files> files_;
    sim::Random random_;
    std::chrono::sys_time<Duration> wall_;
    TimePoint monotonic_{std::chrono::hours{1}};
};

}  // namespace tidings::proof
