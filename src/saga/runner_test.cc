// Sagas in a service: rows, deadlines, cancellations, restarts.
#include <tidings/broker/log_broker.h>
#include <tidings/delivery/step_loop.h>
#include <tidings/saga/stored_sagas.h>
#include <tidings/sim/scheduler.h>
#include <tidings/sim/world.h>
#include <tidings/store/sqlite.h>

#include "saga/facts.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace tidings {
namespace {

using namespace facts;
using Names = std::vector<std::string>;

class Sagas : public ::testing::Test {
protected:
    Sagas() {
        auto declared =
            fulfilment().observe([this](const Fulfilment&, const SagaProgress& progress,
                                        Transaction&) { observed.push_back(progress.status); });
        runner = std::make_unique<SagaRunner>(declared.definition());
    }
    ~Sagas() override { drop(); }

    void start(bool own = true) {
        if (!handlers) {
            handlers = std::make_unique<Handlers>();
            handlers->retry.attempts = 100;
            runner->add_to(*handlers, own);
        }
        log = open_log_broker(world.process("machine"), "log").value();
        for (const char* domain : {"payment", "inventory", "shipping"}) {
            ASSERT_TRUE(log->claim(Topic{domain}, domain));
        }

        store = open_sqlite(world.process("machine"), "order.db").value();
        store->migrate("tidings_saga", saga_migrations()).value();
        StepLoop::Options options;
        options.service = own ? "order-service" : "follower-service";
        if (own) options.domains = {"order"};
        loop = StepLoop::open(world.process("machine"), *store, *log, *handlers, options).value();
    }
    void drop() {
        loop.reset();
        store.reset();
        log.reset();
    }
    void crash() {
        settle();
        world.crash();
        drop();
        start();
    }
    /// Lets all go on until nothing is left to do, except what waits for longer.
    void settle(Duration limit = 10s) {
        sim::Scheduler scheduler{world};
        scheduler.add(*loop);
        scheduler.add(loop->relay());
        scheduler.add(loop->effects());
        scheduler.run_until_quiet(limit);
    }
    void command(std::function<void(Transaction&)> run) {
        ASSERT_TRUE(loop->submit({"test", "", std::move(run), {}}));
        settle();
    }
    void create() {
        command([](Transaction& tx) { tx.publish(order::Created{.id = "o1"}); });
    }
    template <Event E>
    void send(const E& event) {
        const PublishedEvent erased = erase(event).value();
        const std::string domain{E::name.domain()};
        EventHeaders headers;
        headers.type = E::name.value;
        headers.key = erased.key;
        headers.source = domain + "-service";
        headers.epoch = epoch;
        headers.sequence = Sequence{++sequences[domain]};
        Envelope envelope;
        envelope.id = world.new_uuid();
        envelope.type = headers.type;
        envelope.source = headers.source;
        envelope.timestamp = world.now();
        envelope.correlation_id = "flow";
        envelope.data = erased.data;
        std::string text;
        write_envelope(envelope, text);
        const OutgoingEvent outgoing{&headers, text};
        ASSERT_TRUE(log->publish(Topic{domain}, std::span{&outgoing, 1}));
        settle();
    }
    std::optional<SagaProgress> cancel() {
        std::optional<SagaProgress> progress;
        command([&](Transaction& tx) { progress = runner->cancel("o1", "CHANGED_MIND", tx); });
        return progress;
    }
    Names said() {
        Names names;
        const auto reader = log->subscribe(Topic{"order"}, ConsumerGroup{""}, {}).value();
        const Fetched fetched = reader->fetch(100).value();
        for (const DeliveredEvent& event : fetched.events) names.push_back(event.headers.type);
        return names;
    }

    sim::SimWorld world{1};
    std::unique_ptr<SagaRunner> runner;
    std::unique_ptr<Handlers> handlers;
    std::unique_ptr<Broker> log;
    std::unique_ptr<Store> store;
    std::unique_ptr<StepLoop> loop;
    Uuid epoch = Uuid::parse("11111111-1111-4111-8111-111111111111").value();
    std::map<std::string, std::int64_t> sequences;
    std::vector<SagaStatus> observed;
};

TEST_F(Sagas, BeginInTheStepThatPublishesTheirFirstEvent) {
    start();
    create();
    EXPECT_EQ(observed, std::vector{SagaStatus::running});
    EXPECT_EQ(loop->status().timers, 1);
    create();
    EXPECT_EQ(observed.size(), 1U) << "an instance of this key has begun";
}

TEST_F(Sagas, GoOnAfterARestartBetweenAnyTwoEvents) {
    start();
    create();
    crash();
    send(inventory::Reserved{.id = "o1"});  // Early; it waits through the restart.
    crash();
    send(payment::Completed{.id = "o1", .reason = "p1"});
    crash();
    send(shipping::Created{.id = "o1"});
    crash();
    cancel();
    crash();
    send(shipping::Returned{.id = "o1"});
    crash();
    send(inventory::Released{.id = "o1"});
    crash();
    send(payment::Refunded{.id = "o1"});
    crash();
    EXPECT_EQ(said(), (Names{"order.created", "order.payment_completed", "order.ready_for_shipping",
                             "order.shipping_revoked", "order.reservation_revoked",
                             "order.payment_revoked", "order.cancelled"}));
    EXPECT_EQ(observed.back(), SagaStatus::compensated);
    EXPECT_EQ(loop->status().timers, 0);
    EXPECT_EQ(loop->status().dead, 0);
}

TEST_F(Sagas, AreGivenUpWhenADeadlinePasses) {
    start();
    create();
    send(payment::Completed{.id = "o1"});
    settle(59min);
    EXPECT_EQ(observed.back(), SagaStatus::running)
        << "the first step's 15 minutes no longer count";
    crash();
    settle(2min);
    EXPECT_EQ(observed.back(), SagaStatus::compensating);
    send(inventory::Reserved{.id = "o1"});  // Too late, and made good.
    send(payment::Refunded{.id = "o1"});
    send(inventory::Released{.id = "o1"});
    EXPECT_EQ(said(), (Names{"order.created", "order.payment_completed", "order.payment_revoked",
                             "order.reservation_revoked", "order.cancelled"}));
}

TEST_F(Sagas, HaveTheDeadlinesThatTheyAreConfiguredWith) {
    ASSERT_TRUE(runner->set_deadline("payment", 0s));
    ASSERT_TRUE(runner->set_deadline("inventory", 5s));
    const Result<void> unknown = runner->set_deadline("paymnet", 0s);
    ASSERT_FALSE(unknown);
    EXPECT_EQ(unknown.error().hint, "its steps are payment, inventory, pick-up, delivery");
    start();
    create();
    EXPECT_EQ(loop->status().timers, 0);
    settle(24h * 30);
    EXPECT_EQ(observed, std::vector{SagaStatus::running});
    send(payment::Completed{.id = "o1"});
    settle(10s);
    EXPECT_EQ(observed.back(), SagaStatus::compensating);
}

TEST_F(Sagas, AreCancelledOnceAndKnowNoOthers) {
    start();
    EXPECT_FALSE(cancel());
    create();
    send(payment::Completed{.id = "o1"});
    ASSERT_TRUE(cancel());
    const auto again = cancel();
    ASSERT_TRUE(again);
    EXPECT_EQ(again->status, SagaStatus::compensating);
    EXPECT_EQ(again->reason, "CHANGED_MIND");
    send(payment::Refunded{.id = "o1"});
    EXPECT_EQ(cancel()->status, SagaStatus::compensated);
    EXPECT_EQ(said(), (Names{"order.created", "order.payment_completed", "order.payment_revoked",
                             "order.cancelled"}));
}

TEST_F(Sagas, StayCompletedWhateverComes) {
    start();
    create();
    send(payment::Completed{.id = "o1"});
    send(inventory::Reserved{.id = "o1"});
    send(shipping::Created{.id = "o1"});
    send(shipping::Delivered{.id = "o1"});
    EXPECT_EQ(cancel()->status, SagaStatus::completed);
    send(shipping::Returned{.id = "o1"});
    EXPECT_EQ(said().back(), "order.completed");
    EXPECT_EQ(loop->status().timers, 0);
    EXPECT_EQ(loop->status().unaccounted(), 0);
}

TEST_F(Sagas, DeadLetterTheAnswerThatNobodyAskedFor) {
    start();
    send(payment::Completed{.id = "o9"});
    EXPECT_EQ(loop->status().dead, 1);
}

TEST_F(Sagas, LetAnAnswerWaitThatOvertakesAStartFromElsewhere) {
    ASSERT_TRUE(runner->set_deadline("payment", 0s));
    start(false);
    send(payment::Failed{.id = "o1", .reason = "poor"});
    EXPECT_EQ(loop->status().scheduled, 1);
    EXPECT_EQ(loop->status().dead, 0);
}

TEST_F(Sagas, HoldUpTheEventsOfAnInstanceBehindADeadLetterWhateverTheirDomain) {
    start();
    create();
    const auto send_broken = [this] {
        EventHeaders headers;
        headers.type = payment::Completed::name.value;
        headers.key = "o1";
        headers.source = "payment-service";
        headers.epoch = epoch;
        headers.sequence = Sequence{++sequences["payment"]};
        const OutgoingEvent outgoing{&headers, "{\"id\":7}"};
        ASSERT_TRUE(log->publish(Topic{"payment"}, std::span{&outgoing, 1}));
        settle();
    };
    send_broken();
    send(inventory::Rejected{.id = "o1", .reason = "sold out"});
    command([](Transaction& tx) { tx.publish(order::Created{.id = "o2"}); });
    send(inventory::Rejected{.id = "o2", .reason = "sold out"});
    EXPECT_EQ(loop->status().dead, 1);
    EXPECT_EQ(loop->status().parked, 1) << "of another topic, and of the same instance";
    EXPECT_EQ(said(), (Names{"order.created", "order.created", "order.cancelled"}))
        << "other instances go on";
    crash();
    EXPECT_EQ(loop->status().parked, 1);
    send(shipping::Cancelled{.id = "o1"});
    EXPECT_EQ(loop->status().parked, 2);

    drop();
    {
        auto stopped = open_sqlite(world.process("machine"), "order.db").value();
        stopped->begin().value();
        stopped->transaction().execute("DELETE FROM tidings_held WHERE state = 3");
        stopped->transaction().execute(
            "UPDATE tidings_position SET discarded = 1 WHERE topic = 'payment'");
        stopped->transaction().execute(
            "UPDATE tidings_held SET state = 1, due = 0 WHERE position = "
            "(SELECT min(position) FROM tidings_held)");
        stopped->commit().value();
    }
    start();
    settle();
    EXPECT_EQ(said().back(), "order.cancelled");
    EXPECT_EQ(loop->status().parked, 0);
    EXPECT_EQ(loop->status().unaccounted(), 0);
}

TEST_F(Sagas, NeedAnOperatorWhenACompensationDoesNotComeAndGoOnWhenItDoes) {
    start();
    create();
    send(payment::Completed{.id = "o1"});
    cancel();
    settle(23h);
    EXPECT_EQ(observed.back(), SagaStatus::compensating);
    crash();
    settle(1h);
    EXPECT_EQ(observed.back(), SagaStatus::needs_operator);
    EXPECT_EQ(loop->status().timers, 0);
    EXPECT_EQ(said().back(), "order.payment_revoked") << "nothing is asked for twice";
    crash();
    send(payment::Refunded{.id = "o1"});
    EXPECT_EQ(observed.back(), SagaStatus::compensated);
    EXPECT_EQ(said().back(), "order.cancelled");
}

TEST_F(Sagas, GoOnOnceAnOperatorHasMadeAStepGood) {
    start();
    create();
    send(payment::Completed{.id = "o1"});
    send(inventory::Reserved{.id = "o1"});
    cancel();
    settle(25h);
    ASSERT_EQ(observed.back(), SagaStatus::needs_operator);
    command([this](Transaction& tx) { ASSERT_TRUE(runner->made_good("o1", tx)); });
    EXPECT_EQ(observed.back(), SagaStatus::compensating) << "now the payment is undone";
    EXPECT_EQ(said().back(), "order.payment_revoked");
    settle(25h);
    EXPECT_EQ(observed.back(), SagaStatus::needs_operator) << "each step has a time of its own";
    command([this](Transaction& tx) { ASSERT_TRUE(runner->made_good("o1", tx)); });
    EXPECT_EQ(said().back(), "order.cancelled");
    const std::size_t moves = observed.size();
    command([this](Transaction& tx) {
        EXPECT_EQ(runner->made_good("o1", tx)->status, SagaStatus::compensated);
        EXPECT_FALSE(runner->made_good("o2", tx));
    });
    EXPECT_EQ(observed.size(), moves);
    send(inventory::Released{.id = "o1"});
    EXPECT_EQ(observed.size(), moves) << "what comes after all changes nothing";
}

TEST_F(Sagas, AskForACompensationAgainWhenAnOperatorSaysSo) {
    start();
    create();
    send(payment::Completed{.id = "o1"});
    cancel();
    settle(25h);
    command([this](Transaction& tx) { ASSERT_TRUE(runner->undo_again("o1", tx)); });
    EXPECT_EQ(observed.back(), SagaStatus::compensating);
    const Names all = said();
    EXPECT_EQ(std::count(all.begin(), all.end(), "order.payment_revoked"), 2);
    settle(23h);
    EXPECT_EQ(observed.back(), SagaStatus::compensating);
    settle(2h);
    EXPECT_EQ(observed.back(), SagaStatus::needs_operator);
}

TEST_F(Sagas, DoWhatAnOperatorDecidesAndKeepItOnTheAuditRecord) {
    start();
    create();
    send(payment::Completed{.id = "o1"});
    send(inventory::Reserved{.id = "o1"});
    cancel();
    settle(25h);
    ASSERT_EQ(observed.back(), SagaStatus::needs_operator);
    const auto refused = [this](const SagaDecision& decision, const Actor& actor) {
        ErrorCode code{};
        command([&](Transaction& tx) {
            try {
                runner->decide(decision, actor, tx);
            } catch (const Failure& failure) {
                code = failure.error().code;
            }
        });
        return code;
    };
    const SagaDecision good{SagaAct::made_good, "order.fulfilment", "o1", 2};
    EXPECT_EQ(refused(good, {"", "it is back"}), ErrorCode::invalid_argument) << "who says so?";
    EXPECT_EQ(refused(good, {"anna", ""}), ErrorCode::invalid_argument) << "and why?";
    EXPECT_EQ(refused({SagaAct::made_good, "order.fulfilment", "o1", 1}, {"anna", "it is back"}),
              ErrorCode::conflict)
        << "the payment's turn has not come";
    EXPECT_EQ(refused({SagaAct::made_good, "order.fulfilment", "o2", 1}, {"anna", "it is back"}),
              ErrorCode::not_found);
    EXPECT_EQ(observed.back(), SagaStatus::needs_operator);

    command([&](Transaction& tx) {
        EXPECT_EQ(runner->decide(good, {"anna", "it is back on the shelf"}, tx).status,
                  SagaStatus::compensating);
    });
    EXPECT_EQ(said().back(), "order.payment_revoked") << "now the payment is undone";
    EXPECT_EQ(refused(good, {"anna", "again"}), ErrorCode::conflict) << "it went on meanwhile";
    command([&](Transaction& tx) {
        runner->decide({SagaAct::undo_again, "order.fulfilment", "o1", 0}, {"ben", ""}, tx);
    });
    const auto reader = store->reader().value();
    const auto audit = DeadLetters{*reader}.audit(0, 10);
    ASSERT_EQ(audit.size(), 2U);
    EXPECT_EQ(audit[1].act, "made-good");
    EXPECT_EQ(audit[1].who, "anna");
    EXPECT_EQ(audit[1].chosen, "order.fulfilment o1 step 2");
    EXPECT_EQ(audit[1].before, R"({"status":"needs_operator","steps":"du.."})");
    EXPECT_EQ(audit[1].after, R"({"status":"compensating","steps":"ux.."})");
    EXPECT_EQ(audit[0].act, "undo-again");
}

TEST_F(Sagas, DoOnceTheyRunWhatWasDecidedWhileTheyWereStopped) {
    start();
    create();
    send(payment::Completed{.id = "o1"});
    cancel();
    settle(25h);
    const auto decide = [this](SagaAct act) {
        store->begin().value();
        std::optional<Error> error;
        try {
            StoredSagas{store->transaction()}.decide_later(
                {act, "order.fulfilment", "o1", 1}, {"anna", "the bank says so"}, world.now(),
                to_string(world.new_uuid()), "the flow");
        } catch (const Failure& failure) {
            error = failure.error();
        }
        store->commit().value();
        return error;
    };
    loop.reset();
    ASSERT_FALSE(decide(SagaAct::made_good));
    const auto twice = decide(SagaAct::undo_again);
    ASSERT_TRUE(twice);
    EXPECT_EQ(twice->code, ErrorCode::conflict) << "made-good is decided";
    const auto waits = [this] {
        return StoredSagas{*store->reader().value()}.find("order.fulfilment", "o1").waits;
    };
    EXPECT_EQ(waits(), "made-good 1");
    EXPECT_EQ(observed.back(), SagaStatus::needs_operator);

    drop();
    start();
    settle();
    EXPECT_EQ(observed.back(), SagaStatus::compensated);
    EXPECT_EQ(said().back(), "order.cancelled");
    EXPECT_EQ(waits(), "");
    crash();
    const Names all = said();
    EXPECT_EQ(std::count(all.begin(), all.end(), "order.cancelled"), 1) << "and only once";
}

TEST_F(Sagas, LeaveADecisionAloneThatTheirAnswerHasOvertaken) {
    start();
    create();
    send(payment::Completed{.id = "o1"});
    send(inventory::Reserved{.id = "o1"});
    cancel();
    settle(25h);
    loop.reset();
    store->begin().value();
    StoredSagas{store->transaction()}.decide_later(
        {SagaAct::made_good, "order.fulfilment", "o1", 2}, {"anna", "it is back"}, world.now(),
        to_string(world.new_uuid()), "the flow");
    // The answer gets in first.
    ASSERT_EQ(store->transaction().execute("UPDATE tidings_timer SET due = due + 3600000 "
                                           "WHERE kind = 'saga-decision:order.fulfilment'"),
              1);
    store->commit().value();
    drop();
    start();
    send(inventory::Released{.id = "o1"});
    ASSERT_EQ(said().back(), "order.payment_revoked") << "the payment's turn has come";
    EXPECT_EQ(StoredSagas{*store->reader().value()}.find("order.fulfilment", "o1").waits,
              "made-good 2");
    settle(2h);
    EXPECT_EQ(observed.back(), SagaStatus::compensating)
        << "nobody said that the money is back: the stock was meant";
    EXPECT_EQ(StoredSagas{*store->reader().value()}.find("order.fulfilment", "o1").waits, "");
    EXPECT_EQ(loop->status().timers, 1) << "of the compensation";
}

TEST_F(Sagas, EndOnceThoughSomethingLateIsNeverUndone) {
    start();
    create();
    send(payment::Failed{.id = "o1", .reason = "poor"});
    EXPECT_EQ(said().back(), "order.cancelled");
    send(payment::Completed{.id = "o1"});
    EXPECT_EQ(said().back(), "order.payment_revoked");
    settle(25h);
    EXPECT_EQ(observed.back(), SagaStatus::needs_operator);
    crash();
    send(payment::Refunded{.id = "o1"});
    EXPECT_EQ(observed.back(), SagaStatus::compensated);
    const Names all = said();
    EXPECT_EQ(std::count(all.begin(), all.end(), "order.cancelled"), 1);
}

TEST_F(Sagas, WaitForACompensationForEverIfTheyAreToldTo) {
    ASSERT_TRUE(runner->set_undo_deadline("payment", 0s));
    EXPECT_FALSE(runner->set_undo_deadline("paymnet", 0s));
    start();
    create();
    send(payment::Completed{.id = "o1"});
    cancel();
    EXPECT_EQ(loop->status().timers, 0);
    settle(24h * 30);
    EXPECT_EQ(observed.back(), SagaStatus::compensating);
}

TEST_F(Sagas, KeepWhatTheyDidNotExpect) {
    start();
    create();
    send(payment::Completed{.id = "o1"});
    for (int i = 0; i < 30; ++i) send(payment::Completed{.id = "o1"});
    send(shipping::Returned{.id = "o1"});  // Gives it up.
    send(shipping::Returned{.id = "o1"});
    const auto reader = store->reader().value();
    EXPECT_EQ(reader->value<int>("SELECT count(*) FROM tidings_saga_unexpected"), 20);
    EXPECT_EQ(
        reader->value<std::string>("SELECT type FROM tidings_saga_unexpected ORDER BY number DESC"),
        "shipping.returned");
    EXPECT_EQ(loop->status().done, 33);
}

}  // namespace
}  // namespace tidings
