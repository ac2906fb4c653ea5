// A disk that is full in the middle of a commit.
//
// influxdata/influxdb#9923: once a write had met a full disk the buffered writer never recovered,
// although there was room again; reads and writes seemed to work, and a week of data was not
// stored. neo4j/neo4j#10657: the log was corrupt after it.
//
// Not here: a group that cannot be committed has not happened, and each of its callers is told 507;
// what was accepted is there; events wait in the log. When there is room again all goes on, without
// a restart.
#include <tidings/sim/world.h>

#include "peers.h"

namespace tidings::peers {
namespace {

CaseVerdict nothing_accepted_is_lost_and_all_goes_on() {
    Shop shop;
    std::vector<std::string> accepted;
    int refused = 0;
    sim::SimWorld& world = shop.flow.world();
    for (int i = 0; i < 60; ++i) {
        // Full for a while, at whatever write that is.
        if (i == 20) world.set_disk_bytes_max(world.disk_bytes() + 30'000);
        if (i == 50) world.heal();
        const std::string text = std::to_string(i);
        const int status = shop.place("o1", text);
        if (status == 202) accepted.push_back("o1 " + text);
        refused += status == 507 || status == 503;
        if (i == 50) shop.flow.pass(5s);
    }
    shop.flow.pass(1min);
    return all_of({shop.kept(accepted.size()), shop.handled(accepted), shop.flow.then_all_is_done(),
                   check(refused > 0, "the disk was never full"),
                   check(accepted.size() + static_cast<std::size_t>(refused) == 60, "no answer")});
}

TEST(Peers, GoOnWhenAFullDiskHasRoomAgain) {
    EXPECT_TRUE(nothing_accepted_is_lost_and_all_goes_on());
    EXPECT_FALSE(with(Mistake::ignores_failed_commit, nothing_accepted_is_lost_and_all_goes_on));
}

}  // namespace
}  // namespace tidings::peers
