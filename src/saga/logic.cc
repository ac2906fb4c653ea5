#include <tidings/saga/definition.h>

#include "base/test_points.h"

#include <algorithm>

namespace tidings {

namespace {

using State = SagaStepState;

bool names(const std::vector<EventName>& list, const EventName& name) {
    return std::find(list.begin(), list.end(), name) != list.end();
}

auto kept_early(SagaInstance& instance, const SagaStep& step) {
    return std::find_if(instance.early.begin(), instance.early.end(), [&step](const auto& early) {
        return early.type == step.answer.name.value;  // Of whichever major version.
    });
}

}  // namespace

std::size_t SagaProgress::awaited() const noexcept {
    const auto first = std::find(steps.begin(), steps.end(), State::waiting);
    return static_cast<std::size_t>(first - steps.begin());
}

std::optional<std::size_t> SagaProgress::undoing() const noexcept {
    const auto found = std::find(steps.begin(), steps.end(), State::undoing);
    if (found == steps.end()) return std::nullopt;
    return static_cast<std::size_t>(found - steps.begin());
}

Result<void> SagaDefinition::check() const {
    const auto wrong = [this](std::string what, std::string hint) {
        return Error{ErrorCode::invalid_argument, "saga " + name + ": " + std::move(what),
                     std::move(hint)};
    };
    if (!make) return wrong("no start", "say which event begins it: .start(...)");
    if (steps.empty()) return wrong("no steps", "say what it waits for: .step(...)");
    for (auto step = steps.begin(); step != steps.end(); ++step) {
        const bool twice = std::any_of(steps.begin(), step, [step](const SagaStep& earlier) {
            return earlier.answer.name == step->answer.name || earlier.name == step->name;
        });
        if (twice) {
            return wrong("step " + step->name + " has the name or the answer of an earlier one",
                         "nothing tells their answers apart; give each its own event");
        }
    }
    const bool has_deadline = std::any_of(steps.begin(), steps.end(), [](const SagaStep& step) {
        return step.deadline > Duration{0};
    });
    const bool fails =
        std::any_of(failures.begin(), failures.end(),
                    [](const SagaFailure& failure) { return failure.on == saga_deadline; });
    if (has_deadline && !fails) {
        return wrong("nothing says what happens when a deadline passes",
                     "add .fail_on<DeadlineExceeded>(...)");
    }
    return {};
}

SagaInstance SagaLogic::start(const void* event) const {
    SagaInstance instance;
    instance.state = definition_.make(event);
    instance.progress.steps.assign(definition_.steps.size(), State::waiting);
    return instance;
}

SagaReaction SagaLogic::happened(SagaInstance& instance, const EventName& name,
                                 const void* event) const {
    SagaReaction reaction;
    if (undone(instance, name)) {
        reaction.moved = true;
        // What undoes a step while the saga runs may be what gives it up as well: see below.
        if (instance.progress.status != SagaStatus::running) {
            compensate(instance, reaction);
            return reaction;
        }
    }
    for (std::size_t i = 0; i < definition_.steps.size(); ++i) {
        if (definition_.steps[i].answer.name == name) answered(instance, i, event, reaction);
    }
    SagaReaction given_up = failed(instance, name, event);
    reaction.moved = reaction.moved || given_up.moved;
    std::move(given_up.publish.begin(), given_up.publish.end(),
              std::back_inserter(reaction.publish));
    return reaction;
}

void SagaLogic::answered(SagaInstance& instance, std::size_t step, const void* event,
                         SagaReaction& reaction) const {
    SagaProgress& progress = instance.progress;
    if (progress.steps[step] != State::waiting) {  // Seen before.
        reached("saga.answered_again");
        if (!planted(Mistake::applies_answers_twice)) return;
    }
    if (planted(Mistake::ignores_late_answers) && progress.status != SagaStatus::running) return;
    reaction.moved = true;
    const SagaStep& definition = definition_.steps[step];
    if (progress.status == SagaStatus::running && step > progress.awaited()) {
        if (kept_early(instance, definition) == instance.early.end() &&
            !planted(Mistake::drops_early_answers)) {
            reached("saga.answer_came_early");
            instance.early.push_back({std::string{definition.answer.name.value},
                                      definition.answer.name.major,
                                      definition.answer.write(event)});
        }
        return;
    }
    std::optional<PublishedEvent> next = definition.done(instance.state.get(), event);
    progress.steps[step] = State::done;
    if (progress.status != SagaStatus::running) {
        reached("saga.answer_came_late");
        compensate(instance, reaction);  // Too late: it is made good, not used.
        return;
    }
    if (next) reaction.publish.push_back(std::move(*next));
    if (progress.awaited() == progress.steps.size()) {
        reached("saga.completed");
        progress.status = SagaStatus::completed;
    }
    take_early(instance, reaction);
}

void SagaLogic::take_early(SagaInstance& instance, SagaReaction& reaction) const {
    if (instance.progress.status != SagaStatus::running) return;
    const std::size_t awaited = instance.progress.awaited();
    const auto early = kept_early(instance, definition_.steps[awaited]);
    if (early == instance.early.end()) return;
    reached("saga.early_answer_used");
    const auto event = definition_.steps[awaited].answer.read(early->data, early->major).value();
    instance.early.erase(early);
    answered(instance, awaited, event.get(), reaction);
}

bool SagaLogic::undone(SagaInstance& instance, const EventName& name) const {
    for (std::size_t i = definition_.steps.size(); i-- > 0;) {
        State& state = instance.progress.steps[i];
        if (!names(definition_.steps[i].undone_by, name)) continue;
        if (state == State::waiting) {
            // Its answer came early and waits: that is done and undone again, too.
            const auto early = kept_early(instance, definition_.steps[i]);
            if (early == instance.early.end()) continue;
            instance.early.erase(early);
            state = State::undone;
            return true;
        }
        if (state == State::undone) continue;
        if (state == State::done && instance.progress.status == SagaStatus::completed) continue;
        state = State::undone;
        return true;
    }
    return false;
}

SagaReaction SagaLogic::failed(SagaInstance& instance, const EventName& on,
                               const void* cause) const {
    SagaReaction reaction;
    if (instance.progress.status != SagaStatus::running) return reaction;
    for (const SagaFailure& failure : definition_.failures) {
        if (failure.on != on) continue;
        reaction.moved = true;
        reached("saga.given_up");
        instance.progress.status = SagaStatus::compensating;
        SagaFailure::End end = failure.ended(instance.state.get(), cause);
        instance.progress.reason = std::move(end.reason);
        instance.ended = std::move(end.event);
        // What came early is done as much as what came in time.
        for (std::size_t i = 0; i < definition_.steps.size(); ++i) {
            const SagaStep& step = definition_.steps[i];
            const auto early = kept_early(instance, step);
            if (early == instance.early.end()) continue;
            reached("saga.early_answer_made_good");
            step.done(instance.state.get(),
                      step.answer.read(early->data, early->major).value().get());
            instance.progress.steps[i] = State::done;
        }
        instance.early.clear();
        compensate(instance, reaction);
        break;
    }
    return reaction;
}

void SagaLogic::compensate(SagaInstance& instance, SagaReaction& reaction) const {
    std::vector<State>& steps = instance.progress.steps;
    if (instance.progress.undoing()) return;
    SagaStatus& status = instance.progress.status;
    if (status == SagaStatus::needs_operator) {
        reached("saga.went_on_after_needing_an_operator");
        status = SagaStatus::compensating;
    }
    for (std::size_t left = steps.size(); left-- > 0;) {
        const std::size_t i =
            planted(Mistake::compensates_first_step_first) ? steps.size() - 1 - left : left;
        if (steps[i] != State::done) continue;
        const SagaStep& step = definition_.steps[i];
        const bool undone_before =
            std::find(steps.begin(), steps.end(), State::undone) != steps.end();
        if (undone_before) reached("saga.undid_one_after_the_other");
        if (!step.undo || (planted(Mistake::compensates_last_step_only) && undone_before)) {
            steps[i] = State::undone;
            continue;
        }
        steps[i] = State::undoing;
        reaction.publish.push_back(step.undo(instance.state.get()));
        return;
    }
    if (status == SagaStatus::compensated) return;
    reached("saga.compensated");
    status = SagaStatus::compensated;
    if (instance.ended) reaction.publish.push_back(*instance.ended);
}

SagaReaction SagaLogic::undo_is_overdue(SagaInstance& instance) const {
    SagaReaction reaction;
    SagaStatus& status = instance.progress.status;
    if (!instance.progress.undoing() || status == SagaStatus::needs_operator) return reaction;
    reached("saga.needs_operator");
    // One that was over, and undoes what came late, has published its end.
    if (status == SagaStatus::compensated) instance.ended.reset();
    status = SagaStatus::needs_operator;
    reaction.moved = true;
    return reaction;
}

SagaReaction SagaLogic::made_good(SagaInstance& instance) const {
    SagaReaction reaction;
    const std::optional<std::size_t> step = instance.progress.undoing();
    if (!step) return reaction;
    reaction.moved = true;
    instance.progress.steps[*step] = State::undone;
    compensate(instance, reaction);
    return reaction;
}

SagaReaction SagaLogic::undo_again(SagaInstance& instance) const {
    SagaReaction reaction;
    const std::optional<std::size_t> step = instance.progress.undoing();
    if (!step) return reaction;
    reaction.moved = true;
    if (instance.progress.status == SagaStatus::needs_operator) {
        instance.progress.status = SagaStatus::compensating;
    }
    reaction.publish.push_back(definition_.steps[*step].undo(instance.state.get()));
    return reaction;
}

}  // namespace tidings
