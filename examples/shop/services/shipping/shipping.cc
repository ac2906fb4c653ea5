#include "services/shipping/shipping.h"

#include "services/json_text.h"
#include "services/shipping/rates.h"

namespace shop::shipping_service {

using namespace tidings;

void Shipping::ask(std::string_view effect, const Shipment& shipment, Transaction& tx) const {
    CarrierRequest request{.order_id = shipment.order_id, .shipment_id = shipment.shipment_id};
    request.reference = shipment.reference;
    tx.request(effect, shipment.order_id, to_json(request));
}

void Shipping::on(const order::ReadyForShipping& event, Transaction& tx) {
    Shipment shipment{.order_id = event.order_id, .shipment_id = tx.new_id()};
    shipment.reference = event.reference;
    shipment.status = Status::requested;
    shipments_.put(tx, shipment);
    if (!asks_for_rates_) return ask("carrier.pick_up", shipment, tx);
    const std::int64_t zone = zone_of(shipment.reference.value_or(""));
    tx.request("carrier.rate", shipment.order_id, to_json(RateRequest{.zone = zone}));
}

// [rated]
void Shipping::rated(const EffectAnswer& answer, Transaction& tx) {
    Shipment shipment = shipments_.get(tx, answer.subject);
    const auto rate = from_json<ShippingRate>(answer.answer);
    shipment.rate = rate.amount;
    shipment.rate_is_fallback = rate.is_fallback;
    shipment.rate_source = to_string(rate.source);
    shipments_.put(tx, shipment);
    if (shipment.recalled) return;  // Meanwhile; nothing is to be picked up any more.
    ask("carrier.pick_up", shipment, tx);
}
// [/rated]

void Shipping::picked_up(const EffectAnswer& answer, Transaction& tx) {
    Shipment shipment = shipments_.get(tx, answer.subject);
    shipment.status = Status::picked_up;
    shipments_.put(tx, shipment);
    tx.publish(
        shipping::Created{.order_id = shipment.order_id, .shipment_id = shipment.shipment_id});
    ask("carrier.track", shipment, tx);
}

void Shipping::delivered(Shipment& shipment, Transaction& tx) {
    if (shipment.status != Status::picked_up) return;
    shipment.status = Status::delivered;
    shipments_.put(tx, shipment);
    tx.publish(shipping::Delivered{.order_id = shipment.order_id});
}

void Shipping::tracked(const EffectAnswer& answer, Transaction& tx) {
    Shipment shipment = shipments_.get(tx, answer.subject);
    if (from_json<CarrierAnswer>(answer.answer).delivered) delivered(shipment, tx);
}

void Shipping::on(const order::ShippingRevoked& event, Transaction& tx) {
    Shipment shipment = shipments_.get(tx, event.order_id);
    if (shipment.recalled) return;
    shipment.recalled = true;
    shipments_.put(tx, shipment);
    ask("carrier.recall", shipment, tx);
}

void Shipping::recalled(const EffectAnswer& answer, Transaction& tx) {
    Shipment shipment = shipments_.get(tx, answer.subject);
    // The carrier may have delivered before it heard of the recall.
    if (from_json<CarrierAnswer>(answer.answer).delivered) delivered(shipment, tx);
    if (shipment.status == Status::delivered) {
        shipment.status = Status::returned;
        tx.publish(shipping::Returned{.order_id = shipment.order_id});
    } else {
        shipment.status = Status::cancelled;
        tx.publish(shipping::Cancelled{.order_id = shipment.order_id});
    }
    shipments_.put(tx, shipment);
}

void Shipping::add_to(Service& service, const std::shared_ptr<EffectPort>& carrier,
                      const std::shared_ptr<EffectPort>& rates) {
    service.on<order::ReadyForShipping, order::ShippingRevoked>(*this);
    asks_for_rates_ = rates != nullptr;
    if (asks_for_rates_) {
        service.effect("carrier.rate", rates,
                       [this](const EffectAnswer& answer, Transaction& tx) { rated(answer, tx); });
    }
    service.effect("carrier.pick_up", carrier,
                   [this](const EffectAnswer& answer, Transaction& tx) { picked_up(answer, tx); });
    service.effect("carrier.track", carrier,
                   [this](const EffectAnswer& answer, Transaction& tx) { tracked(answer, tx); });
    service.effect("carrier.recall", carrier,
                   [this](const EffectAnswer& answer, Transaction& tx) { recalled(answer, tx); });
    service.get("/shipments/{orderId}", [this](const Request& http, StoreTransaction& tx) {
        return Reply::json(200, shipments_.get(tx, http.parameter("orderId")));
    });
}

}  // namespace shop::shipping_service
