#include "services/payment/payments.h"

#include "services/json_text.h"

namespace shop::payment_service {

using namespace tidings;

void Payments::ask(std::string_view effect, const Payment& payment, Transaction& tx) const {
    GatewayRequest request{.order_id = payment.order_id, .amount = payment.amount};
    request.reference = payment.reference;
    tx.request(effect, payment.order_id, to_json(request));
}

// [effect]
void Payments::on(const order::Created& event, Transaction& tx) {
    Payment payment{.order_id = event.order_id, .payment_id = tx.new_id()};
    payment.reference = event.reference;
    payment.amount = event.total.amount;
    payment.status = Status::requested;
    if (event.total.currency != "BRL") return refuse(payment, "CURRENCY_NOT_SUPPORTED", tx);
    payments_.put(tx, payment);
    ask("gateway.charge", payment, tx);
}

void Payments::charged(const EffectAnswer& answer, Transaction& tx) {
    Payment payment = payments_.get(tx, answer.subject);
    const auto said = from_json<GatewayAnswer>(answer.answer);
    if (said.accepted) {
        payment.status = Status::captured;
        payments_.put(tx, payment);
        tx.publish(payment::Completed{.order_id = payment.order_id,
                                      .payment_id = payment.payment_id,
                                      .amount = payment.amount});
        return;
    }
    refuse(payment, said.reason.value_or("DECLINED"), tx);
}
// [/effect]

void Payments::refuse(Payment& payment, const std::string& reason, Transaction& tx) {
    payment.status = Status::failed;
    payment.reason = reason;
    payments_.put(tx, payment);
    tx.publish(payment::Failed{.order_id = payment.order_id, .reason = reason});
}

void Payments::on(const order::PaymentRevoked& event, Transaction& tx) {
    Payment payment = payments_.get(tx, event.order_id);
    if (payment.status != Status::captured) return;  // Nothing was taken, or it is back.
    payment.status = Status::refunding;
    payments_.put(tx, payment);
    ask("gateway.refund", payment, tx);
}

void Payments::refunded(const EffectAnswer& answer, Transaction& tx) {
    Payment payment = payments_.get(tx, answer.subject);
    payment.status = Status::refunded;
    payments_.put(tx, payment);
    tx.publish(payment::Refunded{.order_id = payment.order_id, .amount = payment.amount});
}

void Payments::add_to(Service& service, const std::shared_ptr<EffectPort>& gateway) {
    service.on<order::Created, order::PaymentRevoked>(*this);
    service.effect("gateway.charge", gateway,
                   [this](const EffectAnswer& answer, Transaction& tx) { charged(answer, tx); });
    service.effect("gateway.refund", gateway,
                   [this](const EffectAnswer& answer, Transaction& tx) { refunded(answer, tx); });
    service.get("/payments/{orderId}", [this](const Request& http, StoreTransaction& tx) {
        return Reply::json(200, payments_.get(tx, http.parameter("orderId")));
    });
}

}  // namespace shop::payment_service
