#include <tidings/saga/stored_sagas.h>
#include <tidings/testing/saga.h>

#include "testing/difference.h"

#include <algorithm>

namespace tidings {

SagaCase::SagaCase(std::shared_ptr<const SagaDefinition> definition)
    : definition_(std::move(definition)) {
    if (const Result<void> checked = definition_->check(); !checked) {
        complaint_ = checked.error().message;
    }
}

const SagaProgress& SagaCase::progress() const {
    TIDINGS_ASSERT(instance_.has_value());
    return instance_->progress;
}

void SagaCase::happen(const EventName& name, const void* event) {
    if (!complaint_.empty()) return;
    const std::string called = definition_->name;
    const bool starts = name == definition_->start.name;
    const auto& known = definition_->hooked;
    if (!starts && std::find(known.begin(), known.end(), name) == known.end()) {
        complaint_ = called + " does not react to " + std::string{name.value};
        return;
    }
    if (!starts && !instance_) {
        complaint_ = called + " has not begun: give it " +
                     std::string{definition_->start.name.value} + " first";
        return;
    }
    try {
        const SagaLogic logic{*definition_};
        if (!instance_) {
            instance_ = logic.start(event);
        } else {
            const std::size_t awaited = instance_->progress.awaited();
            published_ = logic.happened(*instance_, name, event).publish;
            if (instance_->progress.awaited() != awaited) waited_ = Duration{0};
        }
    } catch (const Failure& failure) {
        complaint_ = called + " failed at " + std::string{name.value} + ": " + failure.what();
    }
}

void SagaCase::fail(const EventName& on, const void* cause) {
    if (!complaint_.empty()) return;
    if (!instance_) {
        complaint_ = definition_->name + " has not begun: give it " +
                     std::string{definition_->start.name.value} + " first";
        return;
    }
    try {
        published_ = SagaLogic{*definition_}.failed(*instance_, on, cause).publish;
    } catch (const Failure& failure) {
        complaint_ = definition_->name + " failed when given up: " + failure.what();
    }
}

void SagaCase::expect(Result<PublishedEvent> event, std::vector<PublishedEvent>& expected,
                      std::string& wrong) {
    if (event) {
        expected.push_back(std::move(*event));
    } else if (wrong.empty()) {
        wrong = "an expected event breaks its contract: " + event.error().message;
    }
}

CaseVerdict SagaCase::compare(const std::vector<PublishedEvent>& expected,
                              std::string wrong) const {
    if (!complaint_.empty()) return CaseVerdict{complaint_};
    if (!wrong.empty()) return CaseVerdict{std::move(wrong)};
    std::vector<ExpectedFact> wanted;
    std::vector<Fact> found;
    for (const PublishedEvent& event : expected) {
        wanted.push_back({std::string{event.name.value}, event.data, {}});
    }
    for (const PublishedEvent& event : published_) {
        found.push_back({std::string{event.name.value}, event.data});
    }
    std::string text = list_difference("published", wanted, found, false);
    if (text.empty()) return CaseVerdict{{}};
    text += "what was published\n";
    if (found.empty()) text += "  nothing\n";
    for (const Fact& fact : found) text += "  " + fact.text() + '\n';
    return CaseVerdict{text + "the saga " + standing() + '\n'};
}

std::optional<Duration> SagaCase::left() const {
    if (!instance_ || instance_->progress.status != SagaStatus::running) return std::nullopt;
    const Duration deadline = definition_->steps[instance_->progress.awaited()].deadline;
    if (deadline == Duration{0}) return std::nullopt;
    return deadline - waited_;
}

void SagaCase::pass(const Cause& time) {
    if (time.kind != Cause::Kind::time) {
        complaint_ = "of the causes, only time concerns a saga alone; give the others to a service";
        return;
    }
    const std::optional<Duration> until = left();
    if (!until || time.time < *until) {
        waited_ += time.time;
        return;
    }
    const DeadlineExceeded exceeded{definition_->steps[instance_->progress.awaited()].name};
    fail(saga_deadline, &exceeded);
}

std::string SagaCase::standing() const {
    if (!instance_) return "has not begun";
    if (instance_->progress.status != SagaStatus::running) {
        return "is " + std::string{to_string(instance_->progress.status)};
    }
    const std::optional<Duration> until = left();
    return "awaits " + definition_->steps[instance_->progress.awaited()].name +
           (until ? ", for " + in_words(*until) : std::string{", without a deadline"});
}

CaseVerdict SagaCase::then_awaits(std::string_view step, Duration deadline) const {
    if (!complaint_.empty()) return CaseVerdict{complaint_};
    const std::string wanted = "awaits " + std::string{step} + ", for " + in_words(deadline);
    if (standing() == wanted) return CaseVerdict{{}};
    return CaseVerdict{"expected that the saga " + wanted + "\n    but it " + standing() + '\n'};
}

CaseVerdict SagaCase::then_is(SagaStatus status) const {
    if (!complaint_.empty()) return CaseVerdict{complaint_};
    if (instance_ && instance_->progress.status == status) return CaseVerdict{{}};
    return CaseVerdict{"expected that the saga is " + std::string{to_string(status)} +
                       "\n    but it " + standing() + '\n'};
}

}  // namespace tidings
