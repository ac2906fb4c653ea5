// Duplicate detection whose window a redelivery outlives.
//
// JasperFx/wolverine#1725: handled messages are remembered for five minutes; after a pause of a few
// hours the first thing a consumer did was to forget them all, and the next was to handle one
// again. nats-io/nats-server#7302: a window of two minutes, counted from the first time only. And
// the other way round, apache/pulsar#5218: the broker's window swallowed the retry of what it had
// never stored.
//
// Not here: only the inbox decides, and it has no window. Each source numbers what it publishes,
// and a mark per source tells for ever what was taken. The broker detects nothing.
#include "peers.h"

namespace tidings::peers {
namespace {

CaseVerdict a_duplicate_after_a_month_has_no_effect() {
    Shop shop;
    shop.place("o1", "a");
    shop.flow.pass(24h * 31);
    shop.flow.repeat("payment-service", events_of<order::Created>());
    // And one that the producer itself sends again, to a consumer that knows nothing but its
    // tables.
    shop.flow.lose_answers("order-service");
    shop.place("o2", "b");
    shop.flow.kill("order-service");
    shop.flow.kill("payment-service");
    shop.flow.pass(24h * 31);
    shop.flow.heal();
    shop.flow.pass(2s);
    return all_of({shop.handled({"o1 a", "o2 b"}),
                   check(shop.payments().duplicates > 0, "nothing came twice")});
}

TEST(Peers, KnowADuplicateHoweverLate) {
    EXPECT_TRUE(a_duplicate_after_a_month_has_no_effect());
    EXPECT_FALSE(with(Mistake::forgets_inbox, a_duplicate_after_a_month_has_no_effect));
}

}  // namespace
}  // namespace tidings::peers
