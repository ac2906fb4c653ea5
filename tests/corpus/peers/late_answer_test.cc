// A compensation that runs before the slow action it should undo has finished.
//
// apache/servicecomb-pack#346: the coordinator gave a transaction up and called the compensation
// while the participant was still at work; the action finished after its compensation, and stayed
// done.
//
// Not here: an answer that comes after the saga was given up counts as done, and is undone, also
// when the saga was over already.
#include "peers.h"

namespace tidings::peers {
namespace {

CaseVerdict what_is_done_late_is_undone() {
    FulfilmentFlow saga;
    saga.flow.call("order-service", command("POST", "/cancellations/o1"));
    saga.flow.pass(3h);
    saga.flow.publish(paid);
    saga.flow.publish(payment::Refunded{"o1", ""});
    saga.flow.publish(reserved);
    return all_of({saga.flow.then(published(order::Cancelled{"o1", "CANCELLED_BY_CUSTOMER"}),
                                  published(order::PaymentRevoked{"o1", "p1"}),
                                  published(order::ReservationRevoked{"o1", ""})),
                   check(saga.flow.count<order::Cancelled>() == 1, "ended more than once")});
}

TEST(Peers, UndoWhatIsDoneAfterItsCompensation) {
    EXPECT_TRUE(what_is_done_late_is_undone());
    EXPECT_FALSE(with(Mistake::ignores_late_answers, what_is_done_late_is_undone));
}

}  // namespace
}  // namespace tidings::peers
