#include <tidings/base/assert.h>
#include <tidings/resilience/circuit_breaker.h>

#include "base/test_points.h"
#include "resilience/circuit_state.h"

#include <fmt/format.h>

#include <cmath>

namespace tidings {

std::string_view to_string(CircuitState state) noexcept {
    switch (state) {
        case CircuitState::closed:
            return "closed";
        case CircuitState::half_open:
            return "half_open";
        case CircuitState::open:
            break;
    }
    return "open";
}

std::string_view to_string(CallOutcome outcome) noexcept {
    constexpr std::array<std::string_view, call_outcomes> names{"success", "slow", "failure",
                                                                "refused", "late", "dropped"};
    return names[static_cast<std::size_t>(outcome)];
}

Result<void> CircuitBreaker::Options::check() const {
    const auto wrong = [this](std::string what, const char* hint) {
        return Error{ErrorCode::invalid_argument,
                     fmt::format("circuit breaker of '{}': {}", dependency, what), hint};
    };
    const auto is_share = [](double value) { return value > 0 && value <= 1; };
    if (dependency.empty()) return wrong("the dependency has no name", "name what is called");
    if (calls_min < 1 || window_calls < calls_min) {
        return wrong(
            fmt::format("{} calls in the window, of which {} are needed", window_calls, calls_min),
            "need at least 1 call, and no more than the window holds");
    }
    if (!is_share(failure_rate) || !is_share(slow_rate)) {
        return wrong(
            fmt::format("rates of {:g} failed and {:g} slow calls", failure_rate, slow_rate),
            "a rate is more than 0 and at most 1");
    }
    if (probes < 1 || concurrent_max < 1) {
        return wrong(fmt::format("{} probes and {} calls at a time", probes, concurrent_max),
                     "allow at least 1 of each");
    }
    for (const Duration duration : {window, slow_call, timeout, open_initial}) {
        if (duration <= Duration::zero()) {
            return wrong("the window, a slow call, the timeout and the time open must be positive",
                         "give each a duration");
        }
    }
    if (open_max < open_initial) {
        return wrong("the longest time open is shorter than the first", "raise open_max");
    }
    if (ramp < Duration::zero()) return wrong("the ramp is negative", "use 0 for none");
    if (!(retry_ratio >= 0) || !std::isfinite(retry_ratio)) {
        return wrong(fmt::format("{:g} retries for each first try", retry_ratio),
                     "use 0 for none, 0.1 for one in ten");
    }
    if (Result<void> retries = retry.check(); !retries) {
        return wrong(retries.error().message, "see RetryPolicy");
    }
    return {};
}

CircuitBreaker::CircuitBreaker(io::World& world, Options options) {
    const Result<void> sensible = options.check();
    TIDINGS_ASSERT(sensible.has_value());
    impl_ = std::make_unique<Impl>(world, std::move(options));
}

CircuitBreaker::~CircuitBreaker() = default;

const CircuitBreaker::Options& CircuitBreaker::options() const noexcept { return impl_->options; }

Result<CircuitBreaker::Permit> CircuitBreaker::enter() {
    Impl& impl = *impl_;
    const std::lock_guard lock{impl.mutex};
    const TimePoint now = impl.world.monotonic();
    if (std::optional<Error> refused = impl.admit(now)) {
        impl.count(CallOutcome::refused);
        return *std::move(refused);
    }
    ++impl.in_flight;
    if (impl.state == CircuitState::half_open) ++impl.probes_in_flight;
    return Permit{impl, impl.epoch, now};
}

Duration CircuitBreaker::ask_again() {
    const std::lock_guard lock{impl_->mutex};
    const Duration wait = impl_->wait(impl_->world.monotonic());
    return wait + impl_->jittered(impl_->options.slow_call / 4);
}

CircuitStatus CircuitBreaker::status() const {
    const std::lock_guard lock{impl_->mutex};
    const TimePoint now = impl_->world.monotonic();
    CircuitStatus status;
    status.dependency = impl_->options.dependency;
    status.state = impl_->state;
    status.is_ramping = impl_->share(now) < 1;
    if (status.is_degraded()) status.reason = impl_->reason;
    status.since = now - impl_->since;
    return status;
}

CallRefused CircuitBreaker::run(const std::function<Result<void>(const CallAttempt&)>& attempt) {
    Impl& impl = *impl_;
    CallRefused refused;
    for (int number = 1;; ++number) {
        Result<Permit> permit = enter();
        if (!permit) {
            // Of a call that was made before, what it met says more than that no other is allowed.
            if (!refused.was_called) refused.error = permit.error();
            break;
        }
        if (number == 1) impl.budget.first_try();
        refused.was_called = true;
        const Result<void> done = attempt({impl.options.timeout, number});
        if (done) {
            permit->succeeded();
            return {};
        }
        refused.error = done.error();
        const bool failed = is_retryable(done.error().code);
        failed ? permit->failed(done.error()) : permit->succeeded();
        if (!failed || impl.options.retry.is_exhausted(number) || !impl.budget.take()) break;
        reached("circuit.call_retried");
        impl.pause(impl.options.retry.delay(number, impl.world.random_number()));
    }
    refused.ask_again = ask_again();
    const std::lock_guard lock{impl.mutex};
    if (impl.observer) impl.observer->fallbacks->inc();
    return refused;
}

void CircuitBreaker::observe(Metrics* metrics, const Journal& journal, std::string_view service) {
    std::unique_ptr<Impl::Observer> observer;
    if (metrics != nullptr) {
        const Labels labels{{"service", std::string{service}},
                            {"dependency", impl_->options.dependency}};
        observer = std::make_unique<Impl::Observer>();
        observer->journal = journal;
        for (std::size_t i = 0; i < call_outcomes; ++i) {
            Labels of_outcome = labels;
            of_outcome.emplace_back("outcome", to_string(static_cast<CallOutcome>(i)));
            observer->calls[i] =
                &metrics->counter("tidings_circuit_calls_total",
                                  "Calls to a dependency, by what came of them.", of_outcome);
        }
        observer->opened = &metrics->counter("tidings_circuit_opened_total",
                                             "How often the circuit opened.", labels);
        observer->fallbacks = &metrics->counter("tidings_circuit_fallbacks_total",
                                                "Calls that their fallback answered.", labels);
        observer->state =
            metrics->watch("tidings_circuit_state", "0 closed, 1 half open, 2 open.", labels,
                           [this] { return static_cast<double>(status().state); });
        observer->in_flight = metrics->watch("tidings_circuit_calls_in_flight", "Calls under way.",
                                             labels, [impl = impl_.get()] {
                                                 const std::lock_guard lock{impl->mutex};
                                                 return static_cast<double>(impl->in_flight);
                                             });
    }
    {
        const std::lock_guard lock{impl_->mutex};
        impl_->observer.swap(observer);
    }
    // The old observer's gauges wait for a scrape under way, which asks for the mutex: not under
    // it.
}

CircuitBreaker::Permit::Permit(Permit&& other) noexcept
    : impl_(std::exchange(other.impl_, nullptr)), epoch_(other.epoch_), began_(other.began_) {}

CircuitBreaker::Permit& CircuitBreaker::Permit::operator=(Permit&& other) noexcept {
    std::swap(impl_, other.impl_);
    std::swap(epoch_, other.epoch_);
    std::swap(began_, other.began_);
    return *this;
}

CircuitBreaker::Permit::~Permit() {
    if (impl_ == nullptr) return;
    const std::lock_guard lock{impl_->mutex};
    impl_->drop(epoch_);
}

void CircuitBreaker::Permit::succeeded() {
    TIDINGS_ASSERT(impl_ != nullptr);
    Impl& impl = *std::exchange(impl_, nullptr);
    const std::lock_guard lock{impl.mutex};
    impl.record(epoch_, began_, nullptr);
}

void CircuitBreaker::Permit::failed(const Error& why) {
    TIDINGS_ASSERT(impl_ != nullptr);
    Impl& impl = *std::exchange(impl_, nullptr);
    const std::lock_guard lock{impl.mutex};
    impl.record(epoch_, began_, &why);
}

}  // namespace tidings
