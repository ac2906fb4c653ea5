#include "mistakes.h"

namespace market {

using tidings::Mistake;

#define TIDINGS_PLANTED(name, seeds) \
    { Mistake::name, #name, seeds }

const std::array<Planted, mistakes_count> mistakes{{
    TIDINGS_PLANTED(answers_before_commit, 20),
    TIDINGS_PLANTED(publishes_before_commit, 20),
    TIDINGS_PLANTED(ignores_failed_commit, 20),
    TIDINGS_PLANTED(stores_position_first, 20),
    TIDINGS_PLANTED(commits_inbox_alone, 20),
    TIDINGS_PLANTED(forgets_inbox, 6),
    TIDINGS_PLANTED(inbox_closes_gaps, 6),
    TIDINGS_PLANTED(keeps_lost_group, 40),
    TIDINGS_PLANTED(skips_lost_group, 50),
    TIDINGS_PLANTED(keeps_half_steps, 6),
    TIDINGS_PLANTED(answers_success_always, 6),
    TIDINGS_PLANTED(publishes_undone_events, 6),
    TIDINGS_PLANTED(makes_new_epochs, 6),
    TIDINGS_PLANTED(reuses_sequences, 6),
    TIDINGS_PLANTED(relay_marks_first, 40),
    TIDINGS_PLANTED(relay_drops_on_failure, 40),
    TIDINGS_PLANTED(relay_overtakes_on_failure, 20),
    TIDINGS_PLANTED(relay_sleeps_on, 6),
    TIDINGS_PLANTED(retry_is_overtaken, 6),
    TIDINGS_PLANTED(dead_letter_is_passed, 20),
    TIDINGS_PLANTED(parked_are_forgotten, 20),
    TIDINGS_PLANTED(attempts_are_not_counted, 6),
    TIDINGS_PLANTED(timers_in_memory_only, 6),
    TIDINGS_PLANTED(timer_goes_off_twice, 6),
    TIDINGS_PLANTED(timer_read_is_stale, 20),
    TIDINGS_PLANTED(new_key_per_attempt, 6),
    TIDINGS_PLANTED(effects_in_memory_only, 6),
    TIDINGS_PLANTED(carries_out_undone_effects, 6),
    TIDINGS_PLANTED(miscounts_undone_effects, 20),
    TIDINGS_PLANTED(compensates_first_step_first, 6),
    TIDINGS_PLANTED(compensates_last_step_only, 6),
    TIDINGS_PLANTED(ignores_late_answers, 6),
    TIDINGS_PLANTED(drops_early_answers, 6),
    TIDINGS_PLANTED(applies_answers_twice, 6),
    TIDINGS_PLANTED(log_without_flush, 40),
    TIDINGS_PLANTED(directory_without_flush, 40),
    TIDINGS_PLANTED(reads_torn_records, 300),
    TIDINGS_PLANTED(cuts_acknowledged_records, 6),
    TIDINGS_PLANTED(retention_ignores_groups, 6),
    TIDINGS_PLANTED(rings_no_doorbell, 6),
    TIDINGS_PLANTED(database_without_flush, 40),
    TIDINGS_PLANTED(replaces_without_flush, 40),
    TIDINGS_PLANTED(repeats_commands, 20),
    TIDINGS_PLANTED(decides_from_memory, 40),
}};

#undef TIDINGS_PLANTED

}  // namespace market
