#pragma once

#include <tidings/base/result.h>
#include <tidings/base/time.h>
#include <tidings/base/uuid.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// The bytes of a segment. docs/internals/log.md shows them as a grammar with an example; what is
/// marked persistent there and here never changes meaning.
namespace tidings::log {

inline constexpr std::size_t block_bytes = 4096;            // persistent
inline constexpr std::uint32_t segment_magic = 0x53474454;  // persistent: "TDGS"
inline constexpr std::uint32_t batch_magic = 0x42474454;    // persistent: "TDGB"
inline constexpr std::uint16_t format_version = 1;          // persistent
inline constexpr std::size_t segment_header_bytes = 72;     // persistent
inline constexpr std::size_t batch_header_bytes = 64;       // persistent
inline constexpr std::size_t record_header_bytes = 8;       // persistent
/// Offsets lie below it, so that sums of two never overflow.
inline constexpr std::int64_t offset_max = std::int64_t{1} << 62;

/// The first block of a segment.
struct SegmentHeader {
    Uuid log;                    ///< Of the whole log, made with its first segment.
    std::uint64_t epoch = 0;     ///< Of this use of the file; drawn at random.
    std::int64_t first = 0;      ///< Offset of the first record.
    std::int64_t created = 0;    ///< Milliseconds; no record before this one was appended later.
    std::uint64_t stale_to = 0;  ///< Bytes below it may hold what an earlier use left.
    std::uint32_t previous_crc = 0;  ///< Of the last batch of the segment before.
};

/// What stands before the records of a batch.
struct BatchHeader {
    std::uint32_t body_bytes = 0;    ///< Of the records; the padding is not counted.
    std::uint32_t count = 0;         ///< Of the records; at least 1.
    std::int64_t first = 0;          ///< Offset of the first one.
    std::uint64_t epoch = 0;         ///< Of the segment.
    std::int64_t durable_to = 0;     ///< All records below it were durable when this was written.
    std::int64_t appended = 0;       ///< Milliseconds; never falls within a log.
    std::uint32_t previous_crc = 0;  ///< The `crc` of the batch before, in whichever segment.
    std::uint32_t body_crc = 0;
    std::uint32_t crc = 0;  ///< Over all of the header before it, the body's checksum among it.

    std::int64_t end() const noexcept { return first + count; }
    /// Bytes in the file, padded to the block.
    std::uint64_t file_bytes() const noexcept;
};

constexpr std::uint64_t round_up(std::uint64_t bytes, std::uint64_t to) noexcept {
    return (bytes + to - 1) / to * to;
}

/// Returns a whole block.
std::string encode(const SegmentHeader& header);
/// Errors: `corruption`; `unsupported` for a newer format.
Result<SegmentHeader> decode_segment_header(std::string_view block);

/// Writes the header to the first `batch_header_bytes` of `batch`, whose body stands behind it
/// already, and puts the checksums into both.
void seal(BatchHeader& header, char* batch) noexcept;
/// Returns the header that `bytes` begin with, if its own checksum holds. The header fills one
/// sector, so it testifies (to `durable_to` above all) even where the body behind it is torn.
std::optional<BatchHeader> decode_batch_header(std::string_view bytes) noexcept;
/// Returns whether magic and epoch are those of a batch of `epoch`, intact or not.
bool bears_epoch(std::string_view bytes, std::uint64_t epoch) noexcept;

/// One record within a body.
struct RecordBytes {
    std::string_view headers;
    std::string_view payload;
};
void put_record(char*& to, std::string_view headers, std::string_view payload) noexcept;
/// Takes the next record off `body`; nothing if `body` does not begin with one.
std::optional<RecordBytes> take_record(std::string_view& body) noexcept;

/// `00000000000000000042.segment`: sorted by name is sorted by offset.
std::string segment_name(std::int64_t first);
/// Returns the first offset of the segment with this name; nothing if it is none.
std::optional<std::int64_t> parse_segment_name(std::string_view name) noexcept;

}  // namespace tidings::log
