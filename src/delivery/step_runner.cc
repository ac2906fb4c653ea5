#include "delivery/step_runner.h"

#include <tidings/telemetry/log.h>

#include "base/test_points.h"

#include <algorithm>
#include <exception>
#include <new>
#include <utility>

namespace tidings {

namespace {

/// How long a handler counts as one whose retries are more than its budget after one was put off.
constexpr Duration storm_shown = 30s;

std::string to_milliseconds(Duration duration) { return std::to_string(duration / 1ms) + " ms"; }

}  // namespace

StepRunner::StepRunner(io::World& world, Store& store, const Handlers& handlers,
                       const StepLoop::Options& options, DueClock& clock)
    : world_(world),
      store_(store),
      handlers_(handlers),
      options_(options),
      clock_(clock),
      inbox_({options.foreign_horizon, options.foreign_ids_max}),
      telemetry_(options.service, options.metrics, options.journal, options.log_events) {
    budgets_.resize(1);  // Of nobody: events for which there is no handler.
    add_budgets();
    for (const HandlerEntry* entry : handlers.entries()) entries_.emplace(entry->name, entry);
    for (const EventType* contract : options.contracts) {
        owners_.emplace(contract->name.domain(), contract->owner);
    }
}

void StepRunner::add_budgets() {
    const std::size_t known = budgets_.size();
    for (const HandlerEntry* entry : handlers_.entries()) {
        if (entry->number < known) continue;
        budgets_.resize(std::max(budgets_.size(), entry->number + 1));
        budgets_[entry->number] = HandlerBudget{entry->options.budget};
    }
}

HandlerBudget& StepRunner::budget_of(const HandlerEntry& entry) {
    if (entry.number >= budgets_.size()) add_budgets();  // The handler came after the start.
    return budgets_[entry.number];
}

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
    read_other_topics(tx);
}

void StepRunner::read_other_topics(StoreTransaction& tx) {
    others_ = {};
    Rows rows = tx.query("SELECT topic, accepted, done, discarded FROM tidings_position");
    while (rows.next()) {
        const Row row = rows.row();
        const bool is_read =
            std::any_of(topics_->begin(), topics_->end(),
                        [&row](const auto& topic) { return topic->name == row.text(0); });
        if (is_read) continue;
        others_.accepted += row.integer(1);
        others_.done += row.integer(2);
        others_.discarded += row.integer(3);
    }
}

bool StepRunner::wants(const DeliveredEvent& event) const {
    if (event.headers.type.empty()) return true;
    return handlers_.handles(event.headers.type) && !is_known_by_downcast(event);
}

bool StepRunner::is_known_by_downcast(const DeliveredEvent& event) const {
    if (event.headers.downcasts_left == 0) return false;
    const EventRoute* newest = handlers_.newest_route(event.headers.type);
    if (newest == nullptr) return false;
    const Result<Envelope> read = parse_envelope(event.envelope);
    if (!read) return false;
    const int major = read->data_version.major;
    return newest->major() < major && newest->major() >= major - event.headers.downcasts_left;
}

void StepRunner::pass_over(TopicState& topic, const DeliveredEvent& event) {
    // Foreign events number nothing, so nothing of them need be known.
    if (!Inbox::is_numbered(event.headers)) return;
    // The one that is known is on its way, and takes this number with its own. So a build that
    // knows this one will have one of both, whenever it comes.
    if (handlers_.handles(event.headers.type)) return reached("event.left_to_its_downcast");
    inbox_.take(topic.name, event.headers);
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
        inbox_.before_commit(tx, clock_);
        held.before_commit(tx);
        clock_.before_commit(tx);
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
            clock_,
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
        // That the database cannot keep it is no fault of the event's.
        if (Result<void> kept = store_.keep(); !kept) throw StoreFailure{kept.error()};
        return std::nullopt;
    } catch (const StoreFailure& failure) {
        throw GroupLost{failure.error()};
    } catch (const StatementFailure& failure) {
        failed = {{ErrorCode::internal, failure.error().message, failure.error().hint}, false};
    } catch (const Failure& failure) {
        failed = {failure.error(), failure.was_called_permanent()};
        telemetry_.refused("publish", failure.error().refusal);
    } catch (const std::bad_alloc&) {
        // No fault of the event's, and it passes: it is tried again, like all that is unavailable.
        failed = {{ErrorCode::unavailable, "there was no memory for it (bad_alloc)"}, false};
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

std::optional<StepRunner::StepFailure> StepRunner::attempt(const HandlerEntry& entry,
                                                           const std::function<void()>& work) {
    const Duration deadline = handlers_.policy_of(entry).attempt_deadline;
    if (deadline == Duration::zero()) return attempt(work);
    return attempt([&] {
        const TimePoint began = world_.monotonic();
        work();
        const Duration took = world_.monotonic() - began;
        if (took <= deadline) return;
        reached("retry.attempt_took_too_long");
        throw Failure{{ErrorCode::timeout,
                       entry.name + " took " + to_milliseconds(took) + ", its deadline is " +
                           to_milliseconds(deadline),
                       "make it faster, or raise attempt_deadline in its retry policy"}};
    });
}

bool StepRunner::is_worth_retrying(const StepFailure& failure, const HandlerEntry& entry) const {
    if (failure.final) return false;
    const auto& choose = entry.options.is_worth_retrying;
    try {
        if (choose) return choose(failure.error);
    } catch (...) {
        reached("retry.choice_threw");  // Then the code alone tells.
    }
    return is_retryable(failure.error.code);
}

std::optional<Duration> StepRunner::wait_after(const StepFailure& failure,
                                               const HandlerEntry& entry, int attempts_failed) {
    const RetryPolicy& policy = handlers_.policy_of(entry);
    if (policy.is_exhausted(attempts_failed)) return std::nullopt;
    if (!is_worth_retrying(failure, entry)) return std::nullopt;
    const Duration wait = policy.delay(attempts_failed, world_.random_number());
    return std::chrono::ceil<std::chrono::milliseconds>(wait);
}

std::optional<Duration> StepRunner::over_budget(const HandlerEntry& entry, std::int64_t waiting) {
    HandlerBudget& budget = budget_of(entry);
    const TimePoint now = world_.monotonic();
    if (budget.take(now)) return std::nullopt;
    reached("retry.put_off_over_budget");
    ++retries_put_off_;
    stormy_handler_ = entry.name;
    storm_until_ = now + storm_shown;
    const RetryPolicy& policy = handlers_.policy_of(entry);
    const Duration longest = std::clamp(budget.put_off_max(waiting), policy.initial_delay,
                                        std::max(policy.initial_delay, policy.delay_max));
    const auto milliseconds = static_cast<std::uint64_t>(longest / 1ms) + 1;
    return 1ms * static_cast<std::int64_t>(1 + world_.random_number() % milliseconds);
}

std::optional<Error> StepRunner::retry_storm() const {
    if (world_.monotonic() >= storm_until_) return std::nullopt;
    return Error{ErrorCode::unavailable,
                 "more retries of " + stormy_handler_ + " are due than its budget lets through; " +
                     std::to_string(retries_put_off_) + " were put off since the start",
                 "see what it depends on: most of what it does fails"};
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
        topic->discarded =
            tx.value<std::int64_t>("SELECT discarded FROM tidings_position WHERE topic = $1",
                                   topic->name)
                .value_or(0);
    }
}

}  // namespace tidings
