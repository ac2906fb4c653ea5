// A poison event that blocks its whole partition or group.
//
// evolution-gaming/kafka-journal#921: one record that cannot be converted fails the poll, is read
// again from the last position, and fails again: the topic stands for ever. noddde#135,
// spring-cloud-stream#1114.
//
// Not here: an event that cannot be read, or whose handler has failed often enough, rests in the
// dead-letter table, and its key waits behind it; the position goes on, and so do all other keys.
#include "peers.h"

namespace tidings::peers {
namespace {

CaseVerdict others_go_on_and_its_key_waits() {
    Shop shop = Shop::payments_alone();
    *shop.handle = [](const order::Created& event, Transaction&) {
        if (event.reason == "poison") throw std::runtime_error{"no way"};
    };
    shop.flow.publish(payload("order.created", R"({"id": 7})").with_key("o1"));
    shop.flow.publish(order::Created{"o2", "poison"});
    shop.flow.publish(order::Created{"o1", "waits"});
    shop.flow.publish(order::Created{"o2", "waits"});
    shop.flow.publish(order::Created{"o3", "a"});
    shop.flow.pass(1h);
    shop.flow.kill("payment-service");
    shop.flow.start("payment-service");
    shop.flow.publish(order::Created{"o3", "b"});
    const DeliveryStatus status = shop.payments();
    return all_of(
        {shop.handled({"o3 a", "o3 b"}),
         shop.flow.then(
             in("payment-service", dead_letter<order::Created>(ErrorCode::contract_violation)),
             in("payment-service", dead_letter<order::Created>(ErrorCode::internal))),
         check(status.dead == 2, "not both rest"), check(status.parked == 2, "not both wait"),
         check(status.scheduled == 0 && status.lag == 0, "it is still being tried")});
}

TEST(Peers, GoOnBesideAPoisonEvent) {
    EXPECT_TRUE(others_go_on_and_its_key_waits());
    EXPECT_FALSE(with(Mistake::attempts_are_not_counted, others_go_on_and_its_key_waits));
    EXPECT_FALSE(with(Mistake::dead_letter_is_passed, others_go_on_and_its_key_waits));
}

}  // namespace
}  // namespace tidings::peers
