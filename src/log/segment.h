#pragma once

#include <tidings/io/world.h>

#include "log/format.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tidings::log {

/// A segment's open file and what its first block says.
struct Segment {
    std::string path;
    std::unique_ptr<io::File> file;
    SegmentHeader header;
};

/// Opens the segment of `directory` that begins at `first`.
/// Errors: `not_found`, `io_error`; `corruption` and `unsupported`, which name file and byte.
Result<Segment> open_segment(io::FileSystem& files, const std::string& directory,
                             std::int64_t first, io::OpenMode mode);

/// Returns the first offsets of the segments of `directory`, rising; none if it does not exist.
Result<std::vector<std::int64_t>> list_segments(io::FileSystem& files,
                                                const std::string& directory);

/// Makes the error that names file and byte offset.
Error corrupt_at(const std::string& path, std::uint64_t position, std::string_view what);

/// A buffer over a part of a file.
class Window {
public:
    /// Returns the bytes from `position`, `bytes` of them or fewer at the end of the file, and
    /// reads on to `ahead_to` (within bounds) where it has to read anyway. Views of earlier calls
    /// live if `holds()` was true for this one.
    Result<std::string_view> view(const io::File& file, std::uint64_t position, std::size_t bytes,
                                  std::uint64_t ahead_to);
    bool holds(std::uint64_t position, std::size_t bytes) const noexcept;
    void drop() noexcept { size_ = 0; }

private:
    std::unique_ptr<char[]> data_;
    std::size_t capacity_ = 0;
    std::size_t size_ = 0;
    std::uint64_t begin_ = 0;
};

/// A batch whose checksums, epoch, offset and chain were found right.
struct Batch {
    BatchHeader header;
    std::uint64_t position = 0;
    std::string_view body;

    std::uint64_t end() const noexcept { return position + header.file_bytes(); }
};

/// Where the next batch is looked for, and what it must say to be the next.
struct Place {
    std::uint64_t position = block_bytes;
    std::int64_t offset = 0;
    std::optional<std::uint32_t> previous_crc{};  ///< Not checked where it is not known.

    static Place start_of(const Segment& segment) {
        return {block_bytes, segment.header.first, segment.header.previous_crc};
    }
    static Place behind(const Batch& batch) {
        return {batch.end(), batch.header.end(), batch.header.crc};
    }
};

/// Returns the batch at `place`; nothing if what stands there is not it: zeros, stale or damaged
/// bytes. Errors: `io_error`.
Result<std::optional<Batch>> load_batch(const Segment& segment, const Place& place, Window& window,
                                        std::uint64_t ahead_to);

/// What lies in a segment at and behind a place that holds no valid batch.
struct TailScan {
    /// Where the remnants of batches of this epoch end; the place itself if there are none.
    std::uint64_t remnants_to = 0;
    /// The batch whose header says that what was at the place had been durable (R3).
    std::optional<std::uint64_t> witness;
};

/// Looks through all blocks behind `place`. Costs one reading of the rest of the file.
Result<TailScan> scan_tail(const Segment& segment, const Place& place);

}  // namespace tidings::log
