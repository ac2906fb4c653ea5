// Several major versions of an event side by side: handlers see the newest.
#include <tidings/delivery/dead_letters.h>

#include "delivery/delivery_testing.h"

namespace tidings {
namespace {

using namespace testbench;
using Cities = std::vector<std::string>;

class Versions : public ::testing::Test {
protected:
    Bench bench;
};

TEST_F(Versions, ThatAreOlderReachTheHandlerOfTheNewest) {
    bench.start();
    bench.send_old(1);
    bench.send(2, "new");
    bench.settle();
    EXPECT_EQ(bench.handled(), (Cities{"depot 1", "new"}));
    EXPECT_EQ(bench.status().dead, 0);
    EXPECT_EQ(bench.status().unaccounted(), 0);
}

TEST_F(Versions, ThatAreOlderAreHeldToTheirOwnContract) {
    bench.start();
    bench.send_raw(bench.headers(1, ++bench.sequence),
                   bench.envelope("{\"number\":0,\"city\":\"x\"}", {1, 0, 3}));
    bench.settle();
    EXPECT_EQ(bench.handled(), Cities{});
    EXPECT_EQ(bench.status().dead, 1);
    EXPECT_NE(bench.dead_reason().find("field /data/number"), std::string::npos)
        << bench.dead_reason();
}

TEST_F(Versions, ThatAreOlderAreTriedAgainAndRedrivenLikeAnyOther) {
    bool fails = true;
    bench.on_opened = [&fails](const Opened&, Transaction&) {
        if (fails) throw Failure{{ErrorCode::unavailable, "not now"}};
    };
    bench.start();
    bench.send_old(1);
    bench.settle();
    EXPECT_EQ(bench.calls, 3) << "as the policy of the newest version's handlers says";
    EXPECT_EQ(bench.status().dead, 1);

    fails = false;
    ASSERT_TRUE(bench.loop->submit(
        {"redrive", "",
         [this](Transaction& tx) {
             DeadLetters letters{tx.store()};
             letters.redrive({{1}, "", false}, {}, {"anna", "mended"}, bench.world.now());
         },
         [](Result<void> done) { EXPECT_TRUE(done); }, true}));
    bench.settle();
    EXPECT_EQ(bench.handled(), Cities{"depot 1"});
    EXPECT_EQ(bench.status().dead, 0);
    EXPECT_EQ(bench.status().unaccounted(), 0);
}

TEST_F(Versions, ThatAreOlderAreTakenOnceToo) {
    bench.start();
    const EventHeaders headers = bench.headers(1, ++bench.sequence);
    const std::string text = bench.envelope("{\"number\":1}", {1, 0, 3});
    bench.send_raw(headers, text);
    bench.send_raw(headers, text);
    bench.settle();
    EXPECT_EQ(bench.handled(), Cities{"depot 1"});
    EXPECT_EQ(bench.status().duplicates, 1);
}

TEST_F(Versions, AreDeadLettersIfTheirUpcasterBreaksTheContractAndSayWhich) {
    bench.start();
    bench.send_old(1000);
    bench.settle();
    EXPECT_EQ(bench.status().dead, 1);
    EXPECT_NE(bench.dead_reason().find("depot.opened upcast from version 1 to 2: field /city"),
              std::string::npos)
        << bench.dead_reason();
}

}  // namespace
}  // namespace tidings
