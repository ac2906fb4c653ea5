#include "base/test_points.h"
#include "delivery/step_runner.h"

#include <utility>

namespace tidings {

namespace {

/// The entry of a timer or an effect that no handler is left for.
const HandlerEntry nobody{"nobody"};

Timestamp after(Timestamp now, Duration wait) {
    return now + std::chrono::ceil<std::chrono::milliseconds>(wait);
}

}  // namespace

void StepRunner::run_step(StoredTimer& timer) {
    const Handlers::Timer* known = handlers_.find_timer(timer.timer.kind);
    const HandlerEntry& entry = known != nullptr ? known->entry : nobody;
    const bool is_retry = timer.timer.attempt > 1;
    const Timestamp now = clock_.now();
    Transaction::Context cause = context(timer.correlation_id, timer.id);
    if (is_retry) {
        if (const auto wait = over_budget(entry, timers.failing_count())) {
            --timer.timer.attempt;  // This one was none.
            return timers.put_off(cause.store, timer.timer, now, after(now, *wait));
        }
    } else {
        budget_of(entry).first_attempt();
    }
    Transaction tx{cause};
    const auto crash =
        attempts.has_crashes() ? attempts.take_crash(attempt_key(timer)) : std::nullopt;
    const auto failed = attempt(entry, [&] {
        reached("timer.went_off");
        const bool still_due = timers.take(cause.store, timer.timer, now);
        if (!still_due) reached("timer.taken_back_in_its_group");
        if (!still_due && !planted(Mistake::timer_read_is_stale)) return;
        if (crash) throw Failure{*crash};
        if (known == nullptr) {
            throw Failure{{ErrorCode::unsupported, "no handler for timer " + timer.timer.kind}};
        }
        known->handler(timer.timer, tx);
    });
    if (!failed) {
        if (is_retry) budget_of(entry).give_back();
        return timers.succeeded(timer.timer);
    }
    // A deadline is never given up: who waits for it would wait for ever.
    const RetryPolicy& policy = handlers_.policy_of(entry);
    reached("timer.put_off");
    const bool exhausted = policy.is_exhausted(timer.timer.attempt);
    // What takes the process down again and again must leave it time for everything else.
    const Duration wait = crash && exhausted
                              ? Duration{1h}
                              : policy.delay(timer.timer.attempt, world_.random_number()) + 1ms;
    timers.put_off(cause.store, timer.timer, now, after(now, wait));
    if (exhausted) {
        reached("timer.failed_for_long");
        timers.failed_for_long(timer.timer, failed->error);
    }
}

void StepRunner::run_step(EffectOutcome& outcome) {
    outcome.effect.due.reset();  // Of the last time it was asked.
    StoreTransaction& tx = store_.transaction();
    const Timestamp now = clock_.now();
    const Handlers::Effect* known = handlers_.find_effect(outcome.effect.request.name);
    const HandlerEntry& entry = known != nullptr ? known->entry : nobody;
    if (outcome.effect.request.attempt == 1) budget_of(entry).first_attempt();
    if (!outcome.result) {
        const StepFailure failure{outcome.result.error()};
        if (is_worth_retrying(failure, entry)) {
            outcome.effect.due = after(now, wait_to_ask_again(outcome, entry));
        }
        const bool gave_up = !outcome.effect.due;
        reached(gave_up ? "effect.failed_for_good" : "effect.failed_for_now");
        effects.put_off(tx, outcome.effect, now, failure.error.message, gave_up);
        return;
    }
    if (const auto* pending = std::get_if<Pending>(&*outcome.result)) {
        reached("effect.taken");
        if (pending->ask_again) outcome.effect.due = after(now, *pending->ask_again);
        effects.put_off(tx, outcome.effect, now, "", false);
        return;
    }
    handle_answer(outcome, entry, std::get<Answered>(*outcome.result).answer);
}

Duration StepRunner::wait_to_ask_again(const EffectOutcome& outcome, const HandlerEntry& entry) {
    // The budget is asked when the retry is set, as it is made beside the loop.
    if (const auto wait = over_budget(entry, effects.owed_count())) return *wait;
    return handlers_.policy_of(entry).delay(outcome.effect.request.attempt, world_.random_number());
}

void StepRunner::handle_answer(EffectOutcome& outcome, const HandlerEntry& entry,
                               const std::string& answer) {
    const EffectRequest& request = outcome.effect.request;
    Transaction::Context cause = context(outcome.effect.correlation_id, request.idempotency_key);
    Transaction tx{cause};
    const auto crash =
        attempts.has_crashes() ? attempts.take_crash(attempt_key(outcome.effect)) : std::nullopt;
    const auto failed = attempt(entry, [&] {
        if (!effects.close(cause.store, outcome.effect)) return;
        if (crash) throw Failure{*crash};
        handlers_.find_effect(request.name)
            ->answered({request.name, request.subject, request.request, answer}, tx);
    });
    if (!failed) {
        reached("effect.answered");
        if (request.attempt > 1) budget_of(entry).give_back();
        return;
    }
    reached("effect.answer_not_handled");
    const Timestamp now = clock_.now();
    // How often it was asked for says nothing: most of these were answered with "not yet".
    if (crash &&
        handlers_.policy_of(entry).is_exhausted(attempts.crashes_of(attempt_key(outcome.effect)))) {
        return effects.put_off(cause.store, outcome.effect, now, failed->error.message, true);
    }
    // The answer is not kept: the outside world gives the same one when asked with the same key.
    outcome.effect.due = after(now, wait_to_ask_again(outcome, entry));
    effects.put_off(cause.store, outcome.effect, now, failed->error.message, false);
}

}  // namespace tidings
