#pragma once

#include <tidings/testing/simulation.h>

#include <array>
#include <contracts/all.h>
#include <memory>
#include <models/depot_service.h>
#include <string>

namespace tidings::sim {

/// Opens depots when it is asked to, one for each van, and tells of them.
struct DepotService : Service {
    DepotService() : Service{"depot-service"} {
        static constexpr std::array tables{
            Migration{1, "depots", "CREATE TABLE depots (city TEXT PRIMARY KEY);"}};
        schema(tables);
        command<sample::depot_service::StartTour>(
            "POST", "/tours",
            [](const sample::depot_service::StartTour& tour, const Request&, Transaction& tx) {
                tx.execute("INSERT INTO depots (city) VALUES ($1) ON CONFLICT DO NOTHING",
                           tour.van);
                // Several depots have one number, which is their key.
                tx.publish(sample::depot::Opened{1 + std::stoi(tour.van) % 7, tour.van});
                return Reply{202, "{}", {}};
            });
    }
};

/// Notes each depot that was opened, and has it registered outside.
struct ParcelService : Service {
    ParcelService(std::shared_ptr<EffectPort> registry, bool forgets) : Service{"parcel-service"} {
        static constexpr std::array tables{
            Migration{1, "depots",
                      "CREATE TABLE known (city TEXT PRIMARY KEY, registered BIGINT NOT NULL);"}};
        schema(tables);
        handlers().on<sample::depot::Opened>(
            [this, forgets](const sample::depot::Opened& opened, Transaction& tx) {
                // In memory: gone with the process.
                if (forgets && ++seen_ == 1 && std::stoi(opened.city) % 2 == 0) return;
                tx.execute("INSERT INTO known (city, registered) VALUES ($1, 0)", opened.city);
                tx.request("registry.enter", opened.city, "{}");
            });
        effect("registry.enter", std::move(registry),
               [](const EffectAnswer& answer, Transaction& tx) {
                   tx.execute("UPDATE known SET registered = registered + 1 WHERE city = $1",
                              answer.subject);
               });
    }

private:
    int seen_ = 0;
};

/// Asks as another does, but with another key at each attempt.
class CarelessPort final : public EffectPort {
public:
    explicit CarelessPort(std::shared_ptr<EffectPort> port) : port_(std::move(port)) {}
    Result<EffectResult> perform(const EffectRequest& request) override {
        EffectRequest careless = request;
        careless.idempotency_key += std::to_string(request.attempt);
        return port_->perform(careless);
    }

private:
    std::shared_ptr<EffectPort> port_;
};

/// What is wrong with the parcel service.
enum class Wrong { nothing, forgets, asks_carelessly };

/// Both services, and depots being opened.
inline void add_depots(Simulation& made, const std::shared_ptr<EffectPort>& port,
                       bool forgets = false) {
    made.service("depot-service", [] { return std::make_shared<DepotService>(); });
    made.service("parcel-service",
                 [port, forgets] { return std::make_shared<ParcelService>(port, forgets); });
    made.workload([](Client& client) {
        for (int i = 1; i <= 30; ++i) {
            client.post("depot-service", "/tours", "{\"van\":\"" + std::to_string(i) + "\"}");
        }
    });
    made.order_per_key();
    made.eventually("every depot is registered once", 1min, [](const View& view) {
        std::optional<std::string> said;
        const auto opened =
            view.read("depot-service").value<int>("SELECT count(*) FROM depots").value_or(0);
        const auto registered = view.read("parcel-service")
                                    .value<int>("SELECT count(*) FROM known WHERE registered = 1")
                                    .value_or(0);
        if (opened != registered) {
            said =
                std::to_string(opened) + " opened, " + std::to_string(registered) + " registered";
        }
        return said;
    });
}

/// The same with the registry.
inline Simulation depots(std::uint64_t seed, Simulation::Options options,
                         Wrong wrong = Wrong::nothing) {
    Simulation made{seed, std::move(options)};
    made.dependency("registry", [](const EffectRequest&) { return Answered{"{}"}; });
    made.never_twice("registry");
    std::shared_ptr<EffectPort> port = made.port("registry");
    if (wrong == Wrong::asks_carelessly) port = std::make_shared<CarelessPort>(port);
    add_depots(made, port, wrong == Wrong::forgets);
    return made;
}

}  // namespace tidings::sim
