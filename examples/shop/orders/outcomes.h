#pragma once

#include <tidings/base/result.h>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace shop {

/// Why an order was cancelled, as `order.cancelled` and the order's row tell.
inline constexpr std::string_view reason_payment_failed = "PAYMENT_FAILED";
inline constexpr std::string_view reason_inventory_rejected = "INVENTORY_REJECTED";
inline constexpr std::string_view reason_customer = "CANCELLED_BY_CUSTOMER";
inline constexpr std::string_view reason_payment_timeout = "PAYMENT_TIMEOUT";
inline constexpr std::string_view reason_inventory_timeout = "INVENTORY_TIMEOUT";
inline constexpr std::string_view reason_shipping_timeout = "SHIPPING_TIMEOUT";

/// How far an order came. Each flag says that it has happened, even if it was made good since.
struct OrderHistory {
    std::string_view state;  ///< `PENDING_VALIDATION` … `CANCELLED`.
    bool paid = false;
    bool reserved = false;
    bool shipped = false;  ///< Picked up by the carrier.
    bool delivered = false;
    bool returned = false;  ///< Brought back after delivery, also if nobody recorded that.
    bool payment_failed = false;
    bool inventory_rejected = false;
    std::string_view reason{};  ///< Of a cancelled order: one of those above, or somebody else's.
};

/// Returns the outcome's name: those of mapping v1, the further ones of generated orders
/// (`REJECTED`, `PAYMENT_TIMEOUT`, `INVENTORY_TIMEOUT`, `SHIPPING_TIMEOUT`), and for orders that
/// the data does not have: `VALIDATION_PENDING`, `CANCELLING`, `CANCELLED_BEFORE_PAYMENT`.
///
/// Errors: `conflict` if the history does not explain the state (an order that is `COMPLETED` and
/// was never delivered); `invalid_argument` if there is no such state.
tidings::Result<std::string_view> outcome_name(const OrderHistory& history);

/// The platform's account of one order.
struct OrderAccount {
    std::string reference;
    std::string outcome;
    std::int64_t item_rows = 0;
    std::int64_t order_total_cents = 0;
    std::int64_t paid_cents = 0;
    std::int64_t captured_cents = 0;
    std::int64_t refunded_cents = 0;

    bool operator==(const OrderAccount&) const = default;
};

/// Returns the canonical form: a header, then a line per order, sorted bytewise by reference, each
/// ending in LF, no quotes.
std::string outcomes_csv(std::vector<OrderAccount> accounts);

/// What became of one order in a stock scenario.
struct StockDecision {
    std::string reference;
    bool reserved = false;
    std::int64_t units = 0;  ///< Of listed products. 0: an order without items, always refused.
    std::int64_t paid_cents = 0;

    bool operator==(const StockDecision&) const = default;
};

/// Returns the canonical form: a line `reference,1` (reserved) or `reference,0` per order, sorted
/// bytewise by reference, no header.
std::string decisions_csv(std::vector<StockDecision> decisions);

/// The figures of a stock scenario.
struct StockFigures {
    std::int64_t reserved_orders = 0;
    std::int64_t reserved_units = 0;
    std::int64_t captured_kept_cents = 0;
    std::int64_t rejected_orders = 0;
    std::int64_t refunded_cents = 0;
    std::int64_t rejected_no_items = 0;
    std::int64_t products_sold_out = 0;

    bool operator==(const StockFigures&) const = default;
};

/// Returns the figures. `products_sold_out`: listed products whose last unit was reserved.
StockFigures stock_figures(const std::vector<StockDecision>& decisions,
                           std::int64_t products_sold_out);

/// Returns the figures by the names that the data's `stock_scenarios.json` has for them.
std::map<std::string, std::int64_t> named(const StockFigures& figures);

}  // namespace shop
