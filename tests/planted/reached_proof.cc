// T3: simulated runs of market and shop come through every state that was found worth a name.
//
// The names are in the sources, in calls of `reached`, and in reached.txt, which says of some that
// only other tests come through them. A name that is missing in either place, or not reached, is a
// failure.
#include "base/test_points.h"
#include "market_simulation.h"
#include "rig.h"
#include "shop_simulation.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <sstream>
#include <string>
#include <string_view>

namespace {

using namespace tidings;

constexpr std::int64_t market_runs = 2000;
constexpr std::int64_t shop_runs = 40;
constexpr std::size_t states_min = 60;

struct Listed {
    std::set<std::string> all;
    std::set<std::string> simulated;  ///< By these runs; others have a word of who reaches them.
};

Listed listed() {
    Listed listed;
    std::ifstream file{TIDINGS_REACHED_LIST};
    for (std::string line; std::getline(file, line);) {
        std::istringstream words{line};
        std::string name;
        std::string elsewhere;
        if (!(words >> name) || name.front() == '#') continue;
        listed.all.insert(name);
        if (!(words >> elsewhere)) listed.simulated.insert(name);
    }
    return listed;
}

/// Adds the literals between `reached(` and the end of its statement.
void add_names(const std::string& text, std::set<std::string>& names) {
    constexpr std::string_view call = "reached(";
    for (auto at = text.find(call); at != std::string::npos; at = text.find(call, at + 1)) {
        const std::size_t end = std::min(text.find(';', at), text.size());
        for (auto open = text.find('"', at); open < end; open = text.find('"', open + 1)) {
            const std::size_t begin = open + 1;
            open = text.find('"', begin);
            names.insert(text.substr(begin, open - begin));
        }
    }
}

std::set<std::string> named_in_sources() {
    std::set<std::string> names;
    for (const auto& entry : std::filesystem::recursive_directory_iterator{TIDINGS_SOURCES}) {
        const std::string path = entry.path().string();
        if (!path.ends_with(".cc") || path.ends_with("_test.cc")) continue;
        std::ifstream file{path};
        add_names({std::istreambuf_iterator<char>{file}, {}}, names);
    }
    return names;
}

std::set<std::string> unreached(const Listed& list) {
    std::set<std::string> missed = list.simulated;
    for (const ReachedState& state : reached_states()) missed.erase(state.name);
    return missed;
}

void check_names(proof::Rig& rig, const std::set<std::string>& list) {
    const std::set<std::string> names = named_in_sources();
    for (const std::string& name : names) {
        if (!list.contains(name)) rig.broken(name + " is not in tests/planted/reached.txt");
    }
    for (const std::string& name : list) {
        if (!names.contains(name)) rig.broken(name + " is in reached.txt and in no source");
    }
}

void simulate(proof::Rig& rig, std::int64_t markets, std::int64_t shops) {
    for (std::int64_t i = 0; i < markets; ++i) {
        const std::uint64_t seed = rig.seed() + static_cast<std::uint64_t>(i);
        const sim::Verdict verdict = market::simulation(seed).run_once();
        if (!verdict) rig.broken(fmt::format("market, seed {}: {}", seed, verdict.violation));
        rig.progress(i, markets, "markets");
    }
    for (std::int64_t i = 0; i < shops; ++i) {
        const std::uint64_t seed = rig.seed() + static_cast<std::uint64_t>(i);
        const sim::Verdict verdict = shop::ShopSimulation{seed, {}}.run_once();
        if (!verdict) rig.broken(fmt::format("shop, seed {}: {}", seed, verdict.violation));
        rig.progress(i, shops, "shops");
    }
}

}  // namespace

int main(int argc, char** argv) {
    proof::Rig rig{"T3", argc, argv};
    const Listed list = listed();
    check_names(rig, list.all);
    // Whoever runs without faults must be found not to come through all states.
    static_cast<void>(shop::ShopSimulation{1, {.faults = sim::Faults::none()}}.run_once());
    rig.control("a run without faults", !unreached(list).empty());
    forget_reached_states();

    const std::int64_t markets = rig.amount(market_runs);
    const std::int64_t shops = rig.amount(shop_runs);
    simulate(rig, markets, shops);

    for (const ReachedState& state : reached_states()) {
        if (!list.simulated.contains(state.name)) continue;
        rig.figure(state.name, fmt::format("{} times", state.count));
    }
    const std::set<std::string> missed = unreached(list);
    for (const std::string& name : missed) rig.broken(name + " was never reached");
    if (list.simulated.size() < states_min) {
        rig.broken(fmt::format("{} states are too few to speak of", list.simulated.size()));
    }
    return rig.finish(fmt::format("{} of {} states in {} markets and {} shops",
                                  list.simulated.size() - missed.size(), list.simulated.size(),
                                  markets, shops));
}
