#include <tidings/contract/contract.h>
#include <tidings/testing/contract_tests.h>

#include <set>

namespace tidings {

ContractTests::ContractTests()
    : contracts_(std::make_unique<ContractSet>()), released_(std::make_unique<ContractSet>()) {}
ContractTests::~ContractTests() = default;

void ContractTests::contracts(std::string_view bundle) {
    *contracts_ = parse_bundle(bundle).value();
}

void ContractTests::released(std::string_view bundle) { *released_ = parse_bundle(bundle).value(); }

void ContractTests::service(std::string name, MakeService make) {
    services_[std::move(name)].make = std::move(make);
}

void ContractTests::scenario(const std::string& service, std::string what, Scenario scenario) {
    services_[service].scenarios.emplace_back(std::move(what), std::move(scenario));
}

std::vector<std::string> ContractTests::services() const {
    std::vector<std::string> names;
    for (const auto& [name, tested] : services_) names.push_back(name);
    return names;
}

const ContractTests::Tested& ContractTests::tested(const std::string& service) const {
    const auto found = services_.find(service);
    if (found != services_.end() && found->second.make) return found->second;
    throw Failure{{ErrorCode::not_found, "no service " + service + " is under test",
                   "add it with tests.service(...)"}};
}

ContractTests::Problems ContractTests::test_complete() const {
    std::set<std::string> named;
    for (const Contract& contract : contracts_->contracts) {
        named.insert(contract.owner);
        named.insert(contract.consumers.begin(), contract.consumers.end());
    }
    Problems problems;
    for (const std::string& name : named) {
        const auto found = services_.find(name);
        if (found != services_.end() && found->second.make) continue;
        problems.push_back(name + " is named by the contracts and not under test; add it with " +
                           "tests.service(...), and to SERVICES of tidings_contract_tests()");
    }
    return problems;
}

}  // namespace tidings
