#include "log/segment.h"

#include <tidings/base/crc32c.h>

#include "base/test_points.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <utility>

namespace tidings::log {
namespace {

constexpr std::size_t window_bytes = 256 * 1024;

bool is_zero(std::string_view bytes) noexcept {
    return bytes.empty() ||
           (bytes[0] == '\0' && std::memcmp(bytes.data(), bytes.data() + 1, bytes.size() - 1) == 0);
}

}  // namespace

Error corrupt_at(const std::string& path, std::uint64_t position, std::string_view what) {
    return {ErrorCode::corruption, fmt::format("segment {}, byte {}: {}", path, position, what),
            "nothing was changed; restore the file from a copy, or move the log aside to start "
            "anew"};
}

Result<Segment> open_segment(io::FileSystem& files, const std::string& directory,
                             std::int64_t first, io::OpenMode mode) {
    Segment segment;
    segment.path = directory + "/" + segment_name(first);
    auto file = files.open(segment.path, mode);
    if (!file) return file.error();
    segment.file = std::move(*file);
    std::string block(block_bytes, '\0');
    const auto read = segment.file->read_at(0, block);
    if (!read) return with_context(read.error(), segment.path);
    auto header = decode_segment_header(std::string_view{block}.substr(0, *read));
    if (!header) {
        if (header.error().code == ErrorCode::corruption) {
            return corrupt_at(segment.path, 0, header.error().message);
        }
        return with_context(header.error(), fmt::format("segment {}", segment.path));
    }
    if (header->first != first) {
        return corrupt_at(segment.path, 0,
                          fmt::format("the header says that it begins at {}", header->first));
    }
    segment.header = *header;
    return segment;
}

Result<std::vector<std::int64_t>> list_segments(io::FileSystem& files,
                                                const std::string& directory) {
    std::vector<std::int64_t> firsts;
    const auto names = files.list(directory);
    if (!names) {
        if (names.error().code == ErrorCode::not_found) return firsts;
        return names.error();
    }
    for (const std::string& name : *names) {
        if (const auto first = parse_segment_name(name)) firsts.push_back(*first);
    }
    std::sort(firsts.begin(), firsts.end());
    return firsts;
}

bool Window::holds(std::uint64_t position, std::size_t bytes) const noexcept {
    return position >= begin_ && position + bytes <= begin_ + size_;
}

Result<std::string_view> Window::view(const io::File& file, std::uint64_t position,
                                      std::size_t bytes, std::uint64_t ahead_to) {
    if (!holds(position, bytes)) {
        const std::uint64_t ahead = ahead_to > position ? ahead_to - position : 0;
        const std::size_t wanted =
            std::max<std::size_t>(bytes, std::min<std::uint64_t>(ahead, window_bytes));
        // What of it is here already is moved to the front and not read again.
        const std::size_t kept = holds(position, 0) ? begin_ + size_ - position : 0;
        if (wanted > capacity_) {
            const std::size_t capacity = std::max(wanted, window_bytes);
            std::unique_ptr<char[]> larger{new char[capacity]};
            if (kept > 0) std::memcpy(larger.get(), data_.get() + (position - begin_), kept);
            data_ = std::move(larger);
            capacity_ = capacity;
        } else if (kept > 0) {
            std::memmove(data_.get(), data_.get() + (position - begin_), kept);
        }
        begin_ = position;
        size_ = kept;
        const auto read = file.read_at(position + kept, {data_.get() + kept, wanted - kept});
        if (!read) return read.error();
        size_ += *read;
    }
    const std::string_view held{data_.get(), size_};
    return held.substr(position - begin_, bytes);
}

Result<std::optional<Batch>> load_batch(const Segment& segment, const Place& place, Window& window,
                                        std::uint64_t ahead_to) {
    const std::optional<Batch> none;
    const auto start = window.view(*segment.file, place.position, batch_header_bytes, ahead_to);
    if (!start) return with_context(start.error(), segment.path);
    const auto header = decode_batch_header(*start);
    if (!header || header->epoch != segment.header.epoch || header->first != place.offset ||
        (place.previous_crc && header->previous_crc != *place.previous_crc)) {
        return none;
    }
    const std::size_t bytes = batch_header_bytes + header->body_bytes;
    if (!window.holds(place.position, bytes)) {
        // A header may pass its checksum and still claim more than there is (a cut file).
        const auto size = segment.file->size();
        if (!size) return with_context(size.error(), segment.path);
        if (place.position + bytes > *size) return none;
    }
    const auto whole = window.view(*segment.file, place.position, bytes, ahead_to);
    if (!whole) return with_context(whole.error(), segment.path);
    if (whole->size() < bytes) return none;
    const std::string_view body = whole->substr(batch_header_bytes);
    if (crc32c(body) != header->body_crc) {
        reached("log.torn_batch_seen");
        if (!planted(Mistake::reads_torn_records)) return none;
    }
    return std::optional<Batch>{Batch{*header, place.position, body}};
}

Result<TailScan> scan_tail(const Segment& segment, const Place& place) {
    TailScan found{place.position, std::nullopt};
    const auto size = segment.file->size();
    if (!size) return with_context(size.error(), segment.path);
    Window window;
    for (std::uint64_t at = place.position; at < *size; at += block_bytes) {
        const auto block =
            window.view(*segment.file, at, std::min<std::uint64_t>(block_bytes, *size - at), *size);
        if (!block) return with_context(block.error(), segment.path);
        if (block->empty()) break;  // The file was shortened meanwhile.
        if (is_zero(*block)) continue;
        const bool ours = bears_epoch(*block, segment.header.epoch);
        // Below `stale_to` foreign bytes are what an earlier use left, and mean nothing.
        if (!ours && at < segment.header.stale_to) continue;
        found.remnants_to = std::max(found.remnants_to, at + block->size());
        if (!ours) continue;
        const auto header = decode_batch_header(*block);
        if (!header) continue;
        found.remnants_to = std::min(*size, std::max(found.remnants_to, at + header->file_bytes()));
        if (header->durable_to > place.offset) {
            found.witness = at;
            return found;
        }
    }
    return found;
}

}  // namespace tidings::log
