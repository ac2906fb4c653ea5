#include "contract/names.h"

#include <gtest/gtest.h>

namespace tidings::contract {
namespace {

TEST(Names, TellsFactsFromCommands) {
    for (const char* fact : {"created",
                             "payment_completed",
                             "pending_validation",
                             "ready_for_shipping",
                             "sold_out",
                             "paid",
                             "listed",
                             "taken",
                             "shipping_revoked",
                             "cancelled",
                             "stock_low_detected",
                             "said",
                             "auction_won",
                             "out_of_stock",
                             "in_transit",
                             "stock_low",
                             "account_open",
                             "open_account_closed",
                             "return_received",
                             "set_aside"}) {
        EXPECT_TRUE(is_fact(fact)) << fact;
    }
    for (const char* command :
         {"create", "create_order", "payment", "need", "token", "processing", "proceed", "update",
          "creating", "send_paid_invoice", "open_account", "send_email", "cancel_delayed_order"}) {
        EXPECT_FALSE(is_fact(command)) << command;
    }
}

TEST(Names, SuggestsTheFactThatWasMeant) {
    EXPECT_EQ(fact_for("create"), "created");
    EXPECT_EQ(fact_for("cancel"), "cancelled");
    EXPECT_EQ(fact_for("ship_item"), "item_shipped");
    EXPECT_EQ(fact_for("payment_complete"), "payment_completed");
    EXPECT_EQ(fact_for("creating"), "created");
    EXPECT_EQ(fact_for("notify"), "notified");
    EXPECT_EQ(fact_for("deploy"), "deployed");
    EXPECT_EQ(fact_for("send"), "sent");
    EXPECT_EQ(fact_for("say"), "said");
    EXPECT_EQ(fact_for("send_email"), "email_sent");
    EXPECT_EQ(fact_for("payment"), "paid");
    EXPECT_EQ(fact_for("creation"), "created");
    EXPECT_EQ(fact_for("cancellation"), "cancelled");
    EXPECT_EQ(fact_for("stock_reservation"), "stock_reserved");
    EXPECT_EQ(fact_for("audition"), "audition_completed");
}

TEST(Names, SuggestsTheWholeNameOfAnEvent) {
    EXPECT_EQ(event_for("create_order", "order"), "order.created");
    EXPECT_EQ(event_for("create_order", ""), "order.created");
    EXPECT_EQ(event_for("createOrder", "order"), "order.created");
    EXPECT_EQ(event_for("order_created", ""), "order.created");
    EXPECT_EQ(event_for("Order.Created", "order"), "order.created");
    EXPECT_EQ(event_for("order.item.added", "order"), "order.item_added");
    EXPECT_EQ(event_for("send_email", "order"), "order.email_sent");
    EXPECT_EQ(event_for("created", "order"), "order.created");
    EXPECT_EQ(event_for("order", ""), "");
    EXPECT_EQ(event_for("...", "order"), "");
}

TEST(Names, TranslatesBetweenWireAndCpp) {
    EXPECT_EQ(snake_case("orderId"), "order_id");
    EXPECT_EQ(snake_case("id"), "id");
    EXPECT_EQ(snake_case("someURLPart2"), "some_url_part2");
    EXPECT_EQ(snake_case("class"), "class_");
    EXPECT_EQ(camel_case("validation_completed"), "ValidationCompleted");
    EXPECT_EQ(camel_case("orderId"), "OrderId");
    EXPECT_EQ(enumerator_name("CREDIT CARD"), "credit_card");
    EXPECT_EQ(enumerator_name("notDefined"), "not_defined");
    EXPECT_EQ(enumerator_name("2x"), "value_2x");
    EXPECT_EQ(enumerator_name("default"), "default_");
    EXPECT_EQ(singular("Items"), "Item");
    EXPECT_EQ(singular("Categories"), "Category");
    EXPECT_EQ(singular("Address"), "Address");
}

}  // namespace
}  // namespace tidings::contract
