#include "base/test_points.h"
#include "log/writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace tidings::log {
namespace {

struct ReadToEnd {
    Place end;
    std::int64_t appended = 0;
    std::optional<Place> unattested;  ///< The first batch that no later one calls durable.
};

Result<ReadToEnd> read_to_end(const Segment& segment) {
    ReadToEnd found{Place::start_of(segment), segment.header.created, std::nullopt};
    const auto size = segment.file->size();
    if (!size) return with_context(size.error(), segment.path);
    std::vector<Place> places;  // Of the batches that may not be durable: one, in a durable log.
    Window window;
    while (true) {
        const auto batch = load_batch(segment, found.end, window, *size);
        if (!batch) return batch.error();
        if (!*batch) break;
        const std::int64_t durable_to = (*batch)->header.durable_to;
        std::erase_if(places, [&](const Place& place) { return place.offset < durable_to; });
        places.push_back(found.end);
        found.appended = std::max(found.appended, (*batch)->header.appended);
        found.end = Place::behind(**batch);
    }
    if (!places.empty()) found.unattested = places.front();
    if (planted(Mistake::cuts_acknowledged_records) && found.unattested) {
        found.end = *std::exchange(found.unattested, std::nullopt);
    }
    return found;
}

/// Writes again, unchanged, what may have reached nothing but the page cache: after a failed flush
/// of the process before us the kernel may call a page clean that the disk does not have.
Result<void> rewrite(const Segment& segment, std::uint64_t from, std::uint64_t to) {
    std::string bytes(256 * 1024, '\0');
    while (from < to) {
        bytes.resize(std::min<std::uint64_t>(bytes.size(), to - from));
        const auto read = segment.file->read_at(from, bytes);
        if (!read) return read.error();
        if (*read == 0) break;
        bytes.resize(*read);
        if (auto written = segment.file->write_at(from, bytes); !written) return written;
        from += bytes.size();
    }
    return {};
}

/// Cuts the remnants behind the end, makes the rest durable, and so ends recovery.
Result<void> settle(Tail& tail, const ReadToEnd& found, const TailScan& scan, bool durable) {
    Segment& segment = tail.segment;
    const std::uint64_t end = found.end.position;
    Result<void> done = write_zeros(*segment.file, end, scan.remnants_to);
    if (done && durable && found.unattested) {
        reached("log.rewrote_the_last_batch");
        done = rewrite(segment, found.unattested->position, end);
    }
    if (done) done = segment.file->flush();
    if (!done) return with_context(done.error(), segment.path);
    tail.durable_to = found.end.offset;
    return {};
}

Result<std::deque<SealedSegment>> look_at_sealed(io::FileSystem& files,
                                                 const std::string& directory,
                                                 const std::vector<std::int64_t>& firsts,
                                                 const Uuid& log) {
    std::deque<SealedSegment> sealed;
    for (std::size_t i = 0; i + 1 < firsts.size(); ++i) {
        const auto segment = open_segment(files, directory, firsts[i], io::OpenMode::read);
        if (!segment) return segment.error();
        if (segment->header.log != log) {
            return corrupt_at(segment->path, 0, "this segment is another log's");
        }
        const auto size = segment->file->size();
        if (!size) return with_context(size.error(), segment->path);
        sealed.push_back({firsts[i], segment->header.created, *size});
    }
    return sealed;
}

}  // namespace

Result<Recovered> recover(io::FileSystem& files, const std::string& directory,
                          const std::vector<std::int64_t>& firsts, ProgressPage& told,
                          bool durable) {
    Recovered recovered;
    Tail& tail = recovered.tail;
    auto segment = open_segment(files, directory, firsts.back(), io::OpenMode::write);
    if (!segment) return segment.error();
    tail.segment = std::move(*segment);
    auto sealed = look_at_sealed(files, directory, firsts, tail.segment.header.log);
    if (!sealed) return sealed.error();
    recovered.sealed = std::move(*sealed);

    const auto found = read_to_end(tail.segment);
    if (!found) return found.error();
    const auto scan = scan_tail(tail.segment, found->end);
    if (!scan) return scan.error();
    if (scan->witness) {
        return corrupt_at(
            tail.segment.path, found->end.position,
            fmt::format("the batch of offset {} is damaged, but was acknowledged: the one at byte "
                        "{} says so",
                        found->end.offset, *scan->witness));
    }
    const auto progress = told.read(tail.segment.header.log);
    if (progress && progress->watermark > found->end.offset) {
        Error error =
            corrupt_at(tail.segment.path, found->end.position,
                       fmt::format("the log ends at offset {}, but was acknowledged up to {}",
                                   found->end.offset, progress->watermark));
        error.hint += fmt::format("; if this directory is a copy, remove {} from it",
                                  progress_page_path(directory));
        return error;
    }
    if (auto settled = settle(tail, *found, *scan, durable); !settled) return settled.error();
    const auto size = tail.segment.file->size();
    if (!size) return with_context(size.error(), tail.segment.path);
    tail.place = found->end;
    tail.file_bytes = *size;
    tail.appended = found->appended;
    recovered.bytes_cut = scan->remnants_to - found->end.position;
    return recovered;
}

}  // namespace tidings::log
