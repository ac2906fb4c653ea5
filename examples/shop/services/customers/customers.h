#pragma once

#include <tidings/service/service.h>
#include <tidings/view/table.h>

#include "contracts/all.h"
#include "models/customers.h"
#include "orders/outside.h"

#include <memory>

namespace shop::customers {

/// The customers who cancel: a part of the outside world that watches the events, with a durable
/// position like any consumer. It publishes nothing; it asks the order service, until that has
/// taken it.
class Customers {
public:
    /// `outside` tells who cancels when; it must outlive this.
    explicit Customers(const OutsideWorld& outside) : outside_(outside) {}

    void on(const order::Created& event, tidings::Transaction& tx);
    void on(const payment::Completed& event, tidings::Transaction& tx);
    void on(const inventory::Reserved& event, tidings::Transaction& tx);
    void on(const shipping::Created& event, tidings::Transaction& tx);

    /// Adds the handlers. `orders` carries out `order.cancel`: the request to the order service.
    void add_to(tidings::Service& service, const std::shared_ptr<tidings::EffectPort>& orders);

private:
    void happened(const std::string& order_id, std::string_view type, tidings::Transaction& tx);

    const OutsideWorld& outside_;
    tidings::Table<Intention> intentions_;
};

}  // namespace shop::customers
