// T8: every read, write, flush, cut and renaming fails, once or from then on.
//
// The reference flow runs under the fault: with EIO, without room (ENOSPC), and with writes that
// are cut short. It may stop, and it may go on; but what it answered for is there once the fault is
// gone and it is opened again, nothing happens twice, and no file is written to after one of its
// flushes has failed (R6).
#include "child.h"
#include "memory_world.h"
#include "rig.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

namespace tidings::proof {
namespace {

using What = StoragePlan::What;
using Calls = StoragePlan::Calls;

struct Kind {
    const char* name;
    What what;
    Calls calls;
    int error;
};
constexpr std::array<Kind, 4> kinds{{
    {"EIO", What::fail, Calls::changes, EIO},
    {"ENOSPC", What::fail, Calls::changes, ENOSPC},
    {"a short write", What::cut_short, Calls::changes, ENOSPC},
    {"EIO in a read", What::fail, Calls::reads, EIO},
}};

constexpr int polls_max = 3000;

// ------------------------------------------------------------------------------- of the real files

/// Fails the call at `plan.at` of a flow in a process of its own. Returns what is wrong afterwards.
std::vector<std::string> fail_real(Scratch& scratch, const FlowRun& run, const StoragePlan& plan) {
    scratch.clear();
    Witness witness;
    Ended failed = run_flow(witness, run, plan);
    std::vector<std::string> wrong = std::move(failed.wrong);
    if (!failed.ended_well()) wrong.push_back("the flow ended with " + failed.how());
    Ended found = recover_flow(witness, run, {});
    if (!found.ended_well()) wrong.push_back("recovery ended with " + found.how());
    wrong.insert(wrong.end(), found.wrong.begin(), found.wrong.end());
    return wrong;
}

// ------------------------------------------------------------------------------------ in memory

/// A disk of a memory world that fails as a plan says.
class FailingDisk {
public:
    FailingDisk(MemoryWorld& world, const Kind& kind, std::uint64_t at, bool for_ever)
        : kind_(kind), at_(at), for_ever_(for_ever) {
        world.ask([this](const Operation& operation, std::size_t& written) -> Result<void> {
            if (kind_.calls != Calls::changes || !is_due()) return {};
            written = kind_.what == What::cut_short ? operation.bytes.size() / 2 : 0;
            return fault(name_of(operation.kind), operation.path);
        });
        world.ask_reads([this](const std::string& path) -> Result<void> {
            if (kind_.calls != Calls::reads || !is_due()) return {};
            return fault("read", path);
        });
    }
    std::uint64_t count() const noexcept { return count_; }

private:
    bool is_due() { return ++count_ == at_ || (for_ever_ && count_ > at_); }
    Error fault(std::string_view what, const std::string& path) const {
        const ErrorCode code =
            kind_.error == ENOSPC ? ErrorCode::limit_exceeded : ErrorCode::io_error;
        return Error{code, fmt::format("cannot {} {}: planted", what, path)};
    }

    Kind kind_;
    std::uint64_t at_;
    bool for_ever_;
    std::uint64_t count_ = 0;
};

/// The same in memory, where time costs nothing: the flow may wait until it goes on by itself.
/// `finished` says whether it did. `calls` is how many calls of the kind it made.
std::vector<std::string> fail_in_memory(const Kind& kind, std::uint64_t at, bool for_ever,
                                        bool acknowledges_early, bool& finished,
                                        std::uint64_t& calls) {
    Witness witness;
    Flow::Options options;
    options.acknowledges_early = acknowledges_early;
    Image left;
    {
        MemoryWorld world{3};
        FailingDisk disk{world, kind, at, for_ever};
        Flow flow{world, witness, options};
        finished = flow.run(0, 8, [&] { world.advance(20ms); }).has_value();
        calls = disk.count();
        left = world.image();
        world.be_dead(true);
    }
    MemoryWorld world{4, std::move(left)};
    Flow flow{world, witness, {}};
    if (Result<void> opened = flow.open(); !opened) {
        return {"it cannot be opened afterwards: " + opened.error().message};
    }
    std::vector<std::string> wrong = flow.lost();
    for (int i = 0; i < 8; ++i) flow.place(i);
    const bool settled = flow.settle(polls_max, [&] { world.advance(20ms); });
    if (!settled) wrong.push_back("it does not come to rest afterwards");
    const std::vector<std::string> unfinished = flow.unfinished();
    wrong.insert(wrong.end(), unfinished.begin(), unfinished.end());
    return wrong;
}

bool finds_early_acknowledgement() {
    bool finished = false;
    std::uint64_t calls = 0;
    for (std::uint64_t at = 20; at < 1000; at += 11) {
        if (!fail_in_memory(kinds[0], at, true, true, finished, calls).empty()) return true;
    }
    return false;
}

/// Counts through the points where to fail: each of `count` calls, or as many as `scale` allows.
std::uint64_t stride_of(double scale) {
    return static_cast<std::uint64_t>(std::max(1.0, 1.0 / scale));
}

struct Tally {
    std::int64_t runs = 0;
    std::int64_t went_on = 0;  ///< Of those in memory whose fault was there once.
    std::int64_t once = 0;
};

void prove_in_memory(Rig& rig, Tally& tally) {
    for (const Kind& kind : kinds) {
        for (const bool for_ever : {false, true}) {
            bool finished = false;
            std::uint64_t made = 0;
            std::uint64_t calls = 0;
            fail_in_memory(kind, UINT64_MAX, false, false, finished, calls);
            for (std::uint64_t at = rig.seed(); at <= calls; at += stride_of(rig.scale())) {
                for (const std::string& wrong :
                     fail_in_memory(kind, at, for_ever, false, finished, made)) {
                    rig.broken(fmt::format("in memory, {} at call {}{}: {}", kind.name, at,
                                           for_ever ? " and all later ones" : "", wrong));
                }
                ++tally.runs;
                tally.once += for_ever ? 0 : 1;
                tally.went_on += !for_ever && finished ? 1 : 0;
                rig.progress(tally.runs, tally.runs, "faults so far");
                if (rig.broken_count() > 100) return;
            }
        }
    }
}

void prove_real(Rig& rig, Tally& tally) {
    Scratch scratch;
    FlowRun run{scratch.data(), 0, 8};
    Witness nobody;
    Ended whole = run_flow(nobody, run, {});
    for (const Kind& kind : kinds) {
        const auto calls = static_cast<std::uint64_t>(
            whole.numbers[kind.calls == Calls::changes ? "changes" : "reads"]);
        for (const bool for_ever : {false, true}) {
            for (std::uint64_t at = rig.seed(); at <= calls; at += stride_of(rig.scale())) {
                const StoragePlan plan{kind.what, kind.calls, at, kind.error, for_ever};
                for (const std::string& wrong : fail_real(scratch, run, plan)) {
                    rig.broken(fmt::format("{} at call {}{}: {}", kind.name, at,
                                           for_ever ? " and all later ones" : "", wrong));
                }
                ++tally.runs;
                rig.progress(tally.runs, tally.runs, "faults so far");
                if (rig.broken_count() > 100) return;
            }
        }
    }
}

int prove(int argc, char** argv) {
    Rig rig{"T8", argc, argv};
    rig.control("a client that is answered before the commit", finds_early_acknowledgement());
    Tally tally;
    prove_in_memory(rig, tally);
    const std::int64_t in_memory = tally.runs;
    prove_real(rig, tally);
    rig.figure("in memory", std::to_string(in_memory));
    rig.figure("of the real files", std::to_string(tally.runs - in_memory));
    rig.figure("went on by itself after a single fault",
               fmt::format("{} of {}", tally.went_on, tally.once));
    return rig.finish(fmt::format("{} faults", tally.runs));
}

}  // namespace
}  // namespace tidings::proof

int main(int argc, char** argv) { return tidings::proof::prove(argc, argv); }
