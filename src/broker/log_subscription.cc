#include "broker/log_subscription.h"

#include <tidings/broker/record_headers.h>

#include "base/test_points.h"

#include <algorithm>
#include <utility>

namespace tidings {
namespace {

constexpr std::size_t fetch_bytes_max = 4 * 1024 * 1024;
/// Records read at once where most may be filtered out.
constexpr std::size_t filtered_count = 512;
/// Reads within one fetch, so that it stays a bounded amount of work.
constexpr int passes_max = 32;

}  // namespace

LogSubscription::~LogSubscription() {
    if (wakeup_ != nullptr) doorbell_->forget(*wakeup_);
}

Result<void> LogSubscription::begin(io::FileSystem& files, const std::string& topic_directory,
                                    const std::string& topic, const ConsumerGroup& group,
                                    const StartAt& start) {
    const auto position = resolve(start);
    if (!position) return position.error();
    next_ = *position;
    if (!group.name.empty()) {
        auto entry = GroupFile::open(files, topic_directory, group, next_);
        if (!entry) return entry.error();
        entry_ = std::move(*entry);
        // Who goes back must not lose what he wants to read again.
        if (next_ < entry_->position()) {
            reached("broker.group_went_back");
            if (auto moved = entry_->move(next_); !moved) return moved;
        }
    }
    if (wakeup_ != nullptr) {
        doorbell_->watch(topic, *wakeup_);
        wakeup_->notify();  // For what is there already.
    }
    return {};
}

Result<Position> LogSubscription::resolve(const StartAt& start) {
    if (std::holds_alternative<Earliest>(start)) return Position{reader_->first()};
    if (std::holds_alternative<Latest>(start)) return Position{reader_->high_watermark()};
    if (const auto* time = std::get_if<Timestamp>(&start)) return reader_->find(*time);
    return std::get<Position>(start);
}

bool LogSubscription::wanted(std::string_view headers) const {
    if (types_.empty()) return true;
    const auto type = peek_record_type(headers);
    // What cannot be read is everybody's: somebody has to put it aside and say so.
    return !type || std::find(types_.begin(), types_.end(), *type) != types_.end();
}

Result<Fetched> LogSubscription::fetch(std::size_t count_max) {
    Fetched fetched;
    fetched.next = next_;
    if (count_max == 0) return fetched;
    const std::size_t read_max = types_.empty() ? count_max : std::max(count_max, filtered_count);
    for (int pass = 0; pass < passes_max; ++pass) {
        const auto records = reader_->read(next_, read_max, fetch_bytes_max);
        if (!records) return records.error();
        if (records->empty()) return fetched;
        fetched.events.reserve(std::min(count_max, records->size()));
        for (const log::Record& record : *records) {
            if (fetched.events.size() == count_max) break;
            next_ = record.offset + 1;
            if (!wanted(record.headers)) continue;
            DeliveredEvent& event = fetched.events.emplace_back();
            event.offset = record.offset;
            event.appended = record.appended;
            event.envelope = record.payload;
            // Broken headers stay empty: the consumer then puts the event aside by what the
            // envelope says, and the rest of the topic goes on.
            if (auto headers = read_record_headers(record.headers)) {
                event.headers = std::move(*headers);
            }
        }
        fetched.next = next_;
        if (!fetched.events.empty()) return fetched;
    }
    // Nothing wanted in all of that, but there is more: come again soon.
    if (wakeup_ != nullptr) wakeup_->notify();
    return fetched;
}

Result<void> LogSubscription::acknowledge(Position position) {
    return entry_ ? entry_->move(position) : Result<void>{};
}

Result<Position> LogSubscription::seek(const StartAt& to) {
    const auto position = resolve(to);
    if (!position) return position;
    if (*position < reader_->first()) {
        return Error{ErrorCode::not_found, "offset " + std::to_string(position->value) +
                                               " was removed by retention, which keeps " +
                                               std::to_string(reader_->first().value) + " on"};
    }
    if (entry_ && *position < entry_->position()) {
        if (auto moved = entry_->move(*position); !moved) return moved.error();
    }
    next_ = *position;
    return next_;
}

}  // namespace tidings
