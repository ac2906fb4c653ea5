#include "services/shipping/rates.h"

#include "models/shipping_service.h"
#include "services/json_text.h"

#include <string>
#include <utility>

namespace shop::shipping_service {

using namespace tidings;

namespace {

/// What the contract with the carrier says that a parcel costs at most.
constexpr Money tariff{5'000};

}  // namespace

std::int64_t zone_of(std::string_view reference) noexcept {
    std::int64_t sum = 0;
    for (const char c : reference) sum += static_cast<unsigned char>(c);
    return sum % 10;
}

CarrierRates::CarrierRates(io::World& world, std::shared_ptr<io::HttpDependency> carrier,
                           std::shared_ptr<CircuitBreaker> breaker, Duration time_to_live)
    : carrier_(std::move(carrier)),
      breaker_(std::move(breaker)),
      last_known_(world, time_to_live) {}

Result<Money> CarrierRates::ask(std::int64_t zone, Duration timeout) {
    io::HttpRequest request{.method = "POST", .target = "/carrier/rate", .path = "/carrier/rate"};
    request.body = to_json(RateRequest{.zone = zone});
    const Result<io::HttpResponse> response = carrier_->send(request, timeout);
    if (!response) return response.error();
    if (response->status != 200) {
        return Error{ErrorCode::unavailable,
                     "the carrier answers with " + std::to_string(response->status)};
    }
    CarrierRate rate;
    json::Reader reader{response->body};
    if (Result<void> read = read_data(reader, rate); !read) return std::move(read).error();
    return rate.amount;
}

// [call]
Result<EffectResult> CarrierRates::perform(const EffectRequest& request) {
    const auto zone = from_json<RateRequest>(request.request).zone;
    const std::string key = std::to_string(zone);
    Source source = Source::carrier;
    const Called<Money> rate = breaker_->call(
        [&](const CallAttempt& attempt) -> Result<Money> {
            const std::uint64_t asked_in = last_known_.generation();
            Result<Money> amount = ask(zone, attempt.timeout);
            if (amount) last_known_.put(key, *amount, asked_in);
            return amount;
        },
        [&](const CallRefused&) {
            const std::optional<Money> known = last_known_.find(key);
            source = known ? Source::last_known : Source::tariff;
            return known.value_or(tariff);
        });
    return EffectResult{Answered{to_json(
        ShippingRate{.amount = rate.value, .is_fallback = rate.is_fallback, .source = source})}};
}
// [/call]

}  // namespace shop::shipping_service
