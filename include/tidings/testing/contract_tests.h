#pragma once

#include <tidings/service/service.h>
#include <tidings/testing/service.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tidings {

struct ContractSet;

/// The contract tests of a platform's services, made from the contracts themselves.
///
///     void contract_tests(tidings::ContractTests& tests) {
///         tests.contracts(shop::contracts_json());
///         tests.service("payment-service", make<PaymentService>);
///         tests.scenario("payment-service", "the gateway accepts", [](ServiceCase& service) {
///             service.given(order::Created{...})
///                    .when(answered("gateway.charge", id, GatewayAnswer{.accepted = true}));
///         });
///     }
///
/// A program makes this one function; `tidings_contract_tests()` of CMake builds it, calls it from
/// a `main` of ours and registers each side of each service with CTest.
///
/// - As a consumer, a service is handed the examples of each contract that it handles, of every
///   version that it must accept, data that is minimal, maximal and of a version to come: its
///   contract must refuse none. Data that breaks one rule must rest as a dead letter of
///   `contract invalid_data`, each time. Which business a handler refuses is its own affair.
/// - As a producer, it goes through its scenarios. All that it publishes is held against the
///   contract, and each event type that it owns must have been published.
/// - What it uses of what it consumes is seen in the scenarios: where another value of a field
///   gives another outcome, the field is used. See docs/guide/testing.md for what that misses.
///
/// Threads   One thread.
class ContractTests {
public:
    /// Makes a service with all that it needs, anew for each case.
    using MakeService = std::function<std::shared_ptr<Service>()>;
    /// What happens to a service; what should come of it is the contracts' to say.
    using Scenario = std::function<void(ServiceCase&)>;
    /// What was found wrong, a line or more for each; empty if nothing was.
    using Problems = std::vector<std::string>;

    ContractTests();
    ~ContractTests();

    /// Sets the contracts that are tested: the generated `contracts_json()`. Throws Failure if it
    /// is no bundle.
    void contracts(std::string_view bundle);
    /// Sets the contracts as they were last released: consumers must accept those too. Throws
    /// Failure if it is no bundle.
    void released(std::string_view bundle);

    /// Adds a service under test.
    void service(std::string name, MakeService make);
    /// Adds a scenario of it: `what` says what is going on.
    void scenario(const std::string& service, std::string what, Scenario scenario);
    Problems test_consumer(const std::string& service) const;
    Problems test_producer(const std::string& service) const;
    /// Whether every owner and consumer that the contracts name is under test.
    Problems test_complete() const;
    /// What the service uses of the events that it handles, as a JSON object. Throws Failure if a
    /// scenario fails.
    std::string usage(const std::string& service) const;
    std::vector<std::string> services() const;

private:
    struct Tested {
        MakeService make;
        std::vector<std::pair<std::string, Scenario>> scenarios;
    };
    const Tested& tested(const std::string& service) const;

    std::unique_ptr<ContractSet> contracts_;
    std::unique_ptr<ContractSet> released_;
    std::map<std::string, Tested> services_;
};

}  // namespace tidings

/// Adds the services and scenarios of a program made by `tidings_contract_tests()`.
void contract_tests(tidings::ContractTests& tests);
