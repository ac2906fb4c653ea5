#pragma once

#include <tidings/base/result.h>
#include <tidings/io/http.h>
#include <tidings/io/http_dependency.h>
#include <tidings/io/world.h>

#include "orders/outside.h"
#include "provider/ledger.h"

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>

namespace shop {

/// How ill a dependency is.
struct ProviderFaults {
    tidings::Duration latency{0};
    double fail_rate = 0;  ///< So many requests are answered with 500, half of them after the deed.
    bool hang = false;     ///< Requests are carried out, and never answered.
    bool down = false;     ///< Nobody listens.
    bool busy = false;     ///< Requests are refused with 503 and `Retry-After`.
};

/// The shop's outside dependencies, simulated: the payment provider, which answers
/// `POST /gateway/charge` and `/gateway/refund` and keeps a ledger, and the carrier's rates,
/// `POST /carrier/rate`. What it decides about an order is a function of the order (OutsideWorld);
/// how well it does, of the faults that were dialled in.
///
///     POST /faults  {"of":"payments","latencyMs":50,"failRate":0.2,"hang":false,"down":false}
///     GET  /ledger  {"charges":60,"doubleCharges":0,...}
///
/// It knows no sockets: a process serves it over HTTP (provider_server.h), a simulation calls it.
///
/// Threads   Any.
/// Lifetime  World and OutsideWorld must outlive it.
class Provider {
public:
    /// `late` is how long a late answer takes.
    Provider(tidings::io::World& world, const OutsideWorld& outside, tidings::Duration late)
        : world_(world), outside_(outside), late_(late) {}

    /// What became of a request.
    struct Served {
        tidings::io::HttpResponse response;
        tidings::Duration after{0};  ///< When the response is sent.
        bool never = false;          ///< It is never sent.
        bool down = false;           ///< Nobody was there to take the request.
    };
    Served serve(const tidings::io::HttpRequest& request);
    /// Answers `/ledger` and `/faults`, for whoever runs the simulation.
    tidings::io::HttpResponse control(const tidings::io::HttpRequest& request);

    void set_faults(const std::string& of, const ProviderFaults& faults);
    ProviderFaults faults(const std::string& of) const;
    Ledger::Totals totals() const;
    /// See `Ledger::open`.
    tidings::Result<void> open_ledger(const std::string& path);

private:
    struct Asked {
        std::string key;
        std::string order_id;
        std::string reference;
        tidings::Money amount;
    };

    tidings::io::HttpResponse carry_out(const tidings::io::HttpRequest& request);
    tidings::io::HttpResponse charge(const Asked& asked);
    tidings::io::HttpResponse refund(const Asked& asked);
    tidings::io::HttpResponse rate(const tidings::io::HttpRequest& request);
    bool draw(double probability);

    tidings::io::World& world_;
    const OutsideWorld& outside_;
    const tidings::Duration late_;
    mutable std::mutex mutex_;                               // Guards what follows.
    std::map<std::string, ProviderFaults> faults_;           // By dependency: `payments`, `rates`.
    std::map<std::string, tidings::TimePoint> first_asked_;  // Of what is answered late, by key.
    Ledger ledger_;
    std::int64_t requests_ = 0;
};

/// The Provider as a dependency inside a simulation: it takes virtual time, which `advance` moves,
/// and no socket.
///
/// Lifetime  The Provider must outlive it.
class SimulatedDependency final : public tidings::io::HttpDependency {
public:
    SimulatedDependency(Provider& provider, std::function<void(tidings::Duration)> advance)
        : provider_(provider), advance_(std::move(advance)) {}

    tidings::Result<tidings::io::HttpResponse> send(const tidings::io::HttpRequest& request,
                                                    tidings::Duration timeout) override;

private:
    Provider& provider_;
    std::function<void(tidings::Duration)> advance_;
};

}  // namespace shop
