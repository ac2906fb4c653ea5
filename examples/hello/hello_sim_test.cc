// Both services on one thread, in virtual time, behind a broker that misbehaves as a seed has it.
#include <tidings/broker/log_broker.h>
#include <tidings/service/host.h>
#include <tidings/sim/faulty_broker.h>
#include <tidings/sim/scheduler.h>
#include <tidings/sim/world.h>

#include "audience/audience.h"
#include "greeting/greetings.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <schema/audience.h>
#include <schema/greeting.h>
#include <string>

namespace hello {
namespace {

using namespace tidings;

class HelloInVirtualTime : public testing::TestWithParam<std::uint64_t> {};

// [simulated]
TEST_P(HelloInVirtualTime, EveryGreetingIsCountedOnceWhateverTheBrokerDoes) {
    sim::SimWorld world{GetParam()};
    std::unique_ptr<Broker> log;
    sim::FaultyBroker* broker = nullptr;
    HostOptions options;
    options.data = "data";
    options.broker = [&](io::World&) -> Result<std::unique_ptr<Broker>> {
        log = open_log_broker(world, "data/log").value();
        const sim::BrokerFaults faults{.duplicate = 0.2, .delay = 0.2, .lose_answer = 0.1};
        broker = new sim::FaultyBroker{world, *log, faults};
        return std::unique_ptr<Broker>{broker};
    };
    Service greeting_service{"greeting-service"};
    greeting_service::Greetings greetings;
    greeting_service.schema(schema::greeting_schema());
    greeting_service.post("/greetings", greetings, &greeting_service::Greetings::say);
    Service audience_service{"audience-service"};
    audience_service::Audience audience;
    audience_service.schema(schema::audience_schema());
    audience_service.on<greeting::Said>(audience);

    auto host = Host::open(world, std::move(options)).value();
    ASSERT_TRUE(host->add(greeting_service));
    ASSERT_TRUE(host->add(audience_service));
    sim::Scheduler scheduler{world};
    scheduler.add(*broker);
    for (io::Worker* worker : host->workers()) scheduler.add(*worker);

    int accepted = 0;
    for (int i = 0; i < 100; ++i) {
        io::HttpRequest request{.method = "POST", .target = "/greetings", .path = "/greetings"};
        request.body = R"({"person": "Ada", "text": "Hello"})";
        host->request(request,
                      [&](const io::HttpResponse& said) { accepted += said.status == 202; });
        scheduler.run_for(10ms);
    }
    EXPECT_TRUE(scheduler.run_until([&] { return host->is_quiet(); }, 1h));

    auto rows = host->reader("audience-service").value();
    EXPECT_EQ(accepted, 100);
    EXPECT_EQ(rows->value<int>("SELECT greetings FROM counts WHERE person = 'Ada'"), 100);
    EXPECT_GT(host->status("audience-service").duplicates, 0);
    EXPECT_EQ(host->status("audience-service").unaccounted(), 0);
}
// [/simulated]

INSTANTIATE_TEST_SUITE_P(Seeds, HelloInVirtualTime, testing::Range<std::uint64_t>(1, 6));

}  // namespace
}  // namespace hello
