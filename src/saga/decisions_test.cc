// What an operator decides about sagas whose compensation does not come.
#include <tidings/saga/stored_sagas.h>

#include "saga/runner_testing.h"

#include <algorithm>

namespace tidings {
namespace {

using namespace facts;
using Names = testbench::Sagas::Names;

/// Sagas, and somebody who looks after them.
class SagaDecisions : public testbench::Sagas {};

TEST_F(SagaDecisions, AreDoneAndOnTheAuditRecord) {
    start();
    get_stuck();
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

TEST_F(SagaDecisions, OfAStoppedServiceAreDoneOnceItRuns) {
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

TEST_F(SagaDecisions, AreLeftAloneWhereTheAnswerHasOvertakenThem) {
    start();
    get_stuck();
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

}  // namespace
}  // namespace tidings
