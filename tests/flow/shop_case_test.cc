// Services of the shop one by one: given what happened, when this happens, then that comes of it.
#include <tidings/testing/saga.h>
#include <tidings/testing/service.h>

#include "services/order/fulfilment.h"
#include "shop_flow.h"

namespace shop {
namespace {

using namespace tidings;

const std::string order_id = "5f1cbb4e-3f8e-4c2d-9a51-7a0f2f6f1d11";

order::Created created() {
    order::Created event{.order_id = order_id, .user_id = "user-1"};
    event.items = {{.product_id = "sku-7", .quantity = 2}};
    event.total = {.amount = Money{10830}, .currency = "BRL"};
    return event;
}

payment_service::Payment payment(payment_service::Status status) {
    return {.order_id = order_id, .payment_id = any_id, .amount = Money{10830}, .status = status};
}

// [payments]
TEST(Payments, AskTheGatewayOnceForEachOrder) {
    PaymentService payments;
    const payment_service::GatewayRequest asked{.order_id = order_id, .amount = Money{10830}};
    ServiceCase tested = given(payments.service);

    EXPECT_TRUE(tested.when(created()).then(
        row(payment(payment_service::Status::requested)).ignoring({"paymentId"}),
        requested("gateway.charge", order_id, asked)));
    EXPECT_TRUE(tested.when(again()).then_nothing());
}

TEST(Payments, TellWhatTheGatewaySays) {
    PaymentService payments;
    const payment_service::GatewayAnswer declined{.accepted = false, .reason = "NO_FUNDS"};

    EXPECT_TRUE(given(payments.service, created())
                    .when(answered("gateway.charge", order_id, declined))
                    .then(published(payment::Failed{order_id, "NO_FUNDS"})));
}
// [/payments]

// [old]
TEST(Payments, TakeOrdersOfBeforeThereWereCurrencies) {
    PaymentService payments;
    order::v1::Created old{.order_id = order_id, .user_id = "user-1"};
    old.items = {{.product_id = "sku-7", .quantity = 2}};
    old.total = Money{10830};

    EXPECT_TRUE(given(payments.service)
                    .when(old)
                    .then(row(payment(payment_service::Status::requested)).ignoring({"paymentId"}),
                          requested("gateway.charge", order_id)));
}
// [/old]

TEST(Payments, RefuseACurrencyThatTheGatewayDoesNotTake) {
    PaymentService payments;
    order::Created dollars = created();
    dollars.total.currency = "USD";

    EXPECT_TRUE(given(payments.service)
                    .when(dollars)
                    .then(published(payment::Failed{order_id, "CURRENCY_NOT_SUPPORTED"})));
}

TEST(Payments, GiveBackWhatWasTakenAndNothingElse) {
    PaymentService payments;
    const Cause accepted =
        answered("gateway.charge", order_id, payment_service::GatewayAnswer{.accepted = true});
    const order::PaymentRevoked revoked{.order_id = order_id};

    EXPECT_TRUE(given(payments.service, created(), accepted)
                    .when(revoked)
                    .then(requested("gateway.refund", order_id)));
    EXPECT_TRUE(given(payments.service, created()).when(revoked).then_nothing());
    EXPECT_TRUE(given(payments.service).when(revoked).then_fails(ErrorCode::not_found));
}

TEST(Orders, BeginTheirFulfilmentWhenTheirProductsAreValid) {
    OrderService orders;
    ServiceCase tested = given(orders.service);
    EXPECT_TRUE(tested.when(command("POST", "/orders", an_order())).then(replied(202), and_more()));
    const std::string id = tested.published<order::PendingValidation>().at(0).order_id;

    order::Created begun = created();
    begun.order_id = id;
    begun.items = {
        {.product_id = "sku-7", .quantity = 2, .unit_price = Money{4990}, .freight = Money{850}}};
    begun.payments = {{.type = "credit_card", .installments = 3, .amount = Money{10830}}};
    EXPECT_TRUE(tested.when(product::ValidationCompleted{.order_id = id, .is_valid = true})
                    .then(published(begun), deadline("order.fulfilment", id, 15min)));
    EXPECT_TRUE(tested.when(passed(15min))
                    .then(published(order::Cancelled{.order_id = id, .reason = "PAYMENT_TIMEOUT"}),
                          no_timer("saga:order.fulfilment", id)));
}

// [payload]
TEST(Orders, TakeWhatTheProductServiceSendsNowAndWillSendTomorrow) {
    OrderService orders;
    ServiceCase tested = given(orders.service);
    EXPECT_TRUE(tested.when(command("POST", "/orders", an_order())).then(and_more()));
    const std::string id = tested.published<order::PendingValidation>().at(0).order_id;

    EXPECT_TRUE(
        tested
            .when(payload(
                "product.validation_completed",
                R"({"orderId": ")" + id + R"(", "isValid": false, "judge": "a field of tomorrow"})",
                "1.7.0"))
            .then(published(order::Rejected{.order_id = id, .reason = "INVALID_PRODUCTS"})));
    EXPECT_TRUE(tested.when(payload("product.validation_completed", R"({"isValid": true})"))
                    .then_fails(ErrorCode::contract_violation, "/orderId: is missing"));
}
// [/payload]

TEST(Orders, KeepTheContactOfTheirUsers) {
    OrderService orders;
    user::Created known{.user_id = "user-1", .email = "ada@example.org", .phone = "+1 555 0100"};
    order_service::Contact contact{.user_id = "user-1", .email = known.email, .phone = known.phone};
    contact.updated_at = ServiceCase::begin;

    EXPECT_TRUE(given(orders.service).when(known).then(row(contact)));
}

TEST(Inventory, SetsAsideWhatIsThereAndRejectsWhatIsNot) {
    InventoryService inventory;
    const Cause ten_in_stock =
        command("PUT", "/stock/sku-7", inventory_service::SetStock{.quantity = 10});
    order::PaymentCompleted paid{.order_id = order_id};
    paid.items = {{.product_id = "sku-7", .quantity = 4}, {.product_id = "sku-7", .quantity = 7}};

    EXPECT_TRUE(
        given(inventory.service, ten_in_stock)
            .when(paid)
            .then(published(inventory::Rejected{
                .order_id = order_id, .reason = "OUT_OF_STOCK", .missing_items = {"sku-7"}})));
    paid.items.pop_back();
    EXPECT_TRUE(given(inventory.service, ten_in_stock)
                    .when(paid)
                    .then(row(inventory_service::Stock{
                              .product_id = "sku-7", .start = 10, .available = 6, .reserved = 4}),
                          requested("warehouse.confirm", order_id)));
}

TEST(Fulfilment, GivesTheMoneyBackWhenStockIsNotReservedInTime) {
    const payment::Completed paid{order_id, any_id, Money{10830}};
    SagaCase tested = given(order_service::fulfilment(), created(), paid);

    EXPECT_TRUE(tested.then_awaits("inventory", 1h));
    EXPECT_TRUE(tested.when(passed(1h)).then(order::PaymentRevoked{.order_id = order_id}));
    EXPECT_TRUE(tested.when(payment::Refunded{order_id, Money{10830}})
                    .then(order::Cancelled{.order_id = order_id, .reason = "INVENTORY_TIMEOUT"}));
    EXPECT_TRUE(tested.then_is(SagaStatus::compensated));
}

}  // namespace
}  // namespace shop
