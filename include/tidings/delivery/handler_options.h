#pragma once

#include <tidings/base/result.h>
#include <tidings/delivery/handler_budget.h>
#include <tidings/resilience/retry_policy.h>

#include <functional>
#include <optional>

namespace tidings {

/// What later events of a key do while an earlier one is held: waits for a retry, or is dead.
enum class KeyOrder : std::uint8_t {
    keep,      ///< They are parked behind it and go on in their order.
    let_pass,  ///< They are handled at once; the one that failed comes late, or never.
};

/// How one handler is tried again, and what waits for it meanwhile.
///
///     service.on<payment::Completed>(orders, {
///         .retry = RetryPolicy{.attempts = 20, .delay_max = 5min, .attempt_deadline = 2s},
///         .is_worth_retrying = [](const Error& e) { return e.code != ErrorCode::conflict; },
///         .order = KeyOrder::let_pass,
///     });
struct HandlerOptions {
    /// Nothing: as `Handlers::retry` says.
    std::optional<RetryPolicy> retry{};
    /// Whether an error may pass by itself. Empty: whatever `is_retryable`. Not asked of what
    /// cannot succeed: an event that breaks its contract, `Failure{error, true}`.
    std::function<bool(const Error&)> is_worth_retrying{};
    /// How many retries it may make in all.
    HandlerBudget::Options budget{};
    KeyOrder order = KeyOrder::keep;

    /// Errors: `invalid_argument`, naming the number.
    Result<void> check() const {
        if (retry) {
            if (Result<void> checked = retry->check(); !checked) return checked;
        }
        return budget.check();
    }
};

}  // namespace tidings
