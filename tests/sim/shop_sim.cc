// ./dev sim: simulates the shop under faults, from one seed or from many on all cores.
#include <tidings/testing/program.h>

#include "shop_options.h"

#include <cstdio>
#include <string>
#include <string_view>

namespace {

using namespace tidings;

constexpr std::string_view own_help =
    "The shop's own options:\n"
    "  --orders N            orders in each run (100)\n"
    "  --never-delivered N   of them are never delivered: thirty days of virtual time\n"
    "  --no-faults           nothing goes wrong\n"
    "  --heal-early          faults end while much is under way, for two seeds of three\n"
    "  --careless            plants a double charge, to see it found\n\n";

}  // namespace

// [main]
int main(int argc, char** argv) {
    const shop::ShopOptions options{{argv + 1, argv + argc}};
    if (options.is_wrong) {
        std::fprintf(stderr, "error: --orders and --never-delivered take a number\n");
        return 2;
    }
    for (const std::string& word : options.others) {
        if (word == "--help" || word == "-h") std::printf("%s", std::string{own_help}.c_str());
    }
    return sim::run_program(options.others, options.own,
                            [&options](std::uint64_t seed, const auto& schedule) {
                                shop::ShopScenario scenario = options.scenario;
                                scenario.schedule = schedule;
                                return shop::ShopSimulation{seed, scenario}.take();
                            });
}
// [/main]
