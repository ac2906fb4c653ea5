// T5: `kill -9` at every call that changes the storage, SQLite's and the log's alike.
//
// The reference flow runs in a process of its own, which is killed at its Nth call, or in the
// middle of it, and opened again; half of the time that is killed, too. What the client was
// promised and the bank carried out is remembered outside of the process. Everything of it is there
// afterwards, nothing happens twice, and every order comes to its end without any help.
#include <tidings/sim/random.h>

#include "child.h"
#include "rig.h"

#include <fmt/format.h>

#include <algorithm>

namespace tidings::proof {
namespace {

constexpr std::int64_t open_ms_max = 2000;

struct Killing {
    Rig& rig;
    Scratch scratch{};
    std::int64_t kills = 0;
    std::int64_t open_ms = 0;
    std::uint64_t recovery_calls = 100;

    /// Kills a flow at its Nth call and sees to what is left. Returns what is wrong then.
    std::vector<std::string> kill(const FlowRun& run, const StoragePlan& plan,
                                  sim::Random& random) {
        scratch.clear();
        Witness witness;
        const Ended killed = run_flow(witness, run, plan);
        if (!killed.was_killed()) return {};  // It has fewer calls this time.
        ++kills;
        while (random.chance(0.5)) {
            const StoragePlan again{StoragePlan::What::kill, StoragePlan::Calls::changes,
                                    1 + random.below(recovery_calls)};
            const Ended recovery = recover_flow(witness, run, again);
            if (!recovery.was_killed()) break;
            ++kills;
        }
        Ended found = recover_flow(witness, run, {});
        if (!found.ended_well()) found.wrong.push_back("recovery ended with " + found.how());
        open_ms = std::max(open_ms, found.numbers["open_ms"]);
        return found.wrong;
    }
};

/// Whether a flow whose client is answered before the commit is found to lose orders.
bool finds_early_acknowledgement(Killing& killing, FlowRun run, std::uint64_t calls) {
    run.acknowledges_early = true;
    sim::Random random{1};
    for (std::uint64_t at = 40; at < calls; at += 7) {
        const StoragePlan plan{StoragePlan::What::kill, StoragePlan::Calls::changes, at};
        if (!killing.kill(run, plan, random).empty()) return true;
    }
    return false;
}

int prove(int argc, char** argv) {
    Rig rig{"T5", argc, argv};
    Killing killing{rig};
    FlowRun run{killing.scratch.data()};
    Witness nobody;
    const Ended whole = run_flow(nobody, run, {});
    const auto calls = static_cast<std::uint64_t>(whole.numbers.find("changes")->second);
    if (!whole.ended_well()) rig.broken("the flow ends with " + whole.how() + " without a fault");
    rig.control("a client that is answered before the commit",
                finds_early_acknowledgement(killing, run, calls));

    killing.kills = 0;
    const std::int64_t wanted = rig.amount(2000);
    sim::Random random{rig.seed()};
    for (std::uint64_t i = 0; killing.kills < wanted && rig.broken_count() < 100; ++i) {
        // Every call in turn where there are enough, otherwise as many as are wanted, spread.
        const std::uint64_t stride =
            std::max<std::uint64_t>(1, calls / static_cast<std::uint64_t>(wanted));
        StoragePlan plan;
        plan.what = i % 2 == 0 ? StoragePlan::What::kill : StoragePlan::What::kill_halfway;
        plan.at = 1 + (i * stride + (stride > 1 ? random.below(stride) : i / calls)) % calls;
        run.first = static_cast<int>(i % 1000) * run.count;
        for (const std::string& wrong : killing.kill(run, plan, random)) {
            rig.broken(fmt::format("killed at call {}: {}", plan.at, wrong));
        }
        rig.progress(killing.kills, wanted, "kills");
    }
    if (killing.open_ms > open_ms_max) {
        rig.broken(fmt::format("it took {} ms to open", killing.open_ms));
    }
    rig.figure("calls of the flow", std::to_string(calls));
    rig.figure("longest opening, ms", std::to_string(killing.open_ms));
    rig.figure("kills/s",
               fmt::format("{:.0f}", static_cast<double>(killing.kills) / rig.seconds()));
    return rig.finish(fmt::format("{} kills", killing.kills));
}

}  // namespace
}  // namespace tidings::proof

int main(int argc, char** argv) { return tidings::proof::prove(argc, argv); }
