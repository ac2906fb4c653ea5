#include <tidings/io/file.h>
#include <tidings/log/log.h>

#include "base/test_points.h"
#include "log/writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <unistd.h>
#include <utility>

namespace tidings::log {
namespace {

constexpr std::uint64_t segment_bytes_min = 2 * block_bytes;
constexpr std::uint64_t segment_bytes_limit = std::uint64_t{1} << 31;

/// A clock that was never set counts as 1970: times before it cannot be stored.
std::int64_t milliseconds(Timestamp time) {
    return std::max<std::int64_t>(0, time.time_since_epoch().count());
}

/// Who holds the lock, for the one who is refused. No process id where a run must repeat itself.
std::string holder_text(io::World& world, std::string_view writer) {
    if (&world != &io::real_world()) return std::string{writer};
    return fmt::format("{}, pid {}", writer, ::getpid());
}

}  // namespace

struct Log::Impl {
    Impl(io::World& with, const std::string& in, const Options& chosen)
        : world(with), directory(in), options(chosen), maker(with, in) {
        options.segment_bytes_max = std::clamp(round_up(options.segment_bytes_max, block_bytes),
                                               segment_bytes_min, segment_bytes_limit);
    }

    Result<void> start(std::string_view writer);
    Result<void> begin_new();
    Result<void> take_over(const std::vector<std::int64_t>& firsts);
    Result<Offset> append(std::span<const NewRecord> records);
    Result<void> check_room(std::uint64_t bytes) const;
    Result<std::size_t> measure(std::span<const NewRecord> records) const;
    void build(std::span<const NewRecord> records, std::size_t body_bytes);
    Result<void> write_batch();
    Result<void> roll();
    Result<void> flush_tail();
    Result<std::uint64_t> retain(std::int64_t retain_from);
    Progress progress() const;
    std::uint64_t bytes() const { return sealed_bytes + tail.place.position; }
    std::int64_t first() const {
        return sealed.empty() ? tail.segment.header.first : sealed.front().first;
    }

    io::World& world;
    std::string directory;
    Options options;
    SegmentMaker maker;
    std::unique_ptr<io::FileLock> lock;
    std::unique_ptr<ProgressPage> page;
    std::deque<SealedSegment> sealed;
    std::uint64_t sealed_bytes = 0;  ///< Of all of them.
    Tail tail;
    Recovery recovery;
    BatchHeader batch;            ///< Of what is in `buffer`.
    std::string buffer;           ///< A batch, padded to the block.
    std::optional<Error> failed;  ///< The first failed flush, which is final (R6).
};

Result<void> Log::Impl::start(std::string_view writer) {
    io::FileSystem& files = world.files();
    if (auto made = files.make_directory(directory); !made) return made;
    auto locked = files.lock(directory + "/lock", holder_text(world, writer));
    if (!locked) return locked.error();
    lock = std::move(*locked);
    auto opened = ProgressPage::open(world, directory);
    if (!opened) return opened.error();
    page = std::move(*opened);
    const auto firsts = list_segments(files, directory);
    if (!firsts) return firsts.error();
    if (auto tidied = maker.tidy_up(); !tidied) return tidied;
    if (auto begun = firsts->empty() ? begin_new() : take_over(*firsts); !begun) return begun;
    recovery.first = Offset{first()};
    recovery.next = Offset{tail.place.offset};
    page->clear();
    page->begin(tail.segment.header.log, progress());
    return {};
}

Result<void> Log::Impl::begin_new() {
    reached("log.made_new");
    SegmentHeader header;
    header.log = world.new_uuid();
    header.created = milliseconds(world.now());
    auto segment = maker.make(header, options.segment_bytes_max);
    if (!segment) return segment.error();
    // Without its own entry in the directory above, all of it could be gone after a power cut.
    if (auto flushed = world.files().flush_directory(io::parent_directory(directory)); !flushed) {
        return flushed;
    }
    const auto size = segment->file->size();
    if (!size) return size.error();
    tail = Tail{std::move(*segment), {}, *size, 0, header.created};
    tail.place = Place::start_of(tail.segment);
    return {};
}

Result<void> Log::Impl::take_over(const std::vector<std::int64_t>& firsts) {
    // The process before us may have been killed between giving a segment its name and making the
    // name durable: nothing may be acknowledged in it before that is done.
    io::FileSystem& files = world.files();
    for (const std::string& above : {directory, io::parent_directory(directory)}) {
        if (auto flushed = files.flush_directory(above); !flushed) return flushed;
    }
    auto recovered = recover(world.files(), directory, firsts, *page, options.durable);
    if (!recovered) return recovered.error();
    sealed = std::move(recovered->sealed);
    for (const SealedSegment& segment : sealed) sealed_bytes += segment.bytes;
    tail = std::move(recovered->tail);
    recovery.bytes_cut = recovered->bytes_cut;
    reached(recovery.bytes_cut > 0 ? "log.recovered_with_a_cut" : "log.recovered_whole");
    if (recovery.bytes_cut > 0) {
        recovery.note = fmt::format(
            "cut {} bytes that were never acknowledged from {} at byte {}; the log goes on at "
            "offset {}",
            recovery.bytes_cut, tail.segment.path, tail.place.position, tail.place.offset);
    }
    return {};
}

Progress Log::Impl::progress() const {
    return {first(), tail.place.offset, tail.segment.header.first, tail.place.position};
}

Result<std::size_t> Log::Impl::measure(std::span<const NewRecord> records) const {
    std::size_t body_bytes = 0;
    for (const NewRecord& record : records) {
        body_bytes += record_header_bytes + record.headers.size() + record.payload.size();
    }
    const std::size_t room = options.segment_bytes_max - block_bytes;
    if (batch_header_bytes + body_bytes > room ||
        records.size() > std::numeric_limits<std::uint32_t>::max()) {
        return Error{ErrorCode::limit_exceeded,
                     fmt::format("a batch of {} bytes does not fit into a segment of {}",
                                 body_bytes, options.segment_bytes_max),
                     "append fewer records at a time, or raise segment_bytes_max"};
    }
    return body_bytes;
}

void Log::Impl::build(std::span<const NewRecord> records, std::size_t body_bytes) {
    batch = BatchHeader{};
    batch.body_bytes = static_cast<std::uint32_t>(body_bytes);
    batch.count = static_cast<std::uint32_t>(records.size());
    batch.first = tail.place.offset;
    batch.epoch = tail.segment.header.epoch;
    batch.durable_to = tail.durable_to;
    // Never falls, so that a search by time may halve; a clock set back does not undo that.
    batch.appended = std::max(milliseconds(world.now()), tail.appended);
    batch.previous_crc = *tail.place.previous_crc;
    buffer.resize(batch.file_bytes());
    char* to = buffer.data() + batch_header_bytes;
    for (const NewRecord& record : records) put_record(to, record.headers, record.payload);
    std::fill(to, buffer.data() + buffer.size(), '\0');
    seal(batch, buffer.data());
}

Result<void> Log::Impl::write_batch() {
    io::File& file = *tail.segment.file;
    const std::uint64_t end = tail.place.position + buffer.size();
    // Where this fails, what was written is overwritten by the next batch: nothing that was
    // acknowledged lies in its blocks.
    if (auto written = file.write_at(tail.place.position, buffer); !written) return written;
    if (end <= tail.file_bytes) return {};
    tail.file_bytes = end;
    const std::uint64_t zeros_to =
        std::min(round_up(end + prewrite_bytes / 2, prewrite_bytes), options.segment_bytes_max);
    // Only a help for later flushes: on a full disk the batch itself may still have found room.
    if (zeros_to > end && write_zeros(file, end, zeros_to)) tail.file_bytes = zeros_to;
    return {};
}

Result<void> Log::Impl::flush_tail() {
    if (tail.durable_to == tail.place.offset || planted(Mistake::log_without_flush)) return {};
    if (auto flushed = tail.segment.file->flush(); !flushed) {
        failed = with_context(flushed.error(), tail.segment.path);
        failed->hint = "the log is closed for writing; check the disk, then start anew";
        return *failed;
    }
    tail.durable_to = tail.place.offset;
    return {};
}

Result<void> Log::Impl::roll() {
    reached("log.rolled");
    // Whatever is in a sealed segment is durable: that its successor exists proves it (R3).
    if (auto flushed = flush_tail(); !flushed) return flushed;
    SegmentHeader header;
    header.log = tail.segment.header.log;
    header.first = tail.place.offset;
    header.created = std::max(milliseconds(world.now()), tail.appended);
    header.previous_crc = *tail.place.previous_crc;
    auto made = maker.make(header, options.segment_bytes_max);
    if (!made) {
        if (maker.flush_failed()) failed = made.error();
        Error error = made.error();
        if (error.code == ErrorCode::limit_exceeded) error.code = ErrorCode::unavailable;
        return error;
    }
    const auto size = made->file->size();
    if (!size) return size.error();
    sealed.push_back({tail.segment.header.first, tail.segment.header.created, tail.file_bytes});
    sealed_bytes += tail.file_bytes;
    tail = Tail{std::move(*made), {}, *size, tail.durable_to, header.created};
    tail.place = Place::start_of(tail.segment);
    return {};
}

Result<void> Log::Impl::check_room(std::uint64_t more) const {
    if (options.bytes_max == 0 || bytes() + more <= options.bytes_max) return {};
    reached("log.bound_reached");
    return Error{
        ErrorCode::unavailable,
        fmt::format("the log {} is full: {} bytes of {}", directory, bytes(), options.bytes_max),
        "see which consumer keeps what retention would remove, or raise the bound"};
}

Result<Offset> Log::Impl::append(std::span<const NewRecord> records) {
    if (failed) return *failed;
    if (records.empty()) return Offset{tail.place.offset};
    const auto body_bytes = measure(records);
    if (!body_bytes) return body_bytes.error();
    const std::uint64_t bytes = round_up(batch_header_bytes + *body_bytes, block_bytes);
    if (auto room = check_room(bytes); !room) return room.error();
    if (tail.place.position + bytes > options.segment_bytes_max &&
        tail.place.offset > tail.segment.header.first) {
        if (auto rolled = roll(); !rolled) return rolled.error();
    }
    build(records, *body_bytes);
    if (auto written = write_batch(); !written) {
        Error error = with_context(written.error(), tail.segment.path);
        reached("log.append_failed");
        // Room comes back, so a full disk is worth another try; a batch too large never is.
        if (error.code == ErrorCode::limit_exceeded) error.code = ErrorCode::unavailable;
        return error;
    }
    const Place before =
        std::exchange(tail.place, {tail.place.position + buffer.size(), batch.end(), batch.crc});
    if (options.durable) {
        if (auto flushed = flush_tail(); !flushed) {
            tail.place = before;
            return flushed.error();
        }
    }
    tail.appended = batch.appended;
    page->advance(progress());
    return Offset{batch.first};
}

Result<std::uint64_t> Log::Impl::retain(std::int64_t retain_from) {
    if (failed) return *failed;
    std::uint64_t total = tail.file_bytes;
    for (const SealedSegment& segment : sealed) total += segment.bytes;
    const std::int64_t age_max =
        std::chrono::duration_cast<std::chrono::milliseconds>(options.retention_age_max).count();
    const std::int64_t now = milliseconds(world.now());
    std::uint64_t held = 0;
    std::size_t at = 0;
    while (at < sealed.size()) {
        const bool last = at + 1 == sealed.size();
        const std::int64_t next = last ? tail.segment.header.first : sealed[at + 1].first;
        // The youngest record of a segment is no younger than the birth of the segment after it.
        const std::int64_t born = last ? tail.segment.header.created : sealed[at + 1].created;
        const bool too_large =
            options.retention_bytes_max > 0 && total > options.retention_bytes_max;
        const bool too_old = age_max > 0 && now - born > age_max;
        if (!too_large && !too_old) break;
        total -= sealed[at].bytes;
        if (next > retain_from) {
            reached("log.segment_kept_for_a_group");
            held += sealed[at].bytes;
            ++at;
            continue;
        }
        // Readers are told first, so that they do not take the missing file for damage.
        page->set_first(next);
        if (auto retired = maker.retire(sealed[at].first); !retired) {
            if (maker.flush_failed()) failed = retired.error();
            return retired.error();
        }
        sealed_bytes -= sealed.front().bytes;
        sealed.pop_front();
    }
    return held;
}

Log::Log(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Log::~Log() = default;

Result<std::unique_ptr<Log>> Log::open(io::World& world, const std::string& directory,
                                       std::string_view writer, const Options& options) {
    auto impl = std::make_unique<Impl>(world, directory, options);
    if (auto started = impl->start(writer); !started) return started.error();
    return std::unique_ptr<Log>{new Log{std::move(impl)}};
}

const Recovery& Log::recovery() const noexcept { return impl_->recovery; }
Result<Offset> Log::append(std::span<const NewRecord> records) { return impl_->append(records); }
Offset Log::next() const noexcept { return Offset{impl_->tail.place.offset}; }
Offset Log::first() const noexcept { return Offset{impl_->first()}; }
std::uint64_t Log::bytes() const noexcept { return impl_->bytes(); }
Result<std::uint64_t> Log::retain(Offset retain_from) { return impl_->retain(retain_from.value); }

}  // namespace tidings::log
