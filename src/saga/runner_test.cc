// Sagas in a service: rows, deadlines, cancellations, restarts.
#include "saga/runner_testing.h"

#include <algorithm>

namespace tidings {
namespace {

using namespace facts;
using testbench::Sagas;
using Names = Sagas::Names;

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
    get_stuck();
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
