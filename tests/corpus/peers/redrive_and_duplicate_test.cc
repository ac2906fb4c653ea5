// A redrive that outlives the duplicate detection.
//
// Azure/azure-service-bus#243 and nats-io/nats-server#5142: a window of minutes both drops what is
// sent again on purpose within it, and lets through what comes again after it, such as what is
// redriven from a dead-letter queue weeks later while the original comes once more.
//
// Not here: a redriven event is the very row that the inbox took when it came. It takes effect
// once, and its duplicates none, before, between and after, in whatever order.
#include "peers.h"

namespace tidings::peers {
namespace {

CaseVerdict a_redriven_event_takes_effect_once() {
    Shop shop;
    auto is_broken = std::make_shared<bool>(true);
    *shop.handle = [is_broken](const order::Created& event, Transaction&) {
        if (event.reason == "a" && *is_broken) throw Failure{{ErrorCode::not_found, "a bug"}};
    };
    shop.place("o1", "a");
    shop.flow.repeat("payment-service", events_of<order::Created>());
    shop.flow.pass(24h * 40);
    *is_broken = false;
    shop.flow.redrive("payment-service");
    shop.flow.redrive("payment-service");
    shop.flow.pass(1min);
    shop.flow.repeat("payment-service", events_of<order::Created>());
    shop.place("o1", "b");
    return all_of({shop.handled({"o1 a", "o1 b"}), shop.flow.then_all_is_done()});
}

TEST(Peers, HandleARedrivenEventOnce) {
    EXPECT_TRUE(a_redriven_event_takes_effect_once());
    EXPECT_FALSE(with(Mistake::forgets_inbox, a_redriven_event_takes_effect_once));
}

}  // namespace
}  // namespace tidings::peers
