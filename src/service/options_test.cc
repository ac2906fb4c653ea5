// How a service says how its handlers are tried again.
#include <tidings/service/service.h>

#include "saga/facts.h"

#include <gtest/gtest.h>

namespace tidings {
namespace {

using namespace facts;

struct Payments {
    void on(const payment::Completed&, Transaction&) {}
    void on(const payment::Refunded&, Transaction&) {}
};

const HandlerEntry& entry_of(Service& service, const EventName& name) {
    return service.handlers().event_route(name.value, name.major)->entry();
}

TEST(ServiceOptions, AreOfEachEventTypeThatIsNamed) {
    Service service{"order-service"};
    Payments payments;
    service.on<payment::Completed, payment::Refunded>(
        payments, {.retry = RetryPolicy{.attempts = 9}, .order = KeyOrder::let_pass});
    EXPECT_EQ(entry_of(service, payment::Completed::name).options.retry->attempts, 9);
    EXPECT_EQ(entry_of(service, payment::Refunded::name).options.order, KeyOrder::let_pass);
}

TEST(ServiceOptions, OfASagaAreThoseOfAllThatItHearsOf) {
    Service service{"order-service"};
    service.add(fulfilment(), {.retry = RetryPolicy{.attempts = 9}});
    EXPECT_EQ(entry_of(service, payment::Completed::name).options.retry->attempts, 9);
    EXPECT_EQ(entry_of(service, inventory::Released::name).options.retry->attempts, 9);
    EXPECT_EQ(entry_of(service, inventory::Released::name).saga, "order.fulfilment");
}

TEST(ServiceOptions, OfSagasThatShareAnEventTypeShareTheirOrder) {
    Service service{"order-service"};
    service.add(fulfilment());
    service.add(saga<Fulfilment>("order.reward")
                    .start([](const order::Created& event) { return Fulfilment{event.id, {}}; })
                    .step("shipping", 0s, [](Fulfilment&, const shipping::Delivered&) {}));
    EXPECT_EQ(entry_of(service, shipping::Delivered::name).saga,
              entry_of(service, payment::Completed::name).saga);
}

}  // namespace
}  // namespace tidings
