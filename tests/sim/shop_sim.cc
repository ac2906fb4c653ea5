// ./dev sim: simulates the shop under faults, from one seed or from many.
#include <tidings/io/world.h>

#include "shop_simulation.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>

namespace {

using namespace tidings;

struct Wanted {
    std::optional<std::uint64_t> seed;
    std::optional<std::uint64_t> count;
    std::optional<double> minutes;
    shop::ShopScenario scenario;
};

void print_story(const shop::ShopRun& run) {
    for (const std::string& line : run.story) fmt::print("{}\n", line);
}

void print_figures(const shop::ShopRun& run) {
    fmt::print("Faults\n");
    for (const auto& [fault, count] : run.faults) fmt::print("  {:<32}{:>10}\n", fault, count);
    fmt::print("Orders by outcome\n");
    for (const auto& [name, count] : run.outcomes) fmt::print("  {:<32}{:>10}\n", name, count);
    fmt::print("Run\n  {:<32}{:>10}\n  {:<32}{:>10}\n  {:<32}{:>10.1f} h\n", "polls", run.polls,
               "events that came again", run.duplicates, "virtual time",
               std::chrono::duration<double>(run.took).count() / 3600);
    fmt::print("  {:<32}{:016x}\n  {:<32}{:016x}\n", "digest of all files", run.digest,
               "trace of all polls", run.trace);
}

void print_violations(std::uint64_t seed, const shop::ShopRun& run) {
    fmt::print("seed {} FAILED; see it again: ./dev sim --seed {}\n", seed, seed);
    for (const std::string& violation : run.violations) fmt::print("  {}\n", violation);
    std::fflush(stdout);
}

/// One seed, told at length.
int simulate_one(std::uint64_t seed, const shop::ShopScenario& scenario) {
    const shop::ShopRun run = shop::ShopSimulation{seed, scenario}.run();
    print_story(run);
    print_figures(run);
    if (run.violations.empty()) {
        fmt::print("seed {}: every invariant holds\n", seed);
        return 0;
    }
    print_violations(seed, run);
    return 1;
}

/// One seed after the other, a line each; every one that fails is told.
int simulate_many(const Wanted& wanted) {
    io::World& world = io::real_world();
    const TimePoint began = world.monotonic();
    const auto seconds = [&world, began] {
        return std::chrono::duration<double>(world.monotonic() - began).count();
    };
    // Who gives a time wants seeds that nobody has seen yet.
    std::uint64_t seed =
        wanted.seed.value_or(wanted.minutes ? world.random_number() % 1'000'000'000 : 1);
    std::uint64_t done = 0;
    std::uint64_t failed = 0;
    const auto goes_on = [&] {
        if (wanted.count && done >= *wanted.count) return false;
        return !wanted.minutes || seconds() < *wanted.minutes * 60;
    };
    for (; goes_on(); ++seed, ++done) {
        const double before = seconds();
        const shop::ShopRun run = shop::ShopSimulation{seed, wanted.scenario}.run();
        if (!run.violations.empty()) {
            ++failed;
            print_violations(seed, run);
            continue;
        }
        int faults = 0;
        for (const auto& [fault, count] : run.faults) faults += count;
        fmt::print(
            "seed {:<10} good  {:>2} faults, {:>5} repeated events, {:>4.0f} h in {:.2f} s\n", seed,
            faults, run.duplicates, std::chrono::duration<double>(run.took).count() / 3600,
            seconds() - before);
        std::fflush(stdout);
    }
    fmt::print("{} seeds in {:.1f} s, {} failed\n", done, seconds(), failed);
    return failed == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
    constexpr std::uint64_t count_default = 20;
    CLI::App app{
        "Simulates the whole shop on one thread, in virtual time, under faults.\n"
        "  ./dev sim                 twenty seeds\n"
        "  ./dev sim --seed 7        one seed, and what happened\n"
        "  ./dev sim --minutes 10    as many new seeds as fit"};
    Wanted wanted;
    app.add_option("--seed", wanted.seed, "the seed, or the first of many (default 1)");
    app.add_option("--count", wanted.count, "how many seeds, one after the other");
    app.add_option("--minutes", wanted.minutes, "seeds until so much time is over")
        ->check(CLI::PositiveNumber);
    app.add_option("--orders", wanted.scenario.orders, "orders in each run")
        ->check(CLI::Range(1, 100'000))
        ->capture_default_str();
    bool faultless = false;
    app.add_flag("--no-faults", faultless, "nothing goes wrong");
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : 2;
    }
    if (faultless) wanted.scenario.faults = shop::ShopFaults::none();
    if (wanted.seed && !wanted.count && !wanted.minutes) {
        return simulate_one(*wanted.seed, wanted.scenario);
    }
    if (!wanted.count && !wanted.minutes) wanted.count = count_default;
    return simulate_many(wanted);
}
