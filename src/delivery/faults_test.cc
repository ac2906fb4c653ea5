// What delivery promises when the machine fails: crashes, full disks, failed flushes.
#include "delivery/delivery_testing.h"

#include <algorithm>
#include <map>
#include <set>

namespace tidings {
namespace {

using namespace testbench;
using Texts = std::vector<std::string>;

/// A small flow through every part: an event asks the outside world, its answer states an event and
/// sets a timer, which states another one; a second event fails once.
class Flow {
public:
    explicit Flow(std::uint64_t seed = 1) : bench(seed) {
        bench.handlers.retry.attempts = 50;
        bench.handlers.effect(
            "gateway.charge", port, [](const EffectAnswer& answer, Transaction& tx) {
                tx.publish(Lost{.parcel_id = parcel_id(1), .name_ = answer.subject});
                tx.set_timer("remind", answer.subject, 1s);
            });
        bench.handlers.on_timer("remind", [](const DueTimer& timer, Transaction& tx) {
            tx.publish(Lost{.parcel_id = parcel_id(2), .name_ = timer.key});
        });
        bench.on_opened = [this](const Opened& event, Transaction& tx) {
            tx.request("gateway.charge", event.city, "{}");
            if (event.number == 2 && failures-- > 0) {
                throw Failure{{ErrorCode::unavailable, "not now"}};
            }
        };
        bench.start();
        bench.send(1, "first");
        bench.send(2, "second");
        bench.send(2, "third");
    }

    void expect_done_once() {
        bench.settle();
        Texts cities = bench.handled();
        EXPECT_EQ(std::count(cities.begin(), cities.end(), "first"), 1);
        std::erase(cities, "first");
        EXPECT_EQ(cities, (Texts{"second", "third"}));
        std::map<std::int64_t, std::string> said;
        for (const Bench::Said& event : bench.published()) {
            const std::string text = to_string(event.envelope.id) + event.headers.key;
            const auto known = said.emplace(event.headers.sequence.value, text).first;
            EXPECT_EQ(known->second, text) << "a sequence is one event, however often it is sent";
            EXPECT_EQ(event.headers.source, "parcel-service");
        }
        EXPECT_EQ(said.size(), 6U);
        EXPECT_EQ(std::set<std::string>(port->asked.begin(), port->asked.end()).size(), 3U);
        const DeliveryStatus status = bench.status();
        EXPECT_EQ(status.unaccounted(), 0);
        EXPECT_EQ(status.done, 3);
        EXPECT_EQ(status.effects_open, 0);
        EXPECT_EQ(status.effects_owed, 0);
        EXPECT_EQ(status.timers, 0);
        EXPECT_TRUE(status.is_quiet());
        EXPECT_FALSE(status.failed);
    }

    Bench bench;
    std::shared_ptr<TestPort> port = std::make_shared<TestPort>();
    int failures = 1;
};

TEST(Faults, ACrashBetweenAnyTwoPollsLosesNothingAndDoesNothingTwice) {
    for (int polls = 0; polls < 60; ++polls) {
        SCOPED_TRACE(polls);
        Flow flow;
        for (int i = 0; i < polls; ++i) {
            const auto workers = flow.bench.workers();
            workers[static_cast<std::size_t>(i) % workers.size()]->poll(
                flow.bench.world.monotonic());
            EXPECT_EQ(flow.bench.status().unaccounted(), 0);
            if (i % 10 == 9) flow.bench.world.advance(100ms);
        }
        flow.bench.crash();
        flow.expect_done_once();
        if (::testing::Test::HasFailure()) break;
    }
}

TEST(Faults, APowerLossAtAnyWriteLosesNothingAndDoesNothingTwice) {
    for (std::uint64_t writes = 0; writes < 150; writes += 3) {
        SCOPED_TRACE(writes);
        Flow flow{writes};
        flow.bench.world.stop_after(writes);
        flow.bench.run_for(3s);
        flow.bench.world.heal();
        flow.bench.crash();
        flow.expect_done_once();
        if (::testing::Test::HasFailure()) break;
    }
}

TEST(Faults, DuplicatesDelaysAndLostAnswersChangeNothing) {
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        SCOPED_TRACE(seed);
        Flow flow{seed};
        flow.bench.broker->set_faults(
            {.duplicate = 0.5, .delay = 0.5, .delay_max = 2s, .lose_answer = 0.5});
        flow.bench.run_for(10s);
        flow.bench.broker->heal();
        flow.expect_done_once();
        if (::testing::Test::HasFailure()) break;
    }
}

class FullDisk : public ::testing::Test {
protected:
    void SetUp() override {
        bench.start();
        bench.settle();
    }
    static std::function<void(Transaction&)> store(std::size_t bytes) {
        return [bytes](Transaction& tx) {
            tx.publish(Lost{.parcel_id = parcel_id(1)});
            tx.execute("INSERT INTO handled (number, city) VALUES (0, $1)",
                       std::string(bytes, 'x'));
        };
    }
    void leave(std::uint64_t bytes) {
        bench.world.set_disk_bytes_max(bench.world.disk_bytes() + bytes);
    }
    Bench bench;
};

TEST_F(FullDisk, RefusesTheGuiltyStepAloneAndRunsTheOthersAgain) {
    leave(300'000);
    ASSERT_TRUE(bench.submit(store(10)));
    bench.send(1, "event");
    ASSERT_TRUE(bench.submit(store(5'000'000)));
    ASSERT_TRUE(bench.submit(store(10)));
    bench.loop->poll(bench.world.monotonic());
    ASSERT_EQ(bench.answers.size(), 3U);
    EXPECT_EQ(bench.answers[0], "done");
    EXPECT_NE(bench.answers[1], "done");
    EXPECT_EQ(bench.answers[2], "done");
    bench.settle();
    EXPECT_EQ(bench.handled().size(), 3U);
    EXPECT_EQ(bench.count("tidings_outbox"), 0);
    EXPECT_EQ(bench.published().size(), 2U);
    EXPECT_EQ(bench.published().back().headers.sequence.value, 2);
    EXPECT_FALSE(bench.status().failed);
    EXPECT_EQ(bench.status().unaccounted(), 0);
}

TEST_F(FullDisk, AnswersNothingBeforeACommitAndRecoversWithoutARestart) {
    EventHeaders other = bench.headers(7, ++bench.sequence);
    other.type = "depot.closed";
    bench.send_raw(other, "{}");
    bench.send(1, "before");
    bench.send_raw(bench.headers(7, ++bench.sequence), "broken");
    leave(0);
    for (int i = 0; i < 5; ++i) ASSERT_TRUE(bench.submit(store(10)));
    bench.run_for(3s);
    ASSERT_EQ(bench.answers.size(), 5U);
    for (const std::string& answer : bench.answers) EXPECT_NE(answer, "done");
    ASSERT_TRUE(bench.status().failed);
    EXPECT_EQ(bench.status().failed->code, ErrorCode::limit_exceeded);
    EXPECT_EQ(bench.status().unaccounted(), 0);
    EXPECT_TRUE(bench.handled().empty());

    bench.world.heal();
    bench.settle();
    EXPECT_EQ(bench.handled(), Texts{"before"});
    EXPECT_FALSE(bench.status().failed);
    EXPECT_EQ(bench.status().accepted, 2);
    EXPECT_EQ(bench.status().dead, 1);
    EXPECT_EQ(bench.status().duplicates, 0);
    EXPECT_EQ(bench.count("tidings_inbox_ahead"), 0) << "passed over events leave no gap";
    ASSERT_TRUE(bench.submit(store(10)));
    bench.settle();
    EXPECT_EQ(bench.answers.back(), "done");
    EXPECT_EQ(bench.published().back().headers.sequence.value, 1);
}

TEST(Faults, WhatCannotBeReadAgainAfterALostGroupIsStillAccountedFor) {
    for (std::uint64_t read = 1; read < 40; ++read) {
        SCOPED_TRACE(read);
        // Given an event that waits for its retry behind one that is done.
        Bench bench;
        bench.on_opened = [](const Opened& event, Transaction&) {
            if (event.city == "later") throw Failure{{ErrorCode::unavailable, "not now"}};
        };
        bench.start();
        bench.send(1, "done");
        bench.send(2, "later");
        bench.poll();
        ASSERT_EQ(bench.status().scheduled, 1);
        // When a group is lost for want of room, and its tables cannot be read again.
        bench.world.set_disk_bytes_max(bench.world.disk_bytes());
        ASSERT_TRUE(bench.submit([](Transaction& tx) {
            tx.execute("INSERT INTO handled (number, city) VALUES (0, $1)",
                       std::string(100'000, 'x'));
        }));
        bench.world.fail({sim::DiskOperation::read, read, ".db", false, {}});
        for (int i = 0; i < 3; ++i) {
            bench.loop->poll(bench.world.monotonic());
            EXPECT_EQ(bench.status().unaccounted(), 0);
            bench.world.advance(1s);
        }
        if (::testing::Test::HasFailure()) break;
    }
}

TEST_F(FullDisk, DoesNotGoRoundAndRoundOverEventsThatWriteNothing) {
    // Given events that were handled.
    bench.send(1, "once");
    bench.send(2, "once, too");
    bench.settle();
    // When they come again among events that nobody here handles, and their marks find no room.
    leave(0);
    bench.send_raw(bench.headers(1, bench.sequence - 1), bench.opened(1, "once"));
    bench.send_raw(bench.headers(2, bench.sequence), bench.opened(2, "once, too"));
    for (int i = 0; i < 10; ++i) {
        EventHeaders other = bench.headers(7, ++bench.sequence);
        other.type = "depot.closed";
        bench.send_raw(other, "{}");
    }
    // Then the loop soon waits before it tries again.
    TimePoint next{};
    for (int polls = 0; polls < 10; ++polls) {
        next = bench.loop->poll(bench.world.monotonic());
        if (next > bench.world.monotonic()) break;
    }
    EXPECT_GT(next, bench.world.monotonic());

    bench.world.heal();
    bench.settle();
    EXPECT_EQ(bench.handled(), (Texts{"once", "once, too"}));
    EXPECT_EQ(bench.status().unaccounted(), 0);
}

TEST_F(FullDisk, AnIdleServiceNoticesThatThereIsSpaceAgain) {
    leave(0);
    ASSERT_TRUE(bench.submit(store(10)));
    bench.poll();
    EXPECT_TRUE(bench.status().failed);
    bench.world.heal();
    bench.run_for(2s);
    EXPECT_FALSE(bench.status().failed);
}

TEST(FullDiskEffects, WhatIsOwedIsCountedAfterALostGroup) {
    Bench bench;
    auto port = std::make_shared<TestPort>();
    port->answer = [](const EffectRequest& request) -> Result<EffectResult> {
        if (request.subject == "silent") return EffectResult{Pending{}};
        return request.attempt < 3 ? EffectResult{Pending{1s}} : EffectResult{Answered{"{}"}};
    };
    int answered = 0;
    bench.handlers.effect("gateway.charge", port,
                          [&answered](const EffectAnswer&, Transaction&) { ++answered; });
    bench.start();
    for (const char* subject : {"silent", "slow", "slow too"}) {
        ASSERT_TRUE(bench.submit(
            [subject](Transaction& tx) { tx.request("gateway.charge", subject, "{}"); }));
    }
    bench.loop->poll(bench.world.monotonic());
    bench.loop->effects().poll(bench.world.monotonic());
    ASSERT_TRUE(bench.submit([](Transaction& tx) {
        tx.execute("INSERT INTO handled (number, city) VALUES (0, $1)",
                   std::string(5'000'000, 'x'));
    }));
    bench.world.set_disk_bytes_max(bench.world.disk_bytes() + 300'000);
    bench.poll();
    bench.world.set_disk_bytes_max(bench.world.disk_bytes());
    bench.run_for(5s);
    bench.world.heal();
    bench.settle();
    EXPECT_EQ(answered, 2);
    EXPECT_EQ(port->asked.size(), 1U + 2 * 3);
    EXPECT_EQ(bench.status().effects_open, 1);
    EXPECT_EQ(bench.status().effects_owed, 0);
    EXPECT_TRUE(bench.status().is_quiet());
}

TEST(Faults, AFailedFlushIsFinalUntilARestart) {
    Bench bench;
    bench.start();
    bench.settle();
    bench.world.fail({.operation = sim::DiskOperation::flush, .path_part = "parcel.db"});
    ASSERT_TRUE(bench.submit([](Transaction& tx) { tx.publish(Lost{.parcel_id = parcel_id(1)}); }));
    bench.send(1, "event");
    bench.run_for(2s);
    ASSERT_EQ(bench.answers.size(), 1U);
    EXPECT_NE(bench.answers[0], "done");
    ASSERT_TRUE(bench.status().failed);
    EXPECT_EQ(bench.status().failed->code, ErrorCode::io_error);
    ASSERT_TRUE(bench.submit([](Transaction&) {}));
    bench.run_for(2s);
    ASSERT_EQ(bench.answers.size(), 2U);
    EXPECT_NE(bench.answers[1], "done");
    EXPECT_TRUE(bench.published().empty()) << "what may not be durable is not published";
    bench.crash();
    bench.settle();
    EXPECT_FALSE(bench.status().failed);
    EXPECT_EQ(bench.handled(), Texts{"event"});
    EXPECT_EQ(bench.status().unaccounted(), 0);
}

TEST(Faults, EveryEventIsAccountedForAtEveryPollOfARandomProgram) {
    for (std::uint64_t seed = 1; seed <= 25; ++seed) {
        SCOPED_TRACE(seed);
        Bench bench{seed};
        sim::Random random = bench.world.stream("program");
        bench.on_opened = [&random](const Opened&, Transaction&) {
            if (random.chance(0.3)) throw Failure{{ErrorCode::unavailable, "not now"}};
            if (random.chance(0.05)) throw Failure{{ErrorCode::contract_violation, "never"}};
        };
        bench.options.group_steps_max = 4;
        bench.start();
        std::int64_t sent = 0;
        for (int i = 0; i < 300; ++i) {
            switch (random.below(12)) {
                case 0:
                    bench.world.heal();
                    bench.crash();
                    break;
                case 1:
                    bench.world.heal();
                    bench.kill();
                    break;
                case 2:
                    bench.world.set_disk_bytes_max(bench.world.disk_bytes());
                    break;
                case 3:
                    bench.world.heal();
                    break;
                case 4:
                    bench.broker->set_faults({.duplicate = 0.3, .delay = 0.3});
                    break;
                case 5:
                    bench.world.advance(Duration{1ms} * random.below(1000));
                    break;
                case 6:
                case 7:
                    bench.world.heal();
                    bench.send(static_cast<std::int64_t>(1 + random.below(5)),
                               std::to_string(++sent));
                    break;
                default:
                    bench.poll();
                    break;
            }
            ASSERT_EQ(bench.status().unaccounted(), 0) << "after action " << i;
            ASSERT_EQ(bench.unaccounted(), 0) << "in the tables, after action " << i;
        }
        bench.world.heal();
        bench.broker->heal();
        bench.settle();
        const DeliveryStatus status = bench.status();
        ASSERT_EQ(status.accepted, sent);
        ASSERT_EQ(status.unaccounted(), 0);
        ASSERT_EQ(status.scheduled, 0);
        ASSERT_EQ(static_cast<std::int64_t>(bench.handled().size()), status.done);
        const Texts cities = bench.handled();
        ASSERT_EQ(std::set<std::string>(cities.begin(), cities.end()).size(), cities.size());
    }
}

TEST(Relay, PublishesInPartsWhatIsTooMuchForTheLogAtOnce) {
    Bench bench;
    bench.log_options.segment_bytes_max = 16 * 1024;
    bench.start();
    bench.broker->outage(true);
    for (int number = 1; number <= 200; ++number) {
        ASSERT_TRUE(bench.submit(
            [number](Transaction& tx) { tx.publish(Lost{.parcel_id = parcel_id(number)}); }));
        bench.poll();
    }
    bench.broker->outage(false);
    bench.settle();
    // It has room again, and takes what comes later.
    ASSERT_TRUE(
        bench.submit([](Transaction& tx) { tx.publish(Lost{.parcel_id = parcel_id(201)}); }));
    bench.settle();

    const auto said = bench.published();
    ASSERT_EQ(said.size(), 201U);
    for (std::size_t i = 0; i < said.size(); ++i) {
        EXPECT_EQ(said[i].headers.sequence.value, static_cast<std::int64_t>(i + 1));
    }
    EXPECT_EQ(bench.status().outbox_pending, 0);
}

TEST(Outbox, TakesNoEventThatTheLogWouldRefuseForEver) {
    Bench bench;
    bench.log_options.segment_bytes_max = 16 * 1024;
    bench.start();
    ASSERT_TRUE(bench.submit([](Transaction& tx) {
        tx.publish({Lost::name, Lost::version, "key", '"' + std::string(5000, 'x') + '"'});
    }));
    bench.settle();

    ASSERT_EQ(bench.answers.size(), 1U);
    EXPECT_NE(bench.answers[0].find("at most 4096 are allowed"), std::string::npos)
        << bench.answers[0];
    EXPECT_EQ(bench.status().outbox_pending, 0);
}

}  // namespace
}  // namespace tidings
