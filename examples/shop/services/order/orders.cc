#include "services/order/orders.h"

#include "orders/outcomes.h"
#include "services/order/fulfilment.h"

namespace shop::order_service {

namespace {

using namespace tidings;

/// The saga's steps, in its order.
enum FulfilmentStep : std::size_t { payment_step, inventory_step, pick_up_step, delivery_step };

Reply accepted(const Order& placed) {
    return Reply::accepted("/orders/" + placed.id,
                           OrderSummary{.id = placed.id, .status = "PENDING_VALIDATION"});
}

/// What the client had sent when `placed` was made of it.
CreateOrder request_of(const Order& placed) {
    CreateOrder request;
    request.reference = placed.reference;
    request.user_id = placed.user_id;
    request.purchased_at = placed.purchased_at;
    request.items = placed.items;
    request.payments = placed.payments;
    return request;
}

Status status_of(const SagaProgress& progress) {
    switch (progress.status) {
        case SagaStatus::completed:
            return Status::completed;
        case SagaStatus::compensating:
        case SagaStatus::needs_operator:
            return Status::cancelling;
        case SagaStatus::compensated:
            return Status::cancelled;
        case SagaStatus::running:
            break;
    }
    switch (progress.awaited()) {
        case payment_step:
            return Status::validated;
        case inventory_step:
            return Status::paid;
        case pick_up_step:
            return Status::reserved;
        default:
            return Status::in_transit;
    }
}

[[noreturn]] void refuse_as_conflict(std::string message) {
    throw Failure{{ErrorCode::conflict, std::move(message),
                   "look at the order that is there: GET /orders?reference=..."},
                  true};
}

}  // namespace

std::optional<Reply> Orders::answered_before(const CreateOrder& request, Transaction& tx) const {
    if (!request.reference) return std::nullopt;
    const auto before = orders_.find(tx, &Order::reference, request.reference);
    if (before.empty()) return std::nullopt;
    if (request_of(before.front()) != request) {
        refuse_as_conflict("the reference " + *request.reference + " is that of another order");
    }
    return accepted(before.front());
}

Reply Orders::create(const CreateOrder& request, const Request&, Transaction& tx) {
    if (auto answer = answered_before(request, tx)) return std::move(*answer);

    Order placed{.id = tx.new_id()};
    placed.reference = request.reference;
    placed.user_id = request.user_id;
    placed.purchased_at = request.purchased_at;
    placed.status = Status::pending_validation;
    placed.items = request.items;
    placed.payments = request.payments;
    for (const Payment& payment : request.payments) placed.total += payment.amount;
    placed.placed_at = placed.updated_at = tx.time();
    if (const auto contact = contacts_.find(tx, request.user_id)) {
        placed.email = contact->email;
        placed.phone = contact->phone;
    }
    orders_.put(tx, placed);

    order::PendingValidation event{.order_id = placed.id, .user_id = placed.user_id};
    event.purchased_at = placed.purchased_at;
    for (const Item& item : placed.items) {
        event.items.push_back({.product_id = item.product_id,
                               .quantity = item.quantity,
                               .unit_price = item.unit_price,
                               .freight = item.freight});
    }
    tx.publish(event);
    return accepted(placed);
}

Reply Orders::cancel(const Request& http, Transaction& tx) {
    Order placed = orders_.get(tx, http.parameter("id"));
    if (placed.status == Status::completed || placed.status == Status::rejected) {
        refuse_as_conflict("order " + placed.id + " is over: it is " +
                           std::string{to_string(placed.status)});
    }
    if (placed.status == Status::pending_validation) {
        placed.status = Status::cancelled;
        placed.reason = reason_customer;
        placed.updated_at = tx.time();
        orders_.put(tx, placed);
        tx.publish(order::Cancelled{.order_id = placed.id, .reason = std::string{reason_customer}});
    } else {
        fulfilment_->cancel(placed.id, reason_customer, tx);
        placed = orders_.get(tx, placed.id);
    }
    return Reply::accepted(
        "/orders/" + placed.id,
        OrderSummary{.id = placed.id, .status = std::string{to_string(placed.status)}});
}

Reply Orders::show(const Request& http, StoreTransaction& tx) const {
    return Reply::json(200, orders_.get(tx, http.parameter("id")));
}

Reply Orders::find(const Request& http, StoreTransaction& tx) const {
    const auto reference = http.http.query.find("reference");
    if (reference == http.http.query.end()) {
        throw Failure{{ErrorCode::invalid_argument, "name the order: /orders?reference=..."}};
    }
    const std::vector<Order> found = orders_.find(tx, &Order::reference, reference->second);
    if (found.empty()) {
        throw Failure{{ErrorCode::not_found, "no order has the reference " + reference->second}};
    }
    return Reply::json(200, found.front());
}

void Orders::on(const product::ValidationCompleted& event, Transaction& tx) {
    Order placed = orders_.get(tx, event.order_id);
    if (placed.status != Status::pending_validation) return;  // Cancelled meanwhile.
    placed.updated_at = tx.time();
    if (!event.is_valid) {
        placed.status = Status::rejected;
        placed.reason = "INVALID_PRODUCTS";
        placed.invalid_items = event.invalid_items;
        orders_.put(tx, placed);
        tx.publish(order::Rejected{.order_id = placed.id,
                                   .reason = "INVALID_PRODUCTS",
                                   .invalid_items = event.invalid_items});
        return;
    }
    placed.status = Status::validated;
    orders_.put(tx, placed);
    order::Created created{.order_id = placed.id, .user_id = placed.user_id};
    created.reference = placed.reference;
    created.total = {.amount = placed.total, .currency = "BRL"};
    for (const Item& item : placed.items) {
        created.items.push_back({.product_id = item.product_id,
                                 .quantity = item.quantity,
                                 .unit_price = item.unit_price,
                                 .freight = item.freight});
    }
    for (const Payment& payment : placed.payments) {
        created.payments.push_back(
            {.type = payment.type, .installments = payment.installments, .amount = payment.amount});
    }
    tx.publish(created);  // Begins the saga.
}

void Orders::keep_contact(Contact contact, Transaction& tx) {
    contact.updated_at = tx.time();
    contacts_.put(tx, contact);
}

void Orders::on(const user::Created& event, Transaction& tx) {
    keep_contact({.user_id = event.user_id, .email = event.email, .phone = event.phone}, tx);
}

void Orders::on(const user::Updated& event, Transaction& tx) {
    Contact contact = contacts_.find(tx, event.user_id).value_or(Contact{.user_id = event.user_id});
    if (event.email) contact.email = *event.email;
    if (event.phone) contact.phone = *event.phone;
    keep_contact(contact, tx);
    bool reachable_otherwise = false;
    for (const std::string& field : event.fields) {
        reachable_otherwise = reachable_otherwise || field == "email" || field == "phone";
    }
    if (!reachable_otherwise) return;
    for (Order placed : orders_.find(tx, &Order::user_id, event.user_id)) {
        if (placed.status == Status::rejected || placed.status == Status::completed ||
            placed.status == Status::cancelled) {
            continue;
        }
        placed.email = contact.email;
        placed.phone = contact.phone;
        placed.updated_at = tx.time();
        orders_.put(tx, placed);
    }
}

void Orders::follow(const Fulfilment& state, const SagaProgress& progress, Transaction& tx) {
    // A row is moved on as often as the saga: so only what moved is written.
    const std::optional<std::string> reason =
        progress.reason.empty() ? std::nullopt : std::optional{progress.reason};
    tx.execute(
        "UPDATE orders SET status = $2, paid = $3, reserved = $4, picked_up = $5, delivered = $6, "
        "reason = $7, updated_at = $8 WHERE id = $1",
        state.order_id, to_string(status_of(progress)), progress.was_done(payment_step),
        progress.was_done(inventory_step), progress.was_done(pick_up_step),
        progress.was_done(delivery_step), reason, tx.time());
}

void Orders::add_to(Service& service) {
    service.command<CreateOrder>(
        "POST", "/orders", [this](const CreateOrder& body, const Request& http, Transaction& tx) {
            return create(body, http, tx);
        });
    service.command("POST", "/orders/{id}/cancellation",
                    [this](const Request& http, Transaction& tx) { return cancel(http, tx); });
    service.get("/orders/{id}",
                [this](const Request& http, StoreTransaction& tx) { return show(http, tx); });
    service.get("/orders",
                [this](const Request& http, StoreTransaction& tx) { return find(http, tx); });
    service.on<product::ValidationCompleted, user::Created, user::Updated>(*this);
    fulfilment_ = &service.add(order_service::fulfilment().observe(
        [this](const Fulfilment& state, const SagaProgress& progress, Transaction& tx) {
            follow(state, progress, tx);
        }));
}

}  // namespace shop::order_service
