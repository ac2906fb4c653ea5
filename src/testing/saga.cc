#include <tidings/testing/saga.h>

#include <algorithm>
#include <ostream>

namespace tidings {

namespace {

void list(std::string& text, const std::vector<PublishedEvent>& events) {
    if (events.empty()) text += "  nothing\n";
    for (const PublishedEvent& event : events) {
        text.append("  ").append(event.name.value).append(" ").append(event.data).append("\n");
    }
}

}  // namespace

std::ostream& operator<<(std::ostream& out, const SagaVerdict& verdict) {
    return out << (verdict ? "as expected" : verdict.difference());
}

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
            published_ = logic.happened(*instance_, name, event).publish;
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

SagaVerdict SagaCase::compare(const std::vector<PublishedEvent>& expected,
                              std::string wrong) const {
    if (!complaint_.empty()) return SagaVerdict{complaint_};
    if (!wrong.empty()) return SagaVerdict{std::move(wrong)};
    if (expected == published_) return SagaVerdict{{}};
    std::string text = "expected to be published\n";
    list(text, expected);
    text += "but published was\n";
    list(text, published_);
    return SagaVerdict{std::move(text)};
}

}  // namespace tidings
