#include <tidings/io/worker.h>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <future>
#include <pthread.h>
#include <string>
#include <thread>
#include <utility>

namespace tidings::io {
namespace {

/// Calls a function at each poll.
class Scripted final : public Worker {
public:
    explicit Scripted(std::function<TimePoint(TimePoint)> script) : script_(std::move(script)) {}
    TimePoint poll(TimePoint now) override { return script_(now); }
    std::string_view name() const noexcept override { return "a-worker-with-a-long-name"; }

private:
    std::function<TimePoint(TimePoint)> script_;
};

TEST(Wakeup, RemembersARingUntilItIsTaken) {
    Wakeup bell;
    EXPECT_FALSE(bell.take());
    bell.notify();
    bell.notify();
    EXPECT_TRUE(bell.take());
    EXPECT_FALSE(bell.take());
    bell.notify();
    bell.wait_until(TimePoint::max());  // Returns at once.
    EXPECT_FALSE(bell.take());
}

TEST(Wakeup, WaitsNoLongerThanItIsAsked) {
    Wakeup bell;
    const TimePoint until = std::chrono::steady_clock::now() + 2ms;
    bell.wait_until(until);
    EXPECT_GE(std::chrono::steady_clock::now(), until);
    bell.wait_until(TimePoint::min());
    bell.notify();
    EXPECT_TRUE(bell.take());
}

TEST(Wakeup, LosesNoRingAndNothingThatWasWrittenBeforeIt) {
    // Given two threads that hand a number to and fro with plain rings, when none waits with a
    // timeout, then they come to the end.
    constexpr int rounds = 20'000;
    Wakeup there;
    Wakeup back;
    int number = 0;  // Not atomic: the bells alone must order it.
    std::thread other{[&] {
        for (int i = 0; i < rounds; ++i) {
            there.wait_until(TimePoint::max());
            ++number;
            back.notify();
        }
    }};
    for (int i = 0; i < rounds; ++i) {
        ++number;
        there.notify();
        back.wait_until(TimePoint::max());
    }
    other.join();
    EXPECT_EQ(number, 2 * rounds);
}

TEST(Runner, PollsAgainAtOnceWhileThereIsWork) {
    std::promise<void> done;
    int polls = 0;
    Scripted worker{[&](TimePoint now) {
        if (++polls < 1'000) return polls % 2 == 0 ? now : TimePoint::min();
        if (polls == 1'000) done.set_value();
        return Worker::when_woken;
    }};
    Runner runner;
    runner.start(worker);
    done.get_future().wait();
    runner.stop();
    EXPECT_GE(polls, 1'000);
}

TEST(Runner, PollsWhenWokenAndNotBefore) {
    std::promise<void> first;
    std::promise<void> second;
    std::atomic<int> polls{0};
    Scripted worker{[&](TimePoint) {
        const int count = ++polls;
        if (count == 1) first.set_value();
        if (count == 2) second.set_value();
        return Worker::when_woken;
    }};
    Runner runner;
    runner.start(worker);
    first.get_future().wait();
    EXPECT_EQ(polls.load(), 1);
    worker.wakeup().notify();
    second.get_future().wait();
    runner.stop();
    EXPECT_EQ(polls.load(), 2);
}

TEST(Runner, PollsWhenTheTimeHasCome) {
    std::promise<Duration> late;
    TimePoint due{};
    int polls = 0;
    Scripted worker{[&](TimePoint now) {
        if (++polls == 1) return due = now + 2ms;
        if (polls == 2) late.set_value(now - due);
        return Worker::when_woken;
    }};
    Runner runner;
    runner.start(worker);
    EXPECT_GE(late.get_future().get(), 0ms);
}

TEST(Runner, ARingDuringAPollLeadsToAnother) {
    std::promise<void> second;
    int polls = 0;
    Scripted worker{[&](TimePoint) {
        if (++polls == 1) worker.wakeup().notify();
        if (polls == 2) second.set_value();
        return Worker::when_woken;
    }};
    Runner runner;
    runner.start(worker);
    second.get_future().wait();
}

TEST(Runner, NamesTheThreadAfterItsWorker) {
    std::promise<std::string> name;
    bool told = false;
    Scripted worker{[&](TimePoint) {
        char text[16] = {};
        ::pthread_getname_np(::pthread_self(), text, sizeof text);
        if (!std::exchange(told, true)) name.set_value(text);
        return Worker::when_woken;
    }};
    Runner runner;
    runner.start(worker);
    EXPECT_EQ(name.get_future().get(), "a-worker-with-a");
}

TEST(Runner, StopsAllItsWorkersWhereverTheyAre) {
    std::atomic<int> polls{0};
    Scripted busy{[&](TimePoint now) {
        ++polls;
        return now;
    }};
    Scripted idle{[](TimePoint) { return Worker::when_woken; }};
    Scripted later{[](TimePoint now) { return now + 1h; }};
    Runner runner;
    runner.start(busy);
    runner.start(idle);
    runner.start(later);
    runner.stop();
    const int polls_then = polls.load();
    runner.stop();
    EXPECT_EQ(polls.load(), polls_then);
}

}  // namespace
}  // namespace tidings::io
