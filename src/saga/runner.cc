#include <tidings/base/text.h>
#include <tidings/delivery/handlers.h>
#include <tidings/saga/definition.h>
#include <tidings/saga/saga.h>

#include "base/test_points.h"
#include "saga/decisions.h"

#include <array>
#include <charconv>

namespace tidings {

namespace {

constexpr std::string_view tables = R"sql(
CREATE TABLE tidings_saga (
    saga TEXT NOT NULL,
    key TEXT NOT NULL,
    status INTEGER NOT NULL,
    steps TEXT NOT NULL,
    state TEXT NOT NULL,
    early TEXT NOT NULL,
    reason TEXT NOT NULL,
    ended_type TEXT NOT NULL,
    ended_key TEXT NOT NULL,
    ended_data TEXT NOT NULL,
    started BIGINT NOT NULL,
    updated BIGINT NOT NULL,
    PRIMARY KEY (saga, key)
);
)sql";

constexpr std::string_view attention = R"sql(
CREATE INDEX tidings_saga_needing_operator ON tidings_saga (saga, key) WHERE status = 5;
-- Events that an instance heard of and that changed nothing of it: the last ones, for who looks.
CREATE TABLE tidings_saga_unexpected (
    saga TEXT NOT NULL,
    key TEXT NOT NULL,
    number BIGINT NOT NULL,
    at BIGINT NOT NULL,
    type TEXT NOT NULL,
    event_id TEXT NOT NULL,
    PRIMARY KEY (saga, key, number)
);
)sql";

constexpr std::array migrations{Migration{1, "saga", tables}, Migration{2, "attention", attention}};

/// Unexpected events kept for one instance.
constexpr std::int64_t unexpected_max = 20;

std::string write_early(const std::vector<SagaInstance::Early>& early) {
    if (early.empty()) return {};
    std::string text;
    json::Writer writer{text};
    writer.begin_array();
    for (const SagaInstance::Early& event : early) {
        writer.begin_array();
        writer.text(event.type);
        writer.integer(event.major);
        writer.text(event.data);
        writer.end_array();
    }
    writer.end_array();
    return text;
}

std::vector<SagaInstance::Early> read_early(std::string_view text) {
    std::vector<SagaInstance::Early> early;
    if (text.empty()) return early;
    json::Reader reader{text};
    reader.begin_array();
    while (reader.next_element()) {
        SagaInstance::Early event;
        reader.begin_array();
        if (reader.next_element()) event.type = reader.text();
        if (reader.next_element()) event.major = static_cast<int>(reader.integer());
        if (reader.next_element()) event.data = reader.text();
        while (reader.next_element()) reader.skip();
        early.push_back(std::move(event));
    }
    reader.finish().value();
    return early;
}

/// `order.cancelled`, and `order.cancelled v2` of a later major version; empty for none.
std::string write_name(const EventName& name) {
    std::string text{name.value};
    if (name.major > 1) text += " v" + std::to_string(name.major);
    return text;
}

EventName read_name(std::string_view text) {
    EventName name{text};
    const std::size_t blank = text.find(' ');
    if (blank == std::string_view::npos) return name;
    name.value = text.substr(0, blank);
    std::from_chars(text.data() + blank + 2, text.data() + text.size(), name.major);
    return name;
}

std::string write_steps(const std::vector<SagaStepState>& steps) {
    std::string text;
    for (const SagaStepState state : steps) text += static_cast<char>(state);
    return text;
}

}  // namespace

std::span<const Migration> saga_migrations() { return migrations; }

std::int64_t sagas_needing_operator(StoreTransaction& tx) {
    return tx.value<std::int64_t>("SELECT count(*) FROM tidings_saga WHERE status = 5").value_or(0);
}

SagaRunner::SagaRunner(std::shared_ptr<const SagaDefinition> definition)
    : definition_(std::move(definition)),
      logic_(*definition_),
      timer_kind_("saga:" + definition_->name) {
    for (const SagaStep& step : definition_->steps) {
        deadlines_.push_back(step.deadline);
        undo_deadlines_.push_back(step.undo_deadline);
    }
}

void SagaRunner::add_to(Handlers& handlers, bool own) {
    started_here_ = own;
    for (const auto& hook : definition_->hooks) hook(handlers, *this, own);
    // An instance hears of several domains: what is held of one holds up those of the others.
    std::vector<EventName> names = definition_->hooked;
    names.push_back(definition_->start.name);
    handlers.keep_order(definition_->name, names);
    handlers.on_timer(timer_kind_, [this](const DueTimer& timer, Transaction& tx) {
        deadline_passed(timer, tx);
    });
    handlers.on_timer(
        decision_timer_kind(definition_->name),
        [this](const DueTimer& timer, Transaction& tx) { decided_before(timer, tx); });
}

std::optional<std::size_t> SagaRunner::find_step(std::string_view step) const {
    for (std::size_t i = 0; i < definition_->steps.size(); ++i) {
        if (definition_->steps[i].name == step) return i;
    }
    return std::nullopt;
}

Error SagaRunner::no_such_step(std::string_view step) const {
    std::string known;
    for (const SagaStep& one : definition_->steps) known += (known.empty() ? "" : ", ") + one.name;
    return {ErrorCode::not_found, "saga " + definition_->name + " has no step " + std::string{step},
            "its steps are " + known};
}

Result<void> SagaRunner::set_deadline(std::string_view step, Duration deadline) {
    const auto found = find_step(step);
    if (!found) return no_such_step(step);
    deadlines_[*found] = deadline;
    return {};
}

Result<void> SagaRunner::set_undo_deadline(std::string_view step, Duration deadline) {
    const auto found = find_step(step);
    if (!found) return no_such_step(step);
    undo_deadlines_[*found] = deadline;
    return {};
}

SagaRunner::Wait SagaRunner::wait_of(const SagaProgress& progress) const {
    if (progress.status == SagaStatus::running) {
        const std::size_t step = progress.awaited();
        return step < deadlines_.size() ? Wait{std::to_string(step), deadlines_[step]} : Wait{};
    }
    const auto step = progress.undoing();
    // Who needs an operator has been waited for long enough.
    if (!step || progress.status == SagaStatus::needs_operator) return {};
    return {"undo " + std::to_string(*step), undo_deadlines_[*step]};
}

std::optional<SagaInstance> SagaRunner::load(StoreTransaction& tx, const std::string& key) const {
    Rows rows = tx.query(
        "SELECT status, steps, state, early, reason, ended_type, ended_key, ended_data "
        "FROM tidings_saga WHERE saga = $1 AND key = $2",
        definition_->name, key);
    if (!rows.next()) return std::nullopt;
    const Row row = rows.row();
    SagaInstance instance;
    instance.progress.status = static_cast<SagaStatus>(row.integer(0));
    for (const char state : row.text(1)) {
        instance.progress.steps.push_back(static_cast<SagaStepState>(state));
    }
    // A build with more steps than the one that began the instance: the new ones are waiting.
    instance.progress.steps.resize(definition_->steps.size(), SagaStepState::waiting);
    instance.state = definition_->read_state(row.text(2)).value();
    instance.early = read_early(row.text(3));
    instance.progress.reason = row.get<std::string>(4);
    const EventName ended = read_name(row.text(5));
    for (const SagaFailure& failure : definition_->failures) {
        if (failure.name.value != ended.value) continue;
        instance.ended = failure.read(row.text(7), ended.major).value();
        break;
    }
    return instance;
}

void SagaRunner::keep(const std::string& key, SagaInstance& instance, const SagaReaction& reaction,
                      const Wait& before, Transaction& tx) {
    if (!reaction.moved) return;
    const SagaProgress& progress = instance.progress;
    std::string state;
    definition_->write_state(instance.state.get(), state);
    const PublishedEvent none;
    const PublishedEvent& ended = instance.ended ? *instance.ended : none;
    tx.execute(
        "INSERT INTO tidings_saga (saga, key, status, steps, state, early, reason, ended_type, "
        "ended_key, ended_data, started, updated) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11) "
        "ON CONFLICT (saga, key) DO UPDATE SET status = excluded.status, steps = excluded.steps, "
        "state = excluded.state, early = excluded.early, reason = excluded.reason, "
        "ended_type = excluded.ended_type, ended_key = excluded.ended_key, "
        "ended_data = excluded.ended_data, updated = excluded.updated",
        definition_->name, key, static_cast<int>(progress.status), write_steps(progress.steps),
        state, write_early(instance.early), progress.reason, write_name(ended.name), ended.key,
        ended.data, tx.time());
    for (const PublishedEvent& event : reaction.publish) tx.publish(event);

    const Wait wait = wait_of(progress);
    if (wait != before) {
        if (wait.deadline > Duration{0}) {
            tx.set_timer(timer_kind_, key, wait.deadline, wait.name);
        } else {
            tx.cancel_timer(timer_kind_, key);
        }
    }
    if (definition_->observe) definition_->observe(instance.state.get(), progress, tx);
}

void SagaRunner::started(const std::string& key, const void* event, Transaction& tx) {
    if (load(tx.store(), key)) return;  // Begun before: an event of the same key said so.
    reached("saga.started");
    SagaInstance instance = logic_.start(event);
    keep(key, instance, {true, {}}, {}, tx);
}

void SagaRunner::happened(const EventName& name, const std::string& key, const void* event,
                          Transaction& tx) {
    std::optional<SagaInstance> instance = load(tx.store(), key);
    if (!instance) {
        // One that other services start may have an answer overtake its start: that waits.
        throw Failure{{started_here_ ? ErrorCode::not_found : ErrorCode::unavailable,
                       "saga " + definition_->name + " has no instance " + key + " for " +
                           std::string{name.value}}};
    }
    const Wait before = wait_of(instance->progress);
    const SagaReaction reaction = logic_.happened(*instance, name, event);
    if (!reaction.moved) return note_unexpected(name, key, tx);
    keep(key, *instance, reaction, before, tx);
}

void SagaRunner::note_unexpected(const EventName& name, const std::string& key, Transaction& tx) {
    reached("saga.heard_the_unexpected");
    const std::int64_t number =
        tx.value<std::int64_t>(
              "SELECT max(number) FROM tidings_saga_unexpected WHERE saga = $1 AND key = $2",
              definition_->name, key)
            .value_or(0) +
        1;
    tx.execute(
        "INSERT INTO tidings_saga_unexpected (saga, key, number, at, type, event_id) "
        "VALUES ($1, $2, $3, $4, $5, $6)",
        definition_->name, key, number, tx.time(), name.value, tx.causation_id());
    tx.execute("DELETE FROM tidings_saga_unexpected WHERE saga = $1 AND key = $2 AND number <= $3",
               definition_->name, key, number - unexpected_max);
}

std::optional<SagaProgress> SagaRunner::change(
    const std::string& key, Transaction& tx,
    const std::function<SagaReaction(SagaInstance& instance)>& change) {
    std::optional<SagaInstance> instance = load(tx.store(), key);
    if (!instance) return std::nullopt;
    const Wait before = wait_of(instance->progress);
    const SagaReaction reaction = change(*instance);
    keep(key, *instance, reaction, before, tx);
    return instance->progress;
}

std::optional<SagaProgress> SagaRunner::cancel(const std::string& key, std::string_view reason,
                                               Transaction& tx) {
    const Cancellation cancellation{std::string{reason}};
    return change(key, tx, [&](SagaInstance& instance) {
        return logic_.failed(instance, saga_cancellation, &cancellation);
    });
}

std::optional<SagaProgress> SagaRunner::made_good(const std::string& key, Transaction& tx) {
    return change(key, tx, [&](SagaInstance& instance) { return logic_.made_good(instance); });
}

std::optional<SagaProgress> SagaRunner::undo_again(const std::string& key, Transaction& tx) {
    const auto progress =
        change(key, tx, [&](SagaInstance& instance) { return logic_.undo_again(instance); });
    // It waits for the same as before, and as long again.
    if (!progress) return progress;
    const Wait wait = wait_of(*progress);
    if (wait.deadline > Duration{0}) tx.set_timer(timer_kind_, key, wait.deadline, wait.name);
    return progress;
}

SagaProgress SagaRunner::decide(const SagaDecision& decision, const Actor& actor, Transaction& tx) {
    const std::optional<SagaInstance> instance = load(tx.store(), decision.key);
    if (!instance) {
        throw Failure{{ErrorCode::not_found,
                       "saga " + definition_->name + " has no instance " + quote(decision.key),
                       "see which there are: tidings sagas list --all"}};
    }
    const std::size_t step = check_decision(decision, instance->progress, actor);
    const std::optional<SagaProgress> progress = decision.act == SagaAct::made_good
                                                     ? made_good(decision.key, tx)
                                                     : undo_again(decision.key, tx);
    record_decision(tx.store(), decision, step, actor, tx.time(), instance->progress, &*progress);
    return *progress;
}

void SagaRunner::decided_before(const DueTimer& timer, Transaction& tx) {
    const std::optional<SagaDecision> decision = read_decision(timer.data);
    const std::optional<SagaInstance> instance = load(tx.store(), timer.key);
    if (!decision || !instance) return;
    // Its answer came after all, before this: another step is none of what was decided.
    const std::optional<std::size_t> undoing = instance->progress.undoing();
    if (!undoing || *undoing + 1 != decision->step) return reached("saga.decision_came_late");
    decision->act == SagaAct::made_good ? made_good(timer.key, tx) : undo_again(timer.key, tx);
}

void SagaRunner::deadline_passed(const DueTimer& timer, Transaction& tx) {
    const std::optional<SagaInstance> instance = load(tx.store(), timer.key);
    // Of a step that was answered, or undone, meanwhile.
    if (!instance || wait_of(instance->progress).name != timer.data) return;
    change(timer.key, tx, [&](SagaInstance& late) {
        if (late.progress.status != SagaStatus::running) return logic_.undo_is_overdue(late);
        reached("saga.deadline_passed");
        const DeadlineExceeded exceeded{definition_->steps[late.progress.awaited()].name};
        return logic_.failed(late, saga_deadline, &exceeded);
    });
}

}  // namespace tidings
