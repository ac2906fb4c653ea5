#include "demo/providers.h"

#include <tidings/delivery/effect_threads.h>
#include <tidings/delivery/http_effect_port.h>

#include "services/shipping/rates.h"

#include <string>
#include <utility>

namespace shop {

using namespace tidings;

namespace {

std::shared_ptr<CircuitBreaker> breaker_of(const Providers& providers, std::string dependency,
                                           int attempts, Service& service) {
    CircuitBreaker::Options options = providers.breaker;
    options.dependency = std::move(dependency);
    options.retry.attempts = attempts;
    auto breaker = std::make_shared<CircuitBreaker>(*providers.world, std::move(options));
    service.depends_on(breaker);
    return breaker;
}

std::shared_ptr<EffectPort> threaded(const Providers& providers, std::shared_ptr<EffectPort> port) {
    if (providers.threads == 0) return port;
    return on_own_threads(std::move(port), providers.threads);
}

}  // namespace

Providers Providers::at(int port, bool quick_breakers) {
    Providers providers;
    providers.world = &io::real_world();
    providers.payments = providers.rates = io::http_dependency(port);
    if (quick_breakers) providers.breaker = quick_breaker();
    return providers;
}

CircuitBreaker::Options quick_breaker() {
    CircuitBreaker::Options options;
    options.window_calls = 10;
    options.window = 5s;
    options.calls_min = 5;
    options.slow_call = 150ms;
    options.timeout = 200ms;
    options.open_initial = 100ms;
    options.open_max = 400ms;
    options.probes = 2;
    options.ramp = 200ms;
    return options;
}

// [ports]
std::shared_ptr<EffectPort> gateway_through(const Providers& providers, Service& service) {
    // One attempt: an effect is retried as an effect, which a restart does not forget.
    const auto breaker = breaker_of(providers, "payment-provider", 1, service);
    return threaded(
        providers, std::make_shared<HttpEffectPort>(*providers.world, providers.payments, breaker));
}

std::shared_ptr<EffectPort> rates_through(const Providers& providers, Service& service) {
    const auto breaker = breaker_of(providers, "carrier-rates", 2, service);
    return threaded(providers,
                    std::make_shared<shipping_service::CarrierRates>(
                        *providers.world, providers.rates, breaker, providers.rates_live));
}
// [/ports]

}  // namespace shop
