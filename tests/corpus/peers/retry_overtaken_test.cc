// Retries that are overtaken.
//
// apache/pulsar#23173: what is to be tried again goes to a retry topic without its ordering key,
// and later events of the key pass it. dotnetcore/CAP#1078: after an outage what failed is picked
// up by another timer than what was scheduled, and leaves later than its successors.
//
// Not here: an event that failed waits in its service's own database, and later events of its key
// wait behind it, in order; all others go on.
#include "peers.h"

namespace tidings::peers {
namespace {

CaseVerdict later_events_of_the_key_wait() {
    Shop shop;
    auto failures = std::make_shared<int>(2);
    *shop.handle = [failures](const order::Created& event, Transaction&) {
        if (event.reason != "a" || *failures == 0) return;
        --*failures;
        throw Failure{{ErrorCode::unavailable, "not now"}};
    };
    shop.place("o1", "a");
    shop.place("o1", "b");
    shop.place("o2", "x");
    shop.flow.kill("payment-service");
    shop.flow.start("payment-service");
    shop.place("o1", "c");
    shop.flow.pass(1h);
    return all_of({shop.handled({"o2 x", "o1 a", "o1 b", "o1 c"}), shop.flow.then_all_is_done()});
}

TEST(Peers, AreNotOvertakenWhileTheyWaitForARetry) {
    EXPECT_TRUE(later_events_of_the_key_wait());
    EXPECT_FALSE(with(Mistake::retry_is_overtaken, later_events_of_the_key_wait));
    EXPECT_FALSE(with(Mistake::parked_are_forgotten, later_events_of_the_key_wait));
}

}  // namespace
}  // namespace tidings::peers
