#include "orders/outcomes.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace shop {

using tidings::Error;
using tidings::ErrorCode;
using tidings::Result;

namespace {

/// What an order in one of the open or good states must have gone through, and nothing beyond.
struct StateRule {
    std::string_view state;
    std::string_view outcome;
    bool paid;
    bool reserved;
    bool shipped;
    bool delivered;
};

constexpr StateRule state_rules[] = {
    {"PENDING_VALIDATION", "VALIDATION_PENDING", false, false, false, false},
    {"REJECTED", "REJECTED", false, false, false, false},
    {"VALIDATED", "PAYMENT_PENDING", false, false, false, false},
    {"PAID", "INVENTORY_PENDING", true, false, false, false},
    {"RESERVED", "SHIPPING_PENDING", true, true, false, false},
    {"IN_TRANSIT", "IN_TRANSIT", true, true, true, false},
    {"COMPLETED", "COMPLETED", true, true, true, true},
};

constexpr std::string_view timeouts[] = {reason_payment_timeout, reason_inventory_timeout,
                                         reason_shipping_timeout};

Error unexplained(const OrderHistory& history, std::string_view why) {
    return {ErrorCode::conflict,
            fmt::format("an order is {} (reason '{}'), but {}", history.state, history.reason, why),
            "look at the order's events: tidings log, by its correlation id"};
}

Result<std::string_view> cancelled_name(const OrderHistory& history) {
    // An order that ran into a deadline is called after it, also if the answer came afterwards.
    const auto timeout = std::find(std::begin(timeouts), std::end(timeouts), history.reason);
    if (timeout != std::end(timeouts)) return *timeout;
    if (history.reason == reason_payment_failed) {
        if (!history.payment_failed) return unexplained(history, "its payment never failed");
        return std::string_view{"PAYMENT_FAILED"};
    }
    if (history.reason == reason_inventory_rejected) {
        if (!history.inventory_rejected) return unexplained(history, "inventory has it");
        return std::string_view{"REJECTED_INVENTORY"};
    }
    if (history.returned) return std::string_view{"RETURNED_AFTER_DELIVERY"};
    if (history.shipped) return std::string_view{"CANCELLED_IN_TRANSIT"};
    if (history.reserved) return std::string_view{"CANCELLED_AFTER_RESERVATION"};
    if (history.paid) return std::string_view{"CANCELLED_BEFORE_RESERVATION"};
    return std::string_view{"CANCELLED_BEFORE_PAYMENT"};
}

}  // namespace

Result<std::string_view> outcome_name(const OrderHistory& history) {
    if (history.state == "CANCELLING") return std::string_view{"CANCELLING"};
    if (history.state == "CANCELLED") return cancelled_name(history);
    for (const StateRule& rule : state_rules) {
        if (rule.state != history.state) continue;
        if (history.paid != rule.paid) {
            return unexplained(history, rule.paid ? "it was never paid" : "it is paid");
        }
        if (history.reserved != rule.reserved) {
            return unexplained(history, rule.reserved ? "it was never reserved" : "it is reserved");
        }
        if (history.shipped != rule.shipped) {
            return unexplained(history, rule.shipped ? "it was never shipped" : "it is shipped");
        }
        if (history.delivered != rule.delivered) {
            return unexplained(history,
                               rule.delivered ? "it was never delivered" : "it is delivered");
        }
        if (history.payment_failed || history.inventory_rejected) {
            return unexplained(history, "its payment failed, or inventory rejected it");
        }
        return rule.outcome;
    }
    return Error{ErrorCode::invalid_argument,
                 fmt::format("'{}' is no state of an order", history.state),
                 {}};
}

std::string outcomes_csv(std::vector<OrderAccount> accounts) {
    std::sort(accounts.begin(), accounts.end(),
              [](const auto& a, const auto& b) { return a.reference < b.reference; });
    std::string out =
        "order_id,outcome,item_rows,order_total_cents,paid_cents,captured_cents,refunded_cents\n";
    for (const OrderAccount& account : accounts) {
        fmt::format_to(std::back_inserter(out), "{},{},{},{},{},{},{}\n", account.reference,
                       account.outcome, account.item_rows, account.order_total_cents,
                       account.paid_cents, account.captured_cents, account.refunded_cents);
    }
    return out;
}

std::string decisions_csv(std::vector<StockDecision> decisions) {
    std::sort(decisions.begin(), decisions.end(),
              [](const auto& a, const auto& b) { return a.reference < b.reference; });
    std::string out;
    for (const StockDecision& decision : decisions) {
        out += decision.reference;
        out += decision.reserved ? ",1\n" : ",0\n";
    }
    return out;
}

StockFigures stock_figures(const std::vector<StockDecision>& decisions,
                           std::int64_t products_sold_out) {
    StockFigures figures;
    figures.products_sold_out = products_sold_out;
    for (const StockDecision& decision : decisions) {
        if (decision.reserved) {
            ++figures.reserved_orders;
            figures.reserved_units += decision.units;
            figures.captured_kept_cents += decision.paid_cents;
        } else {
            ++figures.rejected_orders;
            figures.refunded_cents += decision.paid_cents;
            if (decision.units == 0) ++figures.rejected_no_items;
        }
    }
    return figures;
}

std::map<std::string, std::int64_t> named(const StockFigures& figures) {
    return {{"reserved_orders", figures.reserved_orders},
            {"reserved_units", figures.reserved_units},
            {"captured_kept_cents", figures.captured_kept_cents},
            {"rejected_orders", figures.rejected_orders},
            {"refunded_cents", figures.refunded_cents},
            {"rejected_no_items", figures.rejected_no_items},
            {"products_sold_out", figures.products_sold_out}};
}

}  // namespace shop
