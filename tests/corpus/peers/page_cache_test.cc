// An acknowledged write that is lost with the page cache.
//
// apache/rocketmq#5235: a flush that failed was counted as done, and the producer was told so; what
// was in the page cache went with the power. ClickHouse/ClickHouse#111800: a batch was acknowledged
// to the broker, which deleted it, before the part that held it was durable. nats-server 2.9
// flushes no acknowledged publish at all.
//
// Not here: a command is answered, and an event counts as published and as taken, after `fdatasync`
// has returned; the first flush that fails is final for the process.
#include "peers.h"

namespace tidings::peers {
namespace {

CaseVerdict what_was_acknowledged_survives_the_loss_of_power() {
    Shop shop{7};
    std::vector<std::string> accepted;
    for (int i = 0; i < 12; ++i) {
        const std::string text = std::to_string(i);
        if (shop.place("o1", text) == 202) accepted.push_back("o1 " + text);
        if (i % 4 == 3) shop.flow.lose_power();
    }
    shop.flow.pass(2s);
    return all_of({check(accepted.size() == 12, "not all were accepted"), shop.kept(12),
                   shop.handled(accepted)});
}

TEST(Peers, KeepWhatTheyAcknowledgedWhenPowerIsLost) {
    EXPECT_TRUE(what_was_acknowledged_survives_the_loss_of_power());
    EXPECT_FALSE(
        with(Mistake::database_without_flush, what_was_acknowledged_survives_the_loss_of_power));
    EXPECT_FALSE(
        with(Mistake::log_without_flush, what_was_acknowledged_survives_the_loss_of_power));
}

}  // namespace
}  // namespace tidings::peers
