#include <tidings/base/text.h>
#include <tidings/contract/lint.h>

#include "contract/names.h"
#include "contract/node.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <tuple>

namespace tidings {

namespace {

using contract::Node;

constexpr std::string_view service_suffix = "-service";

/// What tells services apart: `order` for `order-service`.
std::string_view stem_of(std::string_view service) {
    if (service.ends_with(service_suffix)) service.remove_suffix(service_suffix.size());
    return service;
}

bool is_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/// The event names that prose speaks of: what looks like one and is named as a fact, so that
/// `order.total` and `example.com` are none.
std::vector<std::string> events_named_in(std::string_view prose) {
    std::vector<std::string> found;
    for (std::size_t at = 0; at < prose.size();) {
        std::size_t end = at;
        while (end < prose.size() && (is_word(prose[end]) || prose[end] == '.')) ++end;
        std::string_view token = prose.substr(at, end - at);
        at = end + 1;
        while (token.ends_with('.')) token.remove_suffix(1);
        if (!check_event_name(token)) continue;
        if (contract::is_fact(token.substr(token.find('.') + 1))) found.emplace_back(token);
    }
    return found;
}

/// Looks at a whole set of contracts that are right each by itself.
class Lint {
public:
    Lint(std::span<const SourceFile> files, const ContractSet& set,
         std::vector<Diagnostic>& problems)
        : set_(set), problems_(problems) {
        std::vector<Diagnostic> known;  // Told already: the set has been checked.
        for (const SourceFile& file : files)
            sources_[file.path] = contract::parse_yaml(file, known);
        for (const Contract& contract : set.contracts) {
            events_.insert(contract.event);
            owners_.insert(contract.owner);
            if (!contract.consumers.empty()) consumed_.insert(contract.event);
        }
    }

    void run() {
        for (std::size_t i = 0; i < set_.contracts.size(); ++i) {
            const Contract& contract = set_.contracts[i];
            const bool is_newest =
                i + 1 == set_.contracts.size() || set_.contracts[i + 1].event != contract.event;
            if (is_newest) check_consumed(contract);
            check_consumers(contract);
            for (const char* field : {"summary", "published", "expected"}) {
                check_prose(contract, field);
            }
        }
    }

    /// Holds what a service's code says of it against the contracts.
    void check_service(const ServiceOutline& service) {
        for (const OutlinedEvent& event : service.handles) check_handled(service, event);
        for (const Contract& contract : set_.contracts) {
            const auto has = [](const auto& list, std::string_view name) {
                return std::find(list.begin(), list.end(), name) != list.end();
            };
            if (contract.owner == service.service && !has(service.domains, contract.domain())) {
                add(contract, "owner", Severity::error,
                    "a service publishes only its own domain's events",
                    fmt::format("{} does not own {}, the domain of {}", service.service,
                                contract.domain(), quote(contract.event)),
                    "name the owner, or let the service own the domain");
            }
            const bool handles =
                std::any_of(service.handles.begin(), service.handles.end(),
                            [&](const auto& event) { return event.type == contract.event; });
            if (has(contract.consumers, service.service) && !handles) {
                add(contract, "consumers", Severity::warning, "a consumer handles the event",
                    fmt::format("{} does not handle {}", service.service, quote(contract.event)),
                    "take it out of consumers, or write the handler");
            }
        }
    }

private:
    void add(const Contract& contract, std::string_view field, Severity severity, std::string rule,
             std::string what, std::string suggestion) {
        const Node& root = sources_[contract.file];
        const Node* at = root.find(field);
        problems_.push_back({contract.file, at != nullptr ? at->line : 1,
                             at != nullptr ? at->column : 1, std::move(rule), std::move(what),
                             std::move(suggestion), severity});
    }

    void check_consumed(const Contract& contract) {
        if (consumed_.contains(contract.event)) return;
        add(contract, "consumers", Severity::warning, "an event has a consumer",
            quote(contract.event) + " is consumed by nobody",
            "name who consumes it, or stop publishing it");
    }

    void check_consumers(const Contract& contract) {
        std::vector<std::string_view> owners;
        for (const std::string_view owner : owners_) owners.push_back(stem_of(owner));
        for (const std::string& consumer : contract.consumers) {
            if (owners_.contains(std::string_view{consumer})) continue;
            const std::string_view meant = contract::closest(stem_of(consumer), owners);
            if (meant.empty()) continue;  // One that only consumes.
            add(contract, "consumers", Severity::warning, "a consumer is a service of the platform",
                quote(consumer) + " owns no domain",
                fmt::format("did you mean {}{}?", meant, service_suffix));
        }
    }

    /// Whether the contract names the service, or that of a newer major version, which it came to
    /// and handles older events by way of upcasters.
    bool is_named(const std::string& service, const OutlinedEvent& event) const {
        return std::any_of(
            set_.contracts.begin(), set_.contracts.end(), [&](const Contract& contract) {
                const auto& names = contract.consumers;
                return contract.event == event.type && contract.version.major >= event.major &&
                       std::find(names.begin(), names.end(), service) != names.end();
            });
    }

    void check_handled(const ServiceOutline& service, const OutlinedEvent& event) {
        const Contract* contract = set_.find(event.type, event.major);
        if (contract == nullptr) {
            problems_.push_back({service.service, 1, 1,
                                 "an event that is consumed is published by somebody",
                                 fmt::format("{} handles {} v{}, which no contract describes",
                                             service.service, quote(event.type), event.major),
                                 "write its contract, or take the handler away"});
        } else if (!is_named(service.service, event)) {
            add(*contract, "consumers", Severity::error, "a contract names its consumers",
                fmt::format("{} handles {} v{}", service.service, quote(event.type), event.major),
                fmt::format("add {} to consumers", service.service));
        }
    }

    void check_prose(const Contract& contract, std::string_view field) {
        const std::string& prose = field == "summary"     ? contract.summary
                                   : field == "published" ? contract.published
                                                          : contract.expected;
        for (const std::string& event : events_named_in(prose)) {
            if (events_.contains(std::string_view{event})) continue;
            const std::string meant =
                contract::did_you_mean(event, {events_.begin(), events_.end()});
            add(contract, field, Severity::error,
                "an event that is consumed is published by somebody",
                fmt::format("{} of {} speaks of {}, which no contract describes", field,
                            contract.event, quote(event)),
                meant.empty() ? "write its contract, or speak of another event" : meant);
        }
    }

    const ContractSet& set_;
    std::vector<Diagnostic>& problems_;
    std::map<std::string, Node, std::less<>> sources_;
    std::set<std::string_view> events_;
    std::set<std::string_view> consumed_;
    std::set<std::string_view> owners_;
};

}  // namespace

std::vector<Diagnostic> lint_contracts(std::span<const SourceFile> files,
                                       std::span<const ServiceOutline> services) {
    CheckedContracts checked = check_contracts(files);
    std::vector<Diagnostic> problems = std::move(checked.problems);
    if (problems.empty()) {
        Lint lint{files, checked.set, problems};
        lint.run();
        for (const ServiceOutline& service : services) lint.check_service(service);
    }
    std::stable_sort(problems.begin(), problems.end(), [](const auto& a, const auto& b) {
        return std::tie(a.file, a.line, a.column) < std::tie(b.file, b.line, b.column);
    });
    return problems;
}

}  // namespace tidings
