#include <tidings/delivery/handlers.h>
#include <tidings/saga/definition.h>
#include <tidings/saga/saga.h>

#include "base/test_points.h"

#include <array>

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

constexpr std::array migrations{Migration{1, "saga", tables}};

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

std::string write_steps(const std::vector<SagaStepState>& steps) {
    std::string text;
    for (const SagaStepState state : steps) text += static_cast<char>(state);
    return text;
}

}  // namespace

std::span<const Migration> saga_migrations() { return migrations; }

SagaRunner::SagaRunner(std::shared_ptr<const SagaDefinition> definition)
    : definition_(std::move(definition)),
      logic_(*definition_),
      timer_kind_("saga:" + definition_->name) {
    for (const SagaStep& step : definition_->steps) deadlines_.push_back(step.deadline);
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
}

Result<void> SagaRunner::set_deadline(std::string_view step, Duration deadline) {
    std::string known;
    for (std::size_t i = 0; i < definition_->steps.size(); ++i) {
        if (definition_->steps[i].name == step) {
            deadlines_[i] = deadline;
            return {};
        }
        known += (known.empty() ? "" : ", ") + definition_->steps[i].name;
    }
    return Error{ErrorCode::not_found,
                 "saga " + definition_->name + " has no step " + std::string{step},
                 "its steps are " + known};
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
    for (const SagaFailure& failure : definition_->failures) {
        if (failure.name.value != row.text(5)) continue;
        instance.ended = PublishedEvent{failure.name, failure.version, row.get<std::string>(6),
                                        row.get<std::string>(7)};
        break;
    }
    return instance;
}

void SagaRunner::keep(const std::string& key, SagaInstance& instance, const SagaReaction& reaction,
                      std::size_t awaited_before, SagaStatus status_before, Transaction& tx) {
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
        state, write_early(instance.early), progress.reason, ended.name.value, ended.key,
        ended.data, tx.time());
    for (const PublishedEvent& event : reaction.publish) tx.publish(event);

    const bool waits = progress.status == SagaStatus::running;
    const bool moved_on = progress.awaited() != awaited_before || status_before != progress.status;
    if (waits && moved_on && deadlines_[progress.awaited()] > Duration{0}) {
        tx.set_timer(timer_kind_, key, deadlines_[progress.awaited()],
                     std::to_string(progress.awaited()));
    } else if (moved_on) {
        tx.cancel_timer(timer_kind_, key);
    }
    if (definition_->observe) definition_->observe(instance.state.get(), progress, tx);
}

void SagaRunner::started(const std::string& key, const void* event, Transaction& tx) {
    if (load(tx.store(), key)) return;  // Begun before: an event of the same key said so.
    reached("saga.started");
    SagaInstance instance = logic_.start(event);
    keep(key, instance, {true, {}}, definition_->steps.size(), SagaStatus::running, tx);
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
    const std::size_t awaited = instance->progress.awaited();
    const SagaStatus status = instance->progress.status;
    const SagaReaction reaction = logic_.happened(*instance, name, event);
    keep(key, *instance, reaction, awaited, status, tx);
}

std::optional<SagaProgress> SagaRunner::cancel(const std::string& key, std::string_view reason,
                                               Transaction& tx) {
    std::optional<SagaInstance> instance = load(tx.store(), key);
    if (!instance) return std::nullopt;
    const Cancellation cancellation{std::string{reason}};
    const std::size_t awaited = instance->progress.awaited();
    const SagaStatus status = instance->progress.status;
    const SagaReaction reaction = logic_.failed(*instance, saga_cancellation, &cancellation);
    keep(key, *instance, reaction, awaited, status, tx);
    return instance->progress;
}

void SagaRunner::deadline_passed(const DueTimer& timer, Transaction& tx) {
    std::optional<SagaInstance> instance = load(tx.store(), timer.key);
    if (!instance || instance->progress.status != SagaStatus::running) return;
    const std::size_t awaited = instance->progress.awaited();
    if (std::to_string(awaited) != timer.data) return;  // Of a step that was answered meanwhile.
    reached("saga.deadline_passed");
    const DeadlineExceeded exceeded{definition_->steps[awaited].name};
    const SagaReaction reaction = logic_.failed(*instance, saga_deadline, &exceeded);
    keep(timer.key, *instance, reaction, awaited, SagaStatus::running, tx);
}

}  // namespace tidings
