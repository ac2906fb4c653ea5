#include "resilience/circuit_state.h"

#include "base/test_points.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace tidings {

namespace {

/// Of the calls, so many go through when it has just closed.
constexpr double share_at_first = 0.1;

double seconds(Duration duration) { return std::chrono::duration<double>(duration).count(); }

}  // namespace

// -------------------------------------------------------------------------------- letting through

double CircuitBreaker::Impl::share(TimePoint now) const {
    if (state != CircuitState::closed || ramp_began == TimePoint::min()) return 1;
    const Duration passed = now - ramp_began;
    if (passed >= options.ramp) return 1;
    return std::max(share_at_first, seconds(passed) / seconds(options.ramp));
}

std::size_t CircuitBreaker::Impl::concurrent_max(TimePoint now) const {
    const double scaled = std::ceil(share(now) * static_cast<double>(options.concurrent_max));
    return std::max<std::size_t>(static_cast<std::size_t>(scaled), 1);
}

Error CircuitBreaker::Impl::refusal(std::string why) const {
    return {ErrorCode::unavailable, options.dependency + " is not called: " + std::move(why),
            "see its state in /health/ready"};
}

std::optional<Error> CircuitBreaker::Impl::admit(TimePoint now) {
    if (state == CircuitState::open) {
        if (now < open_until) return refusal("its circuit is open, since " + reason);
        begin(CircuitState::half_open, now);
        probes_in_flight = probes_good = 0;
    }
    if (state == CircuitState::half_open) {
        // A probe that never comes back must not hold the circuit for ever.
        if (probes_in_flight > 0 && now - since >= options.timeout + options.open_initial) {
            reached("circuit.probe_lost");
            open(now, "a probe did not come back");
            return refusal("its circuit is open, since " + reason);
        }
        if (probes_in_flight + probes_good >= options.probes) {
            reached("circuit.probe_refused");
            return refusal("it is being probed, since " + reason);
        }
    }
    if (in_flight >= concurrent_max(now)) {
        reached("circuit.bulkhead_full");
        return refusal(fmt::format("{} calls are under way", in_flight));
    }
    return admit_to_ramp(now);
}

std::optional<Error> CircuitBreaker::Impl::admit_to_ramp(TimePoint now) {
    const double part = share(now);
    if (part < 1) {
        admitted_share += part;
        if (admitted_share < 1) {
            reached("circuit.ramp_refused");
            return refusal("it has just come back, and its load comes back little by little");
        }
        admitted_share -= 1;
    } else if (state == CircuitState::closed && ramp_began != TimePoint::min()) {
        // It has carried its full load: what comes now is a new trouble.
        ramp_began = TimePoint::min();
        opened_in_a_row = 0;
        reason.clear();
    }
    return std::nullopt;
}

Duration CircuitBreaker::Impl::wait(TimePoint now) const {
    if (state == CircuitState::open) return std::max(open_until - now, Duration::zero());
    if (state == CircuitState::half_open) return options.slow_call / 2;
    return options.ramp / 50;
}

Duration CircuitBreaker::Impl::jittered(Duration bound) {
    const auto half = static_cast<std::uint64_t>(bound.count()) / 2;
    const std::uint64_t drawn = half == 0 ? 0 : world.random_number() % (half + 1);
    return Duration{static_cast<Duration::rep>(half + drawn)};
}

// ---------------------------------------------------------------------------------------- changes

void CircuitBreaker::Impl::begin(CircuitState next, TimePoint now) {
    const CircuitState before = state;
    state = next;
    since = now;
    ++epoch;
    if (!observer) return;
    const LogLevel level = next == CircuitState::open ? LogLevel::warning : LogLevel::info;
    observer->journal.write(level, "circuit changed",
                            {{"dependency", options.dependency},
                             {"from", to_string(before)},
                             {"to", to_string(next)},
                             {"reason", reason}});
}

void CircuitBreaker::Impl::open(TimePoint now, std::string why) {
    reached(opened_in_a_row == 0 ? "circuit.opened" : "circuit.opened_again");
    reason = std::move(why);
    ++opened_in_a_row;
    const RetryPolicy growth{
        .initial_delay = options.open_initial, .factor = 2, .delay_max = options.open_max};
    open_until = now + jittered(growth.bound(opened_in_a_row));
    begin(CircuitState::open, now);
    if (observer) observer->opened->inc();
}

void CircuitBreaker::Impl::close(TimePoint now) {
    reached("circuit.closed");
    window.clear();
    ramp_began = now;
    admitted_share = 1 - share_at_first;  // The first call after closing goes through.
    begin(CircuitState::closed, now);
}

void CircuitBreaker::Impl::drop(std::uint64_t began_in) {
    --in_flight;
    if (began_in == epoch && state == CircuitState::half_open) --probes_in_flight;
    count(CallOutcome::dropped);
}

void CircuitBreaker::Impl::record(std::uint64_t began_in, TimePoint began, const Error* failure) {
    const TimePoint now = world.monotonic();
    --in_flight;
    if (began_in != epoch) {
        reached("circuit.late_result");
        return count(CallOutcome::late);
    }
    const bool slow = now - began >= options.slow_call;
    count(failure != nullptr ? CallOutcome::failure
          : slow             ? CallOutcome::slow
                             : CallOutcome::success);
    if (state == CircuitState::half_open) return record_probe(now, slow, failure);
    record_closed(now, slow, failure);
}

void CircuitBreaker::Impl::record_probe(TimePoint now, bool slow, const Error* failure) {
    --probes_in_flight;
    if (failure != nullptr) return open(now, "a probe failed: " + failure->message);
    if (slow) return open(now, "a probe was slow");
    if (++probes_good >= options.probes) close(now);
}

void CircuitBreaker::Impl::record_closed(TimePoint now, bool slow, const Error* failure) {
    window.add(now, failure != nullptr, slow);
    // One that has just come back is given less time to fail.
    const std::size_t enough =
        share(now) < 1 ? std::min(options.calls_min, options.probes) : options.calls_min;
    if (window.count() < enough) return;
    if (window.failure_rate() >= options.failure_rate) {
        std::string why =
            fmt::format("{} of its last {} calls failed", window.failed(), window.count());
        if (failure != nullptr) why += ": " + failure->message;
        return open(now, std::move(why));
    }
    if (window.slow_rate() >= options.slow_rate) {
        reached("circuit.opened_for_slowness");
        open(now, fmt::format("{} of its last {} calls took {:g} s or longer", window.slow(),
                              window.count(), seconds(options.slow_call)));
    }
}

// -------------------------------------------------------------------------------------- telemetry

void CircuitBreaker::Impl::count(CallOutcome outcome) {
    if (observer) observer->calls[static_cast<std::size_t>(outcome)]->inc();
}

void CircuitBreaker::Impl::pause(Duration duration) const {
    if (options.pause) return options.pause(duration);
    io::Wakeup clock;  // Nobody rings it.
    clock.wait_until(world.monotonic() + duration);
}

}  // namespace tidings
