#include "demo/accounts.h"

#include "models/inventory_service.h"
#include "models/order_service.h"
#include "orders/order_book.h"

#include <algorithm>
#include <unordered_map>

namespace shop {

namespace {

using namespace tidings;

/// What the other services know of an order.
struct Elsewhere {
    bool captured = false;
    bool refunded = false;
    bool payment_failed = false;
    bool inventory_rejected = false;
    bool returned = false;
};

using ElsewhereById = std::unordered_map<std::string, Elsewhere>;

ElsewhereById read_elsewhere(const Hosts& hosts, Accounts& accounts) {
    ElsewhereById known;
    const auto payments = hosts.reader("payment-service").value();
    Rows rows = payments->query("SELECT order_id, status, amount FROM payments");
    while (rows.next()) {
        Elsewhere& order = known[rows.row().get<std::string>(0)];
        const std::string_view status = rows.row().text(1);
        const std::int64_t amount = rows.row().integer(2);
        order.captured = status == "CAPTURED" || status == "REFUNDING" || status == "REFUNDED";
        order.refunded = status == "REFUNDED";
        order.payment_failed = status == "FAILED";
        if (order.captured) accounts.captured_cents += amount;
        if (order.refunded) accounts.refunded_cents += amount;
    }
    const auto inventory = hosts.reader("inventory-service").value();
    Rows reservations =
        inventory->query("SELECT order_id FROM reservations WHERE status = 'REJECTED'");
    while (reservations.next()) {
        known[reservations.row().get<std::string>(0)].inventory_rejected = true;
    }
    const auto shipping = hosts.reader("shipping-service").value();
    Rows shipments = shipping->query("SELECT order_id FROM shipments WHERE status = 'RETURNED'");
    while (shipments.next()) known[shipments.row().get<std::string>(0)].returned = true;
    return known;
}

void add_order(const order_service::Order& order, const Elsewhere& elsewhere, Accounts& accounts) {
    const std::string state{to_string(order.status)};
    ++accounts.by_state[state];
    if (order.status == order_service::Status::cancelled) {
        ++accounts.cancelled_by_cause[order.reason.value_or("?")];
    }
    const std::string reason = order.reason.value_or("");
    const OrderHistory history{.state = state,
                               .paid = order.paid,
                               .reserved = order.reserved,
                               .shipped = order.picked_up,
                               .delivered = order.delivered,
                               .returned = elsewhere.returned,
                               .payment_failed = elsewhere.payment_failed,
                               .inventory_rejected = elsewhere.inventory_rejected,
                               .reason = reason};
    const Result<std::string_view> outcome = outcome_name(history);
    const std::string named{outcome ? *outcome : std::string_view{"UNEXPLAINED"}};
    ++accounts.by_outcome[named];
    if (!order.reference) return;

    OrderAccount account{.reference = *order.reference, .outcome = named};
    StockDecision decision{.reference = *order.reference};
    for (const order_service::Item& item : order.items) {
        if (item.product_id == unlisted_product) continue;
        ++account.item_rows;
        account.order_total_cents += (item.unit_price * item.quantity + item.freight).cents;
        decision.units += item.quantity;
    }
    account.paid_cents = order.total.cents;
    account.captured_cents = elsewhere.captured ? order.total.cents : 0;
    account.refunded_cents = elsewhere.refunded ? order.total.cents : 0;
    decision.reserved = order.reserved;
    decision.paid_cents = order.total.cents;
    accounts.orders.push_back(std::move(account));
    accounts.decisions.push_back(std::move(decision));
}

}  // namespace

void Invariant::violated(std::string what) {
    ++violation_count;
    if (violations.size() < violations_max) violations.push_back(std::move(what));
}

Accounts read_accounts(const Hosts& hosts) {
    Accounts accounts;
    const ElsewhereById elsewhere = read_elsewhere(hosts, accounts);
    const auto orders = hosts.reader("order-service").value();
    std::string columns;
    for (const std::string_view column : order_service::Order::columns) {
        columns.append(columns.empty() ? "" : ", ").append(column);
    }
    const Elsewhere nothing;
    Rows rows = orders->query("SELECT " + columns + " FROM orders");
    while (rows.next()) {
        const auto order = order_service::Order::from_row(rows.row());
        const auto known = elsewhere.find(order.id);
        add_order(order, known == elsewhere.end() ? nothing : known->second, accounts);
    }
    Rows sagas = orders->query("SELECT updated - started FROM tidings_saga WHERE status IN (3, 4)");
    while (sagas.next()) {
        accounts.saga_seconds.push_back(static_cast<double>(sagas.row().integer(0)) / 1000.0);
    }
    std::sort(accounts.saga_seconds.begin(), accounts.saga_seconds.end());
    const auto inventory = hosts.reader("inventory-service").value();
    accounts.products_sold_out =
        inventory
            ->value<std::int64_t>("SELECT count(*) FROM stock WHERE start > 0 AND available = 0")
            .value_or(0);
    return accounts;
}

}  // namespace shop
