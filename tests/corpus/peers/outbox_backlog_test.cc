// An outbox backlog that nobody is told of.
//
// Particular/ServicePulse#1241: there was no way to monitor the outbox; namastack-outbox#80:
// records stopped being sent, and the first to notice were customers.
//
// Not here: how many events wait, and how old the oldest is, stand in `/status` and in the metrics,
// with alert rules; health is degraded, with the reason, while the relay does not get on; and at
// its bound the outbox refuses commands instead of growing.
#include "peers.h"

namespace tidings::peers {
namespace {

bool contains(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

TEST(Peers, AreToldOfAnOutboxThatIsNotSent) {
    Shop shop;
    shop.place("o1", "a");
    EXPECT_TRUE(contains(shop.ask("order-service", "/health/ready"), R"("status":"up")"));

    shop.flow.cut_off("order-service");
    shop.place("o2", "b");
    shop.flow.pass(10min);

    const std::string health = shop.ask("order-service", "/health/ready");
    EXPECT_TRUE(contains(health, R"("status":"degraded")")) << health;
    EXPECT_TRUE(contains(health, "out of reach")) << health;
    EXPECT_EQ(shop.orders().outbox_pending, 2);
    EXPECT_GE(shop.orders().outbox_age, 10min);
    const std::string metrics = shop.ask("order-service", "/metrics");
    EXPECT_TRUE(
        contains(metrics, "tidings_outbox_oldest_age_seconds{service=\"order-service\"} 600"))
        << metrics;

    shop.flow.heal();
    shop.flow.pass(2s);
    EXPECT_TRUE(contains(shop.ask("order-service", "/health/ready"), R"("status":"up")"));
    EXPECT_TRUE(shop.handled({"o1 a", "o2 b"}));
}

}  // namespace
}  // namespace tidings::peers
