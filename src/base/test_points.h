#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tidings {

/// Mistakes that a test build can make on purpose, one at a time, to show that the simulator finds
/// them. Each is a switch at the place where an author could really have made it.
enum class Mistake : std::uint8_t {
    none,

    // The step and its group.
    answers_before_commit,    ///< A caller hears that it is done, and then it is flushed.
    publishes_before_commit,  ///< Events go to the broker from the step, not from the outbox.
    ignores_failed_commit,    ///< What the group did is taken for done.
    stores_position_first,    ///< The position is durable before what was read up to it is done.
    commits_inbox_alone,      ///< An event is marked as taken in a transaction before its step.
    forgets_inbox,            ///< An event that comes again is handled again.
    inbox_closes_gaps,        ///< The highest sequence seen counts as the mark.
    keeps_lost_group,         ///< Memory stays ahead of the tables when a group was lost.
    skips_lost_group,         ///< Its events are not handed over again.
    keeps_half_steps,         ///< A step that failed leaves behind what it had written.
    answers_success_always,   ///< A refused command is answered as if it had been done.

    // The outbox and its relay.
    publishes_undone_events,     ///< Events of a step that failed stay in memory, and go out.
    makes_new_epochs,            ///< Each start numbers as a new source: what is sent again is new.
    reuses_sequences,            ///< After a start numbers go on from the rows that are left.
    relay_marks_first,           ///< Events count as published before the broker has them.
    relay_drops_on_failure,      ///< A batch that the broker did not take is not sent again.
    relay_overtakes_on_failure,  ///< It is sent again behind what came later.
    relay_sleeps_on,             ///< Nobody wakes it for what a group has added.

    // Retries and dead letters.
    retry_is_overtaken,        ///< Later events of the key do not wait for one that failed.
    dead_letter_is_passed,     ///< Nor for one that was given up at once.
    parked_are_forgotten,      ///< They stay parked when the one before them is done.
    attempts_are_not_counted,  ///< What can never be done is tried for ever.

    // Timers.
    timers_in_memory_only,  ///< A restart forgets them.
    timer_goes_off_twice,   ///< Its row is put off instead of removed.
    timer_read_is_stale,    ///< It goes off though a step of its own group took it back.

    // Effects on the outside world.
    new_key_per_attempt,         ///< Asking again is a new request to the other side.
    effects_in_memory_only,      ///< A restart forgets what was asked for and not answered.
    carries_out_undone_effects,  ///< What a failed step asked for is done.
    miscounts_undone_effects,    ///< It stays in the count of what is owed.

    // Sagas.
    compensates_first_step_first,  ///< In the order in which the steps were done.
    compensates_last_step_only,    ///< The others count as made good.
    ignores_late_answers,          ///< What is done after the end stays done.
    drops_early_answers,           ///< An answer that overtook another is never used.
    applies_answers_twice,         ///< An answer told twice moves the saga twice.

    // Logs, databases and files.
    log_without_flush,          ///< Acknowledged records are in the page cache alone.
    directory_without_flush,    ///< A new segment's name may go with the power.
    reads_torn_records,         ///< A batch counts as whole without its checksum.
    cuts_acknowledged_records,  ///< Recovery takes the last batch for one never acknowledged.
    retention_ignores_groups,   ///< A segment goes that a slow group has not read.
    rings_no_doorbell,          ///< Nobody is told of new records.
    database_without_flush,     ///< Commits are in the page cache alone.
    replaces_without_flush,     ///< A small file is renamed into place before it is durable.

    // The services.
    repeats_commands,     ///< A command that is sent again is done again.
    decides_from_memory,  ///< A level of stock is looked up where undone steps are not undone.
};

/// A state that a run has come through, and how often.
struct ReachedState {
    std::string name;
    std::uint64_t count = 0;
};

// A build with tests has the switches and the counts (TIDINGS_TEST_POINTS, see TidingsModules);
// in any other build both are nothing, and the compiler removes what they guard.
#ifdef TIDINGS_TEST_POINTS

/// Whether `mistake` is being made. A place that makes it reads
///
///     if (planted(Mistake::relay_marks_first)) mark(entries);
[[nodiscard]] bool planted(Mistake mistake) noexcept;
/// Makes `mistake` from now on, and no other.
void plant(Mistake mistake) noexcept;

/// Notes that the run has come through a state worth coming through, named as its area and what is
/// so: `relay.died_before_marking`. `name` is a literal.
///
/// Threads   Any.
void reached(const char* name) noexcept;
/// Returns all states that were reached in this process so far, by name.
std::vector<ReachedState> reached_states();
/// Forgets them.
void forget_reached_states();

#else

[[nodiscard]] constexpr bool planted(Mistake) noexcept { return false; }
constexpr void reached(const char*) noexcept {}

#endif

}  // namespace tidings
