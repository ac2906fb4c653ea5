#include <tidings/saga/definition.h>

namespace tidings {

SagaOutline SagaRunner::outline() const {
    SagaOutline outline;
    outline.name = definition_->name;
    outline.start = OutlinedEvent{definition_->start.name};
    for (std::size_t i = 0; i < definition_->steps.size(); ++i) {
        const SagaStep& step = definition_->steps[i];
        SagaOutline::Step& seen = outline.steps.emplace_back();
        seen.name = step.name;
        seen.answer = OutlinedEvent{step.answer.name};
        seen.deadline = deadlines_[i];
        if (step.states) seen.states = OutlinedEvent{*step.states};
        if (step.undo_states) seen.undo = OutlinedEvent{*step.undo_states};
        for (const EventName& name : step.undone_by) seen.undone_by.emplace_back(name);
        seen.undo_deadline = undo_deadlines_[i];
    }
    for (const SagaFailure& failure : definition_->failures) {
        outline.failures.push_back({OutlinedEvent{failure.on}, OutlinedEvent{failure.name}});
    }
    return outline;
}

}  // namespace tidings
