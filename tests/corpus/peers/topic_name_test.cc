// A topic whose name is a path.
//
// apache/rocketmq#1637: a topic named `../../../fuzz2019` made a directory of that name, outside of
// the store.
//
// Not here: names of topics and groups match a pattern that has no dots and no slashes, and are
// checked where they come in.
#include <tidings/broker/log_broker.h>
#include <tidings/sim/world.h>

#include <gtest/gtest.h>

namespace tidings::peers {
namespace {

TEST(Peers, MakeNoFileOfAnImpossibleName) {
    sim::SimWorld world{1};
    const auto broker = open_log_broker(world, "data/log").value();
    const std::uint64_t before = world.digest();
    for (const char* name : {"../../../fuzz2019", "a/b", "..", "", "A", "a.b", "%2e%2e", "a\n"}) {
        const Topic topic{name};
        EXPECT_FALSE(broker->claim(topic, "order-service")) << name;
        EXPECT_FALSE(broker->subscribe(topic, ConsumerGroup{"g"}, {})) << name;
        EXPECT_FALSE(broker->subscribe(Topic{"order"}, ConsumerGroup{"../g"}, {})) << name;
    }
    EXPECT_EQ(world.digest(), before);
}

}  // namespace
}  // namespace tidings::peers
