#include "retry_storm.h"

#include <tidings/resilience/circuit_breaker.h>
#include <tidings/resilience/retry_policy.h>
#include <tidings/sim/random.h>
#include <tidings/sim/world.h>

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace tidings::proof {

using sim::Random;
using sim::SimWorld;

namespace {

constexpr Duration refused_after = 1ms;  // Nobody listens: that is known at once.
constexpr Duration calm = 1min;          // Before it goes down.
constexpr Duration run_max = 1h;         // After it is back.

/// A world whose random numbers are all the same: everybody draws alike.
class NoJitter final : public io::World {
public:
    explicit NoJitter(SimWorld& world) : world_(world) {}
    Timestamp now() override { return world_.now(); }
    TimePoint monotonic() override { return world_.monotonic(); }
    void random(std::span<std::uint8_t> into) override {
        std::fill(into.begin(), into.end(), std::uint8_t{0x55});
    }
    io::FileSystem& files() override { return world_.files(); }
    std::string boot_id() override { return world_.boot_id(); }
    Result<io::DiskSpace> disk_space(const std::string& path) override {
        return world_.disk_space(path);
    }
    void end_process(int status) override { world_.end_process(status); }

private:
    SimWorld& world_;
};

/// What is to happen, in order of time; of two things at one time the one that was said first.
class Agenda {
public:
    explicit Agenda(SimWorld& world) : world_(world) {}
    void at(TimePoint when, std::function<void()> what) { todo_.emplace(when, std::move(what)); }
    /// Does the next thing. False: there is none before `end`.
    bool next(TimePoint end) {
        if (todo_.empty() || todo_.begin()->first > end) return false;
        const auto one = todo_.extract(todo_.begin());
        if (one.key() > world_.monotonic()) world_.advance(one.key() - world_.monotonic());
        one.mapped()();
        return true;
    }

private:
    SimWorld& world_;
    std::multimap<TimePoint, std::function<void()>> todo_;
};

/// Serves one request after the other. What waits too long is served all the same, for nobody.
class Dependency {
public:
    Dependency(SimWorld& world, double capacity)
        : world_(world), takes_(static_cast<Duration::rep>(1e9 / capacity)) {}

    /// Takes a request; returns when its answer comes, nothing if it is refused.
    std::optional<TimePoint> offer() {
        const TimePoint now = world_.monotonic();
        ++offered;
        if (is_down) return std::nullopt;
        ++by_second[std::chrono::floor<std::chrono::seconds>(now.time_since_epoch()).count()];
        free_at_ = std::max(free_at_, now) + takes_;
        return free_at_;
    }

    bool is_down = false;
    std::int64_t offered = 0;
    std::map<std::int64_t, std::int64_t> by_second;

private:
    SimWorld& world_;
    const Duration takes_;
    TimePoint free_at_{};
};

/// One consumer: what it has to ask, and how it goes about it.
class Consumer {
public:
    Consumer(io::World& world, Agenda& agenda, Dependency& dependency,
             const CircuitBreaker::Options& options)
        : world_(world), agenda_(agenda), dependency_(dependency), breaker_(world, options) {}

    void ask() {
        ++waiting;
        go_on();
    }

    std::int64_t waiting = 0;
    std::int64_t done = 0;

private:
    void go_on() {
        if (waiting == 0 || is_busy_) return;
        is_busy_ = true;
        auto entered = breaker_.enter();
        if (!entered) return again(breaker_.ask_again());
        const auto permit = std::make_shared<CircuitBreaker::Permit>(std::move(*entered));
        const TimePoint began = world_.monotonic();
        const TimePoint gives_up = began + breaker_.options().timeout;
        const std::optional<TimePoint> answer = dependency_.offer();
        if (!answer) return fails(began + refused_after, permit);
        if (*answer > gives_up) return fails(gives_up, permit);
        agenda_.at(*answer, [this, permit] {
            permit->succeeded();
            attempt_ = 1;
            --waiting;
            ++done;
            is_busy_ = false;
            go_on();
        });
    }
    void fails(TimePoint when, const std::shared_ptr<CircuitBreaker::Permit>& permit) {
        agenda_.at(when, [this, permit] {
            permit->failed({ErrorCode::unavailable, "no answer"});
            again(retry_.delay(attempt_++, world_.random_number()));
        });
    }
    void again(Duration after) {
        agenda_.at(world_.monotonic() + after, [this] {
            is_busy_ = false;
            go_on();
        });
    }

    io::World& world_;
    Agenda& agenda_;
    Dependency& dependency_;
    CircuitBreaker breaker_;
    const RetryPolicy retry_{};
    int attempt_ = 1;
    bool is_busy_ = false;
};

class Storm {
public:
    explicit Storm(const StormScenario& scenario)
        : scenario_(scenario),
          world_(scenario.seed),
          agenda_(world_),
          dependency_(world_, scenario.capacity),
          began_(world_.monotonic()) {
        CircuitBreaker::Options options;
        options.dependency = "shared";
        Random phases = world_.stream("phases");
        for (int i = 0; i < scenario.consumers; ++i) {
            io::World& process = world_.process(fmt::format("consumer-{}", i));
            io::World& drawn = scenario.jitter ? process : no_jitter_;
            consumers_.push_back(std::make_unique<Consumer>(drawn, agenda_, dependency_, options));
            const Duration phase{static_cast<Duration::rep>(
                phases.below(static_cast<std::uint64_t>(scenario.period.count())))};
            ask_every_period(*consumers_.back(), began_ + phase);
        }
    }

    StormRun run() {
        run_until(began_ + calm);
        dependency_.is_down = true;
        // What brings them together: something that all of them hear of at once.
        for (const auto& consumer : consumers_) consumer->ask();
        const TimePoint back = began_ + calm + scenario_.down;
        const std::int64_t before = dependency_.offered;
        run_until(back);
        StormRun run;
        run.offered_while_down = dependency_.offered - before;
        dependency_.is_down = false;
        dependency_.by_second.clear();
        const std::int64_t offered_before = dependency_.offered;
        const std::int64_t done_before = done();
        while (!is_drained() && agenda_.next(back + run_max)) {
        }
        run.is_drained = is_drained();
        run.drained = world_.monotonic() - back;
        run.offered = dependency_.offered - offered_before;
        run.needed = done() - done_before;
        for (const auto& [second, count] : dependency_.by_second) {
            run.peak = std::max(run.peak, count);
        }
        run.mean = static_cast<double>(run.offered) /
                   std::max(1.0, std::chrono::duration<double>(run.drained).count());
        return run;
    }

private:
    void ask_every_period(Consumer& consumer, TimePoint when) {
        agenda_.at(when, [this, &consumer, when] {
            consumer.ask();
            ask_every_period(consumer, when + scenario_.period);
        });
    }
    void run_until(TimePoint end) {
        while (agenda_.next(end)) {
        }
        world_.advance(end - world_.monotonic());
    }
    std::int64_t done() const {
        std::int64_t sum = 0;
        for (const auto& consumer : consumers_) sum += consumer->done;
        return sum;
    }
    /// Whether nobody has more than what it asked for a moment ago.
    bool is_drained() const {
        return std::all_of(consumers_.begin(), consumers_.end(),
                           [](const auto& consumer) { return consumer->waiting <= 1; });
    }

    const StormScenario scenario_;
    SimWorld world_;
    NoJitter no_jitter_{world_};
    std::vector<std::unique_ptr<Consumer>> consumers_;  // Outlive what is still to happen to them.
    Agenda agenda_;
    Dependency dependency_;
    const TimePoint began_;
};

}  // namespace

std::string StormRun::summary() const {
    return fmt::format(
        "{} requests for {} answers: {:.3f}x; at most {} in a second, {:.0f} on average: {:.2f}x; "
        "drained after {:.0f} s{}; {} requests while it was down",
        offered, needed, offered_ratio(), peak, mean, peak_ratio(),
        std::chrono::duration<double>(drained).count(), is_drained ? "" : " (not drained)",
        offered_while_down);
}

StormRun run_storm(const StormScenario& scenario) { return Storm{scenario}.run(); }

}  // namespace tidings::proof
