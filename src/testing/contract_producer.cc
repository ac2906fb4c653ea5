#include <tidings/contract/contract.h>
#include <tidings/model/envelope.h>
#include <tidings/testing/contract_tests.h>

#include "testing/case_watch.h"
#include "testing/json_tree.h"

#include <algorithm>
#include <set>

namespace tidings {

namespace {

/// The field of `data` by which an event keeps its order, as text.
std::string key_of(const Contract& contract, const std::string& data) {
    const auto tree = JsonTree::parse(data);
    const JsonTree* key = tree ? tree->find(contract.key) : nullptr;
    if (key == nullptr || !key->is_text()) return key != nullptr ? key->scalar : std::string{};
    json::Reader reader{key->scalar};
    return std::string{reader.text()};
}

/// Why a published event is not what its contract promises; empty if it is.
std::string broken_promise(const ContractSet& contracts, const std::string& service,
                           const MemoryBroker::Published& published) {
    const auto event = parse_envelope(published.envelope);
    if (!event) return "no consumer can read it: " + event.error().message;
    const Contract* contract = contracts.find(event->type, event->data_version.major);
    if (contract == nullptr) return "there is no contract of this type and major version";
    if (contract->owner != service) return "its owner is " + contract->owner;
    if (event->source != contract->owner) return "its source is " + event->source;
    if (event->data_version != contract->version) {
        return "it says version " + to_string(event->data_version) + ", its contract says " +
               to_string(contract->version);
    }
    if (Result<void> kept = contract->data.check(event->data); !kept) return kept.error().message;
    const std::string key = key_of(*contract, event->data);
    if (published.headers.key != key) {
        return "its key is \"" + published.headers.key + "\", its field " + contract->key +
               " says \"" + key + '"';
    }
    if (published.headers.type != event->type || published.headers.source != event->source) {
        return "its headers name another type or source than it does";
    }
    return {};
}

bool is_newest(const ContractSet& contracts, const Contract& contract) {
    return std::none_of(
        contracts.contracts.begin(), contracts.contracts.end(), [&contract](const Contract& other) {
            return other.event == contract.event && other.version.major > contract.version.major;
        });
}

}  // namespace

ContractTests::Problems ContractTests::test_producer(const std::string& service) const {
    Problems problems;
    std::set<std::string> seen;
    for (const auto& [what, scenario] : tested(service).scenarios) {
        const std::shared_ptr<Service> made = tested(service).make();
        ServiceCase::Watch watch;
        ServiceCase running{*made, watch};
        scenario(running);
        if (!watch.failures.empty()) {
            problems.push_back("scenario \"" + what + "\" fails\n" + watch.failures);
        }
        for (const MemoryBroker::Published& published : watch.published) {
            const std::string broken = broken_promise(*contracts_, service, published);
            if (!broken.empty()) {
                problems.push_back("scenario \"" + what + "\" publishes " + published.headers.type +
                                   ": " + broken + "\n    " + published.envelope);
            }
            seen.insert(published.headers.type);
        }
    }
    for (const Contract& contract : contracts_->contracts) {
        if (contract.owner != service || !is_newest(*contracts_, contract)) continue;
        if (seen.contains(contract.event)) continue;
        problems.push_back(contract.event + " is " + service +
                           "'s, and no scenario has it published; add one with " +
                           "tests.scenario(\"" + service + "\", ...)");
    }
    return problems;
}

}  // namespace tidings
