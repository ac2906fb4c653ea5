#include "shop_simulation.h"

#include <tidings/base/assert.h>

#include "demo/one_service.h"
#include "demo/taken.h"
#include "orders/expected.h"
#include "orders/generated.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

namespace shop {

using namespace tidings;

namespace {

/// Those of production.
constexpr SagaDeadlines deadlines{15min, 1h, 48h, 30 * 24h};
constexpr Duration late_answer = 72h;
/// All sagas are over after late answers and their compensation, whatever the clock was set to.
constexpr Duration run_max = 60 * 24h;

/// So many operations of the disk pass between two faults, at most: drawn once for a run.
constexpr std::uint64_t operations_between_faults_min = 200;
constexpr std::uint64_t operations_between_faults_max = 4000;
/// Within so many operations, the machine stops once it is said to.
constexpr std::uint64_t operations_to_stop = 200;
/// Faults are over soon enough for no order to miss a deadline for them alone.
constexpr Duration down_max = 5s;
constexpr Duration outage_max = 5s;
constexpr int faults_max = 100;
/// After this long only orders that wait for the outside world are open: now the clock may be set
/// by hours. Before, by a minute and by five in all.
constexpr Duration settled_after = 14min;
constexpr std::chrono::milliseconds small_jump = 1min;
constexpr Duration small_jumps_max = 5min;
constexpr std::chrono::milliseconds large_jump = 6h;

constexpr std::uint64_t looks_between_checks = 16;
/// A run of thirty days under faults takes about half a million; who never waits takes the rest.
constexpr std::uint64_t polls_max = 3'000'000;

double some(sim::Random& random, double most) {
    return most * static_cast<double>(random.below(101)) / 100;
}

std::string in_seconds(Duration duration) {
    return fmt::format("{:.3f} s", std::chrono::duration<double>(duration).count());
}

OrderBook make_book(std::uint64_t seed, const ShopScenario& scenario) {
    OrderBook book = generate_orders(seed, scenario.orders).value();
    std::uint64_t left = scenario.never_delivered;
    for (SourceOrder& order : book.orders) {
        if (left == 0 || order.story != Story::delivered) continue;
        order.story = Story::stays_in_transit;
        --left;
    }
    return book;
}

std::set<std::string> lines_of(const std::string& text) {
    std::set<std::string> lines;
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = text.find('\n', begin);
        lines.insert(text.substr(begin, end - begin));
        begin = end + 1;
    }
    return lines;
}

}  // namespace

/// What is down and comes back, each at its time.
class ShopSimulation::Repairs final : public io::Worker {
public:
    void add(TimePoint at, std::function<void()> repair) {
        waiting_.emplace(at, std::move(repair));
        wakeup().notify();
    }
    bool none() const noexcept { return waiting_.empty(); }
    void clear() { waiting_.clear(); }

    TimePoint poll(TimePoint now) override {
        while (!waiting_.empty() && waiting_.begin()->first <= now) {
            const auto repair = waiting_.extract(waiting_.begin());
            repair.mapped()();
        }
        return waiting_.empty() ? when_woken : waiting_.begin()->first;
    }
    std::string_view name() const noexcept override { return "repairs"; }

private:
    std::multimap<TimePoint, std::function<void()>> waiting_;
};

ShopSimulation::ShopSimulation(std::uint64_t seed, const ShopScenario& scenario)
    : scenario_(scenario),
      world_(seed),
      random_(world_.stream("shop")),
      scheduler_(world_),
      book_(make_book(seed, scenario_)),
      outside_(book_),
      began_(world_.monotonic()),
      repairs_(std::make_unique<Repairs>()),
      operations_between_faults_(
          operations_between_faults_min +
          random_.below(operations_between_faults_max - operations_between_faults_min)) {
    if (scenario_.faults.delivery) {
        broker_faults_ = {.duplicate = some(random_, 0.2),
                          .delay = some(random_, 0.2),
                          .delay_max = up_to(3s),
                          .lose_answer = some(random_, 0.1)};
    }
}

ShopSimulation::~ShopSimulation() = default;

ShopRun ShopSimulation::run() {
    open_all();
    arm_next_fault();
    // The first thing that is wrong ends it: what comes after it would only follow from it.
    const auto ended = [this] {
        return look_around() && (is_over() || is_restless() || !run_.violations.empty());
    };
    scheduler_.run_until(ended, run_max);
    if (run_.violations.empty()) {
        if (!is_over()) tell("not at rest yet: " + unrest());
        heal();
        scheduler_.run_until(ended, run_max);
    }
    if (run_.violations.empty()) {
        if (!is_over()) violated("the shop does not come to rest: " + unrest());
        check_end();
    }
    for (const auto& service : services_) run_.duplicates += service->duplicates();
    run_.took = elapsed();
    run_.polls = scheduler_.polls();
    run_.trace = scheduler_.trace();
    run_.digest = world_.digest();
    return std::move(run_);
}

// ---------------------------------------------------------------------------------------- the shop

void ShopSimulation::open_all() {
    constexpr std::array<std::size_t, 4> group_sizes{1, 4, 32, 512};
    constexpr std::array<std::int64_t, 3> outbox_sizes{8, 64, 512};
    for (const std::string& name : service_names()) {
        SimulatedService::Options options;
        options.name = name;
        options.platform.deadlines = deadlines;
        options.platform.late_answer = late_answer;
        options.platform.to_orders = [this](io::HttpRequest request, io::HttpReply reply) {
            service("order-service").request(std::move(request), std::move(reply));
        };
        options.limits.group_steps_max = group_sizes[random_.below(group_sizes.size())];
        options.limits.outbox_max = outbox_sizes[random_.below(outbox_sizes.size())];
        options.limits.commands_max = 100;
        options.tell = [this](std::string_view line) { tell(std::string{line}); };
        services_.push_back(
            std::make_unique<SimulatedService>(world_, scheduler_, outside_, std::move(options)));
        start(*services_.back());
    }
    scheduler_.add(*repairs_);
    intake_ = std::make_unique<Intake>(world_, book_, Taken{}, to_service_of_path(), [this] {
        return all_up() && std::all_of(services_.begin(), services_.end(),
                                       [](const auto& one) { return one->status().is_quiet(); });
    });
    scheduler_.add(*intake_);
}

void ShopSimulation::start(SimulatedService& service) {
    if (service.is_up()) return;
    const Result<void> started = service.start(healed_ ? sim::BrokerFaults{} : broker_faults_);
    if (started || world_.is_stopped()) return;  // In the latter case it is started again later.
    violated(fmt::format("{} cannot be started: {}", service.name(), started.error().message));
}

SimulatedService& ShopSimulation::service(std::string_view name) {
    const auto found = std::find_if(services_.begin(), services_.end(),
                                    [name](const auto& one) { return one->name() == name; });
    TIDINGS_ASSERT(found != services_.end());
    return **found;
}

SendRequest ShopSimulation::to_service_of_path() {
    return [this](io::HttpRequest request, io::HttpReply reply) {
        const std::string& path = request.path;
        const std::string_view name = path == "/users"      ? "user-service"
                                      : path == "/products" ? "product-service"
                                      : path == "/orders"   ? "order-service"
                                                            : "inventory-service";
        service(name).request(std::move(request), std::move(reply));
    };
}

// -------------------------------------------------------------------------------------- looking on

/// Looks after each poll whether something is to happen or has gone wrong. Returns whether it is
/// time to ask whether all is over.
bool ShopSimulation::look_around() {
    if (world_.is_stopped()) machine_stops();
    if (!stop_armed_ && world_.operations() >= next_fault_at_) inject();
    if (++looks_ % looks_between_checks != 0) return false;
    check_accounting();
    return true;
}

void ShopSimulation::check_accounting() {
    for (const auto& service : services_) {
        if (!service->is_up()) continue;
        const DeliveryStatus status = service->status();
        if (status.unaccounted() == 0) continue;
        violated(
            fmt::format("{}: {} events are unaccounted: {} accepted, {} done, {} scheduled, "
                        "{} parked, {} dead",
                        service->name(), status.unaccounted(), status.accepted, status.done,
                        status.scheduled, status.parked, status.dead));
    }
}

bool ShopSimulation::all_up() const {
    return std::all_of(services_.begin(), services_.end(),
                       [](const auto& one) { return one->is_up(); });
}

bool ShopSimulation::is_over() {
    if (!intake_->is_done() || !repairs_->none() || !all_up()) return false;
    return std::all_of(services_.begin(), services_.end(), [](const auto& one) {
        const DeliveryStatus status = one->status();
        return status.is_quiet() && status.timers == 0 && !status.failed;
    });
}

/// Whether some worker is polled again and again without getting on.
bool ShopSimulation::is_restless() const { return scheduler_.polls() > polls_max; }

std::string ShopSimulation::unrest() const {
    std::string text =
        fmt::format("{} of {} requests answered", intake_->answered(), intake_->total());
    if (const auto error = intake_->error()) text += "; " + error->message;
    for (const auto& service : services_) {
        if (!service->is_up()) {
            text += fmt::format("; {} is down", service->name());
            continue;
        }
        const DeliveryStatus status = service->status();
        if (status.is_quiet() && status.timers == 0 && !status.failed) continue;
        text += fmt::format(
            "; {}: outbox {}, scheduled {}, effects {}, lag {}, commands {}, "
            "timers {}",
            service->name(), status.outbox_pending, status.scheduled, status.effects_owed,
            status.lag, status.commands_waiting, status.timers);
        for (const auto& error : {status.failed, status.relay_error, status.intake_error}) {
            if (error) text += ", " + error->message;
        }
    }
    return text;
}

void ShopSimulation::tell(const std::string& line) {
    const auto time = std::chrono::floor<std::chrono::milliseconds>(elapsed()).count();
    run_.story.push_back(fmt::format("{:3}d {:02}:{:02}:{:02}.{:03}  {}", time / 86'400'000,
                                     time / 3'600'000 % 24, time / 60'000 % 60, time / 1000 % 60,
                                     time % 1000, line));
}

void ShopSimulation::violated(const std::string& what) {
    // One fault of ours may be seen after every poll.
    if (std::find(run_.violations.begin(), run_.violations.end(), what) != run_.violations.end()) {
        return;
    }
    tell("VIOLATED: " + what);
    run_.violations.push_back(what);
}

// ------------------------------------------------------------------------------------------ faults

Duration ShopSimulation::up_to(Duration most) {
    return Duration{
        static_cast<std::int64_t>(random_.below(static_cast<std::uint64_t>(most.count()) + 1))};
}

std::vector<ShopSimulation::Fault> ShopSimulation::kinds() const {
    const ShopFaults& faults = scenario_.faults;
    std::vector<Fault> kinds;
    if (faults.crashes) kinds.insert(kinds.end(), 5, Fault::crash);
    if (faults.outages) kinds.insert(kinds.end(), 2, Fault::outage);
    if (faults.machine) kinds.insert(kinds.end(), {Fault::kill_all, Fault::power_loss});
    if (faults.clock) kinds.insert(kinds.end(), 2, Fault::clock_jump);
    return kinds;
}

void ShopSimulation::arm_next_fault() {
    next_fault_at_ = world_.operations() + 1 + random_.below(operations_between_faults_);
}

void ShopSimulation::inject() {
    const std::vector<Fault> known = kinds();
    int count = 0;
    for (const auto& [kind, times] : run_.faults) count += times;
    if (healed_ || known.empty() || count >= faults_max) {
        next_fault_at_ = UINT64_MAX;
        return;
    }
    const Fault fault = known[random_.below(known.size())];
    switch (fault) {
        case Fault::crash:
            crash_one();
            break;
        case Fault::outage:
            begin_outage();
            break;
        case Fault::clock_jump:
            jump_clock();
            break;
        case Fault::kill_all:
        case Fault::power_loss:
            power_goes_ = fault == Fault::power_loss;
            stop_armed_ = true;
            world_.stop_after(1 + random_.below(operations_to_stop));
            return;
    }
    arm_next_fault();
}

void ShopSimulation::crash_one() {
    SimulatedService& service = *services_[random_.below(services_.size())];
    if (!service.is_up()) return;
    ++run_.faults["crash of a service"];
    tell(service.name() + " is killed");
    service.kill();
    repair_later(service);
}

void ShopSimulation::repair_later(SimulatedService& service) {
    repairs_->add(world_.monotonic() + up_to(down_max), [this, &service] { start(service); });
}

void ShopSimulation::begin_outage() {
    SimulatedService& service = *services_[random_.below(services_.size())];
    if (!service.is_up()) return;
    ++run_.faults["outage of a broker"];
    const Duration lasts = up_to(outage_max);
    tell(fmt::format("{} cannot reach the broker for {}", service.name(), in_seconds(lasts)));
    service.broker().outage(true);
    repairs_->add(world_.monotonic() + lasts, [&service] {
        if (service.is_up()) service.broker().outage(false);  // It may have been killed meanwhile.
    });
}

void ShopSimulation::jump_clock() {
    const auto most = elapsed() < settled_after ? small_jump : large_jump;
    auto by = std::chrono::floor<std::chrono::milliseconds>(up_to(most));
    if (most == small_jump && clock_jumped_ + by > small_jumps_max) return;
    clock_jumped_ += by;
    if (random_.chance(0.5)) by = -by;
    ++run_.faults["jump of the clock"];
    tell(fmt::format("the clock is set by {}", in_seconds(by)));
    world_.jump_wall_clock(by);
}

/// All processes have come to their end in the middle of something.
void ShopSimulation::machine_stops() {
    ++run_.faults[power_goes_ ? "loss of power" : "kill of all services"];
    tell(power_goes_ ? "the machine loses power" : "all services are killed in a write");
    stop_armed_ = false;
    for (const auto& service : services_) service->kill();
    power_goes_ ? world_.crash() : world_.kill();
    repairs_->clear();
    for (const auto& service : services_) repair_later(*service);
    arm_next_fault();
}

void ShopSimulation::heal() {
    healed_ = true;
    stop_armed_ = false;
    world_.heal();
    repairs_->clear();
    for (const auto& service : services_) {
        if (service->is_up()) {
            service->broker().heal();
        } else {
            start(*service);
        }
    }
    tell("all faults are over");
}

// --------------------------------------------------------------------------------------- the books

void ShopSimulation::check_end() {
    check_accounting();
    if (const auto error = intake_->error()) violated("a request was refused: " + error->message);
    if (!all_up()) return;  // Said already.
    std::vector<Host*> all;
    for (const auto& service : services_) all.push_back(&service->host());
    const Hosts hosts{all};
    try {
        check_accounts(read_accounts(hosts));
        for (const Invariant& invariant : check_invariants(hosts)) {
            for (const std::string& violation : invariant.violations) {
                violated(fmt::format("not true: {}: {}", invariant.rule, violation));
            }
        }
    } catch (const Failure& failure) {
        violated("the books cannot be read: " + failure.error().message);
    }
}

void ShopSimulation::check_accounts(const Accounts& accounts) {
    constexpr int told_max = 10;
    run_.outcomes = accounts.by_outcome;
    const std::set<std::string> are = lines_of(outcomes_csv(accounts.orders));
    const std::set<std::string> should_be =
        lines_of(outcomes_csv(expected_accounts(book_, Deadlines::on)));
    int told = 0;
    for (const std::string& line : should_be) {
        if (are.contains(line) || ++told > told_max) continue;
        const auto instead = are.lower_bound(line.substr(0, line.find(',') + 1));
        const bool same_order = instead != are.end() && instead->substr(0, instead->find(',')) ==
                                                            line.substr(0, line.find(','));
        violated(fmt::format("an order should be \"{}\" and is {}", line,
                             same_order ? '"' + *instead + '"' : "not there"));
    }
    if (accounts.orders.size() != book_.orders.size()) {
        violated(fmt::format("{} orders were brought, {} are there", book_.orders.size(),
                             accounts.orders.size()));
    }
}

}  // namespace shop
