#include "delivery/running_step.h"

#include "delivery/attempts.h"

namespace tidings {

namespace {

RunningStep::Description of_event(const EventHeaders& headers, std::string_view envelope) {
    const Result<Envelope> event = parse_envelope(envelope);
    return {"the handler of " + headers.type,
            "event " + (event ? to_string(event->id) : "without a legible id"),
            attempt_key(headers, envelope)};
}

}  // namespace

std::optional<RunningStep::Description> RunningStep::describe(std::uint64_t number) const {
    const std::lock_guard lock{mutex_};
    if (step_ == nullptr || number_ != number) return std::nullopt;
    if (const auto* command = std::get_if<CommandStep>(step_)) {
        return Description{"the command " + command->command.name, "a request", {}};
    }
    if (const auto* event = std::get_if<EventStep>(step_)) {
        return of_event(event->event->headers, event->event->envelope);
    }
    if (const auto* retry = std::get_if<RetryStep>(step_)) {
        return of_event(retry->event.headers, retry->event.envelope);
    }
    if (const auto* timer = std::get_if<StoredTimer>(step_)) {
        return Description{"the handler of timer " + timer->timer.kind, "timer " + timer->timer.key,
                           attempt_key(*timer)};
    }
    const StoredEffect& effect = std::get<EffectOutcome>(*step_).effect;
    return Description{"the handler of the answer of " + effect.request.name,
                       "effect " + effect.request.idempotency_key, attempt_key(effect)};
}

}  // namespace tidings
