// A saga whose compensation fails.
//
// apache/incubator-seata#2861: what happens when C2 of C2 -> C1 fails? servicecomb and cadence-java
// PR#340 had the same question, and "ignore errors or fail" for an answer: either money stays
// taken, or the saga stands where nobody looks.
//
// Not here: what is done is undone one step at a time, in reverse order, each waiting for its
// answer; none is skipped, and the saga is not over before. One that takes longer than a day needs
// an operator, and health says so; an answer that comes even then is used.
#include "peers.h"

namespace tidings::peers {
namespace {

int status_of_saga(const Flow& flow) {
    const auto reader = flow.host("order-service").reader("order-service").value();
    return reader->value<int>("SELECT status FROM tidings_saga WHERE key = 'o1'").value_or(0);
}

CaseVerdict nothing_is_skipped_and_an_operator_is_called() {
    FulfilmentFlow saga;
    saga.flow.publish(paid);
    saga.flow.publish(reserved);
    saga.flow.call("order-service", command("POST", "/cancellations/o1"));
    saga.flow.pass(23h);  // The inventory service cannot release what was reserved.
    const CaseVerdict waits = saga.flow.then(published(order::ReservationRevoked{"o1", ""}),
                                             never_published<order::PaymentRevoked>(),
                                             never_published<order::Cancelled>());
    saga.flow.kill("order-service");
    saga.flow.start("order-service");
    saga.flow.pass(2h);
    const int status = status_of_saga(saga.flow);
    saga.flow.publish(inventory::Released{"o1", ""});
    saga.flow.publish(payment::Refunded{"o1", ""});
    return all_of(
        {waits, check(status == static_cast<int>(SagaStatus::needs_operator), "nobody is called"),
         saga.flow.then(published(order::PaymentRevoked{"o1", "p1"}),
                        published(order::Cancelled{"o1", "CANCELLED_BY_CUSTOMER"})),
         check(status_of_saga(saga.flow) == static_cast<int>(SagaStatus::compensated),
               "it is not over")});
}

TEST(Peers, SkipNoCompensationThatFails) {
    EXPECT_TRUE(nothing_is_skipped_and_an_operator_is_called());
    EXPECT_FALSE(
        with(Mistake::compensates_last_step_only, nothing_is_skipped_and_an_operator_is_called));
    EXPECT_FALSE(
        with(Mistake::compensates_first_step_first, nothing_is_skipped_and_an_operator_is_called));
}

}  // namespace
}  // namespace tidings::peers
