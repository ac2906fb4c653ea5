#pragma once

#include <tidings/service/service.h>
#include <tidings/view/table.h>

#include "contracts/all.h"
#include "models/inventory_service.h"

#include <map>
#include <memory>
#include <string>

namespace shop::inventory_service {

/// The inventory service: the books of the stock. For each product, at any time,
/// start = available + reserved + shipped - returned.
class Inventory {
public:
    void on(const order::PaymentCompleted& event, tidings::Transaction& tx);
    void on(const order::ReservationRevoked& event, tidings::Transaction& tx);
    /// An order that was given up while the warehouse had not answered: what it holds goes back.
    void on(const order::Cancelled& event, tidings::Transaction& tx);
    void on(const shipping::Created& event, tidings::Transaction& tx);
    void on(const shipping::Cancelled& event, tidings::Transaction& tx);
    void on(const shipping::Returned& event, tidings::Transaction& tx);

    /// Adds handlers and API. The warehouse answers `warehouse.confirm`.
    void add_to(tidings::Service& service, const std::shared_ptr<tidings::EffectPort>& warehouse);

private:
    /// How one unit moves between the books of its product.
    struct Move {
        int available = 0;
        int reserved = 0;
        int shipped = 0;
        int returned = 0;
    };

    void confirmed(const tidings::EffectAnswer& answer, tidings::Transaction& tx);
    void brought_back(const std::string& order_id, tidings::Transaction& tx);
    void move(const Reservation& reservation, const Move& each, tidings::Transaction& tx);
    tidings::Reply set_stock(const SetStock& body, const tidings::Request& http,
                             tidings::Transaction& tx);

    tidings::Table<Stock> stock_;
    tidings::Table<Reservation> reservations_;
};

}  // namespace shop::inventory_service
