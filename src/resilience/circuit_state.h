#pragma once

#include <tidings/io/worker.h>
#include <tidings/resilience/circuit_breaker.h>
#include <tidings/resilience/retry_budget.h>

#include "resilience/call_window.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>

namespace tidings {

/// What came of a call, for the counters.
enum class CallOutcome : std::uint8_t { success, slow, failure, refused, late, dropped };
inline constexpr std::size_t call_outcomes = 6;
std::string_view to_string(CallOutcome outcome) noexcept;

/// The states of a CircuitBreaker and what moves it between them. See circuit_breaker.h.
///
/// Threads   Any; `mutex` guards all that changes.
struct CircuitBreaker::Impl {
    Impl(io::World& world_, Options options_)
        : world(world_),
          options(std::move(options_)),
          window(options.window_calls, options.window),
          since(world.monotonic()),
          budget(options.retry_ratio, 10) {}

    // All of these require the mutex to be held.

    /// Whether a call may begin now; why not, if not. Moves open to half_open when it is time.
    std::optional<Error> admit(TimePoint now);
    std::optional<Error> admit_to_ramp(TimePoint now);
    void begin(CircuitState next, TimePoint now);
    void open(TimePoint now, std::string why);
    void close(TimePoint now);
    void record(std::uint64_t began_in, TimePoint began, const Error* failure);
    void record_probe(TimePoint now, bool slow, const Error* failure);
    void record_closed(TimePoint now, bool slow, const Error* failure);
    void drop(std::uint64_t began_in);
    /// The share of calls that go through: less than 1 while it ramps up.
    double share(TimePoint now) const;
    std::size_t concurrent_max(TimePoint now) const;
    Duration wait(TimePoint now) const;
    Duration jittered(Duration bound);
    void count(CallOutcome outcome);
    Error refusal(std::string why) const;

    void pause(Duration duration) const;

    io::World& world;
    const Options options;

    mutable std::mutex mutex;
    CallWindow window;
    CircuitState state = CircuitState::closed;
    std::uint64_t epoch = 0;  // Of the present state.
    TimePoint since;
    TimePoint open_until{};
    TimePoint ramp_began = TimePoint::min();  // Never, or long over.
    double admitted_share = 0;  // What has gathered towards the next call let through.
    int opened_in_a_row = 0;
    std::size_t in_flight = 0;  // Of every epoch.
    std::size_t probes_in_flight = 0;
    std::size_t probes_good = 0;
    std::string reason;
    RetryBudget budget;

    struct Observer {
        Journal journal;
        std::array<Counter*, call_outcomes> calls{};
        Counter* opened = nullptr;
        Counter* fallbacks = nullptr;
        GaugeWatch state;
        GaugeWatch in_flight;
    };
    std::unique_ptr<Observer> observer;
};

}  // namespace tidings
