// Commands, the outbox and its relay, timers, effects: what a step is and what comes of it.
#include "delivery/delivery_testing.h"

namespace tidings {
namespace {

using namespace testbench;
using Texts = std::vector<std::string>;

class Steps : public ::testing::Test {
protected:
    static std::function<void(Transaction&)> lose(std::int64_t number) {
        return [number](Transaction& tx) {
            tx.execute("INSERT INTO handled (number, city) VALUES ($1, 'command')", number);
            tx.publish(Lost{.parcel_id = parcel_id(number)});
        };
    }
    Texts keys_published() {
        Texts keys;
        for (const Bench::Said& said : bench.published()) keys.push_back(said.headers.key);
        return keys;
    }
    Bench bench;
};

TEST_F(Steps, ACommandIsAnsweredOnlyAfterItsCommit) {
    bench.start();
    ASSERT_TRUE(bench.submit(lose(1)));
    EXPECT_TRUE(bench.answers.empty());
    EXPECT_EQ(bench.status().commands_waiting, 1);
    // When the answer comes, the power may go: the command has happened.
    ASSERT_TRUE(bench.loop->submit({"test", "", lose(2), [this](Result<void> answer) {
                                        EXPECT_TRUE(answer);
                                        bench.world.stop_after(0);
                                    }}));
    bench.loop->poll(bench.world.monotonic());
    EXPECT_EQ(bench.answers, Texts{"done"});
    bench.world.heal();
    bench.crash();
    bench.settle();
    EXPECT_EQ(bench.handled().size(), 2U);
    EXPECT_EQ(keys_published(), (Texts{parcel_id(1), parcel_id(2)}));
}

TEST_F(Steps, ACommandThatFailsIsRefusedAloneWithItsReason) {
    bench.start();
    ASSERT_TRUE(bench.submit(lose(1)));
    ASSERT_TRUE(bench.submit([](Transaction& tx) {
        lose(2)(tx);
        throw Failure{{ErrorCode::conflict, "already lost"}};
    }));
    ASSERT_TRUE(
        bench.submit([](Transaction& tx) { tx.execute("INSERT INTO nowhere VALUES (1)"); }));
    ASSERT_TRUE(bench.submit(lose(3)));
    bench.settle();
    ASSERT_EQ(bench.answers.size(), 4U);
    EXPECT_EQ(bench.answers[0], "done");
    EXPECT_EQ(bench.answers[1], "already lost");
    EXPECT_NE(bench.answers[2].find("nowhere"), std::string::npos);
    EXPECT_EQ(bench.answers[3], "done");
    EXPECT_EQ(keys_published(), (Texts{parcel_id(1), parcel_id(3)}));
    const auto said = bench.published();
    EXPECT_EQ(said.back().headers.sequence.value, 2) << "what was undone leaves no gap";
}

TEST_F(Steps, AnEventOfAnotherDomainIsNotPublished) {
    bench.start();
    ASSERT_TRUE(bench.submit([](Transaction& tx) { tx.publish(Opened{1, "Bonn"}); }));
    ASSERT_TRUE(bench.submit([](Transaction& tx) { tx.publish(Lost{.parcel_id = "no uuid"}); }));
    bench.settle();
    ASSERT_EQ(bench.answers.size(), 2U);
    EXPECT_NE(bench.answers[0].find("does not own the domain depot"), std::string::npos);
    EXPECT_NE(bench.answers[1].find("/parcelId"), std::string::npos) << bench.answers[1];
    EXPECT_TRUE(bench.published().empty());
}

TEST_F(Steps, TheOutboxKeepsTheOrderOfCommits) {
    bench.options.group_steps_max = 4;
    bench.start();
    Texts expected;
    for (int i = 1; i <= 30; ++i) {
        ASSERT_TRUE(bench.submit(lose(i)));
        expected.push_back(parcel_id(i));
        if (i % 7 == 0) bench.poll();
    }
    bench.settle();
    EXPECT_EQ(keys_published(), expected);
    const auto said = bench.published();
    for (std::size_t i = 0; i < said.size(); ++i) {
        EXPECT_EQ(said[i].headers.sequence.value, static_cast<std::int64_t>(i) + 1);
    }
    EXPECT_EQ(bench.count("tidings_outbox"), 0);
}

TEST_F(Steps, WhoPassedEventsOverDoesNotSpinWhileTheOutboxIsFull) {
    bench.options.outbox_max = 1;
    bench.start();
    bench.settle(1s);
    sim::BrokerFaults lossy;
    lossy.lose_answer = 1;
    bench.broker->set_faults(lossy);
    EventHeaders foreign = bench.headers(1, 1);
    foreign.type = "depot.closed";  // Nobody here handles it.
    bench.send_raw(foreign, "{}");
    ASSERT_TRUE(bench.submit(lose(1)));
    bench.loop->poll(bench.world.monotonic());
    ASSERT_EQ(bench.status().outbox_pending, 1);

    EXPECT_GT(bench.loop->poll(bench.world.monotonic()), bench.world.monotonic());
}

TEST_F(Steps, AnOutageFillsTheOutboxAndThenStopsTheIntakeWithoutCountingAttempts) {
    bench.options.outbox_max = 10;
    bench.options.group_steps_max = 4;
    bench.on_opened = [](const Opened& event, Transaction& tx) {
        tx.publish(Lost{.parcel_id = parcel_id(event.number)});
    };
    bench.handlers.on_timer("remind", [](const DueTimer&, Transaction&) {});
    bench.start();
    ASSERT_TRUE(bench.submit([](Transaction& tx) { tx.set_timer("remind", "x", 2s); }));
    bench.settle(1s);
    sim::BrokerFaults lossy;
    lossy.lose_answer = 1;  // As bad as an outage for the relay; the log can still be read.
    bench.broker->set_faults(lossy);
    for (int i = 1; i <= 100; ++i) bench.send(i, "city");
    bench.run_for(5s);
    EXPECT_GE(bench.status().outbox_pending, 10);
    EXPECT_LE(bench.status().outbox_pending, 10 + 16);
    EXPECT_GT(bench.status().lag, 0);
    ASSERT_TRUE(bench.status().relay_error);
    EXPECT_GE(bench.status().outbox_age, 4s);
    const Result<void> refused = bench.submit(lose(1));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::unavailable);
    EXPECT_EQ(bench.status().scheduled + bench.status().dead, 0);
    // An overdue timer must not have the loop spin while it may do nothing.
    EXPECT_GT(bench.loop->poll(bench.world.monotonic()), bench.world.monotonic());

    bench.broker->heal();
    bench.settle();
    EXPECT_EQ(bench.handled().size(), 100U);
    EXPECT_EQ(bench.calls, 100);
    EXPECT_TRUE(bench.status().is_quiet());
    EXPECT_FALSE(bench.status().relay_error);
    EXPECT_EQ(bench.status().timers, 0);
}

TEST_F(Steps, WhatWasPublishedAndNotMarkedIsPublishedAgainAsItWas) {
    bench.start();
    ASSERT_TRUE(bench.submit(lose(1)));
    bench.loop->poll(bench.world.monotonic());
    bench.loop->relay().poll(bench.world.monotonic());
    bench.crash();
    bench.settle();
    const auto said = bench.published();
    ASSERT_EQ(said.size(), 2U);
    EXPECT_EQ(said[0].envelope, said[1].envelope);
    EXPECT_EQ(said[0].headers, said[1].headers) << "consumers know it by source and sequence";
}

TEST_F(Steps, TheQueueOfCommandsIsBounded) {
    bench.options.commands_max = 2;
    bench.start();
    ASSERT_TRUE(bench.submit(lose(1)));
    ASSERT_TRUE(bench.submit(lose(2)));
    EXPECT_EQ(bench.submit(lose(3)).error().code, ErrorCode::unavailable);
    bench.settle();
    EXPECT_TRUE(bench.submit(lose(4)));
}

TEST_F(Steps, StoppingFinishesWhatWasTakenAndWritesItsMarks) {
    bench.start();
    ASSERT_TRUE(bench.submit(lose(1)));
    bench.loop->stop();
    EXPECT_FALSE(bench.loop->is_stopped());
    EXPECT_FALSE(bench.submit(lose(2)));
    bench.send(1, "too late");
    bench.settle();
    EXPECT_TRUE(bench.loop->is_stopped());
    EXPECT_EQ(bench.answers, Texts{"done"});
    EXPECT_EQ(bench.handled(), Texts{"command"});
    EXPECT_EQ(bench.count("tidings_outbox"), 0);
}

TEST_F(Steps, ALoopThatCouldNotClaimADomainLeavesItToItsOwner) {
    bench.start();
    auto store = open_sqlite(bench.world, "other.db").value();
    StepLoop::Options options = bench.options;
    options.service = "rival-service";
    const auto rival = StepLoop::open(bench.world, *store, *bench.broker, bench.handlers, options);
    EXPECT_EQ(rival.error().code, ErrorCode::unavailable);
    ASSERT_TRUE(bench.submit(lose(1)));
    bench.settle();
    EXPECT_EQ(bench.published().size(), 1U);
}

class Timing : public Steps {
protected:
    void SetUp() override {
        bench.handlers.on_timer("remind", [this](const DueTimer& timer, Transaction& tx) {
            fired.push_back(timer.key + timer.data);
            causes.push_back(std::string{tx.causation_id()});
            if (on_timer) on_timer(timer, tx);
        });
        bench.start();
    }
    void command(std::function<void(Transaction&)> run) {
        ASSERT_TRUE(bench.submit(std::move(run)));
        bench.poll();
    }
    Texts fired;
    Texts causes;
    std::function<void(const DueTimer&, Transaction&)> on_timer;
};

TEST_F(Timing, TimersGoOffAfterARestartOverdueOrNot) {
    command([](Transaction& tx) {
        tx.set_timer("remind", "a", 1h);
        tx.set_timer("remind", "b", 24h, "7");
    });
    EXPECT_EQ(bench.status().timers, 2);
    bench.crash();
    bench.world.advance(2h);
    bench.settle(1min);
    EXPECT_EQ(fired, Texts{"a{}"});
    bench.settle(48h);
    EXPECT_EQ(fired, (Texts{"a{}", "b7"}));
    bench.settle(48h);
    EXPECT_EQ(fired.size(), 2U);
    EXPECT_EQ(bench.status().timers, 0);
}

TEST_F(Timing, MovedAndCancelledTimersDoNotGoOffAsTheyWere) {
    command([](Transaction& tx) {
        tx.set_timer("remind", "moved", 1min);
        tx.set_timer("remind", "cancelled", 1min);
        tx.cancel_timer("remind", "never set");
    });
    command([](Transaction& tx) {
        tx.set_timer("remind", "moved", 1h);
        tx.cancel_timer("remind", "cancelled");
    });
    bench.settle(30min);
    EXPECT_TRUE(fired.empty());
    bench.settle(2h);
    EXPECT_EQ(fired, Texts{"moved{}"});
}

TEST_F(Timing, ATimerTakenBackByAStepOfTheSameGroupDoesNotGoOff) {
    command([](Transaction& tx) { tx.set_timer("remind", "a", 1min); });
    bench.world.advance(2min);
    command([](Transaction& tx) { tx.cancel_timer("remind", "a"); });
    bench.settle();
    EXPECT_TRUE(fired.empty());
}

TEST_F(Timing, ATimerWhoseHandlerFailsGoesOffAgain) {
    on_timer = [](const DueTimer& timer, Transaction& tx) {
        tx.publish(Lost{.parcel_id = parcel_id(timer.attempt)});
        if (timer.attempt < 3) throw Failure{{ErrorCode::unavailable, "not now"}};
    };
    command([](Transaction& tx) { tx.set_timer("remind", "a", 1s); });
    bench.settle();
    EXPECT_EQ(fired.size(), 3U);
    EXPECT_EQ(keys_published(), Texts{parcel_id(3)});
}

TEST_F(Timing, ATimerIsACauseOfItsOwnEachTimeItIsSet) {
    on_timer = [](const DueTimer& timer, Transaction& tx) {
        if (timer.data != "3") {
            tx.set_timer("remind", "a", 1s, std::to_string(std::stoi(timer.data) + 1));
        }
    };
    std::string setter;
    command([&setter](Transaction& tx) {
        setter = tx.causation_id();
        tx.set_timer("remind", "a", 1s, "1");
    });
    bench.settle();
    ASSERT_EQ(fired, (Texts{"a1", "a2", "a3"}));
    EXPECT_NE(causes[0], setter);
    EXPECT_NE(causes[0], causes[1]);
    EXPECT_NE(causes[1], causes[2]);
}

class Effecting : public Steps {
protected:
    void SetUp() override {
        bench.handlers.effect(
            "gateway.charge", port, [this](const EffectAnswer& answer, Transaction& tx) {
                answered.push_back(answer.subject + answer.request + answer.answer);
                if (on_answer) on_answer(answer, tx);
            });
        bench.start();
    }
    void charge(const std::string& subject) {
        ASSERT_TRUE(bench.submit([subject](Transaction& tx) {
            tx.request("gateway.charge", subject, "{\"amount\":1}");
        }));
    }
    std::shared_ptr<TestPort> port = std::make_shared<TestPort>();
    Texts answered;
    std::function<void(const EffectAnswer&, Transaction&)> on_answer;
};

TEST_F(Effecting, TheWorldIsAskedAfterTheCommitAndItsAnswerHandledOnce) {
    port->answer = [this](const EffectRequest&) {
        EXPECT_EQ(bench.answers, Texts{"done"});
        return EffectResult{Answered{"{\"ok\":true}"}};
    };
    charge("o1");
    bench.loop->effects().poll(bench.world.monotonic());
    EXPECT_TRUE(port->asked.empty());
    bench.settle();
    EXPECT_EQ(answered, Texts{"o1{\"amount\":1}{\"ok\":true}"});
    bench.kill();
    bench.settle();
    EXPECT_EQ(port->asked.size(), 1U);
    EXPECT_EQ(bench.status().effects_open, 0);
}

TEST_F(Effecting, AStepThatFailsAsksNobody) {
    ASSERT_TRUE(bench.submit([](Transaction& tx) {
        tx.request("gateway.charge", "o1", "{}");
        throw Failure{{ErrorCode::conflict, "no"}};
    }));
    ASSERT_TRUE(bench.submit([](Transaction& tx) { tx.request("nobody", "o1", "{}"); }));
    bench.settle();
    EXPECT_TRUE(port->asked.empty());
    EXPECT_EQ(bench.status().effects_open, 0);
    EXPECT_EQ(bench.answers[1], "no effect named nobody");
}

TEST_F(Effecting, AfterACrashTheWorldIsAskedAgainWithTheSameKey) {
    charge("o1");
    charge("o1");
    bench.loop->poll(bench.world.monotonic());
    bench.loop->effects().poll(bench.world.monotonic());
    ASSERT_EQ(port->asked.size(), 2U);
    EXPECT_NE(port->asked[0], port->asked[1]);
    bench.crash();
    EXPECT_EQ(bench.status().effects_owed, 2);
    bench.settle();
    ASSERT_EQ(port->asked.size(), 4U);
    EXPECT_EQ(port->asked[2], port->asked[0]);
    EXPECT_EQ(port->asked[3], port->asked[1]);
    EXPECT_EQ(answered.size(), 2U);
}

TEST_F(Effecting, WhoAnswersLaterIsAskedAgainAtTheTimeThatHeSaid) {
    std::vector<TimePoint> times;
    port->answer = [&](const EffectRequest& request) {
        times.push_back(bench.world.monotonic());
        return request.attempt < 3 ? EffectResult{Pending{10s}} : EffectResult{Answered{"{}"}};
    };
    charge("o1");
    bench.settle();
    ASSERT_EQ(times.size(), 3U);
    EXPECT_GE(times[1] - times[0], 10s);
    EXPECT_LT(times[1] - times[0], 11s);
    EXPECT_EQ(port->attempts, (std::vector<int>{1, 2, 3}));
    EXPECT_EQ(answered.size(), 1U);
}

TEST_F(Effecting, WhoStaysSilentIsOwedNothingAndAskedAtTheNextStart) {
    port->answer = [](const EffectRequest&) { return EffectResult{Pending{}}; };
    charge("o1");
    bench.settle();
    EXPECT_EQ(port->asked.size(), 1U);
    EXPECT_EQ(bench.status().effects_open, 1);
    EXPECT_EQ(bench.status().effects_owed, 0);
    EXPECT_TRUE(bench.status().is_quiet());
    port->answer = [](const EffectRequest&) { return EffectResult{Answered{"{}"}}; };
    bench.kill();
    bench.settle();
    EXPECT_EQ(port->asked.size(), 2U);
    EXPECT_EQ(answered.size(), 1U);
    EXPECT_EQ(bench.status().effects_open, 0);
}

TEST_F(Effecting, ErrorsAreTriedAgainWithBackoffAndFinalOnesRest) {
    port->answer = [](const EffectRequest& request) -> Result<EffectResult> {
        if (request.subject == "bad") return Error{ErrorCode::invalid_argument, "no such card"};
        if (request.attempt < 4) return Error{ErrorCode::timeout, "no answer"};
        return EffectResult{Answered{"{}"}};
    };
    charge("bad");
    charge("slow");
    bench.settle();
    EXPECT_EQ(port->asked.size(), 5U);
    EXPECT_EQ(answered.size(), 1U);
    EXPECT_EQ(bench.status().effects_open, 1);
    EXPECT_EQ(bench.status().effects_owed, 0);
    bench.kill();
    bench.settle();
    EXPECT_EQ(port->asked.size(), 5U) << "what failed for good waits for somebody to look";
}

TEST_F(Effecting, AnAnswerWhoseHandlerFailsIsAskedForAgain) {
    int failures = 2;
    on_answer = [&failures](const EffectAnswer&, Transaction& tx) {
        tx.publish(Lost{.parcel_id = parcel_id(1)});
        if (failures-- > 0) throw Failure{{ErrorCode::unavailable, "not now"}};
    };
    charge("o1");
    bench.settle();
    EXPECT_EQ(port->asked.size(), 3U);
    EXPECT_EQ(answered.size(), 3U);
    EXPECT_EQ(bench.published().size(), 1U);
    EXPECT_EQ(bench.status().effects_open, 0);
    EXPECT_EQ(bench.status().effects_owed, 0);
}

}  // namespace
}  // namespace tidings
