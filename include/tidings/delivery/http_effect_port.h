#pragma once

#include <tidings/delivery/effect.h>
#include <tidings/io/http_dependency.h>
#include <tidings/io/world.h>
#include <tidings/resilience/circuit_breaker.h>

#include <functional>
#include <memory>

namespace tidings {

/// Carries effects out by HTTP requests to one dependency, through its circuit breaker.
///
///     service.effect("gateway.charge",
///                    on_own_threads(std::make_shared<HttpEffectPort>(world, provider, breaker),
///                    4), [this](const EffectAnswer& answer, Transaction& tx) { charged(answer,
///                    tx); });
///
/// Unless told otherwise it POSTs the request's JSON to `/gateway/charge`. Each request carries the
/// header `Idempotency-Key`, the same however often it is sent.
///
/// | the dependency | the effect |
/// | --- | --- |
/// | answers 2xx | is answered with the body |
/// | answers 202 | is pending: asked again after `Retry-After`, without one after the next start |
/// | answers 429 or 5xx with `Retry-After` | is put off for that long and a little more |
/// | answers 408, 425, 429, 5xx; not in time; not at all | is tried again with backoff |
/// | answers anything else (4xx) | has failed for good |
/// | is not called: open circuit, full bulkhead | is put off; no attempt is counted |
///
/// The middle three count as failures of the dependency, 4xx does not.
///
/// Threads   Any, at the same time.
/// Lifetime  The World must outlive it.
class HttpEffectPort : public EffectPort {
public:
    using MakeRequest = std::function<io::HttpRequest(const EffectRequest&)>;

    /// Nothing is put off for longer by a `Retry-After`.
    static constexpr Duration retry_after_max = 5min;

    HttpEffectPort(io::World& world, std::shared_ptr<io::HttpDependency> dependency,
                   std::shared_ptr<CircuitBreaker> breaker, MakeRequest make = post_to_its_name);

    Result<EffectResult> perform(const EffectRequest& request) override;

    /// `POST /gateway/charge` for `gateway.charge`.
    static io::HttpRequest post_to_its_name(const EffectRequest& request);

private:
    Duration a_little_more(Duration bound);

    io::World& world_;
    std::shared_ptr<io::HttpDependency> dependency_;
    std::shared_ptr<CircuitBreaker> breaker_;
    MakeRequest make_;
};

}  // namespace tidings
