#include "services/inventory/inventory.h"

#include "services/json_text.h"

namespace shop::inventory_service {

using namespace tidings;

void Inventory::move(const Reservation& reservation, const Move& each, Transaction& tx) {
    for (const Quantity& item : reservation.items) {
        tx.execute(
            "UPDATE stock SET available = available + $2, reserved = reserved + $3, "
            "shipped = shipped + $4, returned = returned + $5 WHERE product_id = $1",
            item.product_id, each.available * item.quantity, each.reserved * item.quantity,
            each.shipped * item.quantity, each.returned * item.quantity);
    }
}

void Inventory::on(const order::PaymentCompleted& event, Transaction& tx) {
    // One line per product, so that an order of twice the last unit is seen as what it is.
    std::map<std::string, std::int64_t> wanted;
    for (const auto& item : event.items) wanted[item.product_id] += item.quantity;

    Reservation reservation{.order_id = event.order_id};
    reservation.reference = event.reference;
    std::vector<std::string> missing;
    for (const auto& [product_id, quantity] : wanted) {
        const std::optional<Stock> stock = stock_.find(tx, product_id);
        if (!stock || (!stock->unlimited && stock->available < quantity)) {
            missing.push_back(product_id);
        }
        reservation.items.push_back({.product_id = product_id, .quantity = quantity});
    }
    if (!missing.empty()) {
        reservation.status = Status::rejected;
        reservations_.put(tx, reservation);
        tx.publish(inventory::Rejected{
            .order_id = event.order_id, .reason = "OUT_OF_STOCK", .missing_items = missing});
        return;
    }
    reservation.status = Status::held;
    reservations_.put(tx, reservation);
    move(reservation, {.available = -1, .reserved = +1}, tx);
    WarehouseRequest request{.order_id = event.order_id};
    request.reference = event.reference;
    tx.request("warehouse.confirm", event.order_id, to_json(request));
}

void Inventory::confirmed(const EffectAnswer& answer, Transaction& tx) {
    Reservation reservation = reservations_.get(tx, answer.subject);
    if (reservation.status != Status::held) return;  // Given up meanwhile: nothing is held for it.
    if (from_json<WarehouseAnswer>(answer.answer).has_it) {
        reservation.status = Status::reserved;
        reservations_.put(tx, reservation);
        tx.publish(inventory::Reserved{.order_id = reservation.order_id});
        return;
    }
    reservation.status = Status::rejected;
    reservations_.put(tx, reservation);
    move(reservation, {.available = +1, .reserved = -1}, tx);
    tx.publish(
        inventory::Rejected{.order_id = reservation.order_id, .reason = "NOT_IN_THE_WAREHOUSE"});
}

void Inventory::on(const order::ReservationRevoked& event, Transaction& tx) {
    Reservation reservation = reservations_.get(tx, event.order_id);
    if (reservation.status != Status::reserved) return;
    reservation.status = Status::released;
    reservations_.put(tx, reservation);
    // The goods may be out still: this event and the carrier's come by different ways. Then it is
    // their return that makes them available.
    if (reservation.shipped == reservation.returned) {
        move(reservation, {.available = +1, .reserved = -1}, tx);
    }
    tx.publish(inventory::Released{.order_id = event.order_id});
}

void Inventory::on(const order::Cancelled& event, Transaction& tx) {
    std::optional<Reservation> reservation = reservations_.find(tx, event.order_id);
    if (!reservation || reservation->status != Status::held) return;
    reservation->status = Status::released;
    reservations_.put(tx, *reservation);
    move(*reservation, {.available = +1, .reserved = -1}, tx);
}

void Inventory::on(const shipping::Created& event, Transaction& tx) {
    Reservation reservation = reservations_.get(tx, event.order_id);
    if (reservation.shipped) return;
    reservation.shipped = true;
    reservations_.put(tx, reservation);
    const bool released = reservation.status == Status::released;
    move(reservation,
         {.available = released ? -1 : 0, .reserved = released ? 0 : -1, .shipped = +1}, tx);
}

void Inventory::brought_back(const std::string& order_id, Transaction& tx) {
    Reservation reservation = reservations_.get(tx, order_id);
    // Never picked up: then nothing went out that could come back.
    if (!reservation.shipped || reservation.returned) return;
    reservation.returned = true;
    reservations_.put(tx, reservation);
    const bool released = reservation.status == Status::released;
    move(reservation,
         {.available = released ? +1 : 0, .reserved = released ? 0 : +1, .returned = +1}, tx);
}

void Inventory::on(const shipping::Cancelled& event, Transaction& tx) {
    brought_back(event.order_id, tx);
}

void Inventory::on(const shipping::Returned& event, Transaction& tx) {
    brought_back(event.order_id, tx);
}

Reply Inventory::set_stock(const SetStock& body, const Request& http, Transaction& tx) {
    const std::string& product_id = http.parameter("productId");
    std::optional<Stock> stock = stock_.find(tx, product_id);
    if (!stock) stock = Stock{.product_id = product_id};
    // What is reserved or gone stays so: the difference is what comes in or is written off.
    const std::int64_t difference = body.quantity - stock->start;
    if (!body.unlimited && stock->available + difference < 0) {
        throw Failure{
            {ErrorCode::conflict,
             "more of product " + product_id + " is reserved or shipped than that",
             "set a start stock of at least " + std::to_string(stock->start - stock->available)},
            true};
    }
    stock->start = body.quantity;
    stock->available += difference;
    stock->unlimited = body.unlimited;
    stock_.put(tx, *stock);
    return Reply::json(200, *stock);
}

void Inventory::add_to(Service& service, const std::shared_ptr<EffectPort>& warehouse) {
    service.on<order::PaymentCompleted, order::ReservationRevoked, order::Cancelled,
               shipping::Created, shipping::Cancelled, shipping::Returned>(*this);
    service.effect("warehouse.confirm", warehouse,
                   [this](const EffectAnswer& answer, Transaction& tx) { confirmed(answer, tx); });
    service.command<SetStock>("PUT", "/stock/{productId}",
                              [this](const SetStock& body, const Request& http, Transaction& tx) {
                                  return set_stock(body, http, tx);
                              });
    service.get("/stock/{productId}", [this](const Request& http, StoreTransaction& tx) {
        return Reply::json(200, stock_.get(tx, http.parameter("productId")));
    });
}

}  // namespace shop::inventory_service
