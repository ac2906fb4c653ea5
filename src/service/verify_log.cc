#include <tidings/broker/record_headers.h>
#include <tidings/log/log.h>

#include "service/verify_parts.h"

#include <algorithm>
#include <charconv>

namespace tidings {

namespace {

constexpr std::size_t read_count = 4096;
constexpr std::size_t read_bytes = 4 * 1024 * 1024;

/// The first offsets of a log's segments, which their names tell (docs/internals/log.md).
Result<std::vector<std::int64_t>> segments_of(io::FileSystem& files, const std::string& directory) {
    const auto names = files.list(directory);
    if (!names) return names.error();
    std::vector<std::int64_t> firsts;
    for (const std::string& name : *names) {
        if (!name.ends_with(".segment")) continue;
        std::int64_t first = 0;
        const auto [rest, error] = std::from_chars(name.data(), name.data() + name.size(), first);
        if (error == std::errc{} && *rest == '.') firsts.push_back(first);
    }
    std::sort(firsts.begin(), firsts.end());
    return firsts;
}

/// Reads one log from end to end.
class Walk {
public:
    Walk(io::World& world, const std::string& directory, LogState& state, Findings& findings,
         const Looked& looked)
        : world_(world),
          directory_(directory),
          state_(state),
          findings_(findings),
          looked_(looked) {}

    /// Reads from `from` to the end or to the first damage.
    Result<void> go(std::int64_t from) {
        auto reader = log::Reader::open(world_, directory_, log::Reader::Unacknowledged::shown);
        if (!reader) return std::move(reader).error();
        state_.log.next = Offset{from};
        while (true) {
            const auto records = (*reader)->read(state_.log.next, read_count, read_bytes);
            if (!records) return records.error();
            if (records->empty()) return {};
            std::uint64_t bytes = 0;
            for (const log::Record& record : *records) {
                note(record);
                bytes += record.headers.size() + record.payload.size();
            }
            state_.log.events += static_cast<std::int64_t>(records->size());
            state_.log.next = records->back().offset + 1;
            if (looked_) looked_("log " + state_.log.topic, bytes);
        }
    }
    /// What comes after a damage need not continue what stood before it.
    void skip() {
        state_.is_whole = false;
        for (auto& [numbering, highest] : expected_) highest = 0;
    }

private:
    void note(const log::Record& record) {
        const auto headers = read_record_headers(record.headers);
        if (!headers) {
            findings_.push_back({Finding::Kind::damage, directory_, std::nullopt,
                                 "the headers of event " + std::to_string(record.offset.value) +
                                     " cannot be read: " + headers.error().message});
            return;
        }
        const std::int64_t sequence = headers->sequence.value;
        if (sequence <= 0) return;  // A foreign producer's, who numbers nothing.
        const Numbering numbering{headers->source, to_string(headers->epoch)};
        NumberedEvents& known = state_.numbered[numbering];
        std::int64_t& highest = expected_[numbering];
        if (highest > 0 && sequence > highest + 1) {
            findings_.push_back({Finding::Kind::contradiction, directory_, std::nullopt,
                                 "events " + std::to_string(highest + 1) + " to " +
                                     std::to_string(sequence - 1) + " of " + headers->source +
                                     " are missing before offset " +
                                     std::to_string(record.offset.value)});
        }
        highest = std::max(highest, sequence);
        known.highest = std::max(known.highest, sequence);
        if (record.offset.value < state_.seen_end) {
            known.highest_before = std::max(known.highest_before, sequence);
        }
    }

    io::World& world_;
    const std::string& directory_;
    LogState& state_;
    Findings& findings_;
    const Looked& looked_;
    std::map<Numbering, std::int64_t> expected_;  ///< The highest of an unbroken walk.
};

}  // namespace

Result<LogState> verify_log(io::World& world, const std::string& directory,
                            const std::string& topic, std::int64_t seen_end, Findings& findings,
                            const Looked& looked) {
    const auto segments = segments_of(world.files(), directory);
    if (!segments) return segments.error();
    LogState state;
    state.log.topic = topic;
    state.log.segments = static_cast<std::int64_t>(segments->size());
    state.seen_end = seen_end;
    if (segments->empty()) return state;
    state.log.first = Offset{segments->front()};
    Walk walk{world, directory, state, findings, looked};
    auto segment = segments->begin();
    while (segment != segments->end()) {
        const Result<void> walked = walk.go(*segment);
        if (walked) break;
        // Retention may take a segment away meanwhile; it is not missed.
        if (walked.error().code != ErrorCode::not_found) {
            findings.push_back(finding_of(directory, walked.error()));
        }
        walk.skip();
        // Goes on with the segment after the damage.
        segment = std::upper_bound(segment + 1, segments->end(), state.log.next.value);
    }
    return state;
}

}  // namespace tidings
