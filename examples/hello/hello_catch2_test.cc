// Both services alone, given and when and then, with Catch2; nothing of Tidings knows of it.
#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
#else
#define CATCH_CONFIG_MAIN  // Of version 2, which Debian 12 has.
#include <catch2/catch.hpp>
#endif

#include <tidings/testing/service.h>

#include "audience/audience.h"
#include "greeting/greetings.h"

#include <schema/audience.h>
#include <schema/greeting.h>

using namespace tidings;
using namespace hello;

// [service]
TEST_CASE("A greeting is kept and told") {
    Service service{"greeting-service"};
    greeting_service::Greetings greetings;
    service.schema(schema::greeting_schema());
    service.post("/greetings", greetings, &greeting_service::Greetings::say);
    const greeting_service::SayGreeting hello{.person = "Ada", .text = "Hello"};

    ServiceCase tested = given(service);

    CHECK(
        tested.when(command("POST", "/greetings", hello))
            .then(replied(202),
                  published(greeting::Said{.greeting_id = any_id, .person = "Ada", .text = "Hello"})
                      .ignoring({"greetingId"})));
}
// [/service]

struct AudienceAlone {
    AudienceAlone() {
        service.schema(schema::audience_schema());
        service.on<greeting::Said>(audience);
    }
    Service service{"audience-service"};
    audience_service::Audience audience;
};

greeting::Said said_to(const std::string& person) {
    return {.greeting_id = any_id, .person = person, .text = "Hello"};
}

// [read-model]
TEST_CASE_METHOD(AudienceAlone, "Greetings are counted for each person") {
    CHECK(given(service, said_to("Ada"), said_to("Bo"))
              .when(said_to("Ada"))
              .then(row(audience_service::Count{.person = "Ada", .greetings = 2}),
                    row(audience_service::Count{.person = "Bo", .greetings = 1})));
}

TEST_CASE_METHOD(AudienceAlone, "A greeting that comes twice is counted once") {
    CHECK(given(service, said_to("Ada")).when(again()).then_nothing());
}
// [/read-model]

TEST_CASE_METHOD(AudienceAlone, "A greeting without a person is refused by its contract") {
    CHECK(given(service)
              .when(payload("greeting.said", R"({"greetingId": "x"})"))
              .then_fails(ErrorCode::contract_violation));
}

TEST_CASE_METHOD(AudienceAlone, "A difference is shown in full") {
    const CaseVerdict verdict =
        given(service)
            .when(said_to("Ada"))
            .then(row(audience_service::Count{.person = "Ada", .greetings = 2}));
    CHECK_FALSE(verdict);
    const std::string shown = Catch::StringMaker<CaseVerdict>::convert(verdict);
    CHECK(shown.find("/greetings: expected 2, is 1") != std::string::npos);
}
