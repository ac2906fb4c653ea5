#include "mistakes.h"

namespace market {

using tidings::Mistake;

#define TIDINGS_PLANTED(name, seeds) \
    { Mistake::name, #name, seeds }

const std::array<Planted, mistakes_count> mistakes{{
    TIDINGS_PLANTED(answers_before_commit, 40),
    TIDINGS_PLANTED(publishes_before_commit, 40),
    TIDINGS_PLANTED(ignores_failed_commit, 40),
    TIDINGS_PLANTED(stores_position_first, 40),
    TIDINGS_PLANTED(commits_inbox_alone, 40),
    TIDINGS_PLANTED(forgets_inbox, 40),
    TIDINGS_PLANTED(inbox_closes_gaps, 40),
    TIDINGS_PLANTED(keeps_lost_group, 40),
    TIDINGS_PLANTED(skips_lost_group, 40),
    TIDINGS_PLANTED(keeps_half_steps, 40),
    TIDINGS_PLANTED(answers_success_always, 40),
    TIDINGS_PLANTED(publishes_undone_events, 40),
    TIDINGS_PLANTED(makes_new_epochs, 40),
    TIDINGS_PLANTED(reuses_sequences, 40),
    TIDINGS_PLANTED(relay_marks_first, 40),
    TIDINGS_PLANTED(relay_drops_on_failure, 40),
    TIDINGS_PLANTED(relay_puts_failed_last, 40),
    TIDINGS_PLANTED(relay_sleeps_on, 40),
    TIDINGS_PLANTED(retry_is_overtaken, 40),
    TIDINGS_PLANTED(dead_letter_is_passed, 40),
    TIDINGS_PLANTED(parked_are_forgotten, 40),
    TIDINGS_PLANTED(attempts_are_not_counted, 40),
    TIDINGS_PLANTED(timers_in_memory_only, 40),
    TIDINGS_PLANTED(timer_goes_off_twice, 40),
    TIDINGS_PLANTED(timer_read_is_stale, 40),
    TIDINGS_PLANTED(new_key_per_attempt, 40),
    TIDINGS_PLANTED(effects_in_memory_only, 40),
    TIDINGS_PLANTED(carries_out_undone_effects, 40),
    TIDINGS_PLANTED(miscounts_undone_effects, 40),
    TIDINGS_PLANTED(compensates_first_step_first, 40),
    TIDINGS_PLANTED(compensates_last_step_only, 40),
    TIDINGS_PLANTED(ignores_late_answers, 40),
    TIDINGS_PLANTED(drops_early_answers, 40),
    TIDINGS_PLANTED(applies_answers_twice, 40),
    TIDINGS_PLANTED(log_without_flush, 40),
    TIDINGS_PLANTED(directory_without_flush, 40),
    TIDINGS_PLANTED(reads_torn_records, 40),
    TIDINGS_PLANTED(cuts_acknowledged_records, 40),
    TIDINGS_PLANTED(retention_ignores_groups, 40),
    TIDINGS_PLANTED(rings_no_doorbell, 40),
    TIDINGS_PLANTED(database_without_flush, 40),
    TIDINGS_PLANTED(replaces_without_flush, 40),
    TIDINGS_PLANTED(repeats_commands, 40),
    TIDINGS_PLANTED(decides_from_memory, 40),
}};

#undef TIDINGS_PLANTED

}  // namespace market
