// A reader that skips an event committed late by an older transaction.
//
// kamu-data/kamu-cli#1398, eugene-khyst/postgresql-event-sourcing#2, Eventuous/eventuous#222:
// readers go on from the highest sequence number that they saw. The number is drawn when a row is
// written and not when it is committed, so a transaction that began earlier and ends later puts its
// row behind the readers' backs, and nobody ever reads it.
//
// Not here: a service has one writer, so what commits first stands first; and who consumes keeps a
// mark up to which *all* was taken, and the numbers above it. A lower number that comes later fills
// its gap.
#include "peers.h"

namespace tidings::peers {
namespace {

CaseVerdict the_event_that_comes_behind_later_ones_is_handled() {
    Shop shop;
    shop.flow.hold("payment-service", events_of<order::Created>("o1"));
    shop.place("o1", "older");
    shop.place("o2", "newer");
    shop.flow.kill("payment-service");
    shop.flow.start("payment-service");
    shop.flow.release("payment-service");
    return shop.handled({"o2 newer", "o1 older"});
}

/// The step that is rolled back draws no number that a reader would miss, or wait for.
CaseVerdict the_step_that_is_rolled_back_leaves_no_gap() {
    Shop shop;
    shop.place("o1", "broken");
    shop.place("o2", "new");
    shop.place("o1", "again");
    const auto reader = shop.flow.host("payment-service").reader("payment-service").value();
    const auto ahead = reader->value<int>("SELECT count(*) FROM tidings_inbox_ahead");
    return all_of({shop.handled({"o2 new", "o1 again"}), check(ahead == 0, "there is a gap")});
}

TEST(Peers, SkipNothingThatWasCommittedLate) {
    EXPECT_TRUE(the_event_that_comes_behind_later_ones_is_handled());
    EXPECT_FALSE(
        with(Mistake::inbox_closes_gaps, the_event_that_comes_behind_later_ones_is_handled));
    EXPECT_TRUE(the_step_that_is_rolled_back_leaves_no_gap());
    EXPECT_FALSE(
        with(Mistake::publishes_undone_events, the_step_that_is_rolled_back_leaves_no_gap));
}

}  // namespace
}  // namespace tidings::peers
