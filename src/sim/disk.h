#pragma once

#include <tidings/io/world.h>
#include <tidings/sim/random.h>
#include <tidings/sim/world.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace tidings::sim {

/// One life of a process: what it holds dies with it.
struct Life {
    explicit Life(std::string name) : process(std::move(name)) {}

    std::string process;
    bool alive = true;
    std::uint64_t operations = 0;  ///< Changes of the disk that it made.
    std::uint64_t stop_at = std::numeric_limits<std::uint64_t>::max();

    bool is_over() const noexcept { return !alive || operations >= stop_at; }
};

/// What all processes see of a shared page.
struct PageState {
    std::array<std::atomic<std::uint64_t>, io::SharedPage::words_count> words{};
    std::uint32_t wakes = 0;
};

/// The bytes of a file: as they are read now, and as they would be after a loss of power.
class FileData {
public:
    static constexpr std::size_t block_bytes = 4096;
    static constexpr std::size_t sector_bytes = 512;

    std::uint64_t size() const noexcept { return size_; }
    std::size_t read(std::uint64_t offset, std::span<char> into) const;
    void write(std::uint64_t offset, std::string_view bytes);
    void truncate(std::uint64_t size);
    /// Makes all durable but the blocks that an earlier failed flush gave up.
    void flush();
    /// Gives up what is not durable: only a new write makes it a candidate again.
    void fail_flush();
    /// Lets each block that is not durable be new, old or torn, and the size likewise. What was cut
    /// off is back as a whole, or gone: a file system changes the length of a file as one.
    void lose_power(Random& random);
    std::uint32_t checksum(std::uint32_t seed) const;

    std::shared_ptr<PageState> page;    ///< If it is shared.
    std::shared_ptr<Life> lock_holder;  ///< If it is locked.
    std::string lock_text;
    std::uint64_t lock_number = 0;  ///< Tells one lock from the next.

private:
    using Block = std::array<char, block_bytes>;
    using BlockPointer = std::unique_ptr<Block>;  ///< Null: all zero.
    using Blocks = std::map<std::uint64_t, BlockPointer>;

    void remember(std::uint64_t index);
    void tear(std::uint64_t index, const Block* old_block, Random& random);
    void trim();
    void decide_cut(Blocks& uncertain, Random& random);

    std::uint64_t size_ = 0;
    std::uint64_t durable_size_ = 0;
    std::optional<std::uint64_t> cut_to_;  ///< The smallest size since the last flush, if smaller.
    std::vector<BlockPointer> blocks_;
    Blocks pending_;   ///< Blocks written since the last flush, as they are on the disk.
    Blocks given_up_;  ///< Likewise, of blocks that a failed flush took for clean.
};

/// The disk that all processes of a world share.
class Disk {
public:
    Disk(DiskProfile profile, Random random) : profile_(profile), random_(random) {}

    using FilePointer = std::shared_ptr<FileData>;
    using Names = std::map<std::string, FilePointer>;

    Result<FilePointer> find_or_make(Life& life, const std::string& path, io::OpenMode mode);
    Result<std::vector<std::string>> list(const std::string& directory) const;
    Result<void> make_directory(Life& life, const std::string& path);
    Result<void> rename(Life& life, const std::string& from, const std::string& to);
    Result<void> remove(Life& life, const std::string& path);
    Result<void> flush_directory(Life& life, const std::string& path);

    Result<std::size_t> read(Life& life, const std::string& path, const FileData& file,
                             std::uint64_t offset, std::span<char> into);
    Result<void> write(Life& life, const std::string& path, FileData& file, std::uint64_t offset,
                       std::string_view bytes);
    Result<void> flush(Life& life, const std::string& path, FileData& file);
    Result<void> truncate(Life& life, const std::string& path, FileData& file, std::uint64_t size);

    void lose_power();
    void heal();
    std::uint64_t bytes() const;
    std::uint64_t digest() const;

    std::vector<DiskFault> faults;
    DiskRates rates;
    /// Has time pass, as an operation that takes some does.
    std::function<void(Duration)> pass_time;
    std::uint64_t bytes_max = std::numeric_limits<std::uint64_t>::max();
    std::uint64_t operations = 0;
    std::uint64_t stop_at = std::numeric_limits<std::uint64_t>::max();
    std::uint64_t next_lock = 0;

private:
    /// A change of names that is not durable yet.
    struct Change {
        std::string from;  ///< Empty: `to` was made.
        std::string to;    ///< Empty: `from` was removed.
        FilePointer file;
    };

    Result<void> admit(const Life& life) const;
    Result<void> admit_change(Life& life);
    bool is_due(DiskOperation operation, const Life& life, const std::string& path);
    bool is_drawn(DiskOperation operation);
    void take_time();
    bool has_directory(const std::string& path) const;
    void record(Change change);
    static void apply(const Change& change, Names& names);

    DiskProfile profile_;
    Random random_;
    Names names_;
    Names durable_names_;
    std::vector<Change> changes_;
    std::set<std::string> directories_;
};

/// Returns `path` without doubled slashes, `./` at its start and slashes at its end.
std::string plain(const std::string& path);
std::string directory_of(const std::string& path);

}  // namespace tidings::sim
