// An overflowing dead-letter queue that stops the consumer, or loses what does not fit.
//
// rabbitmq/rabbitmq-server#8495: a bound on the dead-letter queue is either ignored or drops the
// oldest. getsentry/arroyo PR#314: at the limit of its dead-letter queue the consumer is made to
// crash, so that a broken producer takes everybody down. Both are one choice: lose, or stand.
//
// Not here: dead letters are rows of the service's own database. Their number has an alarm and no
// bound but the disk, memory does not grow with it, and nobody waits but who shares a key with one.
#include "peers.h"

namespace tidings::peers {
namespace {

constexpr int broken_orders = 60;

TEST(Peers, GoOnBesideAnyNumberOfDeadLettersAndSaySo) {
    StepLoop::Options limits;
    limits.held_alarm = 20;
    Shop shop = Shop::payments_alone(limits);
    *shop.handle = [](const order::Created& event, Transaction&) {
        if (event.reason == "broken") throw Failure{{ErrorCode::not_found, "no such thing"}};
    };
    for (int i = 0; i < broken_orders; ++i) {
        shop.flow.publish(order::Created{"b" + std::to_string(i), "broken"});
    }
    shop.flow.publish(order::Created{"o1", "a"});
    shop.flow.kill("payment-service");
    shop.flow.start("payment-service");
    shop.flow.publish(order::Created{"o2", "b"});

    EXPECT_TRUE(shop.handled({"o1 a", "o2 b"}));
    EXPECT_EQ(shop.payments().dead, broken_orders);
    EXPECT_TRUE(shop.payments().held_alarm);
    const std::string health = shop.ask("payment-service", "/health/ready");
    EXPECT_NE(health.find(R"("status":"degraded")"), std::string::npos) << health;

    *shop.handle = nullptr;  // Mended, deployed, redriven: all of them, in their order.
    shop.flow.redrive("payment-service");
    shop.flow.pass(1min);
    EXPECT_EQ(shop.payments().dead, 0);
    EXPECT_FALSE(shop.payments().held_alarm);
    EXPECT_EQ(shop.flow.count<payment::Completed>(), broken_orders + 2U);
    EXPECT_TRUE(shop.flow.then_all_is_done());
}

}  // namespace
}  // namespace tidings::peers
