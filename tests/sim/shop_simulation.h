#pragma once

#include <tidings/sim/scheduler.h>
#include <tidings/sim/world.h>

#include "demo/accounts.h"
#include "demo/intake.h"
#include "orders/order_book.h"
#include "simulated_service.h"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace shop {

/// Which faults a simulation has. What each is: README.md.
struct ShopFaults {
    bool delivery = true;  ///< Events come twice, late and out of order; answers get lost.
    bool outages = true;   ///< A service cannot reach the broker for a while.
    bool crashes = true;   ///< A service is killed between two commits.
    bool machine = true;   ///< All are killed in the middle of a write, with or without power.
    bool clock = true;     ///< The wall clock is set, forward or back.

    static ShopFaults none() { return {false, false, false, false, false}; }
};

/// What a simulation does with orders.
struct ShopScenario {
    std::uint64_t orders = 100;  ///< Generated, from the simulation's seed.
    /// So many of those that would be delivered never are: the run then takes 30 days and more.
    std::uint64_t never_delivered = 0;
    ShopFaults faults{};
};

/// What came of a simulated run.
struct ShopRun {
    std::vector<std::string> story;       ///< What happened, a line each, with its virtual time.
    std::vector<std::string> violations;  ///< What should not be. Empty: the run is good.
    std::map<std::string, int> faults;    ///< How often each kind of fault was there.
    std::map<std::string, std::int64_t> outcomes;  ///< Orders by outcome.
    std::uint64_t digest = 0;                      ///< Of every file at the end.
    std::uint64_t trace = 0;                       ///< Of who was polled when.
    std::uint64_t polls = 0;
    std::int64_t duplicates = 0;  ///< Events that came again, and had no effect.
    tidings::Duration took{0};    ///< Virtual time.
};

/// The whole shop on one thread, in virtual time: seven services, each a process of its own, the
/// outside world, and the client that brings the orders. A seed decides all of it: the orders, who
/// is polled when, and which fault happens at which moment. Deadlines are those of production, from
/// 15 minutes to 30 days; the outside world's late answers take three days.
///
///     const ShopRun run = ShopSimulation{42, {}}.run();
///     for (const std::string& violation : run.violations) ...
///
/// Guarantees
/// - Same seed and scenario: the same run, to the last byte of every file.
///
/// Threads   One thread.
class ShopSimulation {
public:
    ShopSimulation(std::uint64_t seed, const ShopScenario& scenario);
    ~ShopSimulation();

    /// Runs until all orders are over, heals what is left of the faults, and checks every
    /// invariant. Requires: called once.
    ShopRun run();

private:
    class Repairs;
    enum class Fault { crash, outage, kill_all, power_loss, clock_jump };

    void open_all();
    void start(SimulatedService& service);
    SimulatedService& service(std::string_view name);
    SendRequest to_service_of_path();

    bool look_around();
    void check_accounting();
    bool is_over();
    bool is_restless() const;
    bool all_up() const;
    std::string unrest() const;

    void arm_next_fault();
    void inject();
    std::vector<Fault> kinds() const;
    void crash_one();
    void begin_outage();
    void jump_clock();
    void machine_stops();
    void repair_later(SimulatedService& service);
    void heal();

    void check_end();
    void check_accounts(const Accounts& accounts);

    tidings::Duration elapsed() { return world_.monotonic() - began_; }
    tidings::Duration up_to(tidings::Duration most);
    void tell(const std::string& line);
    void violated(const std::string& what);

    const ShopScenario scenario_;
    tidings::sim::SimWorld world_;
    tidings::sim::Random random_;
    tidings::sim::Scheduler scheduler_;
    OrderBook book_;
    OutsideWorld outside_;
    tidings::sim::BrokerFaults broker_faults_;
    tidings::TimePoint began_;
    std::vector<std::unique_ptr<SimulatedService>> services_;
    std::unique_ptr<Repairs> repairs_;
    std::unique_ptr<Intake> intake_;
    bool healed_ = false;
    bool power_goes_ = false;  // With the stop that is armed.
    bool stop_armed_ = false;
    std::uint64_t operations_between_faults_;  // Of the disk, at most.
    std::uint64_t next_fault_at_ = 0;
    std::uint64_t looks_ = 0;
    tidings::Duration clock_jumped_{0};
    ShopRun run_;
};

}  // namespace shop
