// The shop step by step: timing, order, compensation and recovery, in virtual time.
#include "shop_flow.h"

#include "orders/outcomes.h"

namespace shop {
namespace {

using namespace tidings;

TEST_F(ShopFlow, AnOrderGoesFromPlacedToDelivered) {
    const std::string order = place();

    EXPECT_TRUE(
        flow.then(published(order::PaymentCompleted{
                      .order_id = order, .items = {{.product_id = "sku-7", .quantity = 2}}}),
                  published(inventory::Reserved{.order_id = order}),
                  published(shipping::Delivered{.order_id = order}),
                  published(order::Completed{.order_id = order}), stock(8, 0, 2),
                  in("order-service", no_timer("saga:order.fulfilment", order))));
    EXPECT_TRUE(flow.then_all_is_done());
}

// ------------------------------------------------------------------------------------------ timing

// [late]
TEST_F(ShopFlow, APaymentThatComesAfterItsDeadlineIsGivenBack) {
    flow.answers("gateway.charge", payment_service::GatewayAnswer{.accepted = true}, 20min);
    const std::string order = place();

    flow.pass(14min);
    EXPECT_TRUE(flow.then(never_published<order::Cancelled>(),
                          in("order-service", deadline("order.fulfilment", order, 1min))));
    flow.pass(1min);
    EXPECT_TRUE(flow.then(cancelled(order, reason_payment_timeout)));
    flow.pass(5min);
    EXPECT_TRUE(flow.then(
        published(payment::Completed{order, any_id, Money{10830}}).ignoring({"paymentId"}),
        published(order::PaymentRevoked{.order_id = order}),
        published(payment::Refunded{order, Money{10830}}), stock(10, 0, 0)));
    EXPECT_EQ(flow.count<order::Cancelled>(), 1U);
    EXPECT_TRUE(flow.then_all_is_done());
}
// [/late]

TEST_F(ShopFlow, APaymentInTheLastMinuteIsInTime) {
    flow.answers("gateway.charge", payment_service::GatewayAnswer{.accepted = true}, 14min + 50s);
    const std::string order = place();
    flow.pass(20min);

    EXPECT_TRUE(flow.then(published(order::Completed{.order_id = order}),
                          never_published<order::Cancelled>()));
}

TEST_F(ShopFlow, AWarehouseThatNeverAnswersHasTheOrderCancelledAfterAnHour) {
    flow.outside("warehouse.confirm", [](const EffectRequest&) { return EffectResult{Pending{}}; });
    const std::string order = place();
    EXPECT_TRUE(flow.then(stock(8, 2, 0)));

    flow.pass(1h);
    EXPECT_TRUE(flow.then(published(order::PaymentRevoked{.order_id = order}),
                          published(payment::Refunded{order, Money{10830}}),
                          cancelled(order, reason_inventory_timeout), stock(10, 0, 0)));
}

TEST_F(ShopFlow, ACarrierThatTakesThreeDaysIsCalledBack) {
    flow.answers("carrier.pick_up", shipping_service::CarrierAnswer{}, 72h);
    const std::string order = place();
    flow.pass(48h);
    EXPECT_TRUE(flow.then(published(inventory::Released{.order_id = order}),
                          published(payment::Refunded{order, Money{10830}}),
                          cancelled(order, reason_shipping_timeout), stock(10, 0, 0)));
    flow.answers("carrier.track", shipping_service::CarrierAnswer{.delivered = false});
    flow.pass(24h);
    EXPECT_TRUE(flow.then(published(order::ShippingRevoked{.order_id = order}),
                          published(shipping::Cancelled{.order_id = order})));
    EXPECT_EQ(flow.count<order::Cancelled>(), 1U);
    EXPECT_TRUE(flow.then_all_is_done());
}

// ------------------------------------------------------------------------------------ out of order

// [order]
TEST_F(ShopFlow, ThePickUpThatIsToldBeforeTheReservationWaitsForIt) {
    flow.hold("order-service", events_of<inventory::Reserved>());
    const std::string order = place();
    // The carrier was told by hand; its word comes by another way, and first.
    flow.publish(order::ReadyForShipping{.order_id = order, .user_id = "user-1"});
    EXPECT_TRUE(flow.then(published(shipping::Delivered{.order_id = order}),
                          never_published<order::Completed>()));

    flow.release("order-service");
    EXPECT_TRUE(flow.then(published(order::Completed{.order_id = order})));
    EXPECT_EQ(flow.count<order::Completed>(), 1U);
}
// [/order]

TEST_F(ShopFlow, TheAnswerToAnOrderThatTheCustomerGaveUpIsMadeGood) {
    flow.hold("order-service", events_of<payment::Completed>());
    const std::string order = place();
    EXPECT_EQ(
        flow.call("order-service", command("POST", "/orders/" + order + "/cancellation")).status,
        202);
    EXPECT_TRUE(flow.then(cancelled(order, reason_customer)));

    flow.release("order-service");
    EXPECT_TRUE(flow.then(published(order::PaymentRevoked{.order_id = order}),
                          published(payment::Refunded{order, Money{10830}})));
    EXPECT_EQ(flow.count<order::Cancelled>(), 1U);
}

TEST_F(ShopFlow, EveryEventTwiceIsOneOrder) {
    const std::string order = place();
    flow.repeat("payment-service", events_of<order::Created>());
    flow.repeat("inventory-service", events_of<order::PaymentCompleted>());
    flow.repeat("inventory-service", events_of<shipping::Created>());
    flow.repeat("shipping-service", events_of<order::ReadyForShipping>());
    flow.repeat("order-service", events_of<payment::Completed>());
    flow.repeat("order-service", events_of<inventory::Reserved>());
    flow.repeat("order-service", events_of<shipping::Delivered>());

    EXPECT_TRUE(flow.then(stock(8, 0, 2)));
    EXPECT_EQ(flow.asked("gateway.charge").size(), 1U);
    EXPECT_EQ(flow.asked("carrier.pick_up").size(), 1U);
    EXPECT_EQ(flow.count<order::Completed>(), 1U);
    EXPECT_TRUE(flow.then_all_is_done());
}

// ------------------------------------------------------------------------------------ compensation

TEST_F(ShopFlow, WhatWasDoneIsUndoneInReverseOrder) {
    flow.answers("carrier.pick_up", shipping_service::CarrierAnswer{});
    flow.answers("carrier.track", shipping_service::CarrierAnswer{.delivered = true}, 2h);
    const std::string order = place();
    EXPECT_TRUE(flow.then(stock(8, 0, 2)));
    flow.call("order-service", command("POST", "/orders/" + order + "/cancellation"));

    EXPECT_TRUE(flow.then(published(order::ShippingRevoked{.order_id = order}),
                          published(shipping::Cancelled{.order_id = order}),
                          published(order::ReservationRevoked{.order_id = order}),
                          published(inventory::Released{.order_id = order}),
                          published(order::PaymentRevoked{.order_id = order}),
                          published(payment::Refunded{order, Money{10830}}),
                          cancelled(order, reason_customer)));
}

TEST_F(ShopFlow, ARefundThatTheGatewayCannotMakeYetHoldsTheEndOfTheCompensationBack) {
    bool is_down = true;
    flow.outside("gateway.refund", [&](const EffectRequest&) -> Result<EffectResult> {
        if (is_down) return Error{ErrorCode::unavailable, "gateway is down"};
        return EffectResult{Answered{R"({"accepted":true})"}};
    });
    flow.answers("warehouse.confirm", inventory_service::WarehouseAnswer{.has_it = false});
    const std::string order = place();
    flow.pass(1h);
    EXPECT_TRUE(flow.then(published(order::PaymentRevoked{.order_id = order}),
                          never_published<payment::Refunded>(),
                          never_published<order::Cancelled>()));

    is_down = false;
    flow.pass(1h);
    EXPECT_TRUE(flow.then(published(payment::Refunded{order, Money{10830}}),
                          cancelled(order, reason_inventory_rejected)));
    EXPECT_EQ(flow.count<payment::Refunded>(), 1U);
}

// ---------------------------------------------------------------------------------------- recovery

TEST_F(ShopFlow, AServiceThatIsKilledAtItsTurnGoesOnWhereItStood) {
    flow.kill("payment-service");
    const std::string order = place();
    flow.pass(10min);
    flow.start("payment-service");

    EXPECT_TRUE(flow.then(published(order::Completed{.order_id = order})));
    EXPECT_EQ(flow.asked("gateway.charge").size(), 1U);
}

TEST_F(ShopFlow, AnOrderSurvivesThatTheMachineLosesPower) {
    flow.answers("gateway.charge", payment_service::GatewayAnswer{.accepted = true}, 5min);
    const std::string order = place();
    flow.lose_power();
    flow.pass(6min);
    flow.lose_power();

    EXPECT_TRUE(flow.then(published(order::Completed{.order_id = order}), stock(8, 0, 2)));
    EXPECT_EQ(flow.count<payment::Completed>(), 1U);
}

TEST_F(ShopFlow, WhoCannotReachTheBrokerIsNotMissedForLong) {
    flow.cut_off("inventory-service");
    const std::string order = place();
    flow.pass(10min);
    EXPECT_TRUE(
        flow.then(published(order::PaymentCompleted{
                      .order_id = order, .items = {{.product_id = "sku-7", .quantity = 2}}}),
                  never_published<inventory::Reserved>()));
    flow.heal();
    flow.pass(2s);

    EXPECT_TRUE(flow.then(published(order::Completed{.order_id = order})));
    EXPECT_TRUE(flow.then_all_is_done());
}

}  // namespace
}  // namespace shop
