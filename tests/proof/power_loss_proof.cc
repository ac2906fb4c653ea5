// T6: the power goes after every single operation on the disk.
//
// The reference flow is recorded once for each seed. Then, for every prefix of what it did to the
// disk, the states that a loss of power can leave are made: only what was flushed, all of it, and
// some torn ones. Each is opened with the real recovery code: what was acknowledged by then is
// there, and every twentieth goes on to the end, where every order is as it must be.
#include <tidings/store/sqlite.h>

#include "crash_states.h"
#include "flow.h"
#include "memory_world.h"
#include "rig.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

namespace tidings::proof {
namespace {

constexpr int orders_count = 12;
constexpr int drawn_count = 8;
constexpr std::int64_t settle_every = 20;
constexpr int polls_max = 2000;

/// What a flow did to the disk, and what the outside world was told when.
struct Recording {
    std::vector<Operation> trace;
    /// So many operations had been done when this was promised, or carried out.
    std::vector<std::pair<std::size_t, std::string>> accepted;
    std::vector<std::pair<std::size_t, std::pair<std::string, std::string>>> carried_out;
};

Recording record(std::uint64_t seed) {
    Recording recording;
    MemoryWorld world{seed};
    world.ask([&](const Operation& operation, std::size_t&) -> Result<void> {
        recording.trace.push_back(operation);
        return {};
    });
    Witness witness;
    witness.on_accepted = [&](std::string_view order) {
        recording.accepted.emplace_back(recording.trace.size(), order);
    };
    witness.on_carried_out = [&](std::string_view key, std::string_view what) {
        recording.carried_out.emplace_back(recording.trace.size(), std::pair{key, what});
    };
    sim::Random random{seed};
    Flow::Options options;
    options.group_steps_max = 1 + static_cast<std::size_t>(random.below(8));
    options.draw = [&](std::uint64_t below) { return random.below(below); };
    Flow flow{world, witness, options};
    flow.run(static_cast<int>(seed) * orders_count, orders_count, [&] { world.advance(3ms); })
        .value();
    return recording;
}

/// Tells a witness of what had been promised by then.
class Memory {
public:
    explicit Memory(const Recording& recording) : recording_(recording) {}
    const Witness& at(std::size_t steps) {
        const auto& promised = recording_.accepted;
        for (; accepted_ < promised.size() && promised[accepted_].first <= steps; ++accepted_) {
            witness_.accepted.insert(promised[accepted_].second);
        }
        const auto& done = recording_.carried_out;
        for (; done_ < done.size() && done[done_].first <= steps; ++done_) {
            witness_.carried_out.insert(done[done_].second);
        }
        return witness_;
    }

private:
    const Recording& recording_;
    Witness witness_;
    std::size_t accepted_ = 0;
    std::size_t done_ = 0;
};

/// Opens what a loss of power left, and returns what is wrong with it.
std::vector<std::string> examine(Image image, const Witness& known, bool to_the_end) {
    MemoryWorld world{7, std::move(image)};
    std::vector<std::string> wrong = verified(world, "data");
    Witness witness = known;
    Flow flow{world, witness, {}};
    if (Result<void> opened = flow.open(); !opened) {
        wrong.push_back("it cannot be opened: " + opened.error().message);
        return wrong;
    }
    if (to_the_end && !flow.settle(polls_max, [&] { world.advance(20ms); })) {
        wrong.push_back("it does not come to rest");
    }
    const std::vector<std::string> missing = to_the_end ? flow.unfinished() : flow.lost();
    wrong.insert(wrong.end(), missing.begin(), missing.end());
    if (!to_the_end) return wrong;
    flow.close();
    const std::vector<std::string> left = verified(world, "data");
    wrong.insert(wrong.end(), left.begin(), left.end());
    return wrong;
}

class PowerLoss {
public:
    PowerLoss(Rig& rig, std::int64_t states_max) : rig_(rig), states_max_(states_max) {}

    /// Looks at all states of one recording, or as many as are wanted.
    void replay(std::uint64_t seed) {
        const Recording recording = record(seed);
        CrashStates states{recording.trace};
        Memory memory{recording};
        sim::Random random{seed ^ 0x706f776572U};
        operations_ += static_cast<std::int64_t>(recording.trace.size());
        while (!is_done() && states.step()) {
            const Witness& witness = memory.at(states.steps());
            look(seed, states, "all", states.all(), witness);
            if (!states.is_uncertain()) continue;
            look(seed, states, "strict", states.strict(), witness);
            for (int i = 0; i < drawn_count && !is_done(); ++i) {
                look(seed, states, fmt::format("drawn {}", i), states.drawn(random), witness);
            }
        }
    }
    bool is_done() const { return done_ >= states_max_ || rig_.broken_count() > 100; }
    std::int64_t done() const { return done_; }
    std::int64_t operations() const { return operations_; }

private:
    void look(std::uint64_t seed, const CrashStates& states, const std::string& which, Image image,
              const Witness& witness) {
        ++done_;
        for (const std::string& wrong :
             examine(std::move(image), witness, done_ % settle_every == 0)) {
            rig_.broken(
                fmt::format("seed {}, {} operations, {}: {}", seed, states.steps(), which, wrong));
        }
        rig_.progress(done_, states_max_, "states");
    }

    Rig& rig_;
    const std::int64_t states_max_;
    std::int64_t done_ = 0;
    std::int64_t operations_ = 0;
};

// ---------------------------------------------------------------------------------------- controls

/// Whether states of a database that acknowledges as `options` say are found to miss a row.
bool loses_rows(const SqliteOptions& options) {
    std::vector<Operation> trace;
    std::vector<std::size_t> acknowledged;
    {
        MemoryWorld world{3};
        world.ask([&](const Operation& operation, std::size_t&) -> Result<void> {
            trace.push_back(operation);
            return {};
        });
        auto store = open_sqlite(world, "a.db", options).value();
        const Migration table{1, "t", "CREATE TABLE t (n INTEGER PRIMARY KEY);"};
        store->migrate("t", std::span{&table, 1}).value();
        for (int i = 0; i < 10; ++i) {
            store->begin().value();
            store->transaction().execute("INSERT INTO t VALUES ($1)", i);
            store->commit().value();
            acknowledged.push_back(trace.size());
        }
    }
    CrashStates states{trace};
    while (states.step()) {
        const auto expected =
            std::upper_bound(acknowledged.begin(), acknowledged.end(), states.steps()) -
            acknowledged.begin();
        if (expected == 0) continue;
        MemoryWorld world{4, states.strict()};
        auto store = open_sqlite(world, "a.db");
        if (!store || !(*store)->begin()) return true;
        try {
            const auto count =
                (*store)->transaction().value<std::int64_t>("SELECT count(*) FROM t");
            if (count.value_or(0) < expected) return true;
        } catch (const Failure&) {
            return true;
        }
    }
    return false;
}

/// Whether a flow on a disk that does not flush the directories of logs is found to lose something.
bool finds_missing_directory_flush() {
    const Recording recording = record(1);
    CrashStates states{recording.trace, [](const Operation& operation) {
                           return operation.kind == Operation::Kind::flush_directory &&
                                  operation.path.find("/log") != std::string::npos;
                       }};
    Memory memory{recording};
    while (states.step()) {
        const Witness& witness = memory.at(states.steps());
        if (states.steps() % 10 == 0 && !examine(states.strict(), witness, true).empty()) {
            return true;
        }
    }
    return false;
}

int prove(int argc, char** argv) {
    Rig rig{"T6", argc, argv};
    rig.control("a database with synchronous=NORMAL", loses_rows({.durable = false}));
    if (loses_rows({})) rig.broken("the database loses rows with synchronous=FULL");
    rig.control("a log without a flush of its directory", finds_missing_directory_flush());
    PowerLoss power{rig, rig.amount(100'000)};
    const double began = rig.seconds();
    for (std::uint64_t seed = rig.seed(); !power.is_done(); ++seed) power.replay(seed);
    const double seconds = rig.seconds() - began;
    rig.figure("states/s", fmt::format("{:.0f}", static_cast<double>(power.done()) / seconds));
    rig.figure("operations", std::to_string(power.operations()));
    return rig.finish(fmt::format("{} states", power.done()));
}

}  // namespace
}  // namespace tidings::proof

int main(int argc, char** argv) { return tidings::proof::prove(argc, argv); }
