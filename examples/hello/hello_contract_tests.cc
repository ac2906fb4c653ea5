// The contract tests of both services: what they must publish and take follows from the contracts.
#include <tidings/testing/contract_tests.h>

#include "hello_services.h"

#include <contracts/all.h>

// [contract-tests]
void contract_tests(tidings::ContractTests& tests) {
    using namespace tidings;
    using namespace hello;
    tests.contracts(contracts_json());
    tests.service("greeting-service", make<GreetingService>);
    tests.scenario("greeting-service", "somebody says hello", [](ServiceCase& greetings) {
        const greeting_service::SayGreeting hello{.person = "Ada", .text = "Hello"};
        greetings.when(command("POST", "/greetings", hello));
    });
    tests.service("audience-service", make<AudienceService>);
    tests.scenario("audience-service", "a greeting is heard", [](ServiceCase& audience) {
        audience.when(greeting::Said{.greeting_id = any_id, .person = "Ada", .text = "Hello"});
    });
}
// [/contract-tests]
