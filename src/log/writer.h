#pragma once

#include <tidings/log/log.h>

#include "log/page.h"
#include "log/segment.h"

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace tidings::log {

/// Files are grown by so many zeros at a time, so that most flushes find nothing but data to write.
inline constexpr std::uint64_t prewrite_bytes = 1024 * 1024;
/// Freed segments that are kept to be used again.
inline constexpr std::size_t spares_max = 2;

/// Writes zeros over `[from, to)`.
Result<void> write_zeros(io::File& file, std::uint64_t from, std::uint64_t to);

/// A segment that is no longer written to.
struct SealedSegment {
    std::int64_t first = 0;
    std::int64_t created = 0;
    std::uint64_t bytes = 0;
};

/// The segment that is written to, and the end of what was acknowledged in it.
struct Tail {
    Segment segment;
    Place place;
    std::uint64_t file_bytes = 0;  ///< All of them written before: data, zeros or stale bytes.
    std::int64_t durable_to = 0;
    std::int64_t appended = 0;  ///< Of the last record, in milliseconds.
};

/// What recovery found in a directory that holds segments.
struct Recovered {
    std::deque<SealedSegment> sealed;
    Tail tail;
    std::uint64_t bytes_cut = 0;
};

/// Reads the last segment to its end and cuts what was never acknowledged (R3). `told` is what the
/// writer before us said in this boot, if it is known for the log asked about.
/// Errors: `corruption`, `unsupported`, `io_error`. On error nothing has changed.
Result<Recovered> recover(io::FileSystem& files, const std::string& directory,
                          const std::vector<std::int64_t>& firsts, ProgressPage& told,
                          bool durable);

/// Makes segments, from files that retention freed where there are any.
class SegmentMaker {
public:
    SegmentMaker(io::World& world, std::string directory)
        : world_(world), directory_(std::move(directory)) {}

    /// Removes what an interrupted `make` left, and finds the spare files.
    Result<void> tidy_up();
    /// Makes the segment that `header` describes, but for its epoch, durable before it returns.
    /// On error nothing has changed that a second call would not mend.
    Result<Segment> make(SegmentHeader header, std::uint64_t bytes_max);
    /// Takes a segment out of the log, durably; its file may become a spare.
    Result<void> retire(std::int64_t first);
    /// Returns whether a flush failed, which is final (R6).
    bool flush_failed() const noexcept { return flush_failed_; }

private:
    Result<void> flush_directory();

    io::World& world_;
    std::string directory_;
    std::vector<std::string> spares_;
    bool flush_failed_ = false;
};

}  // namespace tidings::log
