#include <tidings/testing/saga.h>

#include "saga/facts.h"

#include <gtest/gtest.h>

#include <sstream>

namespace tidings {
namespace {

using namespace facts;

const order::Created created{.id = "o1"};
const payment::Completed paid{.id = "o1", .reason = "p1"};
const inventory::Reserved reserved{.id = "o1"};
const inventory::Rejected refused{.id = "o1", .reason = "sku"};

// [given]
TEST(Fulfilment, RevokesThePaymentWhenStockRunsOut) {
    EXPECT_TRUE(
        given(fulfilment(), created, paid).when(refused).then(order::PaymentRevoked{"o1", "p1"}));
}

TEST(Fulfilment, IsCancelledOnceTheMoneyIsBack) {
    EXPECT_TRUE(given(fulfilment(), created, paid, refused)
                    .when(payment::Refunded{"o1"})
                    .then(order::Cancelled{"o1", "sku"}));
}

TEST(Fulfilment, IgnoresAPaymentItHasSeen) {
    EXPECT_TRUE(given(fulfilment(), created, paid).when(paid).then());
}
// [/given]

TEST(SagaCase, TakesCancellationsAndDeadlines) {
    EXPECT_TRUE(given(fulfilment(), created)
                    .when(Cancellation{})
                    .then(order::Cancelled{"o1", "CANCELLED_BY_CUSTOMER"}));
    EXPECT_TRUE(given(fulfilment(), created, paid, DeadlineExceeded{"inventory"})
                    .when(payment::Refunded{"o1"})
                    .then(order::Cancelled{"o1", "DEADLINE_EXCEEDED"}));
}

// [deadline]
TEST(Fulfilment, GivesUpWhenStockIsNotReservedWithinTheHour) {
    SagaCase order = given(fulfilment(), created, paid);
    EXPECT_TRUE(order.then_awaits("inventory", 1h));
    EXPECT_TRUE(order.when(passed(59min)).then());
    EXPECT_TRUE(order.when(passed(1min)).then(order::PaymentRevoked{"o1", "p1"}));
    EXPECT_TRUE(order.then_is(SagaStatus::compensating));
}
// [/deadline]

TEST(SagaCase, CountsTheTimeOfEachStepAnew) {
    SagaCase tested = given(fulfilment(), created, passed(14min), paid, passed(50min));
    EXPECT_TRUE(tested.then_awaits("inventory", 10min));
    EXPECT_TRUE(tested.when(reserved).then_awaits("pick-up", 48h));
    EXPECT_EQ(tested.then_awaits("pick-up", 47h).difference(),
              "expected that the saga awaits pick-up, for 47h\n"
              "    but it awaits pick-up, for 2d\n");
    EXPECT_FALSE(static_cast<bool>(tested.then_is(SagaStatus::completed)));
    EXPECT_EQ(tested.when(again()).then().difference(),
              "of the causes, only time concerns a saga alone; give the others to a service");
}

TEST(SagaCase, TellsWhereTheInstanceStands) {
    SagaCase tested = given(fulfilment(), created, paid);
    EXPECT_EQ(tested.progress().awaited(), 1U);
    tested.when(Cancellation{});
    EXPECT_EQ(tested.progress().status, SagaStatus::compensating);
    EXPECT_EQ(tested.progress().reason, "CANCELLED_BY_CUSTOMER");
}

TEST(SagaCase, ShowsWhatWasExpectedAndWhatHappened) {
    const CaseVerdict verdict =
        given(fulfilment(), created).when(paid).then(order::Cancelled{"o1", "x"});
    EXPECT_FALSE(static_cast<bool>(verdict));
    std::ostringstream shown;  // As Catch2 does.
    shown << verdict;
    EXPECT_EQ(shown.str(),
              "published 1: expected order.cancelled {\"id\":\"o1\",\"reason\":\"x\"}\n"
              "    but it is order.payment_completed {\"id\":\"o1\",\"reason\":\"\"}\n"
              "what was published\n"
              "  order.payment_completed {\"id\":\"o1\",\"reason\":\"\"}\n"
              "the saga awaits inventory, for 1h\n");
    const ::testing::AssertionResult result = ::testing::AssertionResult(verdict);
    EXPECT_FALSE(result);
    EXPECT_EQ(result.message(), shown.str());
}

TEST(SagaCase, SaysWhatIsWrongWithTheTestItself) {
    const auto shown = [](const CaseVerdict& verdict) { return verdict.difference(); };
    EXPECT_EQ(shown(given(fulfilment()).when(paid).then()),
              "order.fulfilment has not begun: give it order.created first");
    EXPECT_EQ(shown(given(fulfilment(), created).when(order::Completed{"o1"}).then()),
              "order.fulfilment does not react to order.completed");
    EXPECT_NE(shown(given(fulfilment(), created).when(paid).then(order::Completed{})).find("/id"),
              std::string::npos);
    EXPECT_NE(
        shown(given(saga<facts::Fulfilment>("empty"), created).when(paid).then()).find("no start"),
        std::string::npos);
}

}  // namespace
}  // namespace tidings
