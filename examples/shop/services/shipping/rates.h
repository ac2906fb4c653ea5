#pragma once

#include <tidings/base/money.h>
#include <tidings/delivery/effect.h>
#include <tidings/io/http_dependency.h>
#include <tidings/io/world.h>
#include <tidings/resilience/circuit_breaker.h>
#include <tidings/resilience/last_known.h>

#include <cstdint>
#include <memory>
#include <string_view>

namespace shop::shipping_service {

/// The zone that an order of that reference goes to, 0 to 9: the shop's orders have no addresses.
std::int64_t zone_of(std::string_view reference) noexcept;

/// The carrier's rates, `carrier.rate`: asked for synchronously when a shipment is prepared, and
/// answered at once in any case. While the carrier does not answer, a rate is the last one known
/// for the zone, if it is not too old, and else that of the tariff; it says which it is.
///
/// Threads   Any, at the same time.
class CarrierRates : public tidings::EffectPort {
public:
    CarrierRates(tidings::io::World& world, std::shared_ptr<tidings::io::HttpDependency> carrier,
                 std::shared_ptr<tidings::CircuitBreaker> breaker, tidings::Duration time_to_live);

    tidings::Result<tidings::EffectResult> perform(const tidings::EffectRequest& request) override;

private:
    tidings::Result<tidings::Money> ask(std::int64_t zone, tidings::Duration timeout);

    std::shared_ptr<tidings::io::HttpDependency> carrier_;
    std::shared_ptr<tidings::CircuitBreaker> breaker_;
    tidings::LastKnown<tidings::Money> last_known_;
};

}  // namespace shop::shipping_service
