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

CaseVerdict come_in_order(std::uint64_t seed) {
    Shop shop{seed};
    shop.place("o1", "a");
    shop.flow.cut_off("order-service");
    // Three that are at work at once: one group, one push to the relay, two topics in turn.
    for (const char* text : {"b", "c", "d"}) {
        Command overlapping;
        overlapping.run = [text](Transaction& tx) {
            tx.publish(order::Created{"o1", text});
            tx.publish(audit::Noted{"o1", text});
        };
        shop.flow.host("order-service").submit("order-service", std::move(overlapping)).value();
    }
    shop.place("o1", "broken");
    shop.flow.heal();
    shop.flow.pass(2s);
    shop.flow.kill("order-service");
    shop.flow.start("order-service");
    shop.place("o1", "e");
    return shop.handled({"o1 a", "o1 b", "o1 c", "o1 d", "o1 e"});
}

/// With several seeds, for they decide how often the relay tries while it is cut off.
CaseVerdict events_of_one_key_come_in_the_order_of_their_commits() {
    for (std::uint64_t seed = 1; seed <= 6; ++seed) {
        if (CaseVerdict verdict = come_in_order(seed); !verdict) return verdict;
    }
    return CaseVerdict{{}};
}

TEST(Peers, KeepTheOrderOfAKeyThroughRollbackFailureAndRestart) {
    EXPECT_TRUE(events_of_one_key_come_in_the_order_of_their_commits());
    EXPECT_FALSE(with(Mistake::relay_overtakes_on_failure,
                      events_of_one_key_come_in_the_order_of_their_commits));
}

}  // namespace
}  // namespace tidings::peers
