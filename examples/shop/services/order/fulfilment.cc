#include "services/order/fulfilment.h"

#include "orders/outcomes.h"

namespace shop::order_service {

namespace {

using namespace tidings;

std::string timeout_reason(const std::string& step) {
    if (step == "payment") return std::string{reason_payment_timeout};
    if (step == "inventory") return std::string{reason_inventory_timeout};
    return std::string{reason_shipping_timeout};
}

order::Cancelled cancelled(const Fulfilment& state, std::string_view reason) {
    return {.order_id = state.order_id, .reason = std::string{reason}};
}

}  // namespace

// [saga]
Saga<Fulfilment> fulfilment() {
    return saga<Fulfilment>("order.fulfilment")
        .start([](const order::Created& event) {
            Fulfilment state{.order_id = event.order_id, .user_id = event.user_id};
            state.reference = event.reference;
            for (const order::Item& item : event.items) {
                state.items.push_back({.product_id = item.product_id, .quantity = item.quantity});
            }
            return state;
        })
        .step("payment", 15min,
              [](Fulfilment& state, const payment::Completed&) {
                  order::PaymentCompleted next{.order_id = state.order_id};
                  next.reference = state.reference;
                  for (const SagaItem& item : state.items) {
                      next.items.push_back(
                          {.product_id = item.product_id, .quantity = item.quantity});
                  }
                  return next;
              })
        .undo<payment::Refunded>([](const Fulfilment& state) {
            return order::PaymentRevoked{.order_id = state.order_id};
        })
        .step("inventory", 1h,
              [](Fulfilment& state, const inventory::Reserved&) {
                  order::ReadyForShipping next{.order_id = state.order_id,
                                               .user_id = state.user_id};
                  next.reference = state.reference;
                  return next;
              })
        .undo<inventory::Released>([](const Fulfilment& state) {
            return order::ReservationRevoked{.order_id = state.order_id};
        })
        .step("pick-up", 48h, [](Fulfilment&, const shipping::Created&) {})
        .undo<shipping::Cancelled, shipping::Returned>([](const Fulfilment& state) {
            return order::ShippingRevoked{.order_id = state.order_id};
        })
        .step("delivery", 30 * 24h,
              [](Fulfilment& state, const shipping::Delivered&) {
                  return order::Completed{.order_id = state.order_id};
              })
        .fail_on<payment::Failed>([](const Fulfilment& state, const payment::Failed&) {
            return cancelled(state, reason_payment_failed);
        })
        .fail_on<inventory::Rejected>([](const Fulfilment& state, const inventory::Rejected&) {
            return cancelled(state, reason_inventory_rejected);
        })
        .fail_on<shipping::Cancelled, shipping::Returned>([](const Fulfilment& state, const auto&) {
            return cancelled(state, "SHIPPING_FAILED");
        })
        .fail_on<tidings::Cancellation>(
            [](const Fulfilment& state, const tidings::Cancellation& cancellation) {
                return cancelled(state, cancellation.reason);
            })
        .fail_on<DeadlineExceeded>([](const Fulfilment& state, const DeadlineExceeded& deadline) {
            return cancelled(state, timeout_reason(deadline.step));
        });
}
// [/saga]

}  // namespace shop::order_service
