#include "market_simulation.h"

#include "market.h"

#include <memory>
#include <string>

namespace market {

using namespace tidings;

namespace {

/// After so many questions the gateway has an answer for a late payment: later than the saga waits.
constexpr int late_attempts = 4;
constexpr Duration late_pause = 6min;

Result<EffectResult> gateway(const EffectRequest& request) {
    if (request.name == "gateway.charge") {
        if (has_story(request.subject, story::declined)) {
            return EffectResult{Answered{R"({"accepted":false})"}};
        }
        if (has_story(request.subject, story::late) && request.attempt < late_attempts) {
            return EffectResult{Pending{late_pause}};
        }
    }
    return EffectResult{Answered{R"({"accepted":true})"}};
}

Result<EffectResult> warehouse(const EffectRequest& request) {
    const bool refuses =
        request.name == "warehouse.send" && has_story(request.subject, story::unsent);
    return EffectResult{Answered{refuses ? R"({"accepted":false})" : R"({"accepted":true})"}};
}

Result<EffectResult> mailer(const EffectRequest&) { return EffectResult{Answered{"{}"}}; }

template <class Body>
std::string json_of(const Body& body) {
    std::string text;
    json::Writer writer{text};
    write_data(writer, body);
    return text;
}

void place(sim::Client& client, const std::string& reference, std::string_view item) {
    const order::Place body{.id = reference,
                            .item = std::string{item},
                            .amount = has_story(reference, story::invalid) ? 0 : 100};
    client.post("order-service", "/orders", json_of(body));
}

void workload(sim::Client& client) {
    for (int i = 0; i < 3; ++i) {
        const std::string number = '-' + std::to_string(i);
        for (const std::string_view story : {story::plain, story::told_twice, story::declined,
                                             story::late, story::unsent, story::invalid}) {
            place(client, std::string{story} + number, i == 0 ? "apple" : "pear");
        }
        place(client, "plain-rare" + number, "rare");
        for (const std::string_view item : {brittle, stubborn}) {
            client.post("stock-service", "/recounts",
                        json_of(stock::Recount{.id = std::string{item}}));
        }
    }
}

/// A run is short, so that many fit into a minute: so much that more has to go wrong in it.
sim::Faults faults(std::uint64_t seed) {
    using Kind = sim::FaultKind;
    const bool disk_fills = seed % 3 == 0;
    return sim::Faults::swarm()
        .with(Kind::outage, 2)
        .with(Kind::crash, 2)
        .with(Kind::all_killed, 0.5)
        .with(Kind::power_loss, 3)
        .with(Kind::write_error, 0.2)
        .with(Kind::disk_full, disk_fills ? 1 : 0)
        .with(Kind::dependency_failing, 1);
}

}  // namespace

sim::Simulation simulation(std::uint64_t seed) {
    sim::Simulation::Options options;
    options.faults = faults(seed);
    options.polls_max = 40'000;
    options.disk = seed % 2 == 0 ? sim::DiskProfile::ordered : sim::DiskProfile::strict;
    sim::Simulation market{seed, options};
    market.dependency("gateway", gateway);
    market.dependency("warehouse", warehouse);
    market.dependency("mailer", mailer);
    // So that logs roll, and what is read goes, within some dozens of events.
    const sim::Simulation::ServiceOptions small{.segment_bytes_max = 64 * 1024,
                                                .retention_bytes_max = 96 * 1024};
    market.service(
        "order-service",
        [port = market.port("mailer")] { return std::make_shared<OrderService>(port); }, small);
    market.service(
        "payment-service",
        [port = market.port("gateway")] { return std::make_shared<PaymentService>(port); }, small);
    market.service(
        "stock-service",
        [port = market.port("warehouse")] { return std::make_shared<StockService>(port); }, small);
    market.workload(workload);
    add_invariants(market);
    return market;
}

}  // namespace market
