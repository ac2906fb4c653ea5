#pragma once

#include <tidings/delivery/transaction.h>
#include <tidings/view/table.h>

#include <contracts/all.h>
#include <cstdint>
#include <models/order_service.h>
#include <models/product_service.h>
#include <string>
#include <utility>

namespace order_flow {

using tidings::Failure;
using tidings::Table;
using tidings::Transaction;

/// An order as it is handed to the order service.
struct Placement {
    std::int64_t number;
    std::string user_id;
    std::vector<std::pair<std::string, int>> items;  ///< Products and quantities.
};

/// Takes orders, and sets their final state when their products have been checked.
class Orders {
public:
    void place(const Placement& placement, Transaction& tx) {
        order_service::Order placed{.id = tx.new_id(), .number = placement.number};
        placed.user_id = placement.user_id;
        placed.status = order_service::Status::pending_validation;
        order::PendingValidation event{.order_id = placed.id, .user_id = placement.user_id};
        for (const auto& [product, quantity] : placement.items) {
            placed.items.push_back({.product_id = product, .quantity = quantity});
            event.items.push_back({.product_id = product, .quantity = quantity});
        }
        orders_.put(tx, placed);
        tx.publish(event);
    }

    /// Returns the number of the order that got its final state.
    std::int64_t on(const product::ValidationCompleted& event, Transaction& tx) {
        const auto number = tx.store().value<std::int64_t>(
            "UPDATE orders SET status = $2, changes = changes + 1 "
            "WHERE id = $1 AND status = 'PENDING_VALIDATION' RETURNING number",
            event.order_id, event.is_valid ? "VALIDATED" : "REJECTED");
        if (!number) {
            throw Failure{{tidings::ErrorCode::conflict,
                           "order " + event.order_id + " is not there or is over already"}};
        }
        return *number;
    }

private:
    Table<order_service::Order> orders_;
};

/// Checks orders against the table of products.
class Catalogue {
public:
    void list(const std::string& id, Transaction& tx) {
        products_.put(tx, {.id = id, .title = "The product " + id});
    }

    void on(const order::PendingValidation& event, Transaction& tx) {
        product::ValidationCompleted judged{.order_id = event.order_id};
        for (const auto& item : event.items) {
            if (!products_.find(tx, item.product_id)) {
                judged.invalid_items.push_back(item.product_id);
            }
        }
        judged.is_valid = judged.invalid_items.empty();
        tx.publish(judged);
    }

private:
    Table<product_service::Product> products_;
};

}  // namespace order_flow
