#pragma once

#include <tidings/broker/broker.h>
#include <tidings/delivery/step_loop.h>

#include "delivery/effects.h"
#include "delivery/held.h"
#include "delivery/timers.h"

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <variant>

namespace tidings {

/// One topic that a service reads: where it is, and what became of what it took.
struct TopicState {
    std::string name;
    std::unique_ptr<Subscription> subscription;
    std::unique_ptr<Subscription> watch;  ///< A looker-on's, for whoever asks how far behind it is.
    Fetched fetched;                      ///< What the group being run is made of.
    Position position;                    ///< Where reading goes on; written with the group.
    std::int64_t accepted = 0;
    std::int64_t done = 0;
    std::int64_t discarded = 0;
    std::int64_t duplicates = 0;
    bool dirty = false;  ///< The row in tidings_position is behind.
    /// Checksum of the event before `position`, by which its log is known again; -1: unknown.
    std::int64_t seen = -1;
    bool is_log_known = false;  ///< Whether the log has been held against `seen` since the start.
    /// Events before it may have been under way when the last run ended without a word.
    Position uncertain_until;
    std::atomic<std::int64_t> committed_position{0};
    /// The event at `committed_position`, for whoever asks how long it has waited; theirs alone.
    Position oldest_read{-1};
    Timestamp oldest_appended;

    /// When the oldest event that is not done was appended. Requires: there is one, and the
    /// mutex of `watch` is held.
    Timestamp oldest_waiting(Timestamp now);
    std::atomic<std::int64_t> last_appended_ms{0};  ///< Of the last event looked at.
};

/// A step made of one event of the log.
struct EventStep {
    TopicState* topic;
    const DeliveredEvent* event;
};

/// A step made of an event whose retry is due.
struct RetryStep {
    TopicState* topic;  ///< Null if the service no longer reads the topic.
    HeldEvent event;
};

struct CommandStep {
    Command command;
    std::optional<Error> refused;  ///< Set when it ran and failed.
};

/// One atomic unit of work: its cause.
using Step = std::variant<CommandStep, EventStep, RetryStep, StoredTimer, EffectOutcome>;

/// Thrown within the runner when the group's transaction is over, or must be: by a full disk, an
/// I/O error. No step is to blame; all of them run again.
struct GroupLost {
    Error error;
};

}  // namespace tidings
