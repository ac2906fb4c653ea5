// ./dev sim: simulates the shop under faults, from one seed or from many on all cores.
#include <tidings/testing/program.h>

#include "shop_simulation.h"

#include <charconv>
#include <cstdio>
#include <string>
#include <vector>

namespace {

using namespace tidings;

/// Takes the options that are the shop's own off the command line.
struct ShopOptions {
    std::vector<std::string> own;
    std::vector<std::string> others;
    shop::ShopScenario scenario;
    bool is_wrong = false;

    explicit ShopOptions(const std::vector<std::string>& words) {
        for (std::size_t i = 0; i < words.size(); ++i) {
            const std::string& word = words[i];
            if (word == "--no-faults") {
                scenario.faults = sim::Faults::none();
            } else if (word == "--careless") {
                scenario.charges_carelessly = true;
            } else if ((word == "--orders" || word == "--never-delivered") &&
                       i + 1 < words.size()) {
                own.push_back(word);
                take_number(words[++i],
                            word == "--orders" ? scenario.orders : scenario.never_delivered);
            } else {
                others.push_back(word);
                continue;
            }
            own.push_back(words[i]);
        }
    }

private:
    void take_number(const std::string& text, std::uint64_t& number) {
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
        is_wrong = is_wrong || error != std::errc{} || end != text.data() + text.size();
    }
};

constexpr std::string_view own_help =
    "The shop's own options:\n"
    "  --orders N            orders in each run (100)\n"
    "  --never-delivered N   of them are never delivered: thirty days of virtual time\n"
    "  --no-faults           nothing goes wrong\n"
    "  --careless            plants a double charge, to see it found\n\n";

}  // namespace

// [main]
int main(int argc, char** argv) {
    const ShopOptions options{{argv + 1, argv + argc}};
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
