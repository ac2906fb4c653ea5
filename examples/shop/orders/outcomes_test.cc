#include "orders/outcomes.h"

#include <gtest/gtest.h>

#include <string>

namespace shop {
namespace {

OrderHistory cancelled(std::string_view reason) {
    OrderHistory history;
    history.state = "CANCELLED";
    history.reason = reason;
    return history;
}

std::string name(const OrderHistory& history) { return std::string{outcome_name(history).value()}; }

TEST(Outcome, FollowsFromTheStateOfAnOpenOrCompletedOrder) {
    OrderHistory history;
    history.state = "PENDING_VALIDATION";
    EXPECT_EQ(name(history), "VALIDATION_PENDING");
    history.state = "REJECTED";
    EXPECT_EQ(name(history), "REJECTED");
    history.state = "VALIDATED";
    EXPECT_EQ(name(history), "PAYMENT_PENDING");
    history.state = "PAID";
    history.paid = true;
    EXPECT_EQ(name(history), "INVENTORY_PENDING");
    history.state = "RESERVED";
    history.reserved = true;
    EXPECT_EQ(name(history), "SHIPPING_PENDING");
    history.state = "IN_TRANSIT";
    history.shipped = true;
    EXPECT_EQ(name(history), "IN_TRANSIT");
    history.state = "COMPLETED";
    history.delivered = true;
    EXPECT_EQ(name(history), "COMPLETED");
}

TEST(Outcome, OfACustomersCancellationTellsHowFarTheOrderHadCome) {
    OrderHistory history = cancelled(reason_customer);
    EXPECT_EQ(name(history), "CANCELLED_BEFORE_PAYMENT");
    history.paid = true;
    EXPECT_EQ(name(history), "CANCELLED_BEFORE_RESERVATION");
    history.reserved = true;
    EXPECT_EQ(name(history), "CANCELLED_AFTER_RESERVATION");
    history.shipped = true;
    EXPECT_EQ(name(history), "CANCELLED_IN_TRANSIT");
    history.delivered = true;
    EXPECT_EQ(name(history), "CANCELLED_IN_TRANSIT") << "until it is back";
    history.returned = true;
    EXPECT_EQ(name(history), "RETURNED_AFTER_DELIVERY");
}

TEST(Outcome, OfAFailureIsCalledAfterIt) {
    OrderHistory history = cancelled(reason_payment_failed);
    history.payment_failed = true;
    EXPECT_EQ(name(history), "PAYMENT_FAILED");
    history = cancelled(reason_inventory_rejected);
    history.paid = history.inventory_rejected = true;
    EXPECT_EQ(name(history), "REJECTED_INVENTORY");
}

TEST(Outcome, OfADeadlineIsCalledAfterItHoweverTheAnswerWas) {
    OrderHistory history = cancelled(reason_payment_timeout);
    EXPECT_EQ(name(history), "PAYMENT_TIMEOUT");
    history.paid = true;
    EXPECT_EQ(name(history), "PAYMENT_TIMEOUT") << "paid late, and paid back";
    history.reason = reason_inventory_timeout;
    history.inventory_rejected = true;
    EXPECT_EQ(name(history), "INVENTORY_TIMEOUT") << "rejected late";
    history.reason = reason_shipping_timeout;
    history.reserved = history.shipped = true;
    EXPECT_EQ(name(history), "SHIPPING_TIMEOUT") << "picked up late, and brought back";
}

TEST(Outcome, IsRefusedWhereTheHistoryDoesNotExplainTheState) {
    OrderHistory history;
    history.state = "COMPLETED";
    history.paid = history.reserved = history.shipped = true;
    const auto never_delivered = outcome_name(history);
    ASSERT_FALSE(never_delivered.has_value());
    EXPECT_EQ(never_delivered.error().code, tidings::ErrorCode::conflict);
    EXPECT_EQ(never_delivered.error().message,
              "an order is COMPLETED (reason ''), but it was never delivered");

    history.state = "VALIDATED";
    EXPECT_FALSE(outcome_name(history).has_value()) << "it is paid";
    history.state = "RESERVED";
    EXPECT_FALSE(outcome_name(history).has_value()) << "it is on its way";
    history.state = "IN_TRANSIT";
    EXPECT_TRUE(outcome_name(history).has_value());
    history.inventory_rejected = true;
    EXPECT_FALSE(outcome_name(history).has_value()) << "inventory rejected it";

    EXPECT_FALSE(outcome_name(cancelled(reason_payment_failed)).has_value());
    EXPECT_FALSE(outcome_name(cancelled(reason_inventory_rejected)).has_value());
}

TEST(Outcome, IsRefusedForAStateThatThereIsNot) {
    OrderHistory history;
    history.state = "PENDING";
    EXPECT_EQ(outcome_name(history).error().code, tidings::ErrorCode::invalid_argument);
}

TEST(Outcomes, AreWrittenInTheCanonicalForm) {
    EXPECT_EQ(outcomes_csv({{"b", "COMPLETED", 2, 300, 310, 310, 0},
                            {"B", "PAYMENT_FAILED", 1, 100, 100, 0, 0},
                            {"a", "CANCELLED_IN_TRANSIT", 0, 0, 5, 5, 5}}),
              "order_id,outcome,item_rows,order_total_cents,paid_cents,captured_cents,"
              "refunded_cents\n"
              "B,PAYMENT_FAILED,1,100,100,0,0\n"
              "a,CANCELLED_IN_TRANSIT,0,0,5,5,5\n"
              "b,COMPLETED,2,300,310,310,0\n");
}

TEST(Outcomes, OfAStockScenarioAreDecisionsAndFigures) {
    const std::vector<StockDecision> decisions{
        {"b", true, 3, 500}, {"c", false, 0, 70}, {"a", false, 2, 100}};
    EXPECT_EQ(decisions_csv(decisions), "a,0\nb,1\nc,0\n");
    EXPECT_EQ(stock_figures(decisions, 4), (StockFigures{1, 3, 500, 2, 170, 1, 4}));
    EXPECT_EQ(named(stock_figures(decisions, 4)).at("rejected_no_items"), 1);
}

}  // namespace
}  // namespace shop
