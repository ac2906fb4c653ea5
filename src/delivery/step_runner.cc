#include "delivery/step_runner.h"

#include <tidings/telemetry/log.h>

#include "base/test_points.h"

#include <exception>
#include <utility>

namespace tidings {

namespace {

/// Whether the source numbers its events; those of foreign producers are known by their ids.
bool is_numbered(const EventHeaders& headers) {
    return !headers.epoch.is_nil() && headers.sequence.value > 0;
}

/// What travels beside an envelope must not say anything else than it.
std::optional<Error> mismatch(const EventHeaders& headers, const Envelope& event) {
    const auto differs = [](std::string_view field, const std::string& is, const std::string& was) {
        return Error{ErrorCode::contract_violation, "field /" + std::string{field} + ": \"" + is +
                                                        "\" differs from the header \"" + was +
                                                        '"'};
    };
    if (event.type != headers.type) return differs("type", event.type, headers.type);
    if (!headers.source.empty() && event.source != headers.source) {
        return differs("source", event.source, headers.source);
    }
    return std::nullopt;
}

}  // namespace

StepRunner::StepRunner(io::World& world, Store& store, const Handlers& handlers,
                       const StepLoop::Options& options)
    : world_(world),
      store_(store),
      handlers_(handlers),
      options_(options),
      telemetry_(options.service, options.metrics, options.journal, options.log_events) {}

void StepRunner::open(StoreTransaction& tx, std::vector<std::unique_ptr<TopicState>>& topics) {
    topics_ = &topics;
    outbox.open(tx, world_, options_.service);
    inbox_.open(tx);
    held.open(tx);
    timers.open(tx);
    for (const auto& topic : topics) {
        topic->position = Position{};
        topic->accepted = topic->done = topic->discarded = 0;
        topic->seen = -1;
        topic->dirty = false;
        Rows rows = tx.query(
            "SELECT position, accepted, done, discarded, seen FROM tidings_position "
            "WHERE topic = $1",
            topic->name);
        if (!rows.next()) continue;
        topic->position = rows.row().get<Position>(0);
        topic->accepted = rows.row().integer(1);
        topic->done = rows.row().integer(2);
        topic->discarded = rows.row().integer(3);
        topic->seen = rows.row().integer(4);
        topic->committed_position = topic->position.value;
    }
}

bool StepRunner::wants(const DeliveredEvent& event) const {
    return event.headers.type.empty() || handlers_.handles(event.headers.type);
}

void StepRunner::pass_over(TopicState& topic, const DeliveredEvent& event) {
    // Foreign events number nothing, so nothing of them need be known.
    if (is_numbered(event.headers)) inbox_.take(topic.name, event.headers);
}

void StepRunner::run(Step& step) {
    attempt_failed_ = false;
    try {
        std::visit([this](auto& cause) { run_step(cause); }, step);
    } catch (const StoreFailure& failure) {
        throw GroupLost{failure.error()};
    } catch (const Failure& failure) {
        // Bookkeeping of ours failed outside the handler's savepoint: nothing of it may stand.
        throw GroupLost{failure.error()};
    }
}

void StepRunner::before_commit(std::vector<std::unique_ptr<TopicState>>& topics) {
    try {
        StoreTransaction& tx = store_.transaction();
        outbox.before_commit(tx);
        inbox_.before_commit(tx);
        attempts.before_commit(tx, attempt_failed_);
        for (const auto& topic : topics) {
            if (!topic->dirty) continue;
            tx.execute(
                "INSERT INTO tidings_position (topic, position, accepted, done, discarded, seen) "
                "VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (topic) DO UPDATE SET "
                "position = excluded.position, accepted = excluded.accepted, "
                "done = excluded.done, discarded = excluded.discarded, seen = excluded.seen",
                topic->name, topic->position, topic->accepted, topic->done, topic->discarded,
                topic->seen);
            topic->dirty = false;
        }
    } catch (const Failure& failure) {
        throw GroupLost{failure.error()};
    }
}

Transaction::Context StepRunner::context(std::string correlation_id, std::string causation_id) {
    const Timestamp now = world_.now();
    return {world_,
            store_.transaction(),
            outbox,
            timers,
            effects,
            handlers_,
            options_.service,
            options_.domains,
            now,
            now,
            std::move(correlation_id),
            std::move(causation_id),
            {},
            options_.step_events_max,
            options_.step_bytes_max};
}

std::optional<StepRunner::StepFailure> StepRunner::attempt(const std::function<void()>& work) {
    outbox.begin_step();
    effects.begin_step();
    timers.begin_step();
    store_.savepoint().value();
    std::optional<StepFailure> failed;
    try {
        work();
        store_.keep().value();
        return std::nullopt;
    } catch (const StoreFailure& failure) {
        throw GroupLost{failure.error()};
    } catch (const StatementFailure& failure) {
        failed = {{ErrorCode::internal, failure.error().message, failure.error().hint}, false};
    } catch (const Failure& failure) {
        failed = {failure.error(), failure.is_permanent()};
    } catch (const std::exception& exception) {
        failed = {{ErrorCode::internal, std::string{"handler threw "} + exception.what()}, false};
    } catch (...) {
        failed = {{ErrorCode::internal, "handler threw something unknown"}, false};
    }
    attempt_failed_ = true;
    if (!store_.in_transaction()) throw GroupLost{failed->error};
    if (planted(Mistake::keeps_half_steps)) {
        store_.keep().value();
        return failed;
    }
    if (Result<void> undone = store_.undo(); !undone) throw GroupLost{undone.error()};
    outbox.undo_step();
    effects.undo_step();
    timers.undo_step();
    return failed;
}

void StepRunner::run_step(CommandStep& step) {
    step.refused.reset();
    std::string correlation_id = step.command.correlation_id;
    if (correlation_id.empty()) correlation_id = to_string(world_.new_uuid());
    Transaction::Context cause = context(std::move(correlation_id), to_string(world_.new_uuid()));
    Transaction tx{cause};
    auto failed = attempt([&] { step.command.run(tx); });
    if (!failed) {
        if (step.command.administers_held) read_held_again();
        return reached("command.done");
    }
    reached("command.refused_by_handler");
    if (failed->error.code == ErrorCode::internal) {
        options_.journal.write(LogLevel::error, "a command met a fault of the service",
                               {{"command", step.command.name}, {"error", failed->error.message}});
    }
    step.refused = std::move(failed->error);
}

void StepRunner::read_held_again() {
    StoreTransaction& tx = store_.transaction();
    held.open(tx);
    // The loop counts no discards itself, so the tables know them.
    for (const auto& topic : *topics_) {
        topic->discarded = tx.value<std::int64_t>(
                                 "SELECT discarded FROM tidings_position WHERE topic = $1",
                                 topic->name)
                               .value_or(0);
    }
}

std::optional<StepRunner::StepFailure> StepRunner::handle(const EventHeaders& headers,
                                                          std::string_view envelope) {
    if (attempts.has_crashes()) {
        auto crash = attempts.take_crash(attempt_key(headers, envelope));
        if (crash) return StepFailure{std::move(*crash), false};
    }
    // Most events are of version 1, so that one is tried in the first pass.
    EventRoute* route = handlers_.event_route(headers.type, 1);
    const auto read = [&](json::Reader& data) {
        if (route == nullptr) return data.skip();
        static_cast<void>(route->read(data));
    };
    Result<Envelope> event = parse_envelope(envelope, {}, read);
    if (!event && route != nullptr) {
        // It may keep another version's contract.
        const Result<Envelope> unread = parse_envelope(envelope);
        if (unread && unread->data_version.major != 1) event = unread;
    }
    if (!event) return StepFailure{event.error(), true};
    if (auto differs = mismatch(headers, *event)) return StepFailure{std::move(*differs), true};
    if (route == nullptr || event->data_version.major != 1) {
        route = handlers_.event_route(headers.type, event->data_version.major);
        if (route == nullptr) {
            return StepFailure{{ErrorCode::unsupported,
                                options_.service + " does not know " + headers.type + " version " +
                                    to_string(event->data_version),
                                "deploy a build that does, then redrive"},
                               true};
        }
        event = parse_envelope(envelope, {}, read);
        if (!event) return StepFailure{event.error(), true};
    }

    Transaction::Context cause = context(event->correlation_id, to_string(event->id));
    cause.time = event->timestamp;
    cause.traceparent = headers.traceparent;
    Transaction tx{cause};
    const TimePoint began = world_.monotonic();
    auto failed = attempt([&] { route->handle(tx); });
    if (!failed) {
        telemetry_.handled(headers, *event, world_.monotonic() - began, cause.now - cause.time);
    }
    return failed;
}

std::optional<Timestamp> StepRunner::next_attempt(const StepFailure& failure, int attempts_failed) {
    if (failure.permanent || handlers_.retry.is_exhausted(attempts_failed)) return std::nullopt;
    return world_.now() + std::chrono::ceil<std::chrono::milliseconds>(
                              handlers_.retry.delay(attempts_failed, world_.random_number()));
}

bool StepRunner::take(TopicState& topic, const DeliveredEvent& event) {
    if (planted(Mistake::forgets_inbox)) return true;
    if (is_numbered(event.headers)) return inbox_.take(topic.name, event.headers);
    const Result<Envelope> foreign = parse_envelope(event.envelope);
    // What cannot be read has no id; its place in the log tells it apart.
    const std::string id =
        foreign ? to_string(foreign->id) : topic.name + ':' + std::to_string(event.offset.value);
    return inbox_.take_foreign(store_.transaction(), id, world_.now());
}

void StepRunner::run_step(EventStep& step) {
    TopicState& topic = *step.topic;
    const DeliveredEvent& event = *step.event;
    if (!take(topic, event)) {
        reached("event.duplicate");
        ++topic.duplicates;
        return telemetry_.taken(event.headers, StepOutcome::duplicate, nullptr);
    }
    topic.dirty = true;
    ++topic.accepted;
    StoreTransaction& tx = store_.transaction();
    if (planted(Mistake::commits_inbox_alone)) {
        inbox_.before_commit(tx);
        store_.commit().value();
        store_.begin().value();
    }
    if (!planted(Mistake::retry_is_overtaken) && held.blocks(topic.name, event.headers.key)) {
        reached("event.parked");
        held.park(tx, topic.name, event.headers, event.envelope, world_.now());
        return telemetry_.taken(event.headers, StepOutcome::parked, nullptr);
    }
    const auto failed = handle(event.headers, event.envelope);
    if (!failed) {
        reached("event.done");
        ++topic.done;
        return telemetry_.taken(event.headers, StepOutcome::done, nullptr);
    }
    const std::optional<Timestamp> due = next_attempt(*failed, 1);
    reached(due ? "event.scheduled" : "event.dead_at_once");
    held.hold_failed(tx, topic.name, event.headers, event.envelope, failed->error, world_.now(),
                     due);
    telemetry_.taken(event.headers, due ? StepOutcome::scheduled : StepOutcome::dead,
                     &failed->error);
}

void StepRunner::run_step(RetryStep& step) {
    const auto failed = handle(step.event.headers, step.event.envelope);
    StoreTransaction& tx = store_.transaction();
    const Timestamp now = world_.now();
    if (!failed) {
        reached("retry.done");
        held.done(tx, step.event, now);
        if (step.topic != nullptr) {
            ++step.topic->done;
            step.topic->dirty = true;
        }
        return telemetry_.taken(step.event.headers, StepOutcome::done, nullptr);
    }
    const std::optional<Timestamp> due = next_attempt(*failed, step.event.attempts + 1);
    reached(due ? "retry.scheduled_again" : "retry.exhausted");
    held.failed_again(tx, step.event, failed->error, now, due);
    telemetry_.taken(step.event.headers, due ? StepOutcome::scheduled : StepOutcome::dead,
                     &failed->error);
}

void StepRunner::run_step(StoredTimer& timer) {
    const auto* handler = handlers_.timer(timer.timer.kind);
    Transaction::Context cause = context(timer.correlation_id, timer.id);
    Transaction tx{cause};
    const auto crash =
        attempts.has_crashes() ? attempts.take_crash(attempt_key(timer)) : std::nullopt;
    const auto failed = attempt([&] {
        reached("timer.went_off");
        const bool still_due = timers.take(cause.store, timer.timer, cause.now);
        if (!still_due) reached("timer.taken_back_in_its_group");
        if (!still_due && !planted(Mistake::timer_read_is_stale)) return;
        if (crash) throw Failure{*crash};
        if (handler == nullptr) {
            throw Failure{{ErrorCode::unsupported, "no handler for timer " + timer.timer.kind}};
        }
        (*handler)(timer.timer, tx);
    });
    if (!failed) return;
    reached("timer.put_off");
    // What takes the process down again and again must leave it time for everything else.
    const Duration wait = crash && handlers_.retry.is_exhausted(timer.timer.attempt)
                              ? Duration{1h}
                              : handlers_.retry.delay(timer.timer.attempt, world_.random_number());
    timers.put_off(cause.store, timer.timer,
                   cause.now + std::chrono::ceil<std::chrono::milliseconds>(wait) + 1ms);
}

void StepRunner::run_step(EffectOutcome& outcome) {
    outcome.effect.due.reset();  // Of the last time it was asked.
    StoreTransaction& tx = store_.transaction();
    const Timestamp now = world_.now();
    if (!outcome.result) {
        const bool retry = is_retryable(outcome.result.error().code);
        reached(retry ? "effect.failed_for_now" : "effect.failed_for_good");
        const Duration wait =
            handlers_.retry.delay(outcome.effect.request.attempt, world_.random_number());
        outcome.effect.due =
            retry ? std::optional{now + std::chrono::ceil<std::chrono::milliseconds>(wait)}
                  : std::nullopt;
        effects.put_off(tx, outcome.effect, outcome.effect.due, outcome.result.error().message,
                        !retry);
        return;
    }
    if (const auto* pending = std::get_if<Pending>(&*outcome.result)) {
        reached("effect.taken");
        if (pending->ask_again) {
            outcome.effect.due =
                now + std::chrono::ceil<std::chrono::milliseconds>(*pending->ask_again);
        }
        effects.put_off(tx, outcome.effect, outcome.effect.due, "", false);
        return;
    }
    handle_answer(outcome, std::get<Answered>(*outcome.result).answer);
}

void StepRunner::handle_answer(EffectOutcome& outcome, const std::string& answer) {
    const EffectRequest& request = outcome.effect.request;
    Transaction::Context cause = context(outcome.effect.correlation_id, request.idempotency_key);
    Transaction tx{cause};
    const auto crash =
        attempts.has_crashes() ? attempts.take_crash(attempt_key(outcome.effect)) : std::nullopt;
    const auto failed = attempt([&] {
        if (!effects.close(cause.store, outcome.effect)) return;
        if (crash) throw Failure{*crash};
        handlers_.find_effect(request.name)
            ->answered({request.name, request.subject, request.request, answer}, tx);
    });
    if (!failed) return reached("effect.answered");
    reached("effect.answer_not_handled");
    if (crash && handlers_.retry.is_exhausted(request.attempt)) {
        return effects.put_off(cause.store, outcome.effect, std::nullopt, failed->error.message,
                               true);
    }
    // The answer is not kept: the outside world gives the same one when asked with the same key.
    const Duration wait = handlers_.retry.delay(request.attempt, world_.random_number());
    const Timestamp due = cause.now + std::chrono::ceil<std::chrono::milliseconds>(wait);
    effects.put_off(cause.store, outcome.effect, due, failed->error.message, false);
    outcome.effect.due = due;
}

}  // namespace tidings
