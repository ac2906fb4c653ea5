// Both services on one thread, in virtual time, under faults from a seed.
#include <tidings/testing/simulation.h>

#include "audience/audience.h"
#include "greeting/greetings.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <schema/audience.h>
#include <schema/greeting.h>
#include <string>

namespace hello {
namespace {

using namespace tidings;

// [services]
/// A service with all that it needs: made anew for each life of its process.
struct GreetingService : Service {
    greeting_service::Greetings greetings;

    GreetingService() : Service{"greeting-service"} {
        schema(schema::greeting_schema());
        post("/greetings", greetings, &greeting_service::Greetings::say);
    }
};

struct AudienceService : Service {
    audience_service::Audience audience;

    AudienceService() : Service{"audience-service"} {
        schema(schema::audience_schema());
        on<greeting::Said>(audience);
    }
};
// [/services]

// [invariant]
/// What was counted, against what was said.
std::optional<std::string> wrong_count(const sim::View& view) {
    const auto said = view.read("greeting-service").value<int>("SELECT count(*) FROM greetings");
    const auto counted =
        view.read("audience-service").value<int>("SELECT sum(greetings) FROM counts");
    if (said.value_or(0) == counted.value_or(0)) return std::nullopt;
    return std::to_string(said.value_or(0)) + " greetings were said, and " +
           std::to_string(counted.value_or(0)) + " counted";
}
// [/invariant]

class HelloInVirtualTime : public testing::TestWithParam<std::uint64_t> {};

// [simulated]
TEST_P(HelloInVirtualTime, EveryGreetingIsCountedOnceWhateverHappens) {
    sim::Simulation hello{GetParam(), {.faults = sim::Faults::swarm().scaled(4)}};
    hello.service("greeting-service", [] { return std::make_shared<GreetingService>(); });
    hello.service("audience-service", [] { return std::make_shared<AudienceService>(); });
    hello.workload([](sim::Client& client) {
        for (int i = 0; i < 50; ++i) {
            client.post("greeting-service", "/greetings", R"({"person": "Ada", "text": "Hello"})");
        }
    });
    hello.at_end("every call is answered with 202", [](const sim::View& view) {
        std::optional<std::string> wrong;
        for (const sim::CallAnswer& answer : view.answers()) {
            if (answer.response.status != 202) wrong = answer.response.body;
        }
        return wrong;
    });
    hello.eventually("greetings counted = greetings said", 1min, wrong_count);

    EXPECT_TRUE(hello.run());
}
// [/simulated]

INSTANTIATE_TEST_SUITE_P(Seeds, HelloInVirtualTime, testing::Range<std::uint64_t>(1, 21));

}  // namespace
}  // namespace hello
