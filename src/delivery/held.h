#pragma once

#include <tidings/broker/broker.h>
#include <tidings/resilience/retry_policy.h>
#include <tidings/store/store.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace tidings {

/// What became of an event that could not be done at once.
enum class HeldState : std::int64_t {  // Values are persistent.
    scheduled = 1,                     ///< Waits for its next attempt.
    parked = 2,                        ///< Waits behind an earlier event of its key.
    dead = 3,                          ///< Given up: a dead letter.
};

/// An event kept in the service's own database after the log handed it over.
struct HeldEvent {
    std::int64_t position = 0;  ///< In the order of arrival.
    std::string topic;
    EventHeaders headers;
    std::string envelope;
    int attempts = 0;
};

/// How many events are held, by state.
struct HeldCounts {
    std::int64_t scheduled = 0;
    std::int64_t parked = 0;
    std::int64_t dead = 0;
    std::int64_t total() const noexcept { return scheduled + parked + dead; }
};

/// Events that wait for a retry, those parked behind them, and dead letters, in one table.
///
/// Later events of a key wait behind the one that failed, also behind a dead letter, until it is
/// done, redriven or discarded; everything else flows. Changes happen in the step's transaction;
/// the counts and the set of blocked keys follow them and are read again after a lost group.
///
/// Threads   The step loop's.
class Held {
public:
    void open(StoreTransaction& tx);

    /// Whether an event of `key` must wait behind an earlier one.
    bool blocks(const std::string& topic, const std::string& key) const;

    /// Keeps an event that failed: to be tried again at `due`, or, without, as a dead letter.
    void hold_failed(StoreTransaction& tx, const std::string& topic, const EventHeaders& headers,
                     std::string_view envelope, const Error& error, Timestamp now,
                     std::optional<Timestamp> due);
    /// Keeps an event behind an earlier one of its key.
    void park(StoreTransaction& tx, const std::string& topic, const EventHeaders& headers,
              std::string_view envelope, Timestamp now);

    /// Whether `next_due` is as the table says; a change makes it unknown.
    bool knows_next_due() const noexcept { return next_due_known_ || counts_.scheduled == 0; }
    void read_next_due(StoreTransaction& tx);
    /// When the next scheduled event is due, if there is one. Requires: it is known.
    std::optional<Timestamp> next_due() const noexcept {
        return counts_.scheduled == 0 ? std::nullopt : next_due_;
    }
    /// Scheduled events that are due, the earliest first.
    std::vector<HeldEvent> due(StoreTransaction& tx, Timestamp now, std::size_t count_max);

    /// The event was done: it leaves, and the next of its key becomes due at once.
    void done(StoreTransaction& tx, const HeldEvent& event, Timestamp now);
    /// It failed again.
    void failed_again(StoreTransaction& tx, const HeldEvent& event, const Error& error,
                      Timestamp now, std::optional<Timestamp> due);

    const HeldCounts& counts() const noexcept { return counts_; }

private:
    void insert(StoreTransaction& tx, HeldState state, const std::string& topic,
                const EventHeaders& headers, std::string_view envelope, int attempts, Timestamp due,
                const Error& error, Timestamp now);

    std::unordered_map<std::string, std::int64_t> blocked_;  // By topic and key: how many.
    HeldCounts counts_;
    std::int64_t last_position_ = 0;
    std::optional<Timestamp> next_due_;
    bool next_due_known_ = false;
};

}  // namespace tidings
