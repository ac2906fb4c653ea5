#pragma once

#include <tidings/delivery/effect.h>
#include <tidings/io/http_dependency.h>
#include <tidings/io/world.h>
#include <tidings/resilience/circuit_breaker.h>
#include <tidings/service/service.h>

#include <cstddef>
#include <memory>

namespace shop {

/// The shop's dependencies as services of others, reached over HTTP through circuit breakers.
struct Providers {
    tidings::io::World* world = nullptr;
    std::shared_ptr<tidings::io::HttpDependency> payments;
    std::shared_ptr<tidings::io::HttpDependency> rates;
    tidings::CircuitBreaker::Options breaker{};  ///< Of each; the name is filled in.
    /// Threads that wait for each dependency; 0: the service's own waits, as in a simulation.
    std::size_t threads = 4;
    tidings::Duration rates_live = std::chrono::hours{24};

    /// Both on one port of this machine, as `shop provider` serves them.
    static Providers at(int port, bool quick_breakers);
};

/// For runs that are waited for: judges by few calls, and tries again within parts of a second.
tidings::CircuitBreaker::Options quick_breaker();

/// The payment provider for `gateway.charge` and `gateway.refund`; `service` depends on it.
std::shared_ptr<tidings::EffectPort> gateway_through(const Providers& providers,
                                                     tidings::Service& service);
/// The carrier's rates, `carrier.rate`, likewise.
std::shared_ptr<tidings::EffectPort> rates_through(const Providers& providers,
                                                   tidings::Service& service);

}  // namespace shop
