// T1: the shop under swarms of all faults, safety and then liveness. T2: a seed is a run.
#include <tidings/testing/program.h>

#include "rig.h"
#include "shop_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace tidings;

sim::Simulation make(const shop::ShopScenario& scenario, std::uint64_t seed,
                     const std::optional<sim::Schedule>& schedule) {
    shop::ShopScenario made = scenario;
    made.schedule = schedule;
    return shop::ShopSimulation{seed, made}.take();
}

Result<sim::SeedTotals> run(proof::Rig& rig, sim::SeedRange range, std::string_view what) {
    return sim::run_seeds(range, [&](const sim::SeedTotals& totals) {
        rig.progress(static_cast<std::int64_t>(totals.seeds),
                     static_cast<std::int64_t>(range.count), what);
    });
}

void tell(proof::Rig& rig, const sim::SeedTotals& totals) {
    for (const std::string& failure : totals.failures) {
        rig.broken(failure.substr(0, failure.find("\n\n")));
    }
    rig.figure("seeds", fmt::format("{}", totals.seeds));
    rig.figure("events handed over", fmt::format("{}", totals.events));
    rig.figure("events a second", fmt::format("{:.0f}", static_cast<double>(totals.events) /
                                                            std::max(totals.seconds, 0.001)));
    rig.figure("faults", fmt::format("{}", totals.faults));
    rig.figure("looks at invariants", fmt::format("{}", totals.checks));
    rig.figure("virtual hours", fmt::format("{:.0f}", totals.virtual_hours));
    rig.figure("seconds from the last fault to rest, at most",
               fmt::format("{:.0f}", totals.settled_seconds_max));
}

/// The double charge that everybody fears has to be found.
bool finds_double_charge(proof::Rig& rig) {
    sim::SeedRange range;
    range.count = 50;
    range.stops_at_failure = false;
    range.own_arguments = {"--orders", "10", "--careless"};
    const auto totals = run(rig, range, "seeds with a double charge");
    return totals &&
           std::any_of(totals->failures.begin(), totals->failures.end(),
                       [](const std::string& failure) {
                           return failure.find("gateway does nothing twice") != std::string::npos;
                       });
}

/// A workload that depends on more than the seed has to be noticed.
bool finds_hidden_state() {
    static int runs = 0;
    const auto digest = [] {
        sim::Simulation shop = shop::ShopSimulation{1, {.orders = 3}}.take();
        shop.workload([](sim::Client& client) {
            for (int i = 0; i < runs; ++i) client.get("order-service", "/orders/unknown");
        });
        ++runs;
        return shop.run_once().figures.trace;
    };
    return digest() != digest();
}

int run_t1(proof::Rig& rig) {
    rig.control("a payment that is charged under a new key at each attempt",
                finds_double_charge(rig));
    sim::SeedRange range;
    range.first = rig.seed() * 1'000'000;
    range.count = static_cast<std::uint64_t>(rig.amount(5000));
    range.stops_at_failure = false;
    range.own_arguments = {"--orders", "20", "--heal-early"};
    const auto totals = run(rig, range, "seeds");
    if (!totals) {
        rig.broken(totals.error().message);
        return rig.finish("nothing");
    }
    tell(rig, *totals);
    constexpr double settled_seconds_max = 60;
    if (totals->settled_seconds_max > settled_seconds_max) {
        rig.broken("a run was not at rest within 60 s of the last fault");
    }
    return rig.finish(fmt::format("{} seeds, {} events", totals->seeds, totals->events));
}

int run_t2(proof::Rig& rig) {
    rig.control("a workload that depends on what ran before", finds_hidden_state());
    sim::SeedRange range;
    range.first = rig.seed() * 1'000'000;
    range.count = static_cast<std::uint64_t>(rig.amount(500));
    range.stops_at_failure = false;
    range.runs_twice = true;
    range.own_arguments = {"--orders", "20"};
    const auto totals = run(rig, range, "seeds, each twice");
    if (!totals) {
        rig.broken(totals.error().message);
        return rig.finish("nothing");
    }
    tell(rig, *totals);
    return rig.finish(fmt::format("{} seeds twice", totals->seeds));
}

}  // namespace

int main(int argc, char** argv) {
    std::vector<std::string> words{argv + 1, argv + argc};
    if (std::find(words.begin(), words.end(), "--part-of") != words.end()) {
        const shop::ShopOptions options{words};
        return sim::run_program(options.others, options.own,
                                [&options](std::uint64_t seed, const auto& schedule) {
                                    return make(options.scenario, seed, schedule);
                                });
    }
    const bool is_t2 = argc > 1 && std::string_view{argv[1]} == "T2";
    if (is_t2) {
        ++argv;
        --argc;
    }
    proof::Rig rig{is_t2 ? "T2" : "T1", argc, argv};
    return is_t2 ? run_t2(rig) : run_t1(rig);
}
