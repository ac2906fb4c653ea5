// Both services together, step by step: what comes late, twice, or while somebody is away.
#include <tidings/testing/flow.h>

#include "hello_services.h"

#include <gtest/gtest.h>

#include <string>

namespace hello {
namespace {

using namespace tidings;
using audience_service::Count;

// [services]
class HelloFlow : public ::testing::Test {
protected:
    HelloFlow() {
        flow.service("greeting-service", make<GreetingService>);
        flow.service("audience-service", make<AudienceService>);
    }
    void say(const std::string& person) {
        const greeting_service::SayGreeting hello{.person = person, .text = "Hello"};
        EXPECT_EQ(flow.call("greeting-service", command("POST", "/greetings", hello)).status, 202);
    }
    static Expectation counted(const std::string& person, int greetings) {
        return in("audience-service", row(Count{.person = person, .greetings = greetings}));
    }

    Flow flow;
};
// [/services]

TEST_F(HelloFlow, WhatIsSaidIsCounted) {
    say("Ada");
    say("Ada");
    EXPECT_TRUE(flow.then(counted("Ada", 2)));
    EXPECT_TRUE(flow.then_all_is_done());
}

// [flow]
TEST_F(HelloFlow, WhatComesLateAndTwiceIsCountedOnceAndBlocksNobody) {
    flow.hold("audience-service", events_of<greeting::Said>("Ada"));
    say("Ada");
    say("Bo");
    EXPECT_TRUE(flow.then(counted("Bo", 1), in("audience-service", no_row<Count>("Ada"))));

    flow.release("audience-service");
    flow.repeat("audience-service", events_of<greeting::Said>());
    EXPECT_TRUE(flow.then(counted("Ada", 1), counted("Bo", 1)));
    EXPECT_TRUE(flow.then_all_is_done());
}

TEST_F(HelloFlow, AnAudienceThatWasAwayCatchesUp) {
    flow.kill("audience-service");
    say("Ada");
    flow.start("audience-service");
    flow.lose_power();
    EXPECT_TRUE(flow.then(counted("Ada", 1)));
}
// [/flow]

TEST_F(HelloFlow, AServiceThatCannotReachTheBrokerGoesOnAndTellsLater) {
    flow.cut_off("greeting-service");
    say("Ada");
    flow.pass(1min);
    EXPECT_TRUE(flow.then(never_published<greeting::Said>()));
    EXPECT_FALSE(flow.then_all_is_done());

    flow.heal();
    flow.pass(2s);
    EXPECT_TRUE(
        flow.then(published(greeting::Said{any_id, "Ada", "Hello"}).ignoring({"greetingId"}),
                  counted("Ada", 1)));
    EXPECT_TRUE(flow.then_all_is_done());
}

TEST_F(HelloFlow, ADeadLetterIsRedrivenByAnOperator) {
    // What the greeting service says is held against its contract; what others send is not.
    Flow alone;
    alone.service("audience-service", make<AudienceService>);
    alone.publish(payload("greeting.said", R"({"person": ""})").with_key("Ada"));
    EXPECT_TRUE(alone.then(
        in("audience-service", dead_letter<greeting::Said>(ErrorCode::contract_violation))));
    alone.redrive("audience-service");
    EXPECT_FALSE(alone.then_all_is_done());  // It is as broken as before.
    alone.discard("audience-service");
    EXPECT_TRUE(alone.then_all_is_done());
}

TEST_F(HelloFlow, SaysWhatIsWrongWithTheTestItself) {
    const auto says = [](const CaseVerdict& verdict, const std::string& part) {
        return verdict.difference().find(part) != std::string::npos;
    };
    EXPECT_TRUE(says(flow.then(row(Count{.person = "Ada"})), "of which service is counts?"));
    EXPECT_TRUE(says(flow.then(replied(202)), "a flow's call returns its reply"));
    flow.kill("audience-service");
    EXPECT_TRUE(says(flow.then(counted("Ada", 1)), "audience-service is down"));
    flow.repeat("audience-service", events_of<greeting::Said>());
    EXPECT_TRUE(says(flow.then(), "was handed no greeting.said"));
}

TEST_F(HelloFlow, ShowsWhatHappenedWhenItIsNotWhatWasExpected) {
    say("Ada");
    const std::string text = flow.then(counted("Ada", 2)).difference();
    for (const char* part :
         {"audience-service: row Ada of counts differs", "/greetings: expected 2, is 1",
          "what happened", "somebody calls greeting-service: POST /greetings",
          "greeting-service publishes greeting.said {"}) {
        EXPECT_NE(text.find(part), std::string::npos) << part << " is not in\n" << text;
    }
}

}  // namespace
}  // namespace hello
