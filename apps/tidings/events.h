#pragma once

#include <tidings/base/result.h>
#include <tidings/log/log.h>
#include <tidings/model/envelope.h>

#include "commands.h"
#include "directory.h"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace tidings::cli {

/// One event as it lies in a log, read as far as it can be. Views live until the next event.
struct LogEvent {
    std::string topic;
    Offset offset;
    Timestamp appended;
    std::string_view payload;
    EventHeaders headers;  ///< Empty where they are broken.
    bool headers_broken = false;
    std::optional<Envelope> envelope;
    std::string broken;  ///< Why there is no envelope.

    const std::string& type() const { return envelope ? envelope->type : headers.type; }
    const std::string& source() const { return envelope ? envelope->source : headers.source; }
};

/// A place in the logs. `std::monostate` is the command's own default.
using LogPlace = std::variant<std::monostate, Offset, Timestamp>;

/// Reads `1234`, `2026-11-23T10:00:00Z`, or `15m` (so long before `now`).
/// Errors: `invalid_argument`.
Result<LogPlace> parse_place(std::string_view text, Timestamp now);

/// Checks what a query asks for, as far as that can be known without a log.
/// Errors: `invalid_argument`.
Result<void> check_query(const EventQuery& query, Timestamp now);

/// One topic's log, read from a place on.
class TopicReader {
public:
    enum class Sight {
        everything,    ///< Every valid batch; touches nothing but segments.
        acknowledged,  ///< Up to the writer's watermark, and on as it rises.
    };

    static Result<TopicReader> open(const Directory& directory, std::string topic, Sight sight);

    /// Goes to `from`; by default to the first event, or to the end if `default_is_end`.
    Result<void> start(const LogPlace& from, bool default_is_end);
    /// Stops before `to`.
    void end(const LogPlace& to) { to_ = to; }

    /// Returns the next record, which stays until `pop`; nullptr from the end on, until
    /// `look_again`.
    Result<const log::Record*> front();
    void look_again() noexcept { at_end_ = false; }
    void pop() noexcept { ++used_; }
    const std::string& topic() const noexcept { return topic_; }

private:
    Result<void> fill();
    bool is_beyond_end(const log::Record& record) const;

    std::string topic_;
    std::unique_ptr<log::Reader> reader_;
    std::unique_ptr<log::Reader> follower_;  ///< Takes over where `reader_` ends.
    bool follows_ = false;
    Offset next_;
    LogPlace to_;
    std::vector<log::Record> records_;
    std::size_t used_ = 0;
    bool at_end_ = false;
};

/// The events of several topics, merged by the time when they were appended.
class EventStream {
public:
    void add(TopicReader topic) { topics_.push_back(std::move(topic)); }
    /// Gives a topic up, as after an error.
    void drop(std::string topic, Error error);
    /// Whether a topic was added or given up.
    bool has(std::string_view topic) const;
    /// Looks for events that came since the end was reached.
    void look_again() noexcept;
    /// Returns the next event that `query` wants, looking at `looks_max` at most; nothing if there
    /// is none for now. A topic that cannot be read further drops out, and its error is kept.
    std::optional<LogEvent> next(const EventQuery& query, std::size_t looks_max);
    /// Whether the last `next` came to the end of all topics.
    bool is_at_end() const noexcept { return at_end_; }
    const std::vector<Error>& errors() const noexcept { return errors_; }

private:
    TopicReader* earliest();

    std::vector<TopicReader> topics_;
    std::vector<std::string> dropped_;
    std::vector<Error> errors_;
    bool at_end_ = false;
};

/// Prints one event: a line for people, all of it with `full`, or a line of JSON.
void print_event(const LogEvent& event, bool full, Console& console);

}  // namespace tidings::cli
