#include "shop_simulation.h"

#include <tidings/delivery/circuit_port.h>
#include <tidings/sim/random.h>

#include "demo/one_service.h"
#include "demo/platform.h"
#include "demo/requests.h"
#include "orders/expected.h"
#include "orders/generated.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

namespace shop {

using namespace tidings;

namespace {

/// Those of production.
constexpr SagaDeadlines deadlines{15min, 1h, 48h, 30 * 24h};
constexpr Duration late_answer = 72h;
/// All sagas are over after late answers and their compensation, whatever the clock was set to.
constexpr Duration run_max = 60 * 24h;
/// After this long only orders that wait for the outside world are open: now the clock may be set
/// by hours.
constexpr Duration settled_after = 14min;

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

sim::Simulation::Options options_of(std::uint64_t seed, const ShopScenario& scenario) {
    constexpr std::array<Duration, 3> early{run_max, 5s, 20s};
    sim::Simulation::Options options;
    options.faults = scenario.faults;
    options.lasts = scenario.heals_early ? early[seed % early.size()] : run_max;
    options.settles_within = run_max;
    options.schedule = scenario.schedule;
    return options;
}

/// A service of the platform with all that it stands on.
struct OwnedService {
    explicit OwnedService(const OutsideWorld& outside, const Platform::Options& options)
        : platform(outside, options) {}
    Platform platform;
};

std::shared_ptr<Service> make_service(const std::string& name, const OutsideWorld& outside,
                                      const Platform::Options& options) {
    auto owned = std::make_shared<OwnedService>(outside, options);
    return {owned, owned->platform.find(name)};
}

/// Has a process call the dependencies through circuits of its own, as it does in production.
Platform::Options with_circuits(Platform::Options options, io::World& process) {
    options.port = [port = options.port, &process](const std::string& dependency) {
        CircuitBreaker::Options circuit;
        circuit.dependency = dependency;
        circuit.retry.attempts = 1;  // An effect is retried as an effect.
        return through_circuit(port(dependency),
                               std::make_shared<CircuitBreaker>(process, circuit));
    };
    return options;
}

/// Asks as another port does, but with another key at each attempt: the classic double charge.
class CarelessPort final : public EffectPort {
public:
    explicit CarelessPort(std::shared_ptr<EffectPort> port) : port_(std::move(port)) {}
    Result<EffectResult> perform(const EffectRequest& request) override {
        EffectRequest careless = request;
        careless.idempotency_key += fmt::format(" attempt {}", request.attempt);
        return port_->perform(careless);
    }

private:
    std::shared_ptr<EffectPort> port_;
};

/// What a port answers that says `Pending` at the first attempt and answers at the next: here time
/// decides, since an attempt may have got lost.
Result<EffectResult> ask(EffectPort& port, const EffectRequest& request, Duration since) {
    EffectRequest asked = request;
    asked.attempt = since < late_answer ? 1 : 2;
    Result<EffectResult> result = port.perform(asked);
    if (!result) return result;
    if (auto* pending = std::get_if<Pending>(&*result); pending && pending->ask_again) {
        pending->ask_again = late_answer - since;
    }
    return result;
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

Hosts hosts_of(const sim::View& view) {
    std::vector<Host*> all;
    for (const std::string& name : view.services()) all.push_back(&view.host(name));
    return Hosts{all};
}

/// Holds the account of all orders that were brought against the one told from their stories alone.
std::optional<std::string> wrong_account(const OrderBook& book, const Accounts& accounts) {
    const std::set<std::string> are = lines_of(outcomes_csv(accounts.orders));
    std::set<std::string> brought;
    for (const OrderAccount& order : accounts.orders) brought.insert(order.reference);
    std::vector<OrderAccount> expected = expected_accounts(book, Deadlines::on);
    std::erase_if(expected, [&](const auto& order) { return !brought.contains(order.reference); });
    for (const std::string& line : lines_of(outcomes_csv(expected))) {
        if (are.contains(line)) continue;
        const auto instead = are.lower_bound(line.substr(0, line.find(',') + 1));
        return fmt::format("an order should be \"{}\" and is \"{}\"", line,
                           instead == are.end() ? "not there" : *instead);
    }
    return std::nullopt;
}

}  // namespace

sim::Faults shop_faults() {
    sim::Faults faults = sim::Faults::swarm();
    faults.late_clock_from = settled_after;
    // Together they stay well below the shortest deadline.
    faults.hanging_call = 2s;
    faults.down_max = 3s;
    faults.outage_max = 3s;
    faults.clock_jumps_sum_max = 2min;
    faults.incidents_max = 60;
    return faults;
}

ShopSimulation::ShopSimulation(std::uint64_t seed, const ShopScenario& scenario)
    : book_(std::make_shared<const OrderBook>(
          make_book(scenario.schedule ? scenario.schedule->seed : seed, scenario))),
      outside_(std::make_shared<const OutsideWorld>(*book_)),
      simulation_(seed, options_of(seed, scenario)) {
    add_outside();
    add_services(scenario);
    add_workload();
    add_checks();
}

void ShopSimulation::add_outside() {
    const std::array<std::pair<const char*, std::shared_ptr<EffectPort>>, 3> ports{{
        {"gateway", gateway_port(*outside_, late_answer)},
        {"warehouse", warehouse_port(*outside_, late_answer)},
        {"carrier", carrier_port(*outside_, late_answer)},
    }};
    for (const auto& [name, port] : ports) {
        simulation_.dependency(
            name, [port = port, outside = outside_](const EffectRequest& request, Duration since) {
                return ask(*port, request, since);
            });
        simulation_.never_twice(name);
    }
}

void ShopSimulation::add_services(const ShopScenario& scenario) {
    std::map<std::string, std::shared_ptr<EffectPort>> ports;
    for (const char* name : {"gateway", "warehouse", "carrier"}) {
        ports[name] = simulation_.port(name);
    }
    if (scenario.charges_carelessly) {
        ports["gateway"] = std::make_shared<CarelessPort>(ports["gateway"]);
    }
    Platform::Options platform;
    platform.deadlines = deadlines;
    platform.late_answer = late_answer;
    platform.port = [ports](const std::string& dependency) { return ports.at(dependency); };
    platform.to_orders = simulation_.connection("customers", "order-service");
    for (const std::string& name : service_names()) {
        simulation_.service(name, [name, platform, outside = outside_](io::World& process) {
            return make_service(name, *outside, with_circuits(platform, process));
        });
    }
}

void ShopSimulation::add_workload() {
    simulation_.workload([book = book_](sim::Client& client) {
        const auto send = [&client](const char* service, const io::HttpRequest& request) {
            return &client.send(service, request.method, request.target, request.body);
        };
        constexpr std::array<Duration, 3> spreads{0s, 1s, 30s};
        client.spread(spreads[client.random().below(spreads.size())]);
        // Only those that orders name: the others would take most of a run.
        std::set<std::string_view> users;
        std::set<std::string_view> products;
        for (const SourceOrder& order : book->orders) {
            users.insert(order.user_id);
            for (const SourceItem& item : order.items) products.insert(item.product_id);
        }
        for (const SourceUser& user : book->users) {
            if (users.contains(user.id)) send("user-service", user_request(user))->needed();
        }
        for (const SourceProduct& product : book->products) {
            if (!products.contains(product.id)) continue;
            send("product-service", product_request(product))->needed();
            send("inventory-service", stock_request(product))->needed();
        }
        client.at_rest();  // The services must have heard of the users.
        client.spread(spreads[client.random().below(spreads.size())]);
        for (const SourceOrder& order : book->orders) send("order-service", order_request(order));
    });
}

void ShopSimulation::add_checks() {
    simulation_.order_per_key();
    simulation_.sagas_end("order-service", run_max);
    simulation_.at_end("no request is refused", [](const sim::View& view) {
        std::optional<std::string> wrong;
        for (const sim::CallAnswer& answer : view.answers()) {
            if (answer.response.status < 300) continue;
            wrong = fmt::format("{} was answered with {}: {}", answer.request.target,
                                answer.response.status, answer.response.body);
        }
        return wrong;
    });
    simulation_.at_end("every order that was taken is there", [](const sim::View& view) {
        const auto taken = std::count_if(
            view.answers().begin(), view.answers().end(),
            [](const sim::CallAnswer& answer) { return answer.service == "order-service"; });
        const auto there =
            view.read("order-service").value<std::int64_t>("SELECT count(*) FROM orders");
        std::optional<std::string> wrong;
        if (there.value_or(0) != taken) {
            wrong = fmt::format("{} were taken, {} are there", taken, there.value_or(0));
        }
        return wrong;
    });
    simulation_.at_end("every order comes to what its story says",
                       [book = book_, outcomes = outcomes_](const sim::View& view) {
                           const Accounts accounts = read_accounts(hosts_of(view));
                           *outcomes = accounts.by_outcome;
                           return wrong_account(*book, accounts);
                       });
    simulation_.at_end("the demo's invariants hold", [](const sim::View& view) {
        std::optional<std::string> wrong;
        for (const Invariant& invariant : check_invariants(hosts_of(view))) {
            for (const std::string& violation : invariant.violations) {
                wrong = invariant.rule + ": " + violation;
            }
        }
        return wrong;
    });
}

}  // namespace shop
