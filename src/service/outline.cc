#include <tidings/base/text.h>
#include <tidings/service/service.h>

#include <algorithm>

namespace tidings {

namespace {

std::string text_of(const OutlinedEvent& event) {
    return event.type + " v" + std::to_string(event.major);
}

bool owns(const ServiceOutline& outline, std::string_view domain) {
    return std::find(outline.domains.begin(), outline.domains.end(), domain) !=
           outline.domains.end();
}

Result<void> check_owner(const ServiceOutline& outline, const EventType& contract) {
    const std::string domain{contract.name.domain()};
    const bool is_own = owns(outline, domain);
    if (is_own == (contract.owner == outline.service)) return {};
    return Error{
        ErrorCode::contract_violation,
        is_own ? outline.service + " owns the domain " + domain + ", and the contract of " +
                     std::string{contract.name.value} + " says that " +
                     std::string{contract.owner} + " does"
               : outline.service + " does not own the domain " + domain + ", and the contract of " +
                     std::string{contract.name.value} + " says that it does",
        is_own ? "name the service as the contracts do, or let it own other domains"
               : "add the domain to Service::owns, or name another owner in its contracts"};
}

/// A saga states facts of the service that runs it.
Result<void> check_saga(const ServiceOutline& outline, const SagaOutline& saga) {
    std::vector<OutlinedEvent> published;
    for (const SagaOutline::Step& step : saga.steps) {
        if (!step.states.is_none()) published.push_back(step.states);
        if (!step.undo.is_none()) published.push_back(step.undo);
    }
    for (const SagaOutline::Failure& failure : saga.failures) published.push_back(failure.ends);
    for (const OutlinedEvent& event : published) {
        const std::string domain = event.type.substr(0, event.type.find('.'));
        if (owns(outline, domain)) continue;
        return Error{ErrorCode::contract_violation,
                     "the saga " + saga.name + " publishes " + event.type + ", and " +
                         outline.service + " does not own the domain " + domain,
                     "state a fact of the service's own domain, and let the owner react to it"};
    }
    return {};
}

}  // namespace

ServiceOutline Service::outline() const {
    ServiceOutline outline{.service = name_, .domains = domains_};
    for (const EventName& name : handlers_.events()) outline.handles.emplace_back(name);
    for (const auto& saga : sagas_) outline.sagas.push_back(saga->outline());
    return outline;
}

Result<void> Service::check_contracts() const {
    if (contracts_.empty()) return {};
    const ServiceOutline told = outline();
    for (const EventType* contract : contracts_) {
        if (Result<void> owned = check_owner(told, *contract); !owned) return owned;
    }
    for (const OutlinedEvent& event : told.handles) {
        const bool is_published =
            std::any_of(contracts_.begin(), contracts_.end(), [&](const EventType* contract) {
                return contract->name.value == event.type && contract->name.major == event.major;
            });
        if (is_published) continue;
        return Error{ErrorCode::contract_violation,
                     name_ + " handles " + text_of(event) +
                         ", which no contract describes: nobody publishes it",
                     "build it with the contracts of all events that it handles"};
    }
    for (const SagaOutline& saga : told.sagas) {
        if (Result<void> own = check_saga(told, saga); !own) return own;
    }
    return {};
}

std::vector<EventName> Service::undeclared() const {
    std::vector<EventName> names;
    for (const EventName& name : handlers_.events()) {
        // A newer major version may name it: older events come to it by way of upcasters.
        const bool is_named =
            std::any_of(contracts_.begin(), contracts_.end(), [&](const EventType* contract) {
                const auto& consumers = contract->consumers;
                return contract->name.value == name.value && contract->name.major >= name.major &&
                       std::find(consumers.begin(), consumers.end(), name_) != consumers.end();
            });
        if (!is_named && !contracts_.empty()) names.push_back(name);
    }
    return names;
}

}  // namespace tidings
