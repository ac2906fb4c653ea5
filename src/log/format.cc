#include "log/format.h"

#include <tidings/base/crc32c.h>

#include <fmt/format.h>

#include <bit>
#include <charconv>
#include <cstring>

namespace tidings::log {
namespace {

static_assert(std::endian::native == std::endian::little, "the log is written as it is in memory");

constexpr std::string_view segment_suffix = ".segment";
constexpr std::size_t name_digits = 20;

template <class T>
void put(char*& to, T value) noexcept {
    std::memcpy(to, &value, sizeof value);
    to += sizeof value;
}

template <class T>
T take(const char*& from) noexcept {
    T value;
    std::memcpy(&value, from, sizeof value);
    from += sizeof value;
    return value;
}

bool is_offset(std::int64_t value) noexcept { return value >= 0 && value < offset_max; }

/// From 1970 to the end of the year 9999.
bool is_time(std::int64_t milliseconds) noexcept {
    return milliseconds >= 0 && milliseconds < 253'402'300'800'000;
}

}  // namespace

std::uint64_t BatchHeader::file_bytes() const noexcept {
    return round_up(batch_header_bytes + std::uint64_t{body_bytes}, block_bytes);
}

std::string encode(const SegmentHeader& header) {
    std::string block(block_bytes, '\0');
    char* to = block.data();
    put(to, segment_magic);
    put(to, format_version);
    put(to, static_cast<std::uint16_t>(segment_header_bytes));
    std::memcpy(to, header.log.bytes.data(), header.log.bytes.size());
    to += header.log.bytes.size();
    put(to, header.epoch);
    put(to, header.first);
    put(to, header.created);
    put(to, header.stale_to);
    put(to, header.previous_crc);
    put(to, std::uint32_t{0});
    put(to, std::uint32_t{0});
    put(to, crc32c({block.data(), segment_header_bytes - sizeof(std::uint32_t)}));
    return block;
}

Result<SegmentHeader> decode_segment_header(std::string_view block) {
    if (block.size() < block_bytes) {
        return Error{ErrorCode::corruption, "the segment header is cut off"};
    }
    const char* from = block.data();
    if (take<std::uint32_t>(from) != segment_magic) {
        return Error{ErrorCode::corruption, "this is no segment header"};
    }
    // The version is looked at before the checksum, whose place a newer format may have moved.
    if (const auto version = take<std::uint16_t>(from); version != format_version) {
        return Error{ErrorCode::unsupported, fmt::format("log format {} is not known", version),
                     "open it with the version of Tidings that wrote it"};
    }
    if (take<std::uint16_t>(from) != segment_header_bytes) {
        return Error{ErrorCode::corruption, "the segment header has a wrong length"};
    }
    SegmentHeader header;
    std::memcpy(header.log.bytes.data(), from, header.log.bytes.size());
    from += header.log.bytes.size();
    header.epoch = take<std::uint64_t>(from);
    header.first = take<std::int64_t>(from);
    header.created = take<std::int64_t>(from);
    header.stale_to = take<std::uint64_t>(from);
    header.previous_crc = take<std::uint32_t>(from);
    from += 2 * sizeof(std::uint32_t);
    const std::string_view covered{block.data(), segment_header_bytes - sizeof(std::uint32_t)};
    if (take<std::uint32_t>(from) != crc32c(covered) || !is_offset(header.first) ||
        !is_time(header.created)) {
        return Error{ErrorCode::corruption, "the segment header fails its checksum"};
    }
    return header;
}

void seal(BatchHeader& header, char* batch) noexcept {
    char* to = batch;
    put(to, batch_magic);
    put(to, format_version);
    put(to, static_cast<std::uint16_t>(batch_header_bytes));
    put(to, header.body_bytes);
    put(to, header.count);
    put(to, header.first);
    put(to, header.epoch);
    put(to, header.durable_to);
    put(to, header.appended);
    put(to, header.previous_crc);
    put(to, std::uint32_t{0});
    header.body_crc = crc32c({batch + batch_header_bytes, header.body_bytes});
    put(to, header.body_crc);
    header.crc = crc32c({batch, static_cast<std::size_t>(to - batch)});
    put(to, header.crc);
}

std::optional<BatchHeader> decode_batch_header(std::string_view bytes) noexcept {
    if (bytes.size() < batch_header_bytes) return std::nullopt;
    const char* from = bytes.data();
    if (take<std::uint32_t>(from) != batch_magic) return std::nullopt;
    if (take<std::uint16_t>(from) != format_version) return std::nullopt;
    if (take<std::uint16_t>(from) != batch_header_bytes) return std::nullopt;
    BatchHeader header;
    header.body_bytes = take<std::uint32_t>(from);
    header.count = take<std::uint32_t>(from);
    header.first = take<std::int64_t>(from);
    header.epoch = take<std::uint64_t>(from);
    header.durable_to = take<std::int64_t>(from);
    header.appended = take<std::int64_t>(from);
    header.previous_crc = take<std::uint32_t>(from);
    from += sizeof(std::uint32_t);
    header.body_crc = take<std::uint32_t>(from);
    const std::string_view covered = bytes.substr(0, batch_header_bytes - sizeof(std::uint32_t));
    header.crc = take<std::uint32_t>(from);
    if (crc32c(covered) != header.crc || !is_offset(header.first) || !is_time(header.appended) ||
        header.count == 0 || header.count > header.body_bytes / record_header_bytes) {
        return std::nullopt;
    }
    return header;
}

bool bears_epoch(std::string_view bytes, std::uint64_t epoch) noexcept {
    constexpr std::size_t epoch_at = 24;
    if (bytes.size() < epoch_at + sizeof epoch) return false;
    const char* magic = bytes.data();
    const char* at = bytes.data() + epoch_at;
    return take<std::uint32_t>(magic) == batch_magic && take<std::uint64_t>(at) == epoch;
}

void put_record(char*& to, std::string_view headers, std::string_view payload) noexcept {
    put(to, static_cast<std::uint32_t>(headers.size()));
    put(to, static_cast<std::uint32_t>(payload.size()));
    to = headers.copy(to, headers.size()) + to;
    to = payload.copy(to, payload.size()) + to;
}

std::optional<RecordBytes> take_record(std::string_view& body) noexcept {
    if (body.size() < record_header_bytes) return std::nullopt;
    const char* from = body.data();
    const std::uint64_t headers = take<std::uint32_t>(from);
    const std::uint64_t payload = take<std::uint32_t>(from);
    if (headers + payload > body.size() - record_header_bytes) return std::nullopt;
    const RecordBytes record{body.substr(record_header_bytes, headers),
                             body.substr(record_header_bytes + headers, payload)};
    body.remove_prefix(record_header_bytes + headers + payload);
    return record;
}

std::string segment_name(std::int64_t first) { return fmt::format("{:020}.segment", first); }

std::optional<std::int64_t> parse_segment_name(std::string_view name) noexcept {
    if (name.size() != name_digits + segment_suffix.size() || !name.ends_with(segment_suffix)) {
        return std::nullopt;
    }
    std::int64_t first = 0;
    const char* end = name.data() + name_digits;
    const auto [stop, error] = std::from_chars(name.data(), end, first);
    if (error != std::errc{} || stop != end || !is_offset(first)) return std::nullopt;
    return first;
}

}  // namespace tidings::log
