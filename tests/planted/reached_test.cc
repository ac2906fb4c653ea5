// Simulated runs come through every state that was found worth a name (T3): reached.txt.
#include "base/test_points.h"
#include "market_simulation.h"
#include "shop_simulation.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>

namespace market {
namespace {

using namespace tidings;

constexpr std::uint64_t market_seeds = 60;
constexpr std::uint64_t shop_seeds = 2;

/// What reached.txt says: the states, and of some who else reaches them.
struct Listed {
    std::set<std::string> all;
    std::set<std::string> simulated;
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

/// All names that stand in the sources, in calls of `reached`.
std::set<std::string> named_in_sources() {
    std::set<std::string> names;
    static const std::regex call{R"(\breached\([^;]*\);)"};
    static const std::regex name{R"re("([a-z_]+\.[a-z_]+)")re"};
    for (const auto& entry : std::filesystem::recursive_directory_iterator{TIDINGS_SOURCES}) {
        const std::string path = entry.path().string();
        if (!path.ends_with(".cc") || path.ends_with("_test.cc")) continue;
        std::ifstream file{path};
        const std::string text{std::istreambuf_iterator<char>{file}, {}};
        for (std::sregex_iterator found{text.begin(), text.end(), call}, end; found != end;
             ++found) {
            const std::string arguments = found->str();
            for (std::sregex_iterator each{arguments.begin(), arguments.end(), name}; each != end;
                 ++each) {
                names.insert((*each)[1]);
            }
        }
    }
    return names;
}

TEST(Reached, ListHasEveryStateThatIsNamedAndNoOther) {
    const std::set<std::string> names = named_in_sources();
    const std::set<std::string> list = listed().all;
    for (const std::string& name : names) {
        EXPECT_TRUE(list.contains(name)) << name << " is not in tests/planted/reached.txt";
    }
    for (const std::string& name : list) {
        EXPECT_TRUE(names.contains(name)) << name << " is listed and in no source";
    }
}

TEST(Reached, SimulatedRunsComeThroughEveryState) {
    forget_reached_states();
    for (std::uint64_t seed = 1; seed <= market_seeds; ++seed) {
        EXPECT_TRUE(simulation(seed).run_once());
    }
    for (std::uint64_t seed = 1; seed <= shop_seeds; ++seed) {
        EXPECT_TRUE((shop::ShopSimulation{seed, {}}.run().violations.empty())) << seed;
    }
    std::map<std::string, std::uint64_t> counts;
    for (const ReachedState& state : reached_states()) counts[state.name] = state.count;

    const std::set<std::string> simulated = listed().simulated;
    EXPECT_GE(simulated.size(), 60U);
    for (const std::string& name : simulated) EXPECT_GT(counts[name], 0U) << name;
}

}  // namespace
}  // namespace market
