// T13: the process is stopped, for as long as it likes, and goes on.
//
// The reference flow stops itself (SIGSTOP) at its Nth call to the storage. Meanwhile a second one
// is started on the same directory: it is refused, and told by whom. Then the first one goes on, as
// if nothing had been: nothing is lost, nothing happens twice.
#include <tidings/sim/random.h>

#include "child.h"
#include "rig.h"

#include <fmt/format.h>

#include <filesystem>
#include <optional>

namespace tidings::proof {
namespace {

/// Starts a second one beside the one that is stopped. Returns what it was told, or nothing if it
/// was let in.
std::optional<std::string> start_second(const FlowRun& run) {
    Witness nobody;
    Ended second = run_child(nobody, [&](Telling& telling) {
        Witness own;
        Flow::Options options;
        options.data = run.data;
        Flow flow{io::real_world(), own, options};
        const Result<void> opened = flow.open();
        telling.number("let_in", opened ? 1 : 0);
        if (!opened) telling.wrong(opened.error().message);
    });
    if (second.numbers["let_in"] != 0) return std::nullopt;
    return second.wrong.empty() ? "ended with " + second.how() : second.wrong.front();
}

struct Stopping {
    Scratch scratch{};
    std::int64_t stops = 0;

    std::vector<std::string> stop(const FlowRun& run, std::uint64_t at, bool takes_locks_away) {
        scratch.clear();
        Witness witness;
        std::vector<std::string> wrong;
        const StoragePlan plan{StoragePlan::What::stop, StoragePlan::Calls::changes, at};
        Ended ended = run_flow(witness, run, plan, [&] {
            ++stops;
            if (takes_locks_away) take_locks_away();
            const auto told = start_second(run);
            if (!told) {
                wrong.push_back("a second one was let in");
            } else if (told->find("locked by") == std::string::npos) {
                wrong.push_back("a second one was told: " + *told);
            }
        });
        wrong.insert(wrong.end(), ended.wrong.begin(), ended.wrong.end());
        if (!ended.ended_well()) wrong.push_back("the first one ended with " + ended.how());
        if (ended.numbers["ran"] != 1) wrong.push_back("the first one did not come to its end");
        const Ended found = recover_flow(witness, run, {});
        wrong.insert(wrong.end(), found.wrong.begin(), found.wrong.end());
        if (!found.ended_well()) wrong.push_back("it then ended with " + found.how());
        return wrong;
    }

    void take_locks_away() const {
        for (const auto& file : std::filesystem::recursive_directory_iterator{scratch.data()}) {
            const std::string name = file.path().filename().string();
            if (name == "lock" || name.ends_with(".lock")) std::filesystem::remove(file.path());
        }
    }
};

int prove(int argc, char** argv) {
    Rig rig{"T13", argc, argv};
    Stopping stopping;
    // Between an end and a new start anybody may come, so there is none.
    FlowRun run{stopping.scratch.data(), 0, 12, false, false};
    Witness nobody;
    Ended whole = run_flow(nobody, run, {});
    const auto first = static_cast<std::uint64_t>(whole.numbers["opened"]) + 1;
    const auto last = static_cast<std::uint64_t>(whole.numbers["settled"]);

    // It is let in, or stopped by SQLite's own lock if the first one is in a transaction just then:
    // either way by nothing that says who is there.
    rig.control("a directory whose locks were taken away",
                !stopping.stop(run, (first + last) / 2, true).empty());
    stopping.stops = 0;
    const std::int64_t wanted = rig.amount(200);
    sim::Random random{rig.seed()};
    for (std::int64_t i = 0; stopping.stops < wanted && rig.broken_count() < 100; ++i) {
        const std::uint64_t at = first + random.below(last - first);
        run.first = static_cast<int>(i % 1000) * run.count;
        for (const std::string& wrong : stopping.stop(run, at, false)) {
            rig.broken(fmt::format("stopped at call {}: {}", at, wrong));
        }
        rig.progress(stopping.stops, wanted, "stops");
    }
    return rig.finish(fmt::format("{} stops", stopping.stops));
}

}  // namespace
}  // namespace tidings::proof

int main(int argc, char** argv) { return tidings::proof::prove(argc, argv); }
