// A saga whose timer fires after its end.
//
// JasperFx/wolverine#1095: the timeout of a saga that was completed and deleted met no state and
// threw. MassTransit/MassTransit#525: the scheduler did not take the timeout back, and it came as
// an event that the finished saga did not know.
//
// Not here: the timer is a row that is taken back in the transaction in which the saga moves on,
// and one that goes off is taken out in the transaction of what it does. A deadline is held against
// the step that it was for.
#include "peers.h"

namespace tidings::peers {
namespace {

CaseVerdict nothing_comes_of_a_deadline_after_the_end() {
    FulfilmentFlow saga;
    saga.flow.publish(paid);
    saga.flow.publish(reserved);
    saga.flow.publish(shipping::Created{"o1", ""});
    saga.flow.publish(shipping::Delivered{"o1", ""});
    saga.flow.forget();
    saga.flow.pass(24h * 60);
    return saga.flow.then(never_published<order::Cancelled>(),
                          never_published<order::PaymentRevoked>(), FulfilmentFlow::no_deadline());
}

CaseVerdict a_deadline_passes_once() {
    FulfilmentFlow saga;
    saga.flow.pass(1h);
    return all_of({saga.flow.then(published(order::Cancelled{"o1", "DEADLINE_EXCEEDED"}),
                                  FulfilmentFlow::no_deadline()),
                   check(saga.flow.count<order::Cancelled>() == 1, "cancelled twice")});
}

/// Answer and deadline come due while the service is away: one of the two is right, not both.
CaseVerdict answer_and_deadline_at_once_end_it_once() {
    FulfilmentFlow saga;
    saga.flow.kill("order-service");
    saga.flow.pass(15min);
    saga.flow.publish(paid);
    saga.flow.start("order-service");
    saga.flow.publish(payment::Refunded{"o1", ""});
    return all_of({check(saga.flow.count<order::Cancelled>() == 1, "not cancelled once"),
                   check(saga.flow.count<order::PaymentCompleted>() == 0, "and went on"),
                   saga.flow.then(published(order::PaymentRevoked{"o1", "p1"}))});
}

TEST(Peers, HearNoDeadlineAfterTheEnd) {
    EXPECT_TRUE(nothing_comes_of_a_deadline_after_the_end());
    EXPECT_TRUE(a_deadline_passes_once());
    EXPECT_TRUE(answer_and_deadline_at_once_end_it_once());
    EXPECT_FALSE(with(Mistake::ignores_late_answers, answer_and_deadline_at_once_end_it_once));
}

}  // namespace
}  // namespace tidings::peers
