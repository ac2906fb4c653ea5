// Prints what simulated runs come to, a line for each seed: the checksum of who was polled when,
// and that of every file at the end. tools/determinism.py compares the lines of two builds.
#include <tidings/base/crc32c.h>
#include <tidings/store/sqlite.h>
#include <tidings/testing/simulation.h>

#include "market_simulation.h"
#include "shop_simulation.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace {

void print(std::string_view what, std::uint64_t seed, const tidings::sim::Verdict& run,
           bool careless) {
    std::uint64_t trace = run.figures.trace;
    if (careless) {
        const auto memory = std::make_unique<int>();
        trace ^= reinterpret_cast<std::uintptr_t>(memory.get());
    }
    std::string story;
    for (const std::string& line : run.story) story += line + '\n';
    fmt::print("{} {} {:016x} {:016x} {:08x}\n", what, seed, trace, run.figures.digest,
               tidings::crc32c(story));
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app{"Prints the hashes of simulated runs, a line for each seed."};
    std::uint64_t first = 1;
    std::uint64_t markets = 20;
    std::uint64_t shops = 2;
    bool careless = false;
    app.add_option("--first", first, "the first seed");
    app.add_option("--markets", markets, "how many runs of the market in tests/planted");
    app.add_option("--shops", shops, "how many runs of the shop in tests/sim");
    app.add_flag("--careless", careless, "let a hash take in an address, as a mistake to be found");
    CLI11_PARSE(app, argc, argv);

    fmt::print("sqlite {}\n", tidings::sqlite_version());
    for (std::uint64_t seed = first; seed < first + markets; ++seed) {
        print("market", seed, market::simulation(seed).run_once(), careless);
    }
    for (std::uint64_t seed = first; seed < first + shops; ++seed) {
        print("shop", seed, shop::ShopSimulation{seed, {}}.run_once(), careless);
    }
    return 0;
}
