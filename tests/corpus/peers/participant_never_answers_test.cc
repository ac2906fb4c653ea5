// A saga whose participant never answers.
//
// MassTransit/MassTransit#2935: 10 to 20 % of the sagas stood for ever, waiting for a message that
// had been lost, and nothing told. apache/servicecomb-pack#219: the timeout that should have ended
// them had no effect.
//
// Not here: each step has a deadline, which is an argument that cannot be left out, kept as a
// durable timer in the transaction in which the saga moves. When it passes, what was done is
// undone, and the saga ends.
#include "peers.h"

namespace tidings::peers {
namespace {

CaseVerdict it_is_given_up_at_its_deadline() {
    FulfilmentFlow saga;
    saga.flow.pass(10min);
    saga.flow.kill("order-service");  // Nobody is there when it passes.
    saga.flow.pass(10min);
    saga.flow.start("order-service");
    return saga.flow.then(published(order::Cancelled{"o1", "DEADLINE_EXCEEDED"}),
                          FulfilmentFlow::no_deadline());
}

CaseVerdict what_was_done_before_is_undone() {
    FulfilmentFlow saga;
    saga.flow.publish(paid);
    saga.flow.pass(1h);
    saga.flow.publish(payment::Refunded{"o1", ""});
    return saga.flow.then(published(order::PaymentRevoked{"o1", "p1"}),
                          published(order::Cancelled{"o1", "DEADLINE_EXCEEDED"}));
}

TEST(Peers, GiveUpASagaThatNobodyAnswers) {
    EXPECT_TRUE(it_is_given_up_at_its_deadline());
    EXPECT_FALSE(with(Mistake::timers_in_memory_only, it_is_given_up_at_its_deadline));
    EXPECT_TRUE(what_was_done_before_is_undone());
}

}  // namespace
}  // namespace tidings::peers
