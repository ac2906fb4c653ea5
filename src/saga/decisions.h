#pragma once

#include <tidings/saga/stored_sagas.h>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace tidings {

/// Checks that a decision is one about the step that is being undone, and returns that step, from
/// 0. Throws Failure with `conflict` if it is not, `invalid_argument` if nobody says who decides
/// or, of what was made good, why.
std::size_t check_decision(const SagaDecision& decision, const SagaProgress& progress,
                           const Actor& actor);

/// Adds a decision to the audit record. `after` is where the instance stands then; nothing if that
/// is not known yet.
void record_decision(StoreTransaction& tx, const SagaDecision& decision, std::size_t step,
                     const Actor& actor, Timestamp now, const SagaProgress& before,
                     const SagaProgress* after);

/// The kind of the timers that keep decisions about a saga's instances while the service is
/// stopped.
std::string decision_timer_kind(std::string_view saga);
/// A decision as such a timer keeps it (`made-good 2`), and back; nothing if it is none.
std::string write_decision(SagaAct act, std::size_t step);
std::optional<SagaDecision> read_decision(std::string_view text);

}  // namespace tidings
