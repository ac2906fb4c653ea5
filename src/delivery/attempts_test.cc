// Handlers that take the process down: that is an attempt too, and ends as all attempts end.
#include "delivery/delivery_testing.h"

#include <algorithm>
#include <csignal>
#include <cstdlib>

namespace tidings {
namespace {

using namespace testbench;
using Texts = std::vector<std::string>;

class Attempts : public ::testing::Test {
protected:
    void SetUp() override {
        bench.on_opened = [this](const Opened& event, Transaction&) {
            if (event.city != deadly) return;
            ++deaths;
            bench.world.kill();
        };
        bench.start();
    }
    /// Lets the service run, and starts it anew each time that it dies.
    void supervise(Duration duration, Duration pace = 50ms) {
        const TimePoint end = bench.world.monotonic() + duration;
        while (bench.world.monotonic() < end) {
            const int before = deaths;
            for (int i = 0; i < 20 && deaths == before; ++i) bench.poll();
            if (deaths != before) {
                bench.drop();
                bench.start();
            }
            bench.world.advance(pace);
        }
    }
    std::int64_t rows() { return bench.count("tidings_under_way"); }

    Bench bench;
    std::string deadly = "Ys";
    int deaths = 0;
};

TEST_F(Attempts, ThatTheProcessDoesNotSurviveAreCountedAndEndAsADeadLetter) {
    bench.send(1, "Bonn");
    bench.send(2, "Ys");
    bench.send(3, "Cologne");
    bench.send(2, "Trier");
    supervise(10s);
    // The first death is the one that nobody could foresee; each later one is an attempt.
    EXPECT_EQ(deaths, 1 + bench.handlers.retry.attempts);
    EXPECT_EQ(bench.status().dead, 1);
    EXPECT_EQ(bench.status().parked, 1) << "what has the key of the dead letter waits behind it";
    EXPECT_EQ(bench.status().unaccounted(), 0);
    EXPECT_EQ(bench.handled(), (Texts{"Bonn", "Cologne"}));
    EXPECT_NE(bench.dead_reason().find("did not survive"), std::string::npos);
}

TEST_F(Attempts, OthersAreDoneBetweenTwoDeaths) {
    bench.handlers.retry.initial_delay = 1h;
    bench.handlers.retry.delay_max = 1h;
    bench.send(1, "Ys");
    for (std::int64_t i = 2; i < 40; ++i) bench.send(i, "Bonn");
    supervise(5s);
    EXPECT_EQ(deaths, 2);
    EXPECT_EQ(bench.status().scheduled, 1);
    EXPECT_EQ(bench.handled().size(), 38U);
}

TEST_F(Attempts, ThatSucceedAfterAnUncleanStopLeaveNothingBehind) {
    deadly = "nowhere";
    bench.settle();
    for (std::int64_t i = 1; i <= 10; ++i) bench.send(i, "Bonn");
    bench.kill();
    bench.settle();
    EXPECT_EQ(bench.handled().size(), 10U);
    EXPECT_EQ(rows(), 0);
}

TEST_F(Attempts, OfARetryAreCountedToo) {
    int calls = 0;
    bench.on_opened = [this, &calls](const Opened&, Transaction&) {
        if (++calls == 1) throw Failure{{ErrorCode::unavailable, "not now"}};
        ++deaths;
        bench.world.kill();
    };
    bench.send(1, "Ys");
    supervise(10s);
    // One failure, one death unforeseen, two foreseen: three attempts are on record.
    EXPECT_EQ(deaths, 3);
    EXPECT_EQ(bench.status().dead, 1);
}

TEST_F(Attempts, OfATimerAreTriedAgainEverLater) {
    bool armed = true;
    bench.handlers.on_timer("remind", [this, &armed](const DueTimer&, Transaction&) {
        if (!armed) return;
        ++deaths;
        bench.world.kill();
    });
    ASSERT_TRUE(bench.submit([](Transaction& tx) { tx.set_timer("remind", "x", 1s); }));
    supervise(5min, 100ms);
    EXPECT_LE(deaths, 1 + bench.handlers.retry.attempts);
    EXPECT_EQ(bench.status().timers, 1) << "it is not forgotten";
    armed = false;
    supervise(2h, 10s);
    EXPECT_EQ(bench.status().timers, 0);
}

TEST_F(Attempts, OfAnEffectAreThoseThatWereNotSurvivedHoweverOftenItWasAskedFor) {
    /// Says "not yet" more often than there are attempts.
    class Slow final : public EffectPort {
    public:
        Result<EffectResult> perform(const EffectRequest& request) override {
            if (request.attempt <= 8) return EffectResult{Pending{1s}};
            return EffectResult{Answered{"{}"}};
        }
    };
    int booked = 0;
    bench.handlers.effect("gateway", std::make_shared<Slow>(),
                          [this, &booked](const EffectAnswer&, Transaction&) {
                              if (deaths == 2) {
                                  ++booked;
                                  return;
                              }
                              ++deaths;  // One unforeseen, and one that is an attempt.
                              bench.world.kill();
                          });
    ASSERT_TRUE(bench.submit([](Transaction& tx) { tx.request("gateway", "x", "{}"); }));
    supervise(2min, 100ms);

    EXPECT_EQ(deaths, 2);
    EXPECT_EQ(booked, 1);
    EXPECT_EQ(bench.status().effects_open, 0);
}

TEST_F(Attempts, AfterACleanStopAreNotCounted) {
    const auto operations_for_48_events = [this](bool clean) {
        bench.settle();
        if (clean) bench.loop->stop();
        bench.settle();
        EXPECT_EQ(bench.loop->is_stopped(), clean);
        for (std::int64_t i = 1; i <= 48; ++i) bench.send(i, "Bonn");
        bench.kill();
        const std::uint64_t before = bench.world.operations();
        bench.settle();
        return bench.world.operations() - before;
    };
    const std::uint64_t clean = operations_for_48_events(true);
    const std::uint64_t unclean = operations_for_48_events(false);
    EXPECT_EQ(bench.handled().size(), 96U);
    // A commit for each event: that is what the doubt costs, and only after a death.
    EXPECT_GT(unclean, clean + 48);
}

TEST_F(Attempts, ArePutOffWhileTheDiskIsFullAndNotCounted) {
    bench.send(1, "Bonn");
    bench.kill();
    bench.world.set_disk_bytes_max(bench.world.disk_bytes());
    for (int i = 0; i < 5; ++i) {
        bench.poll();
        bench.world.advance(1s);
    }
    bench.world.heal();
    bench.settle();
    EXPECT_EQ(bench.handled(), Texts{"Bonn"});
    bench.loop->stop();
    bench.settle();
    bench.drop();
    bench.start();
    EXPECT_EQ(rows(), 0);
    EXPECT_EQ(bench.status().scheduled, 0);
}

/// A service on real files, whose handler aborts the process; the test supervises it.
class RealProcess {
public:
    RealProcess()
        : directory_(std::string{::testing::TempDir()} + "tidings-attempts-" +
                     to_string(io::real_world().new_uuid())) {
        EXPECT_TRUE(io::real_world().files().make_directory(directory_));
    }
    /// Runs until nothing is left, or until the handler aborts.
    void run() {
        io::World& world = io::real_world();
        const auto broker = open_log_broker(world, directory_ + "/log").value();
        const auto store = open_sqlite(world, directory_ + "/parcel.db").value();
        Handlers handlers;
        handlers.retry.attempts = 3;
        handlers.retry.initial_delay = handlers.retry.delay_max = 1ms;
        handlers.on<Opened>([](const Opened& event, Transaction&) {
            if (event.city == "Ys") std::abort();
        });
        StepLoop::Options options;
        options.service = "parcel-service";
        options.domains = {"parcel"};
        const auto loop = StepLoop::open(world, *store, *broker, handlers, options).value();
        if (!sent_) send(*broker);
        bool quiet = false;
        while (!quiet) {
            const TimePoint now = world.monotonic();
            quiet = loop->poll(now) > now && loop->status().is_quiet();
            dead = loop->status().dead;
            done = loop->status().done;
        }
    }
    void sent() { sent_ = true; }

    std::int64_t dead = 0;
    std::int64_t done = 0;

private:
    void send(Broker& broker) {
        Bench words;
        EXPECT_TRUE(broker.claim(Topic{"depot"}, "depot-service"));
        std::int64_t count = 1;
        for (const char* city : {"Bonn", "Ys", "Trier"}) {
            const EventHeaders headers = words.headers(count, count);
            const std::string envelope = words.opened(count, city);
            ++count;
            const OutgoingEvent event{&headers, envelope};
            EXPECT_TRUE(broker.publish(Topic{"depot"}, std::span{&event, 1}));
        }
    }

    std::string directory_;
    bool sent_ = false;
};

TEST(RealAttempts, AnAbortingHandlerEndsAsADeadLetterAndTheServiceGoesOn) {
    RealProcess service;
    EXPECT_EXIT(service.run(), ::testing::KilledBySignal(SIGABRT), "") << "nobody could foresee it";
    service.sent();
    for (int i = 0; i < 3; ++i) {
        EXPECT_EXIT(service.run(), ::testing::KilledBySignal(SIGABRT), "") << "attempt " << i;
    }
    service.run();
    EXPECT_EQ(service.dead, 1);
    EXPECT_EQ(service.done, 2);
}

}  // namespace
}  // namespace tidings
