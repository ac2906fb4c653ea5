#pragma once

#include <tidings/base/result.h>
#include <tidings/base/time.h>
#include <tidings/model/event.h>

#include <string>
#include <string_view>
#include <vector>

namespace tidings {

/// An event type and major version that an outline speaks of.
struct OutlinedEvent {
    std::string type;  ///< Empty: none.
    int major = 1;

    OutlinedEvent() = default;
    OutlinedEvent(std::string name, int version) : type(std::move(name)), major(version) {}
    explicit OutlinedEvent(const EventName& name) : type(name.value), major(name.major) {}
    bool is_none() const noexcept { return type.empty(); }
    bool operator==(const OutlinedEvent&) const = default;
};

/// A saga as a reader wants to see it: which event follows which, and what undoes what.
struct SagaOutline {
    struct Step {
        std::string name;
        OutlinedEvent answer{};  ///< What it waits for.
        Duration deadline{0};    ///< How long; zero: for ever.
        OutlinedEvent states{};  ///< What it publishes then; may be none.
        OutlinedEvent undo{};    ///< What it publishes to have the step undone; may be none.
        std::vector<OutlinedEvent> undone_by{};
        Duration undo_deadline{0};
        bool operator==(const Step&) const = default;
    };
    struct Failure {
        OutlinedEvent on;    ///< An event, `tidings.cancellation_requested` or
                             ///< `tidings.deadline_exceeded`.
        OutlinedEvent ends;  ///< What it publishes once all is undone.
        bool operator==(const Failure&) const = default;
    };

    std::string name;
    OutlinedEvent start{};
    std::vector<Step> steps{};
    std::vector<Failure> failures{};
    bool operator==(const SagaOutline&) const = default;
};

/// What a service's own code says of it: what it owns and handles, and how its sagas go. Contracts
/// say what is promised; this is what was built.
struct ServiceOutline {
    std::string service;
    std::vector<std::string> domains{};
    std::vector<OutlinedEvent> handles{};
    std::vector<SagaOutline> sagas{};
    bool operator==(const ServiceOutline&) const = default;
};

/// Returns the outline as one line of JSON.
std::string to_json(const ServiceOutline& outline);

/// Reads outlines, one in each line. Errors: `contract_violation`, naming line, field and rule.
Result<std::vector<ServiceOutline>> parse_service_outlines(std::string_view lines);

}  // namespace tidings
