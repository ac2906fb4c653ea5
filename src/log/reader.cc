#include <tidings/log/log.h>

#include "base/test_points.h"
#include "log/page.h"
#include "log/segment.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

namespace tidings::log {
namespace {

/// A batch that may be read from without having read those before it.
struct IndexEntry {
    Place place;
    std::int64_t appended = 0;
};

/// Index entries are at least so far apart.
constexpr std::uint64_t index_bytes = 64 * 1024;
/// How often a segment may change under a reader (a roll, retention) within one call.
constexpr int changes_max = 8;

constexpr std::int64_t unbounded = std::numeric_limits<std::int64_t>::max();

Timestamp timestamp(std::int64_t milliseconds) {
    return Timestamp{std::chrono::milliseconds{milliseconds}};
}

}  // namespace

struct Reader::Impl {
    /// What the caller may see, as far as it is known.
    struct Limit {
        std::int64_t watermark = 0;
        bool certain = false;  ///< The writer said so; else a lower bound, or "to the end".
        std::int64_t first = 0;
        std::int64_t tail_segment = -1;
        std::uint64_t tail_end = 0;
    };

    Impl(io::World& with, const std::string& in, Unacknowledged shows)
        : world(with), directory(in), unacknowledged(shows) {}

    Result<std::vector<Record>> read(std::int64_t from, std::size_t count_max,
                                     std::size_t bytes_max);
    Result<Limit> look();
    Result<void> relist();
    Error removed(std::int64_t offset, std::int64_t kept_from) const;
    Result<void> enter(std::int64_t first);
    Result<void> locate(std::int64_t offset, const Limit& limit);
    Result<void> enter_segment_of(std::int64_t offset);
    Result<bool> advance(const Limit& limit);
    Result<bool> advance_in_window(const Limit& limit);
    void adopt(const Batch& loaded);
    Result<bool> explain(const Limit& limit);
    Result<bool> explain_unacknowledged();
    void note_in_index(const Batch& batch, const Place& place);
    void stand_at_end(const Limit& limit);
    Result<void> take_records(std::vector<Record>& into, std::int64_t from, std::size_t count_max,
                              std::size_t& bytes_left);
    std::uint64_t ahead_to(const Limit& limit) const;
    Result<std::size_t> count_made_before(std::int64_t time);
    Result<Offset> find(std::int64_t time);
    Result<std::int64_t> watermark();

    io::World& world;
    std::string directory;
    Unacknowledged unacknowledged;
    std::unique_ptr<ProgressPage> page;
    std::vector<std::int64_t> firsts;  ///< Of the segments, as last listed.
    std::optional<Uuid> log;

    std::optional<Segment> segment;  ///< Being read.
    std::vector<IndexEntry> index;   ///< Of that segment, as far as it was walked from its start.
    std::uint64_t indexed_to = 0;
    Window window;
    Place place;                 ///< Of the batch after `batch`.
    std::optional<Batch> batch;  ///< Its body lies in the window.
    std::string_view rest;       ///< Of that body.
    std::int64_t rest_offset = 0;
    int changes = 0;
};

Result<void> Reader::Impl::relist() {
    auto listed = list_segments(world.files(), directory);
    if (!listed) return listed.error();
    firsts = std::move(*listed);
    return {};
}

Error Reader::Impl::removed(std::int64_t offset, std::int64_t kept_from) const {
    return {ErrorCode::not_found,
            fmt::format("offset {} of log {} was removed by retention, which keeps {} on", offset,
                        directory, kept_from),
            "go on from the first offset, or restore what is missing from a copy"};
}

Result<Reader::Impl::Limit> Reader::Impl::look() {
    Limit limit;
    if (firsts.empty()) {
        if (auto listed = relist(); !listed) return listed.error();
        if (firsts.empty()) return limit;
    }
    if (unacknowledged == Unacknowledged::shown) {
        limit.watermark = unbounded;
        limit.first = firsts.front();
        return limit;
    }
    if (!page) {
        auto opened = ProgressPage::open(world, directory);
        if (!opened) return opened.error();
        page = std::move(*opened);
    }
    if (const auto said = page->log(); said && said != log) {
        // The first look, or the directory holds another log than it used to.
        segment.reset();
        batch.reset();
        if (auto listed = relist(); !listed) return listed.error();
        log = said;
    }
    if (const auto progress = log ? page->read(*log) : std::nullopt) {
        limit = {progress->watermark, true, progress->first, progress->tail_segment,
                 progress->tail_end};
        return limit;
    }
    reached("log.read_before_its_writer_came");
    // No writer has been since the machine was started. What lies before the newest segment was
    // durable when that one was made.
    if (auto listed = relist(); !listed) return listed.error();
    if (!firsts.empty()) {
        limit.watermark = firsts.back();
        limit.first = firsts.front();
    }
    return limit;
}

Result<void> Reader::Impl::enter(std::int64_t first) {
    batch.reset();
    segment.reset();
    window.drop();
    index.clear();
    auto opened = open_segment(world.files(), directory, first, io::OpenMode::read);
    if (!opened) return opened.error();
    if (log && opened->header.log != *log) {
        return corrupt_at(opened->path, 0, "this segment is another log's");
    }
    segment = std::move(*opened);
    place = Place::start_of(*segment);
    index.push_back({place, segment->header.created});
    indexed_to = place.position;
    return {};
}

std::uint64_t Reader::Impl::ahead_to(const Limit& limit) const {
    // To the byte where it is known, so that a fetch of one new record reads one block.
    if (limit.tail_segment == segment->header.first) return limit.tail_end;
    return std::numeric_limits<std::uint64_t>::max();
}

void Reader::Impl::note_in_index(const Batch& read, const Place& at) {
    if (at.position != indexed_to) return;
    indexed_to = read.end();
    if (at.position >= index.back().place.position + index_bytes) {
        index.push_back({at, read.header.appended});
    }
}

void Reader::Impl::adopt(const Batch& loaded) {
    batch = loaded;
    rest = batch->body;
    rest_offset = batch->header.first;
    note_in_index(loaded, place);
    place = Place::behind(loaded);
}

/// Loads the next batch; false at the end of what the caller may see.
Result<bool> Reader::Impl::advance(const Limit& limit) {
    while (place.offset < limit.watermark) {
        batch.reset();
        auto loaded = load_batch(*segment, place, window, ahead_to(limit));
        if (!loaded) return loaded.error();
        if (!*loaded) {
            // What is in the window may have been read before the writer wrote there.
            window.drop();
            loaded = load_batch(*segment, place, window, ahead_to(limit));
            if (!loaded) return loaded.error();
        }
        if (*loaded) {
            adopt(**loaded);
            return true;
        }
        const auto go_on = explain(limit);
        if (!go_on) return go_on.error();
        if (!*go_on) return false;
    }
    return false;
}

/// The same, but touches neither file nor window, so that views into it live on.
Result<bool> Reader::Impl::advance_in_window(const Limit& limit) {
    if (place.offset >= limit.watermark || !window.holds(place.position, batch_header_bytes)) {
        return false;
    }
    const auto bytes = window.view(*segment->file, place.position, batch_header_bytes, 0);
    if (!bytes) return bytes.error();
    const auto header = decode_batch_header(*bytes);
    if (!header || !window.holds(place.position, batch_header_bytes + header->body_bytes)) {
        return false;
    }
    const auto loaded = load_batch(*segment, place, window, 0);
    if (!loaded) return loaded.error();
    if (*loaded) adopt(**loaded);
    return loaded->has_value();
}

/// Finds out why no valid batch is at `place`. True: look again, `place` has moved or the segment
/// was opened anew. False: the end of an unacknowledged tail.
Result<bool> Reader::Impl::explain(const Limit& limit) {
    const Place wanted = place;
    if (!wanted.previous_crc && ++changes <= changes_max) {
        // The place was the writer's hint, whose words may have been of two moments.
        place = index.front().place;
        if (auto located = locate(wanted.offset, limit); !located) return located.error();
        return true;
    }
    const std::int64_t current = segment->header.first;
    const std::uint64_t epoch = segment->header.epoch;
    if (auto listed = relist(); !listed) return listed.error();
    const bool listed = std::binary_search(firsts.begin(), firsts.end(), current);
    if (!listed) {
        if (firsts.empty() || wanted.offset < firsts.front() || ++changes > changes_max) {
            return removed(wanted.offset, firsts.empty() ? 0 : firsts.front());
        }
        // Retention took the segment whose end had been reached.
        segment.reset();
        if (auto located = locate(wanted.offset, limit); !located) return located.error();
        return true;
    }
    const auto next = std::upper_bound(firsts.begin(), firsts.end(), current);
    if (next != firsts.end() && *next == wanted.offset) {
        if (auto entered = enter(*next); !entered) return entered.error();
        if (wanted.previous_crc && *wanted.previous_crc != segment->header.previous_crc) {
            return corrupt_at(segment->path, 0, "it does not continue the segment before it");
        }
        return true;
    }
    if (++changes <= changes_max) {
        // A log may have been made anew under the same name.
        const auto again = open_segment(world.files(), directory, current, io::OpenMode::read);
        if (again && again->header.epoch != epoch) {
            if (auto entered = enter(current); !entered) return entered.error();
            if (auto located = locate(wanted.offset, limit); !located) return located.error();
            return true;
        }
    }
    if (next != firsts.end()) {
        return corrupt_at(segment->path, wanted.position,
                          fmt::format("the batch of offset {} is damaged or missing; the next "
                                      "segment begins at {}",
                                      wanted.offset, *next));
    }
    if (unacknowledged == Unacknowledged::shown) return explain_unacknowledged();
    return corrupt_at(
        segment->path, wanted.position,
        fmt::format("the batch of offset {} is damaged, but was acknowledged", wanted.offset));
}

Result<bool> Reader::Impl::explain_unacknowledged() {
    const auto scan = scan_tail(*segment, place);
    if (!scan) return scan.error();
    if (!scan->witness) return false;
    // A writer at work may have written both meanwhile.
    window.drop();
    const auto again = load_batch(*segment, place, window, 0);
    if (!again) return again.error();
    if (*again) return true;
    return corrupt_at(segment->path, place.position,
                      fmt::format("the batch of offset {} is damaged, but was acknowledged: the "
                                  "one at byte {} says so",
                                  place.offset, *scan->witness));
}

Result<void> Reader::Impl::enter_segment_of(std::int64_t offset) {
    for (int attempt = 0; attempt < changes_max; ++attempt) {
        const auto after = std::upper_bound(firsts.begin(), firsts.end(), offset);
        const bool newest = after == firsts.end();
        if (after == firsts.begin()) {
            return removed(offset, firsts.empty() ? 0 : firsts.front());
        }
        const std::int64_t first = *std::prev(after);
        // Beyond the newest one known there may be newer ones by now.
        if (newest && attempt == 0) {
            if (auto listed = relist(); !listed) return listed;
            continue;
        }
        if (segment && segment->header.first == first) return {};
        auto entered = enter(first);
        if (entered || entered.error().code != ErrorCode::not_found) return entered;
        if (auto listed = relist(); !listed) return listed;
    }
    return Error{
        ErrorCode::unavailable,
        fmt::format("the segments of log {} change faster than they can be read", directory)};
}

/// Goes to the batch that holds `offset`, or to the end if that is where `offset` is.
Result<void> Reader::Impl::locate(std::int64_t offset, const Limit& limit) {
    if (batch && offset >= batch->header.first && offset < batch->header.end()) {
        if (offset < rest_offset) {
            rest = batch->body;
            rest_offset = batch->header.first;
        }
        return {};
    }
    if (segment && place.offset == offset) {
        batch.reset();
        return {};
    }
    if (auto entered = enter_segment_of(offset); !entered) return entered;
    const auto after = std::upper_bound(
        index.begin(), index.end(), offset,
        [](std::int64_t wanted, const IndexEntry& entry) { return wanted < entry.place.offset; });
    batch.reset();
    place = std::prev(after)->place;
    while (place.offset < offset) {
        const auto advanced = advance(limit);
        if (!advanced) return advanced.error();
        if (!*advanced) break;
    }
    if (batch && batch->header.end() <= offset) batch.reset();
    return {};
}

/// Goes to where the next record will be, without reading those before it.
void Reader::Impl::stand_at_end(const Limit& limit) {
    if (segment && place.offset == limit.watermark) return;
    if (!enter_segment_of(limit.tail_segment) || segment->header.first != limit.tail_segment) {
        return;
    }
    batch.reset();
    place = {limit.tail_end, limit.watermark, std::nullopt};
}

Result<void> Reader::Impl::take_records(std::vector<Record>& into, std::int64_t from,
                                        std::size_t count_max, std::size_t& bytes_left) {
    const Timestamp appended = timestamp(batch->header.appended);
    while (rest_offset < batch->header.end() && into.size() < count_max && bytes_left > 0) {
        const auto record = take_record(rest);
        if (!record) {
            return corrupt_at(
                segment->path, batch->position,
                fmt::format("the record of offset {} is longer than its batch", rest_offset));
        }
        if (rest_offset >= from) {
            into.push_back({Offset{rest_offset}, appended, record->headers, record->payload});
            bytes_left -= std::min(
                bytes_left, record->headers.size() + record->payload.size() + record_header_bytes);
        }
        ++rest_offset;
    }
    return {};
}

Result<std::vector<Record>> Reader::Impl::read(std::int64_t from, std::size_t count_max,
                                               std::size_t bytes_max) {
    std::vector<Record> records;
    changes = 0;
    const auto limit = look();
    if (!limit) return limit.error();
    if (limit->certain && from > limit->watermark) {
        return Error{
            ErrorCode::invalid_argument,
            fmt::format("log {} went back from {} to {}", directory, from, limit->watermark),
            "it was restored from an old copy or made anew: restore the newer one, or "
            "move this consumer's position by hand"};
    }
    if (limit->certain && from == limit->watermark) stand_at_end(*limit);
    if (from >= limit->watermark || count_max == 0) return records;
    if (from < limit->first) return removed(from, limit->first);
    if (auto located = locate(from, *limit); !located) return located.error();

    std::size_t bytes_left = std::max<std::size_t>(bytes_max, 1);
    while (records.size() < count_max && bytes_left > 0) {
        if (!batch || rest_offset == batch->header.end()) {
            const auto advanced = records.empty() ? advance(*limit) : advance_in_window(*limit);
            if (!advanced) return advanced.error();
            if (!*advanced) break;
        }
        if (auto taken = take_records(records, from, count_max, bytes_left); !taken) {
            return taken.error();
        }
    }
    return records;
}

Result<std::int64_t> Reader::Impl::watermark() {
    changes = 0;
    const auto limit = look();
    if (!limit) return limit.error();
    if (unacknowledged == Unacknowledged::hidden || firsts.empty()) return limit->watermark;
    if (auto listed = relist(); !listed) return listed.error();
    if (!segment || segment->header.first != firsts.back()) {
        if (auto entered = enter_segment_of(firsts.back()); !entered) return entered.error();
    }
    while (true) {
        const auto advanced = advance(*limit);
        if (!advanced) return advanced.error();
        if (!*advanced) return place.offset;
    }
}

/// Returns how many segments were made before `time`: the wanted record lies in the last of them,
/// or begins the one after it.
Result<std::size_t> Reader::Impl::count_made_before(std::int64_t time) {
    std::size_t low = 0;
    std::size_t high = firsts.size();
    while (low < high) {
        const std::size_t middle = low + (high - low) / 2;
        const auto probed =
            open_segment(world.files(), directory, firsts[middle], io::OpenMode::read);
        if (!probed && probed.error().code != ErrorCode::not_found) return probed.error();
        // One that retention has taken meanwhile is older than all that are left.
        if (!probed || probed->header.created < time) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

Result<Offset> Reader::Impl::find(std::int64_t time) {
    changes = 0;
    const auto limit = look();
    if (!limit) return limit.error();
    if (auto listed = relist(); !listed) return listed.error();
    if (firsts.empty()) return Offset{limit->watermark};
    const auto older = count_made_before(time);
    if (!older) return older.error();
    const std::int64_t start = *older == 0 ? firsts.front() : firsts[*older - 1];
    if (auto entered = enter_segment_of(std::max(start, limit->first)); !entered) {
        return entered.error();
    }
    const auto after =
        std::partition_point(index.begin(), index.end(),
                             [time](const IndexEntry& entry) { return entry.appended < time; });
    batch.reset();
    place = after == index.begin() ? index.front().place : std::prev(after)->place;
    while (true) {
        const auto advanced = advance(*limit);
        if (!advanced) return advanced.error();
        if (!*advanced) return Offset{place.offset};
        if (batch->header.appended >= time) return Offset{batch->header.first};
    }
}

Reader::Reader(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Reader::~Reader() = default;

Result<std::unique_ptr<Reader>> Reader::open(io::World& world, const std::string& directory,
                                             Unacknowledged unacknowledged) {
    return std::unique_ptr<Reader>{
        new Reader{std::make_unique<Impl>(world, directory, unacknowledged)}};
}

Result<std::vector<Record>> Reader::read(Offset from, std::size_t count_max,
                                         std::size_t bytes_max) {
    return impl_->read(from.value, count_max, bytes_max);
}

Offset Reader::first() {
    const auto limit = impl_->look();
    return limit ? Offset{limit->first} : Offset{};
}

Offset Reader::high_watermark() {
    const auto watermark = impl_->watermark();
    return watermark ? Offset{*watermark} : Offset{};
}

Result<Offset> Reader::find(Timestamp time) { return impl_->find(time.time_since_epoch().count()); }

}  // namespace tidings::log
