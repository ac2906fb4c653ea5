#pragma once

#include <tidings/base/result.h>
#include <tidings/base/time.h>
#include <tidings/io/world.h>
#include <tidings/resilience/retry_policy.h>
#include <tidings/telemetry/log.h>
#include <tidings/telemetry/metrics.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace tidings {

/// What a circuit breaker lets through. The values are those of `tidings_circuit_state`: how far it
/// is from normal.
enum class CircuitState : std::uint8_t {
    closed = 0,     ///< Every call.
    half_open = 1,  ///< A few calls, to find out.
    open = 2,       ///< None.
};

/// Returns the enumerator's own name, e.g. `half_open`.
std::string_view to_string(CircuitState state) noexcept;

/// How a dependency does, as its circuit breaker knows it.
struct CircuitStatus {
    std::string dependency;
    CircuitState state = CircuitState::closed;
    bool is_ramping = false;  ///< Closed, but not yet letting every call through.
    std::string reason;       ///< Why it opened last; empty when all is normal.
    Duration since{0};        ///< How long it has been in this state.

    bool is_degraded() const noexcept { return state != CircuitState::closed || is_ramping; }
};

/// What one attempt of a call has to keep to.
struct CallAttempt {
    Duration timeout;  ///< The work returns within it, or soon after.
    int number = 1;    ///< 1 for the first.
};

/// Why a fallback is asked for.
struct CallRefused {
    Error error;              ///< Of the last attempt, or `unavailable`.
    bool was_called = false;  ///< False: nothing was sent, so nothing can have happened there.
    Duration ask_again{0};    ///< Not called: when it makes sense to try again.
};

/// What a call came to: the answer of the dependency, or of the fallback, and which of the two.
template <class T>
struct Called {
    T value;
    bool is_fallback = false;
    std::optional<Error> why{};  ///< Of a fallback: what went wrong.
};

/// Stands before the synchronous calls to one dependency, and stops making them while it is down.
///
/// A dependency that fails or hangs takes its callers with it: they wait, their queues fill, and
/// when it comes back they all ask at once and bring it down again. The breaker looks at the last
/// calls. When too many failed or were slow it opens: calls are answered by their fallback at
/// once. After a while a few calls go through as probes; if they succeed it closes, and lets the
/// load through little by little.
///
///     closed --(rate of failed or slow calls)--> open --(time)--> half_open --(probes)--> closed
///                                                 ^-----------(one probe failed)--'
///
///     const auto rate = breaker->call(
///         [&](const CallAttempt& attempt) { return ask_rate(zone, attempt.timeout); },
///         [&](const CallRefused&) { return last_known.find(zone).value_or(tariff); });
///     shipment.rate_is_fallback = rate.is_fallback;
///
/// Guarantees
/// - No call without a fallback: there is no overload with one callable.
/// - A result counts in the epoch in which its call began; each change of state begins a new one.
///   What comes late, from before the change, moves nothing ("overhanging executions").
/// - No stampede: in half_open at most `probes` calls are under way, after closing a share of the
///   calls that grows over `ramp`, and never more than `concurrent_max` at a time.
/// - Only the monotonic clock is read: setting the wall clock changes nothing.
///
/// Limits    `window_calls` outcomes are remembered. The work itself must keep to the timeout: a
///           thread cannot be stopped from outside.
/// Threads   Any; the work runs on the caller's thread, and nothing is locked meanwhile.
/// Lifetime  The World must outlive it, and it the permits.
/// See       docs/guide/breakers.md
class CircuitBreaker {
public:
    struct Options {
        std::string dependency;          ///< Its name, e.g. `payment-provider`.
        std::size_t window_calls = 50;   ///< The last so many calls count,
        Duration window = 30s;           ///< of those that ended in this time.
        std::size_t calls_min = 10;      ///< Fewer say nothing.
        double failure_rate = 0.5;       ///< Opens at this share of failed calls,
        double slow_rate = 0.8;          ///< or of calls that took `slow_call` or longer.
        Duration slow_call = 1s;         ///< In half_open a slow call is a failed probe.
        Duration timeout = 2s;           ///< For one attempt.
        Duration open_initial = 5s;      ///< How long it stays open the first time; each failed
        Duration open_max = 1min;        ///< probe doubles it. Half of it is jitter.
        std::size_t probes = 3;          ///< So many must succeed, one after another or at once.
        Duration ramp = 5s;              ///< After closing, until every call goes through again.
        std::size_t concurrent_max = 8;  ///< Calls under way at a time (the bulkhead).
        /// Attempts of one call. Retries are for errors that `is_retryable`, and few: the budget
        /// below bounds them over all calls.
        RetryPolicy retry{.attempts = 2, .initial_delay = 20ms, .factor = 2, .delay_max = 200ms};
        double retry_ratio = 0.1;  ///< Retries for each first try, at most.
        /// How the pause before a retry is waited for. By default the thread sleeps; in simulation
        /// the clock is moved.
        std::function<void(Duration)> pause{};

        /// Checks that the numbers make sense. Errors: `invalid_argument`, naming the number.
        Result<void> check() const;
    };

    /// Requires: `options.check()`.
    CircuitBreaker(io::World& world, Options options);
    ~CircuitBreaker();
    CircuitBreaker(const CircuitBreaker&) = delete;
    CircuitBreaker& operator=(const CircuitBreaker&) = delete;

    /// Calls `work(const CallAttempt&)`, which returns a Result<T>, unless the circuit forbids it;
    /// if there is no value, calls `fallback(const CallRefused&)`, which returns a T.
    ///
    /// An error that `is_retryable` says that the dependency failed. Any other says that it did its
    /// part and what it was asked was wrong: that counts as a success of the dependency.
    template <class Work, class Fallback>
    auto call(Work&& work, Fallback&& fallback) {
        using R = std::invoke_result_t<Work&, const CallAttempt&>;
        using T = std::decay_t<decltype(*std::declval<R&>())>;
        static_assert(std::is_convertible_v<std::invoke_result_t<Fallback&, const CallRefused&>, T>,
                      "the fallback must answer what the work answers");
        std::optional<T> answer;
        const CallRefused refused = run([&](const CallAttempt& attempt) -> Result<void> {
            R result = work(attempt);
            if (!result) return std::move(result).error();
            answer.emplace(std::move(*result));
            return {};
        });
        if (answer) return Called<T>{std::move(*answer)};
        return Called<T>{T(fallback(refused)), true, refused.error};
    }

    class Permit;
    /// The two ends of a call that ends elsewhere than where it began: on another thread, or at
    /// another time. Who uses it owes the fallback, and has no retries.
    /// Errors: `unavailable`, which says why; see `ask_again()`.
    Result<Permit> enter();

    /// Returns when it makes sense to try again after `enter()` refused: never the same moment for
    /// all who ask.
    Duration ask_again();
    CircuitStatus status() const;
    const Options& options() const noexcept;

    /// Counts into `metrics` and writes to `journal` from now on, for `service`; no metrics: leaves
    /// off. For the Host that runs the service; `metrics` must outlive the time until then.
    void observe(Metrics* metrics, const Journal& journal, std::string_view service);

private:
    struct Impl;
    /// Makes the attempts. Without an error: one succeeded.
    CallRefused run(const std::function<Result<void>(const CallAttempt&)>& attempt);

    std::unique_ptr<Impl> impl_;
};

/// Leave to make one call through a CircuitBreaker, and the duty to say how it went. Dropped
/// without a word it counts as a call that never was.
///
/// Threads   One at a time.
class CircuitBreaker::Permit {
public:
    Permit(Permit&& other) noexcept;
    Permit& operator=(Permit&& other) noexcept;
    ~Permit();

    /// The dependency answered, whatever it said.
    void succeeded();
    /// It did not, or not in time, or said that it cannot.
    void failed(const Error& why);

private:
    friend class CircuitBreaker;
    Permit(Impl& impl, std::uint64_t epoch, TimePoint began)
        : impl_(&impl), epoch_(epoch), began_(began) {}

    Impl* impl_;  // None once it has been used.
    std::uint64_t epoch_;
    TimePoint began_;
};

}  // namespace tidings
