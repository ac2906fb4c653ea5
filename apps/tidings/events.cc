#include "events.h"

#include <tidings/base/text.h>
#include <tidings/broker/record_headers.h>

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>

namespace tidings::cli {

namespace {

constexpr std::size_t read_count = 512;
constexpr std::size_t read_bytes = 4 * 1024 * 1024;

LogEvent read_event(const std::string& topic, const log::Record& record) {
    LogEvent event;
    event.topic = topic;
    event.offset = record.offset;
    event.appended = record.appended;
    event.payload = record.payload;
    if (auto headers = read_record_headers(record.headers)) {
        event.headers = std::move(*headers);
    } else {
        event.headers_broken = true;
    }
    if (auto envelope = parse_envelope(record.payload)) {
        event.envelope = std::move(*envelope);
    } else {
        event.broken = envelope.error().message;
    }
    return event;
}

bool wants(const EventQuery& query, const LogEvent& event) {
    const auto fits = [](const std::string& wanted, const std::string& found) {
        return wanted.empty() || wanted == found;
    };
    return fits(query.type, event.type()) && fits(query.key, event.headers.key) &&
           (query.correlation_id.empty() ||
            (event.envelope && event.envelope->correlation_id == query.correlation_id));
}

/// Spares reading the envelopes of other types.
bool may_want(const EventQuery& query, const log::Record& record) {
    if (query.type.empty()) return true;
    const auto type = peek_record_type(record.headers);
    return !type || type->empty() || *type == query.type;
}

}  // namespace

Result<LogPlace> parse_place(std::string_view text, Timestamp now) {
    if (text.empty()) return LogPlace{};
    std::int64_t offset = 0;
    const char* end = text.data() + text.size();
    if (const auto [rest, error] = std::from_chars(text.data(), end, offset);
        error == std::errc{} && rest == end && offset >= 0) {
        return LogPlace{Offset{offset}};
    }
    if (const auto time = parse_timestamp(text)) return LogPlace{*time};
    if (const auto before = parse_duration(text)) {
        return LogPlace{now - std::chrono::duration_cast<std::chrono::milliseconds>(*before)};
    }
    return Error{ErrorCode::invalid_argument,
                 fmt::format("{} is neither an offset nor a time", quote(text)),
                 "write an offset (1200), a time (2026-11-23T10:00:00Z), or how long ago (15m)"};
}

Result<void> check_query(const EventQuery& query, Timestamp now) {
    for (const std::string* text : {&query.from, &query.to}) {
        const auto place = parse_place(*text, now);
        if (!place) return place.error();
        const Offset* offset = std::get_if<Offset>(&*place);
        if (offset != nullptr && offset->value != 0 && query.topic.empty()) {
            return Error{ErrorCode::invalid_argument,
                         fmt::format("offset {} needs a topic: each topic counts its own", *text),
                         "name it with --topic, or give a time"};
        }
    }
    if (query.type.empty()) return {};
    if (Result<void> named = check_event_name(query.type); !named) return named;
    return {};
}

Result<TopicReader> TopicReader::open(const Directory& directory, std::string topic, Sight sight) {
    const std::string path = directory.log(topic);
    TopicReader made;
    made.topic_ = std::move(topic);
    made.follows_ = sight == Sight::acknowledged;
    if (made.follows_) {
        auto follower =
            log::Reader::open(directory.world(), path, log::Reader::Unacknowledged::hidden);
        if (!follower) return std::move(follower).error();
        // Only a writer that was here since the machine was started says how far it has come; the
        // reader shows that by refusing what lies beyond. Until then, all that is there is shown.
        const auto beyond = (*follower)->read(Offset{std::int64_t{1} << 61}, 1, 1);
        const bool is_known = !beyond && beyond.error().code == ErrorCode::invalid_argument;
        (is_known ? made.reader_ : made.follower_) = std::move(*follower);
        if (is_known) return made;
    }
    auto reader = log::Reader::open(directory.world(), path, log::Reader::Unacknowledged::shown);
    if (!reader) return std::move(reader).error();
    made.reader_ = std::move(*reader);
    return made;
}

Result<void> TopicReader::start(const LogPlace& from, bool default_is_end) {
    if (const Timestamp* time = std::get_if<Timestamp>(&from)) {
        const auto found = reader_->find(*time);
        if (!found) return with_context(found.error(), "topic " + topic_);
        next_ = *found;
        return {};
    }
    if (const Offset* offset = std::get_if<Offset>(&from)) {
        next_ = std::max(*offset, reader_->first());
        return {};
    }
    next_ = default_is_end ? reader_->high_watermark() : reader_->first();
    return {};
}

Result<void> TopicReader::fill() {
    records_.clear();
    used_ = 0;
    auto read = reader_->read(next_, read_count, read_bytes);
    if (read && read->empty() && follower_) {
        reader_ = std::move(follower_);
        read = reader_->read(next_, read_count, read_bytes);
    }
    if (!read && follows_ && read.error().code == ErrorCode::invalid_argument) {
        // What was shown beyond the watermark had never been acknowledged, and a writer cut it.
        next_ = std::min(next_, reader_->high_watermark());
        read = reader_->read(next_, read_count, read_bytes);
    }
    if (!read) return with_context(read.error(), "topic " + topic_);
    records_ = std::move(*read);
    if (!records_.empty()) next_ = records_.back().offset + 1;
    return {};
}

bool TopicReader::is_beyond_end(const log::Record& record) const {
    if (const Offset* offset = std::get_if<Offset>(&to_)) return record.offset >= *offset;
    if (const Timestamp* time = std::get_if<Timestamp>(&to_)) return record.appended >= *time;
    return false;
}

Result<const log::Record*> TopicReader::front() {
    if (at_end_) return nullptr;
    if (used_ == records_.size()) {
        if (auto filled = fill(); !filled) return std::move(filled).error();
    }
    at_end_ = used_ == records_.size() || is_beyond_end(records_[used_]);
    return at_end_ ? nullptr : &records_[used_];
}

void EventStream::drop(std::string topic, Error error) {
    errors_.push_back(std::move(error));
    dropped_.push_back(std::move(topic));
}

void EventStream::look_again() noexcept {
    for (TopicReader& topic : topics_) topic.look_again();
}

bool EventStream::has(std::string_view topic) const {
    return std::any_of(topics_.begin(), topics_.end(),
                       [topic](const TopicReader& known) { return known.topic() == topic; }) ||
           std::find(dropped_.begin(), dropped_.end(), topic) != dropped_.end();
}

TopicReader* EventStream::earliest() {
    TopicReader* best = nullptr;
    Timestamp best_time{};
    for (std::size_t i = 0; i < topics_.size();) {
        const auto front = topics_[i].front();
        if (!front) {
            drop(topics_[i].topic(), front.error());
            topics_.erase(topics_.begin() + static_cast<std::ptrdiff_t>(i));
            return earliest();
        }
        if (*front != nullptr && (best == nullptr || (*front)->appended < best_time)) {
            best = &topics_[i];
            best_time = (*front)->appended;
        }
        ++i;
    }
    return best;
}

std::optional<LogEvent> EventStream::next(const EventQuery& query, std::size_t looks_max) {
    at_end_ = false;
    for (std::size_t look = 0; look < looks_max; ++look) {
        TopicReader* topic = earliest();
        if (topic == nullptr) {
            at_end_ = true;
            return std::nullopt;
        }
        const log::Record record = **topic->front();
        topic->pop();
        if (!may_want(query, record)) continue;
        LogEvent event = read_event(topic->topic(), record);
        if (wants(query, event)) return event;
    }
    return std::nullopt;
}

}  // namespace tidings::cli
