#pragma once

#include <tidings/broker/broker.h>
#include <tidings/store/store.h>

#include "delivery/blocked_lanes.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tidings {

/// What became of an event that could not be done at once.
enum class HeldState : std::int64_t {  // Values are persistent.
    scheduled = 1,                     ///< Waits for its next attempt.
    parked = 2,                        ///< Waits behind an earlier event of its lane.
    dead = 3,                          ///< Given up: a dead letter.
};

/// Which events an event keeps its order with: those of its topic and key, and those of the saga's
/// instance that it belongs to. Without a key it keeps none.
struct Lane {
    std::string_view topic;
    std::string_view key;
    std::string_view saga;  ///< Empty for none.
};

/// An event kept in the service's own database after the log handed it over.
struct HeldEvent {
    std::int64_t position = 0;  ///< In the order of arrival; never given again.
    std::string topic;
    EventHeaders headers;
    std::string envelope;
    std::string handler;      ///< That failed; empty if none was tried yet.
    std::string saga;         ///< Of its lane.
    bool blocks = true;       ///< Whether later events of its lane wait behind it.
    int attempts = 0;         ///< That failed.
    int attempts_before = 0;  ///< Of these, before it was last redriven.

    Lane lane() const noexcept { return {topic, headers.key, saga}; }
};

/// Why an event is held.
struct HeldFailure {
    std::string_view handler;  ///< That failed.
    const Error& error;
    bool blocks = true;  ///< Whether later events of its lane wait behind it.
};

/// How many events are held, by state, and how large they are.
struct HeldCounts {
    std::int64_t scheduled = 0;
    std::int64_t parked = 0;
    std::int64_t dead = 0;
    std::int64_t bytes = 0;  ///< Of the envelopes of all of them.
    std::int64_t total() const noexcept { return scheduled + parked + dead; }
};

/// Events that wait for a retry, those parked behind them, and dead letters, in one table.
///
/// Later events of a lane wait behind the one that failed, also behind a dead letter, until it is
/// done, redriven or discarded; everything else flows. Changes happen in the step's transaction;
/// the counts follow them and are read again after a lost group. What is held is held on disk: the
/// memory for it is bounded, however much that is.
///
/// Threads   The step loop's.
class Held {
public:
    /// Reads counts and lanes from the table: at start, after a lost group, and after a change of
    /// the table that was made past this.
    void open(StoreTransaction& tx);

    /// Whether an event of this lane must wait behind an earlier one. Asks the table only if there
    /// may be one.
    bool blocks(StoreTransaction& tx, const Lane& lane) const;
    /// Whether anything is held that blocks its lane.
    bool blocks_any() const noexcept { return !lanes_.is_empty(); }

    /// Keeps an event that failed: to be tried again at `due`, or, without, as a dead letter.
    void hold_failed(StoreTransaction& tx, const Lane& lane, const DeliveredEvent& event,
                     const HeldFailure& failure, Timestamp now, std::optional<Timestamp> due);
    /// Keeps an event behind an earlier one of its lane.
    void park(StoreTransaction& tx, const Lane& lane, const DeliveredEvent& event);

    /// Whether `next_due` is as the table says; a change makes it unknown.
    bool knows_next_due() const noexcept { return next_due_known_ || counts_.scheduled == 0; }
    void read_next_due(StoreTransaction& tx);
    /// When the next scheduled event is due, if there is one. Requires: it is known.
    std::optional<Timestamp> next_due() const noexcept {
        return counts_.scheduled == 0 ? std::nullopt : next_due_;
    }
    /// Scheduled events that are due, the earliest first.
    std::vector<HeldEvent> due(StoreTransaction& tx, Timestamp now, std::size_t count_max);

    /// The event was done: it leaves, and the next of its lane becomes due at once.
    void done(StoreTransaction& tx, const HeldEvent& event, Timestamp now);
    /// It failed again.
    void failed_again(StoreTransaction& tx, const HeldEvent& event, const HeldFailure& failure,
                      Timestamp now, std::optional<Timestamp> due);
    /// It was not tried: it will be at `due`.
    void put_off(StoreTransaction& tx, const HeldEvent& event, Timestamp due);

    /// Makes the next events of a lane due at once if nothing is in their way any more, and returns
    /// how many. On the tables alone, so that it can be used on a service that does not run.
    static std::int64_t release_next(StoreTransaction& tx, const Lane& lane, Timestamp now);

    /// Writes the last position, as part of the group's transaction.
    void before_commit(StoreTransaction& tx);

    const HeldCounts& counts() const noexcept { return counts_; }

private:
    void insert(StoreTransaction& tx, HeldState state, const Lane& lane,
                const DeliveredEvent& event, const HeldFailure* failure, Timestamp now,
                Timestamp due);
    void release(StoreTransaction& tx, const Lane& lane, Timestamp now);
    void unblock(const Lane& lane);

    BlockedLanes lanes_;
    HeldCounts counts_;
    std::int64_t last_position_ = 0;
    std::int64_t stored_position_ = 0;
    std::optional<Timestamp> next_due_;
    bool next_due_known_ = false;
};

}  // namespace tidings
