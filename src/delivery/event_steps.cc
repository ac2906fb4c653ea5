#include "base/test_points.h"
#include "delivery/step_runner.h"

#include <utility>

namespace tidings {

namespace {

/// What travels beside an envelope must not say anything else than it.
std::optional<Error> mismatch(const EventHeaders& headers, const Envelope& event) {
    const auto differs = [](std::string_view field, const std::string& is, const std::string& was) {
        return Error{ErrorCode::contract_violation,
                     "field /" + std::string{field} + ": \"" + is +
                         "\" differs from the header \"" + was + '"',
                     {},
                     Refusal::invalid_data};
    };
    if (event.type != headers.type) return differs("type", event.type, headers.type);
    if (!headers.source.empty() && event.source != headers.source) {
        return differs("source", event.source, headers.source);
    }
    return std::nullopt;
}

/// The entry of what no handler was found for.
HandlerEntry nobody(const EventHeaders& headers) { return {headers.type}; }

}  // namespace

StepRunner::ReadEvent StepRunner::read(const EventHeaders& headers,
                                       std::string_view envelope) const {
    // Most events are of the newest version, so that one is tried in the first pass.
    EventRoute* route = handlers_.newest_route(headers.type);
    const auto read = [&](json::Reader& data) {
        if (route == nullptr) return data.skip();
        static_cast<void>(route->read(data));
    };
    Result<Envelope> event = parse_envelope(envelope, {}, read);
    if (!event && route != nullptr) {
        // It may keep another version's contract.
        const Result<Envelope> unread = parse_envelope(envelope);
        if (unread && unread->data_version.major != route->major()) event = unread;
    }
    if (!event || (route != nullptr && event->data_version.major == route->major())) {
        return {route, std::move(event)};
    }
    route = handlers_.event_route(headers.type, event->data_version.major);
    if (route == nullptr) return {nullptr, std::move(event)};
    return {route, parse_envelope(envelope, {}, read)};
}

std::optional<Error> StepRunner::refuse(const EventHeaders& headers, const Envelope& event,
                                        const EventRoute* route) const {
    if (auto differs = mismatch(headers, event)) return differs;
    if (route == nullptr) {
        const bool known = handlers_.handles(event.type);
        return Error{ErrorCode::unsupported,
                     options_.service + " does not know " + headers.type + " version " +
                         to_string(event.data_version),
                     "deploy a build that does, then redrive",
                     known ? Refusal::unknown_major : Refusal::unknown_type};
    }
    const auto owner = owners_.find(EventName{event.type}.domain());
    if (owner == owners_.end() || event.source == owner->second ||
        event.source == operator_source) {
        return std::nullopt;
    }
    return Error{
        ErrorCode::contract_violation,
        event.type + " comes from " + event.source + ", its owner is " + std::string{owner->second},
        "see who publishes into the topic; what is true of it is the owner's to say",
        Refusal::wrong_owner};
}

std::string StepRunner::name_of_failed(const Handled& handled, const EventHeaders& headers) {
    const Refusal refusal = handled.at_contract ? refusal_of(handled.failed->error) : Refusal::none;
    if (refusal == Refusal::none) {
        return handled.route != nullptr ? handled.route->entry().name : headers.type;
    }
    telemetry_.refused("consume", refusal);
    return "contract " + std::string{to_string(refusal)};
}

StepRunner::Handled StepRunner::handle(const EventHeaders& headers, std::string_view envelope) {
    if (attempts.has_crashes()) {
        auto crash = attempts.take_crash(attempt_key(headers, envelope));
        if (crash) return {read(headers, envelope).route, StepFailure{std::move(*crash)}};
    }
    const ReadEvent read_event = read(headers, envelope);
    EventRoute* const route = read_event.route;
    if (!read_event.event) return {route, StepFailure{read_event.event.error(), true}, true};
    const Envelope& event = *read_event.event;
    if (auto refused = refuse(headers, event, route)) {
        return {route, StepFailure{std::move(*refused), true}, true};
    }
    Transaction::Context cause = context(event.correlation_id, to_string(event.id));
    cause.time = event.timestamp;
    cause.traceparent = headers.traceparent;
    Transaction tx{cause};
    const TimePoint began = world_.monotonic();
    auto failed = attempt(route->entry(), [&] { route->handle(tx); });
    if (!failed) {
        telemetry_.handled(headers, event, world_.monotonic() - began, cause.now - cause.time);
    }
    return {route, std::move(failed)};
}

std::string StepRunner::read_key(const DeliveredEvent& event) const {
    const ReadEvent read_event = read(event.headers, event.envelope);
    const bool is_read = read_event.event && read_event.route != nullptr;
    return is_read ? read_event.route->key() : std::string{};
}

Taken StepRunner::take(TopicState& topic, const DeliveredEvent& event) {
    if (planted(Mistake::forgets_inbox)) return Taken::fresh;
    if (Inbox::is_numbered(event.headers)) {
        return inbox_.take(topic.name, event.headers) ? Taken::fresh : Taken::duplicate;
    }
    const Timestamp now = clock_.now();
    const Result<Envelope> foreign = parse_envelope(event.envelope);
    // What cannot be read has no id; its place in the log tells it apart.
    const std::string id =
        foreign ? to_string(foreign->id) : topic.name + ':' + std::to_string(event.offset.value);
    return inbox_.take_foreign(store_.transaction(), id, foreign ? foreign->timestamp : now, now);
}

void StepRunner::run_step(EventStep& step) {
    TopicState& topic = *step.topic;
    const DeliveredEvent& event = *step.event;
    const Taken taken = take(topic, event);
    if (taken == Taken::duplicate) {
        reached("event.duplicate");
        ++topic.duplicates;
        return telemetry_.taken(event.headers, StepOutcome::duplicate, nullptr);
    }
    if (taken == Taken::fresh && event.headers.downcast > 0 &&
        !inbox_.take_original(topic.name, event.headers)) {
        return reached("event.downcast_not_needed");
    }
    topic.dirty = true;
    ++topic.accepted;
    if (taken == Taken::unknown) return hold_unknown_duplicate(step);
    if (planted(Mistake::commits_inbox_alone)) {
        inbox_.before_commit(store_.transaction(), clock_);
        store_.commit().value();
        store_.begin().value();
    }
    if (held.blocks_any() && !planted(Mistake::retry_is_overtaken)) {
        StoreTransaction& tx = store_.transaction();
        const std::string key = event.headers.key.empty() ? read_key(event) : event.headers.key;
        const Lane lane{topic.name, key, handlers_.saga_of(event.headers.type)};
        if (held.blocks(tx, lane)) {
            reached("event.parked");
            held.park(tx, lane, event);
            return telemetry_.taken(event.headers, StepOutcome::parked, nullptr);
        }
    }
    const Handled handled = handle(event.headers, event.envelope);
    if (handled.route != nullptr) budget_of(handled.route->entry()).first_attempt();
    if (handled.failed) return hold(step, handled);
    reached("event.done");
    ++topic.done;
    telemetry_.taken(event.headers, StepOutcome::done, nullptr);
}

void StepRunner::hold(EventStep& step, const Handled& handled) {
    const DeliveredEvent& event = *step.event;
    const HandlerEntry entry =
        handled.route != nullptr ? handled.route->entry() : nobody(event.headers);
    const Error& error = handled.failed->error;
    const Timestamp now = clock_.now();
    std::optional<Timestamp> due;
    if (const auto wait = wait_after(*handled.failed, entry, 1)) {
        due = now + std::chrono::duration_cast<std::chrono::milliseconds>(*wait);
    }
    reached(due ? "event.scheduled" : "event.dead_at_once");
    const std::string key = event.headers.key.empty() ? read_key(event) : event.headers.key;
    held.hold_failed(
        store_.transaction(), {step.topic->name, key, handlers_.saga_of(event.headers.type)}, event,
        {name_of_failed(handled, event.headers), error, entry.options.order == KeyOrder::keep}, now,
        due);
    telemetry_.taken(event.headers, due ? StepOutcome::scheduled : StepOutcome::dead, &error);
}

void StepRunner::hold_unknown_duplicate(EventStep& step) {
    reached("inbox.older_than_the_horizon");
    const DeliveredEvent& event = *step.event;
    const Error error{ErrorCode::conflict,
                      "whether this event was taken before is no longer known: nothing numbers it, "
                      "and its time is outside the horizon for which ids are kept",
                      "look whether it was handled; then redrive or discard it"};
    // It stands in nobody's way: it is older than all that its key may be waiting for.
    held.hold_failed(store_.transaction(), {step.topic->name, event.headers.key, {}}, event,
                     {"inbox", error, false}, clock_.now(), std::nullopt);
    telemetry_.taken(event.headers, StepOutcome::dead, &error);
}

void StepRunner::count_done(const RetryStep& step) {
    if (step.topic != nullptr) {
        ++step.topic->done;
        step.topic->dirty = true;
        return;
    }
    ++others_.done;
    store_.transaction().execute("UPDATE tidings_position SET done = done + 1 WHERE topic = $1",
                                 step.event.topic);
}

void StepRunner::run_step(RetryStep& step) {
    const HeldEvent& event = step.event;
    StoreTransaction& tx = store_.transaction();
    const auto known = entries_.find(event.handler);
    const bool is_retry = event.attempts > event.attempts_before && known != entries_.end();
    if (is_retry) {
        if (const auto wait = over_budget(*known->second, held.counts().scheduled)) {
            return held.put_off(
                tx, event,
                clock_.now() + std::chrono::duration_cast<std::chrono::milliseconds>(*wait));
        }
    }
    const Handled handled = handle(event.headers, event.envelope);
    if (event.attempts == 0 && handled.route != nullptr) {
        budget_of(handled.route->entry()).first_attempt();
    }
    const Timestamp now = clock_.now();
    if (!handled.failed) {
        reached("retry.done");
        if (is_retry) budget_of(*known->second).give_back();
        held.done(tx, event, now);
        count_done(step);
        return telemetry_.taken(event.headers, StepOutcome::done, nullptr);
    }
    const HandlerEntry entry =
        handled.route != nullptr ? handled.route->entry() : nobody(event.headers);
    const int attempts_failed = event.attempts - event.attempts_before + 1;
    std::optional<Timestamp> due;
    if (const auto wait = wait_after(*handled.failed, entry, attempts_failed)) {
        due = now + std::chrono::duration_cast<std::chrono::milliseconds>(*wait);
    }
    reached(due ? "retry.scheduled_again" : "retry.exhausted");
    const Error& error = handled.failed->error;
    held.failed_again(
        tx, event,
        {name_of_failed(handled, event.headers), error, entry.options.order == KeyOrder::keep}, now,
        due);
    telemetry_.taken(event.headers, due ? StepOutcome::scheduled : StepOutcome::dead, &error);
}

}  // namespace tidings
