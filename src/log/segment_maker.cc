#include <tidings/io/file.h>

#include "base/test_points.h"
#include "log/writer.h"

#include <algorithm>
#include <utility>

namespace tidings::log {
namespace {

constexpr std::string_view spare_prefix = "spare-";
constexpr std::string_view unfinished_name = "next.tmp";

}  // namespace

Result<void> write_zeros(io::File& file, std::uint64_t from, std::uint64_t to) {
    static const std::string zeros(256 * 1024, '\0');
    while (from < to) {
        const std::size_t bytes = std::min<std::uint64_t>(zeros.size(), to - from);
        if (auto written = file.write_at(from, std::string_view{zeros}.substr(0, bytes));
            !written) {
            return written;
        }
        from += bytes;
    }
    return {};
}

Result<void> SegmentMaker::tidy_up() {
    auto names = world_.files().list(directory_);
    if (!names) return names.error();
    for (const std::string& name : *names) {
        const bool spare = name.starts_with(spare_prefix);
        if (spare && spares_.size() < spares_max) {
            spares_.push_back(directory_ + "/" + name);
        } else if (spare || name == unfinished_name) {
            reached("log.unfinished_segment_removed");
            if (auto removed = world_.files().remove(directory_ + "/" + name); !removed) {
                return removed;
            }
        }
    }
    return {};
}

Result<Segment> SegmentMaker::make(SegmentHeader header, std::uint64_t bytes_max) {
    io::FileSystem& files = world_.files();
    const bool reused = !spares_.empty();
    const std::string source =
        reused ? spares_.back() : directory_ + "/" + std::string{unfinished_name};
    if (!reused) {
        if (auto removed = files.remove(source);
            !removed && removed.error().code != ErrorCode::not_found) {
            return removed.error();
        }
    }
    auto file = files.open(source, reused ? io::OpenMode::write : io::OpenMode::create_new);
    if (!file) return file.error();
    if (reused) {
        const auto size = (*file)->size();
        if (!size) return size.error();
        header.stale_to = *size;
        reached("log.segment_used_again");
    }
    header.epoch = world_.random_number();
    // The header goes first: a reader that still holds the freed file then finds that it is
    // another segment's, before it finds strange bytes in it.
    auto done = (*file)->write_at(0, encode(header));
    if (done && !reused) {
        done = write_zeros(**file, block_bytes, std::min(bytes_max, prewrite_bytes));
    }
    if (!done) return done.error();
    if (done = (*file)->flush(); !done) {
        flush_failed_ = true;
        return done.error();
    }
    const std::string path = directory_ + "/" + segment_name(header.first);
    if (done = files.rename(source, path); !done) return done.error();
    if (reused) spares_.pop_back();
    if (done = flush_directory(); !done) return done.error();
    return Segment{path, std::move(*file), header};
}

Result<void> SegmentMaker::retire(std::int64_t first) {
    reached("log.segment_retired");
    const std::string path = directory_ + "/" + segment_name(first);
    Result<void> done;
    if (spares_.size() < spares_max) {
        const std::string spare =
            directory_ + "/" + std::string{spare_prefix} + std::to_string(first);
        done = world_.files().rename(path, spare);
        if (done) spares_.push_back(spare);
    } else {
        done = world_.files().remove(path);
    }
    if (!done) return done;
    // One flush for each: were two removals under way at once, the power could fail when only the
    // later one had reached the disk, and the log would have a hole. Nor may a file be written to
    // again while the disk may still know it by its old name.
    return flush_directory();
}

Result<void> SegmentMaker::flush_directory() {
    if (planted(Mistake::directory_without_flush)) return {};
    auto flushed = world_.files().flush_directory(directory_);
    if (!flushed) flush_failed_ = true;
    return flushed;
}

}  // namespace tidings::log
