#include <tidings/sim/scheduler.h>

#include <gtest/gtest.h>

#include <functional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace tidings::sim {
namespace {

class ToyWorker final : public io::Worker {
public:
    ToyWorker(std::string name, std::function<TimePoint(TimePoint)> work)
        : name_(std::move(name)), work_(std::move(work)) {}
    TimePoint poll(TimePoint now) override { return work_(now); }
    std::string_view name() const noexcept override { return name_; }

private:
    std::string name_;
    std::function<TimePoint(TimePoint)> work_;
};

TEST(Scheduler, MovesTheClockToWhatIsDueNext) {
    SimWorld world{1};
    Scheduler scheduler{world};
    const TimePoint start = world.monotonic();
    std::vector<Duration> times;
    ToyWorker timer{"timer", [&](TimePoint now) {
                        times.push_back(now - start);
                        return times.size() < 3 ? now + 30min : io::Worker::when_woken;
                    }};
    scheduler.add(timer);
    EXPECT_TRUE(scheduler.run_until_quiet(24h));
    EXPECT_EQ(times, (std::vector<Duration>{0s, 30min, 60min}));
    EXPECT_LT(world.monotonic() - start, 61min);
}

TEST(Scheduler, PollsWhoWasWokenUntilNobodyIs) {
    SimWorld world{1};
    Scheduler scheduler{world};
    int sent = 0;
    int received = 0;
    ToyWorker receiver{"receiver", [&](TimePoint) {
                           received = sent;
                           return io::Worker::when_woken;
                       }};
    ToyWorker sender{"sender", [&](TimePoint now) {
                         ++sent;
                         receiver.wakeup().notify();
                         return sent < 10 ? now : io::Worker::when_woken;
                     }};
    scheduler.add(sender);
    scheduler.add(receiver);
    EXPECT_TRUE(scheduler.run_until_quiet(1s));
    EXPECT_EQ(received, 10);
}

TEST(Scheduler, GivesUpOnWhoIsNeverQuiet) {
    SimWorld world{1};
    Scheduler scheduler{world};
    ToyWorker busy{"busy", [](TimePoint now) { return now; }};
    scheduler.add(busy);
    EXPECT_FALSE(scheduler.run_until_quiet(10ms));
    EXPECT_EQ(scheduler.polls(), 1000u);
}

TEST(Scheduler, RunsForJustAsLongAsItIsTold) {
    SimWorld world{1};
    Scheduler scheduler{world};
    int ticks = 0;
    ToyWorker clock{"clock", [&](TimePoint now) {
                        ++ticks;
                        return now + 1s;
                    }};
    scheduler.add(clock);
    const TimePoint start = world.monotonic();
    scheduler.run_for(10500ms);
    EXPECT_EQ(ticks, 11);
    EXPECT_EQ(world.monotonic() - start, 10500ms);
}

TEST(Scheduler, RunsUntilTheTestHasSeenEnough) {
    SimWorld world{1};
    Scheduler scheduler{world};
    int ticks = 0;
    ToyWorker clock{"clock", [&](TimePoint now) {
                        ++ticks;
                        return now + 1s;
                    }};
    scheduler.add(clock);
    EXPECT_TRUE(scheduler.run_until([&] { return ticks == 5; }, 1h));
    EXPECT_FALSE(scheduler.run_until([&] { return ticks == 50; }, 10s));
    EXPECT_LT(ticks, 20);
}

TEST(Scheduler, LeavesAloneWhoWasRemovedEvenByItself) {
    SimWorld world{1};
    Scheduler scheduler{world};
    int polls = 0;
    ToyWorker* self = nullptr;
    ToyWorker worker{"worker", [&](TimePoint now) {
                         if (++polls == 3) scheduler.remove(*self);
                         return now;
                     }};
    self = &worker;
    scheduler.add(worker);
    EXPECT_TRUE(scheduler.run_until_quiet(1s));
    worker.wakeup().notify();
    EXPECT_TRUE(scheduler.run_until_quiet(1s));
    EXPECT_EQ(polls, 3);
}

/// Runs four workers of equal right and returns who was polled in which order.
std::pair<std::string, std::uint64_t> order_of(std::uint64_t seed) {
    SimWorld world{seed};
    Scheduler scheduler{world};
    std::string order;
    std::vector<std::unique_ptr<ToyWorker>> workers;
    for (const char name : {'a', 'b', 'c', 'd'}) {
        workers.push_back(std::make_unique<ToyWorker>(std::string(1, name), [&, name](TimePoint) {
            order += name;
            return io::Worker::when_woken;
        }));
        scheduler.add(*workers.back());
    }
    EXPECT_TRUE(scheduler.run_until_quiet(1s));
    return {order, scheduler.trace()};
}

TEST(Scheduler, DrawsTheOrderFromTheSeedAndRepeatsIt) {
    std::set<std::string> orders;
    for (std::uint64_t seed = 0; seed < 300; ++seed) {
        const auto [order, trace] = order_of(seed);
        EXPECT_EQ(order.size(), 4u);
        EXPECT_EQ(order_of(seed), std::pair(order, trace));
        orders.insert(order);
    }
    EXPECT_EQ(orders.size(), 24u) << "every order comes about";
}

}  // namespace
}  // namespace tidings::sim
