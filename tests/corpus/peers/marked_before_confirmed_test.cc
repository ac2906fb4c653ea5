// A relay that marks events as published before the broker confirms them.
//
// abpframework/abp#24340: with Kafka down, the outbox worker logged that its events were published
// and deleted them, because the client's `Produce` only queues and the delivery report comes later.
// JasperFx/wolverine PR#3745 and Truxify#13133 are the same on other brokers.
//
// Not here: `Broker::publish` returns when the broker has the events, with the durability it
// states; the relay marks after that, and a mark lost in a crash is an event published again with
// the same id.
#include "peers.h"

namespace tidings::peers {
namespace {

CaseVerdict what_the_broker_did_not_take_arrives_later() {
    Shop shop;
    shop.flow.cut_off("order-service");
    shop.place("o1", "a");
    shop.place("o2", "b");
    shop.flow.pass(1s);
    shop.flow.kill("order-service");
    shop.flow.start("order-service");
    shop.flow.heal();
    shop.flow.pass(2s);
    return shop.handled({"o1 a", "o2 b"});
}

TEST(Peers, LoseNothingThatTheBrokerDidNotConfirm) {
    EXPECT_TRUE(what_the_broker_did_not_take_arrives_later());
    EXPECT_FALSE(with(Mistake::relay_marks_first, what_the_broker_did_not_take_arrives_later));
    EXPECT_FALSE(with(Mistake::relay_drops_on_failure, what_the_broker_did_not_take_arrives_later));
}

}  // namespace
}  // namespace tidings::peers
