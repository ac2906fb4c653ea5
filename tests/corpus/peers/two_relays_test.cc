// Two relays after a lost leader.
//
// altarwed#615: a lock of five minutes was outlived by a slow drain, and a second instance sent the
// same rows. aws-samples/transactional-outbox-pattern#6: two instances take events of one user, and
// the later is sent first. Truxify#14680: each publish drew a new random id, so nobody could tell
// the duplicates.
//
// Not here: a database has one writer, by a lock that ends with its process and not with a clock,
// and a topic has one publisher likewise; who comes second is refused and told who is there. What a
// successor sends again keeps the id and the number that it got when it was written.
#include <tidings/sim/world.h>

#include "peers.h"

namespace tidings::peers {
namespace {

/// A second instance of the order service, on the same machine and directory.
Result<void> start_a_second(Flow& flow, Service& second) {
    HostOptions options;
    options.data = "data";
    auto host = Host::open(flow.world().process("second order-service"), options).value();
    return host->add(second);
}

CaseVerdict who_comes_second_is_refused() {
    Shop shop;
    shop.place("o1", "a");
    OrderService second;
    const Result<void> added = start_a_second(shop.flow, second.service);
    return all_of({check(!added, "two write one database"),
                   check(added || added.error().code == ErrorCode::unavailable, "another error"),
                   shop.handled({"o1 a"})});
}

CaseVerdict what_the_successor_sends_again_is_known() {
    Shop shop;
    shop.flow.lose_answers("order-service");
    shop.place("o1", "a");  // The broker has it; the relay does not know.
    shop.flow.kill("order-service");
    shop.flow.start("order-service");
    shop.flow.heal();
    shop.place("o1", "b");
    shop.flow.pass(2s);
    return all_of({shop.handled({"o1 a", "o1 b"}),
                   check(shop.payments().duplicates > 0, "it was not sent again")});
}

TEST(Peers, HaveOneRelayEachAndKnowWhatItSendsAgain) {
    EXPECT_TRUE(who_comes_second_is_refused());
    EXPECT_TRUE(what_the_successor_sends_again_is_known());
    EXPECT_FALSE(with(Mistake::makes_new_epochs, what_the_successor_sends_again_is_known));
    EXPECT_FALSE(with(Mistake::forgets_inbox, what_the_successor_sends_again_is_known));
}

}  // namespace
}  // namespace tidings::peers
