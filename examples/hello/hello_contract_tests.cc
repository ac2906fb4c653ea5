// The contract tests of both services: what they must publish and take follows from the contracts.
#include <tidings/testing/contract_tests.h>

#include "audience/audience.h"
#include "greeting/greetings.h"

#include <contracts/all.h>
#include <memory>
#include <schema/audience.h>
#include <schema/greeting.h>

namespace hello {
namespace {

using namespace tidings;

struct GreetingService {
    GreetingService() {
        service.schema(schema::greeting_schema());
        service.post("/greetings", greetings, &greeting_service::Greetings::say);
    }
    greeting_service::Greetings greetings;
    Service service{"greeting-service"};
};

struct AudienceService {
    AudienceService() {
        service.schema(schema::audience_schema());
        service.on<greeting::Said>(audience);
    }
    audience_service::Audience audience;
    Service service{"audience-service"};
};

template <class Whole>
std::shared_ptr<Service> make() {
    auto whole = std::make_shared<Whole>();
    return {whole, &whole->service};
}

}  // namespace
}  // namespace hello

// [contract-tests]
void contract_tests(tidings::ContractTests& tests) {
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
