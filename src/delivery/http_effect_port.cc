#include <tidings/delivery/http_effect_port.h>

#include "base/test_points.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

namespace tidings {

namespace {

/// What is taken and answered later may take long; the database's due times need a bound.
constexpr Duration pending_max = std::chrono::hours{24 * 365};

/// Seconds; the other form of the field, a date, would be by a clock that is not ours.
std::optional<Duration> retry_after_of(const io::HttpResponse& response, Duration longest) {
    const auto field = response.headers.find("retry-after");
    if (field == response.headers.end()) return std::nullopt;
    const std::string& text = field->second;
    std::int64_t count = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
    if (error != std::errc{} || end != text.data() + text.size() || count < 0) return std::nullopt;
    const auto most = std::chrono::duration_cast<std::chrono::seconds>(longest).count();
    return std::chrono::seconds{std::min(count, most)};
}

bool is_for_now(int status) {
    return status >= 500 || status == 408 || status == 425 || status == 429;
}

/// What a dependency answered, if it did its part; an error if it did not.
Result<Result<EffectResult>> read_answer(const EffectRequest& request, io::HttpResponse response,
                                         const std::string& dependency) {
    const int status = response.status;
    if (status == 202) return Result<EffectResult>{Pending{retry_after_of(response, pending_max)}};
    if (status >= 200 && status < 300) {
        if (response.body.empty()) response.body = "{}";
        return Result<EffectResult>{Answered{std::move(response.body)}};
    }
    // Neither its body nor ours: an error goes where payloads must not.
    const std::string said = fmt::format("{} answers {} with {}", dependency, request.name, status);
    if (is_for_now(status)) return Error{ErrorCode::unavailable, said, "it is tried again"};
    return Result<EffectResult>{Error{ErrorCode::invalid_argument, said,
                                      "the request is wrong, or not allowed; see the dependency"}};
}

}  // namespace

HttpEffectPort::HttpEffectPort(io::World& world, std::shared_ptr<io::HttpDependency> dependency,
                               std::shared_ptr<CircuitBreaker> breaker, MakeRequest make)
    : world_(world),
      dependency_(std::move(dependency)),
      breaker_(std::move(breaker)),
      make_(std::move(make)) {}

io::HttpRequest HttpEffectPort::post_to_its_name(const EffectRequest& request) {
    io::HttpRequest http;
    http.method = "POST";
    http.path = '/' + request.name;
    std::replace(http.path.begin(), http.path.end(), '.', '/');
    http.target = http.path;
    http.body = request.request;
    return http;
}

Duration HttpEffectPort::a_little_more(Duration bound) {
    const auto half = static_cast<std::uint64_t>(bound.count()) / 2 + 1;
    return Duration{static_cast<Duration::rep>(world_.random_number() % half)};
}

Result<EffectResult> HttpEffectPort::perform(const EffectRequest& request) {
    io::HttpRequest http = make_(request);
    http.headers["idempotency-key"] = request.idempotency_key;
    std::optional<Duration> retry_after;
    auto called = breaker_->call(
        [&](const CallAttempt& attempt) -> Result<Result<EffectResult>> {
            Result<io::HttpResponse> response = dependency_->send(http, attempt.timeout);
            if (!response) {
                Error error = with_context(response.error(), breaker_->options().dependency);
                // An answer that is too large or no HTTP is no answer either.
                if (error.code != ErrorCode::timeout) error.code = ErrorCode::unavailable;
                return error;
            }
            if (is_for_now(response->status)) {
                retry_after = retry_after_of(*response, retry_after_max);
            }
            return read_answer(request, std::move(*response), breaker_->options().dependency);
        },
        [&](const CallRefused& refused) -> Result<EffectResult> {
            if (!refused.was_called) {
                return EffectResult{PutOff{refused.ask_again, refused.error}};
            }
            if (!retry_after) return refused.error;
            reached("effect.retry_after");
            return EffectResult{PutOff{*retry_after + a_little_more(*retry_after), refused.error}};
        });
    return std::move(called.value);
}

}  // namespace tidings
