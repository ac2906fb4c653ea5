#include "demo/accounts.h"
#include "models/inventory_service.h"
#include "models/order_service.h"

#include <fmt/format.h>

#include <unordered_map>
#include <unordered_set>
#include <utility>

namespace shop {

namespace {

using namespace tidings;

bool is_over(std::string_view status) {
    return status == "COMPLETED" || status == "CANCELLED" || status == "REJECTED";
}

Invariant explained(const Accounts& accounts) {
    Invariant invariant{"each order is in exactly one state, which its history explains"};
    for (const auto& [outcome, count] : accounts.by_outcome) {
        invariant.checked += count;
        for (std::int64_t i = 0; outcome == "UNEXPLAINED" && i < count; ++i) {
            invariant.violated("an order's state does not follow from what happened to it");
        }
    }
    return invariant;
}

Invariant money(const Hosts& hosts, const Accounts& accounts) {
    Invariant invariant{
        "money captured - refunded = payments of the orders that were paid and not cancelled"};
    const auto orders = hosts.reader("order-service").value();
    const std::int64_t kept =
        orders
            ->value<std::int64_t>(
                "SELECT coalesce(sum(total), 0) FROM orders WHERE paid = 1 AND "
                "status <> 'CANCELLED'")
            .value_or(0);
    for (const auto& [state, count] : accounts.by_state) {
        invariant.checked += count;
        if (state == "CANCELLING") {
            invariant.violated(fmt::format("{} orders are still being cancelled", count));
        }
    }
    const std::int64_t balance = accounts.captured_cents - accounts.refunded_cents;
    if (balance != kept) {
        invariant.violated(fmt::format("{} captured - {} refunded = {}, orders say {}",
                                       to_string(Money{accounts.captured_cents}),
                                       to_string(Money{accounts.refunded_cents}),
                                       to_string(Money{balance}), to_string(Money{kept})));
    }
    return invariant;
}

Invariant stock(StoreTransaction& inventory) {
    Invariant invariant{"start stock = available + reserved + shipped - returned, per product"};
    Rows rows = inventory.query(
        "SELECT product_id, start, available, reserved, shipped, returned FROM stock");
    while (rows.next()) {
        const Row row = rows.row();
        ++invariant.checked;
        const std::int64_t sum = row.integer(2) + row.integer(3) + row.integer(4) - row.integer(5);
        if (sum != row.integer(1)) {
            invariant.violated(
                fmt::format("{}: start {}, books say {}", row.text(0), row.integer(1), sum));
        }
    }
    return invariant;
}

/// Reserved units by product, as the reservations say; and none for an order that is over.
Invariant reserved(const Hosts& hosts, StoreTransaction& inventory) {
    Invariant invariant{"nothing stays reserved for an order that is over"};
    std::unordered_map<std::string, std::int64_t> by_product;
    const auto orders = hosts.reader("order-service").value();
    Rows rows = inventory.query(
        "SELECT order_id, items, status, shipped, returned FROM reservations "
        "WHERE status IN ('HELD', 'RESERVED') AND shipped = returned");
    while (rows.next()) {
        const Row row = rows.row();
        ++invariant.checked;
        const std::string order_id = row.get<std::string>(0);
        json::Reader reader{row.text(1)};
        std::string_view name;
        reader.begin_array();
        while (reader.next_element()) {
            std::string product;
            std::int64_t quantity = 0;
            reader.begin_object();
            while (reader.next_field(name)) {
                if (name == "productId") {
                    product = reader.text();
                } else if (name == "quantity") {
                    quantity = reader.integer();
                } else {
                    reader.skip();
                }
            }
            by_product[product] += quantity;
        }
        reader.finish().value();
        const auto status =
            orders->value<std::string>("SELECT status FROM orders WHERE id = $1", order_id);
        if (!status || is_over(*status)) {
            invariant.violated(fmt::format("order {} is {} and holds stock", order_id,
                                           status.value_or("unknown")));
        }
    }
    Rows books = inventory.query("SELECT product_id, reserved FROM stock");
    while (books.next()) {
        const std::string product = books.row().get<std::string>(0);
        const std::int64_t reserved = books.row().integer(1);
        if (by_product[product] != reserved) {
            invariant.violated(fmt::format("{}: {} reserved by the books, {} by the reservations",
                                           product, reserved, by_product[product]));
        }
    }
    return invariant;
}

/// An effect that took place twice would have been told twice: by two events of one type and key
/// that are not the same event.
Invariant once(const Hosts& hosts) {
    Invariant invariant{"each event took effect once"};
    const std::unordered_set<std::string> repeatable{"user.updated", "product.listed"};
    for (const Topic& topic : hosts.broker().topics()) {
        std::unordered_map<std::string, std::int64_t> seen;
        auto subscription =
            hosts.broker().subscribe(topic, ConsumerGroup{""}, SubscriptionOptions{}).value();
        while (true) {
            Fetched fetched = subscription->fetch(4096).value();
            if (fetched.events.empty()) break;
            for (const DeliveredEvent& event : fetched.events) {
                const EventHeaders& headers = event.headers;
                if (headers.downcast > 0) continue;  // The same event in older words.
                ++invariant.checked;
                if (repeatable.contains(headers.type)) continue;
                const auto [known, fresh] =
                    seen.try_emplace(headers.type + ' ' + headers.key, headers.sequence.value);
                if (!fresh && known->second != headers.sequence.value) {
                    invariant.violated("two different events " + known->first);
                }
            }
        }
    }
    return invariant;
}

Invariant accounted(const Hosts& hosts) {
    Invariant invariant{"nothing is unaccounted, and nothing was given up"};
    for (const std::string& service : hosts.services()) {
        const DeliveryStatus status = hosts.status(service);
        invariant.checked += status.accepted;
        if (status.unaccounted() != 0) {
            invariant.violated(
                fmt::format("{}: {} events unaccounted", service, status.unaccounted()));
        }
        if (status.dead > 0) {
            invariant.violated(fmt::format("{}: {} dead letters", service, status.dead));
        }
    }
    return invariant;
}

}  // namespace

std::vector<Invariant> check_invariants(const Hosts& hosts) {
    const Accounts accounts = read_accounts(hosts);
    const auto inventory = hosts.reader("inventory-service").value();
    return {explained(accounts), money(hosts, accounts),
            stock(*inventory),   reserved(hosts, *inventory),
            once(hosts),         accounted(hosts)};
}

}  // namespace shop
