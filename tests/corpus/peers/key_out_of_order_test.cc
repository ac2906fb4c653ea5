// A relay that sends overlapping transactions of one key out of order.
//
// eugene-khyst/postgresql-event-sourcing#16: a relay that waits for open transactions and orders by
// transaction id sends 851 before 852 although 852 committed first, and consumers see states that
// never were. MassTransit/MassTransit#3512: ten deliveries at a time, so order is whatever finishes
// first.
//
// Not here: steps of one service run one after the other and get their positions in that order; the
// relay sends one batch at a time, and one that failed is the next one to be sent.
#include "peers.h"

namespace tidings::peers {
namespace {

CaseVerdict events_of_one_key_come_in_the_order_of_their_commits() {
    Shop shop;
    shop.place("o1", "a");
    shop.flow.cut_off("order-service");
    shop.place("o1", "b");  // Is being sent when the others commit.
    shop.place("o1", "c");
    shop.place("o1", "broken");
    shop.place("o1", "d");
    shop.flow.heal();
    shop.flow.pass(2s);
    shop.flow.kill("order-service");
    shop.flow.start("order-service");
    shop.place("o1", "e");
    return shop.handled({"o1 a", "o1 b", "o1 c", "o1 d", "o1 e"});
}

TEST(Peers, KeepTheOrderOfAKeyThroughRollbackFailureAndRestart) {
    EXPECT_TRUE(events_of_one_key_come_in_the_order_of_their_commits());
    EXPECT_FALSE(with(Mistake::relay_overtakes_on_failure,
                      events_of_one_key_come_in_the_order_of_their_commits));
}

}  // namespace
}  // namespace tidings::peers
