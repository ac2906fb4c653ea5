#pragma once

#include <tidings/delivery/handlers.h>
#include <tidings/store/store.h>

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tidings {

/// A durable timer as its row tells it.
struct StoredTimer {
    DueTimer timer;
    std::string id;  ///< Of the setting: another one each time that it is set or moved.
    std::string correlation_id;
};

/// The durable timers of one service. Due times are those of the `DueClock`.
///
/// Threads   The step loop's.
class Timers {
public:
    void open(StoreTransaction& tx);

    void set(StoreTransaction& tx, const StoredTimer& timer, Timestamp now, Timestamp due,
             std::string_view causation_id);
    void cancel(StoreTransaction& tx, std::string_view kind, std::string_view key);

    /// Whether `next_due` is as the table says; a change makes it unknown.
    bool knows_next_due() const noexcept { return next_due_known_; }
    void read_next_due(StoreTransaction& tx);
    /// When the next timer is due, if there is one. Requires: it is known.
    std::optional<Timestamp> next_due() const noexcept { return next_due_; }
    std::vector<StoredTimer> due(StoreTransaction& tx, Timestamp now, std::size_t count_max);
    /// Takes a timer that goes off; false if it was taken back or moved since it was read.
    bool take(StoreTransaction& tx, const DueTimer& timer, Timestamp now);
    /// Puts off a timer whose handler failed, or for which there is no budget.
    void put_off(StoreTransaction& tx, const DueTimer& timer, Timestamp now, Timestamp due);
    /// Says that its handler has failed so often that somebody should know.
    void failed_for_long(const DueTimer& timer, const Error& error);
    /// Says that its handler did not fail.
    void succeeded(const DueTimer& timer) {
        if (!failing_.empty()) failing_.erase({timer.kind, timer.key});
    }
    /// How many timers have failed for long, as far as the process knows; at most a thousand.
    std::int64_t failing_count() const noexcept {
        return static_cast<std::int64_t>(failing_.size());
    }
    /// Why one of them fails.
    std::optional<Error> failing() const;
    /// How many timers are set.
    std::int64_t count() const noexcept { return count_; }

    void begin_step() noexcept { step_count_ = count_; }
    void undo_step() noexcept {
        count_ = step_count_;
        forget();
    }

private:
    /// Has the next due time read again.
    void forget() noexcept { next_due_known_ = false; }

    static constexpr std::size_t failing_max = 1000;

    std::map<std::pair<std::string, std::string>, Error> failing_;  // By kind and key.
    std::int64_t count_ = 0;
    std::int64_t step_count_ = 0;
    std::optional<Timestamp> next_due_;
    bool next_due_known_ = false;
};

}  // namespace tidings
