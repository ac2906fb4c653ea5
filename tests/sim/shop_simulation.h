#pragma once

#include <tidings/testing/simulation.h>

#include "demo/accounts.h"
#include "orders/order_book.h"
#include "orders/outside.h"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace shop {

/// The usual faults of the shop, another mixture for each seed: short enough for no order to miss a
/// deadline for them alone.
tidings::sim::Faults shop_faults();

/// What a simulation does with orders.
struct ShopScenario {
    std::uint64_t orders = 100;  ///< Generated, from the simulation's seed.
    /// So many of those that would be delivered never are: the run then takes 30 days and more.
    std::uint64_t never_delivered = 0;
    tidings::sim::Faults faults = shop_faults();
    /// Ends the faults, for two seeds of three, while much is still under way.
    bool heals_early = false;
    /// Charges each payment under another key at each attempt: a mistake to be found.
    bool charges_carelessly = false;
    /// Replays this instead.
    std::optional<tidings::sim::Schedule> schedule{};
};

/// The whole shop on one thread, in virtual time: seven services, each a process of its own, the
/// outside world, and the client that brings the orders. A seed decides all of it: the orders, who
/// is polled when, and which fault happens at which moment. Deadlines are those of production, from
/// 15 minutes to 30 days; the outside world's late answers take three days.
///
///     ShopSimulation shop{42, {}};
///     const sim::Verdict verdict = shop.run();
///
/// Threads   One thread.
class ShopSimulation {
public:
    ShopSimulation(std::uint64_t seed, const ShopScenario& scenario);

    /// Runs it until all orders are over and checks every invariant; a run that fails is made
    /// small.
    tidings::sim::Verdict run() { return simulation_.run(); }
    tidings::sim::Verdict run_once() { return simulation_.run_once(); }
    /// Gives the simulation itself away; it needs nothing else of this.
    tidings::sim::Simulation take() && { return std::move(simulation_); }
    /// Returns how many orders came to each outcome in the last run that came to its end.
    const std::map<std::string, std::int64_t>& outcomes() const noexcept { return *outcomes_; }

private:
    void add_services(const ShopScenario& scenario);
    void add_outside();
    void add_workload();
    void add_checks();

    std::shared_ptr<const OrderBook> book_;
    std::shared_ptr<const OutsideWorld> outside_;
    std::shared_ptr<std::map<std::string, std::int64_t>> outcomes_ =
        std::make_shared<std::map<std::string, std::int64_t>>();
    tidings::sim::Simulation simulation_;
};

}  // namespace shop
