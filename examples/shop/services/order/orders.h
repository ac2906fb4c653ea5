#pragma once

#include <tidings/service/service.h>
#include <tidings/view/table.h>

#include "contracts/all.h"
#include "models/order_service.h"

#include <string>
#include <string_view>

namespace shop::order_service {

/// The order service: takes orders, sees them through, and keeps what it needs of the users
/// (sections 4.2, 9.1 and 9.2 of the standard).
class Orders {
public:
    /// 9.1  Accepts an order at once; its products are validated later, by event.
    tidings::Reply create(const CreateOrder& request, const tidings::Request& http,
                          tidings::Transaction& tx);
    /// Gives an order up because the customer wants it so.
    tidings::Reply cancel(const tidings::Request& http, tidings::Transaction& tx);
    tidings::Reply show(const tidings::Request& http, tidings::StoreTransaction& tx) const;
    tidings::Reply find(const tidings::Request& http, tidings::StoreTransaction& tx) const;

    /// 9.1  Moves the order on, or rejects it, once its products have been judged.
    void on(const product::ValidationCompleted& event, tidings::Transaction& tx);
    /// 9.2  Keeps our copy of the user, and the contact on that user's open orders, up to date.
    void on(const user::Created& event, tidings::Transaction& tx);
    void on(const user::Updated& event, tidings::Transaction& tx);

    /// Adds the service's API, handlers and saga.
    void add_to(tidings::Service& service);
    /// The saga, to set its deadlines.
    tidings::SagaRunner& fulfilment() noexcept { return *fulfilment_; }

private:
    void follow(const Fulfilment& state, const tidings::SagaProgress& progress,
                tidings::Transaction& tx);
    void keep_contact(Contact contact, tidings::Transaction& tx);
    std::optional<tidings::Reply> answered_before(const CreateOrder& request,
                                                  tidings::Transaction& tx) const;

    tidings::Table<Order> orders_;
    tidings::Table<Contact> contacts_;
    tidings::SagaRunner* fulfilment_ = nullptr;
};

}  // namespace shop::order_service
