#pragma once

#include <tidings/base/result.h>
#include <tidings/io/world.h>
#include <tidings/model/envelope.h>
#include <tidings/store/store.h>

#include "delivery/step.h"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace tidings {

/// The steps that may have taken the process down with them, and what is done about it.
///
/// A failed attempt is counted in the transaction that schedules the retry; one that the process
/// did not survive leaves no transaction. So after an unclean stop the steps that may have been
/// under way (of the events: those past the stored position, at most one group) are run one by
/// one, and each leaves a row before it runs. A row found at a start is an attempt that failed:
///
///     start, unclean   rows: -              event 7: row "7 runs", flushed; handler; process dies
///     start, unclean   rows: 7 runs         event 7: a failed attempt, to be tried again later
///     the retry        rows: 7 is suspect   event 7: row "7 runs", flushed; handler; ...
///
/// After a clean stop, and once those steps are through, nothing of this costs anything.
///
/// Threads   The step loop's.
class Attempts {
public:
    /// Reads whether the last run ended cleanly and what was under way, and notes that one began.
    /// `group_steps_max` steps may have been under way at the end of the last.
    void open(StoreTransaction& tx, std::size_t group_steps_max, Timestamp now);
    /// Counts a step, named by somebody who saw it, as one that the process did not survive.
    void add_crash(StoreTransaction& tx, const std::string& step, const std::string& reason,
                   Timestamp now);

    /// Whether the last run ended without `mark_clean`.
    bool was_unclean() const noexcept { return was_unclean_; }
    /// Whether the steps of a group have to be looked at one by one.
    bool is_wary() const noexcept { return window_ + due_window_ > 0 || !suspects_.empty(); }
    /// Whether `step` is to be run alone, with its row written before. Requires: `is_wary()`.
    bool wants(const Step& step) const;
    /// Whether the row of `step` is written already.
    bool has_begun(const Step& step) const { return !running_.empty() && running_ == key_of(step); }
    /// Writes the row of `step`. The caller commits, and then runs it alone.
    void begin(StoreTransaction& tx, const Step& step, Timestamp now);
    /// Has the row of the step that comes after this one written with this one's commit, so that
    /// each costs one flush and not two. Null: there is none.
    void announce(const Step* next, Timestamp now);

    /// Whether `take_crash` need be asked at all.
    bool has_crashes() const noexcept { return !crashes_.empty(); }
    /// Why the last attempt at a step failed, if the process did not survive it. Once told, the
    /// step may run again, alone.
    std::optional<Error> take_crash(const std::string& step);
    /// How often the process did not survive `step`, this time included. Requires: its crash was
    /// taken, and the group is not committed yet.
    int crashes_of(const std::string& step) const;

    /// The group is about to be committed; `failed`: the step that ran alone did not succeed.
    void before_commit(StoreTransaction& tx, bool failed);
    /// The group is durable.
    void committed();
    /// Nothing of the group happened; it may be tried again.
    void lost() { taken_.clear(); }
    /// The step that was to run alone is put off: nothing came of it.
    void give_up();

    /// Has the next commit say that the service ended as it should.
    void mark_clean() noexcept { marking_clean_ = true; }
    bool is_marked_clean() const noexcept { return marked_clean_; }

private:
    static std::string key_of(const Step& step);

    bool was_unclean_ = false;
    std::size_t window_ = 0;          ///< Events and answers still to be run one by one.
    std::size_t due_window_ = 0;      ///< Likewise retries and timers.
    std::int64_t effects_until_ = 0;  ///< Effects asked for before the start.
    std::set<std::string> suspects_;  ///< Steps that may come again, and then run alone.
    struct Crash {
        std::string reason;  ///< What is known of it.
        int before = 0;      ///< How often it was not survived before.
    };
    std::map<std::string, Crash> crashes_;  ///< Steps not survived.
    std::string running_;                   ///< The step whose row was written.
    std::string next_;                      ///< The one whose row is written next.
    Timestamp next_began_;
    bool next_is_due_ = false;
    std::vector<std::string> taken_;     ///< Of `crashes_`, by this group.
    std::vector<std::string> given_up_;  ///< Rows to take back with the next commit.
    bool running_is_due_ = false;
    bool running_failed_ = false;
    bool marking_clean_ = false;
    bool marked_clean_ = false;
};

/// Names an event the same way each time that it comes, wherever it stands in the log.
std::string attempt_key(const EventHeaders& headers, std::string_view envelope);
/// Names any step that can come again; empty for a command.
std::string attempt_key(const Step& step);
std::string attempt_key(const StoredTimer& timer);
std::string attempt_key(const StoredEffect& effect);

}  // namespace tidings
