#pragma once

#include <tidings/base/result.h>
#include <tidings/base/time.h>

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace tidings {

/// One request to the outside world.
struct EffectRequest {
    std::string name;             ///< The effect's, e.g. `gateway.charge`.
    std::string idempotency_key;  ///< The same however often it is asked.
    std::string subject;
    std::string request;  ///< A JSON object.
    int attempt = 1;      ///< How often it has been asked, this time included.
};

/// The outside world has answered, with a JSON object.
struct Answered {
    std::string answer;
};

/// It has taken the request and will answer later: ask again after a while, or, without one, only
/// after the next start.
struct Pending {
    std::optional<Duration> ask_again;
};

/// Not carried out for now, and nobody's failure: an open circuit, a full bulkhead, a
/// `Retry-After`. It is no attempt, nothing is written down, and no backoff grows. All requests of
/// this effect wait so long, in their order, so that what waits costs nothing.
struct PutOff {
    Duration after;
    Error why;
};

using EffectResult = std::variant<Answered, Pending, PutOff>;
using EffectDone = std::function<void(Result<EffectResult>)>;

/// Carries one kind of effect out: the service's side of a payment gateway, a carrier, a mailer.
///
/// It is called after the request was committed, at least once, always with the same idempotency
/// key; the other side must treat equal keys as one request.
///
/// Threads   One at a time for each service; not the step loop's.
class EffectPort {
public:
    virtual ~EffectPort() = default;
    /// Errors: whatever `is_retryable` is tried again with backoff for ever; the rest rests as a
    /// failed effect until somebody looks.
    virtual Result<EffectResult> perform(const EffectRequest& request) = 0;
    /// Begins it, and calls `done` once: before it returns, or later from any thread. A port whose
    /// calls may take long overrides it, so that other effects of the service need not wait; see
    /// `on_own_threads()`. A `done` that comes after the service's end has no effect.
    virtual void start(const EffectRequest& request, const EffectDone& done) {
        done(perform(request));
    }
};

}  // namespace tidings
