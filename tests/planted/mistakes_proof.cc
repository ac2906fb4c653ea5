// T4: planted mistakes. Each is made, one at a time, and the simulated market has to show it within
// the stated number of seeds, from several first seeds; made of the same seeds without a mistake,
// every run is good.
#include "market_simulation.h"
#include "mistakes.h"
#include "rig.h"
#include "search.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

namespace {

using namespace tidings;
using namespace market;

constexpr std::int64_t starts_count = 20;
/// Far apart, so that no two starts see the same seed.
constexpr std::uint64_t start_distance = 1000;

/// Which invariant showed it most often.
std::string usual(const std::map<std::string, int>& shown_by) {
    const auto most =
        std::max_element(shown_by.begin(), shown_by.end(),
                         [](const auto& a, const auto& b) { return a.second < b.second; });
    return most == shown_by.end() ? "nothing" : most->first;
}

}  // namespace

int main(int argc, char** argv) {
    proof::Rig rig{"T4", argc, argv};
    const std::int64_t starts = rig.amount(starts_count);
    std::int64_t done = 0;
    std::vector<std::uint64_t> medians;
    for (const Planted& planted : mistakes) {
        std::vector<std::uint64_t> seeds;
        std::map<std::string, int> shown_by;
        bool is_found = true;
        for (std::int64_t start = 0; start < starts; ++start) {
            const std::uint64_t first =
                rig.seed() + static_cast<std::uint64_t>(start) * start_distance;
            const Search found = search(planted, first);
            is_found = is_found && !found.invariant.empty();
            seeds.push_back(found.seeds);
            if (!found.invariant.empty()) ++shown_by[found.invariant];
        }
        std::sort(seeds.begin(), seeds.end());
        medians.push_back(seeds[seeds.size() / 2]);
        rig.control(planted.name, is_found);
        rig.figure(planted.name,
                   fmt::format("{} seeds in the middle, {} at most, {} stated; {}", medians.back(),
                               seeds.back(), planted.seeds_max, usual(shown_by)));
        rig.progress(++done, mistakes_count, "mistakes");
    }
    std::sort(medians.begin(), medians.end());
    rig.figure("seeds to find the mistake in the middle",
               fmt::format("{}", medians[medians.size() / 2]));

    std::int64_t good = 0;
    for (std::int64_t start = 0; start < starts; ++start) {
        for (std::uint64_t i = 0; i < good_seeds; ++i) {
            const std::uint64_t seed =
                rig.seed() + static_cast<std::uint64_t>(start) * start_distance + i;
            const sim::Verdict verdict = simulation(seed).run_once();
            verdict ? static_cast<void>(++good)
                    : rig.broken(fmt::format("seed {} without a mistake: {}: {}", seed,
                                             verdict.invariant, verdict.violation));
        }
        rig.progress(start + 1, starts, "starts without a mistake");
    }
    return rig.finish(fmt::format("{} mistakes from {} starts each, {} good runs without one",
                                  mistakes_count, starts, good));
}
