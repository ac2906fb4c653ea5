// T16: a dependency that was down for five minutes comes back to a thousand consumers.
#include "retry_storm.h"
#include "rig.h"

#include <fmt/format.h>

#include <algorithm>

namespace tidings::proof {
namespace {

constexpr double offered_max = 1.1;
constexpr double peak_max = 2;

int prove(int argc, char** argv) {
    Rig rig{"T16", argc, argv};
    // A run is so short that its parts would save nothing.
    const std::int64_t runs = rig.amount(1);
    StormScenario scenario;
    double worst_offered = 0;
    double worst_peak = 0;
    for (std::int64_t i = 0; i < runs; ++i) {
        scenario.seed = rig.seed() + static_cast<std::uint64_t>(i);
        // Twice the load, which what has gathered soon fills; and more than anybody can ask for.
        for (const double capacity : {200.0, 500.0, 10'000.0}) {
            scenario.capacity = capacity;
            const StormRun run = run_storm(scenario);
            worst_offered = std::max(worst_offered, run.offered_ratio());
            worst_peak = std::max(worst_peak, run.peak_ratio());
            if (!run.is_drained || run.offered_ratio() > offered_max ||
                run.peak_ratio() > peak_max) {
                rig.broken(fmt::format("seed {}, capacity {}: {}", scenario.seed, capacity,
                                       run.summary()));
            }
        }
        rig.progress(i + 1, runs, "runs");
    }
    scenario.jitter = false;
    scenario.capacity = 200;
    const StormRun control = run_storm(scenario);
    rig.control("no jitter", control.peak_ratio() > peak_max);
    rig.figure("offered", fmt::format("{:.3f}x", worst_offered));
    rig.figure("peak/mean", fmt::format("{:.2f}", worst_peak));
    rig.figure("peak/mean without jitter", fmt::format("{:.2f}", control.peak_ratio()));
    return rig.finish(fmt::format("{} runs of {} consumers", 3 * runs, scenario.consumers));
}

}  // namespace
}  // namespace tidings::proof

int main(int argc, char** argv) { return tidings::proof::prove(argc, argv); }
