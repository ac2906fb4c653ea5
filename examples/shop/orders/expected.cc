#include "orders/expected.h"

#include <tidings/base/assert.h>

#include <algorithm>
#include <optional>
#include <string_view>
#include <unordered_map>

namespace shop {
namespace {

struct Ending {
    std::string_view outcome;
    bool captured;
    bool refunded;
};

/// What a story comes to where deadlines make no difference to it.
std::optional<Ending> ending_of(Story story) {
    switch (story) {
        case Story::delivered:
            return Ending{"COMPLETED", true, false};
        case Story::not_in_the_warehouse:
        case Story::sold_out:
            return Ending{"REJECTED_INVENTORY", true, true};
        case Story::payment_declined:
            return Ending{"PAYMENT_FAILED", false, false};
        case Story::cancelled_before_reservation:
            return Ending{"CANCELLED_BEFORE_RESERVATION", true, true};
        case Story::cancelled_after_reservation:
            return Ending{"CANCELLED_AFTER_RESERVATION", true, true};
        case Story::cancelled_in_transit:
            return Ending{"CANCELLED_IN_TRANSIT", true, true};
        case Story::returned_after_delivery:
            return Ending{"RETURNED_AFTER_DELIVERY", true, true};
        case Story::unknown_product:
            return Ending{"REJECTED", false, false};
        default:
            return std::nullopt;
    }
}

/// What it comes to while nobody waits in vain for ever: the order stays open.
std::optional<Ending> ending_without_deadlines(Story story) {
    switch (story) {
        case Story::stays_in_transit:
            return Ending{"IN_TRANSIT", true, false};
        case Story::not_picked_up:
            return Ending{"SHIPPING_PENDING", true, false};
        case Story::unanswered_by_warehouse:
            return Ending{"INVENTORY_PENDING", true, false};
        case Story::unanswered_by_gateway:
            return Ending{"PAYMENT_PENDING", false, false};
        default:
            return ending_of(story);
    }
}

/// What it comes to if a deadline passes; money that comes afterwards goes back.
std::optional<Ending> ending_with_deadlines(Story story) {
    switch (story) {
        case Story::not_picked_up:
        case Story::picked_up_late:
        case Story::stays_in_transit:
            return Ending{"SHIPPING_TIMEOUT", true, true};
        case Story::unanswered_by_warehouse:
        case Story::found_late:
            return Ending{"INVENTORY_TIMEOUT", true, true};
        case Story::unanswered_by_gateway:
            return Ending{"PAYMENT_TIMEOUT", false, false};
        case Story::payment_late:
            return Ending{"PAYMENT_TIMEOUT", true, true};
        default:
            return ending_of(story);
    }
}

}  // namespace

OrderAccount expected_account(const SourceOrder& order, Deadlines deadlines) {
    const auto ending = deadlines == Deadlines::on ? ending_with_deadlines(order.story)
                                                   : ending_without_deadlines(order.story);
    TIDINGS_ASSERT(ending.has_value());
    const auto paid = paid_amount(order).cents;
    return {order.reference,
            std::string{ending->outcome},
            item_rows(order),
            order_total(order).cents,
            paid,
            ending->captured ? paid : 0,
            ending->refunded ? paid : 0};
}

std::vector<OrderAccount> expected_accounts(const OrderBook& book, Deadlines deadlines) {
    std::vector<OrderAccount> accounts;
    accounts.reserve(book.orders.size());
    for (const SourceOrder& order : book.orders) {
        accounts.push_back(expected_account(order, deadlines));
    }
    return accounts;
}

ExpectedStock expected_stock(const OrderBook& book) {
    std::unordered_map<std::string_view, std::int64_t> left;
    for (const SourceProduct& product : book.products) {
        TIDINGS_ASSERT(product.units.has_value());
        left.emplace(product.id, *product.units);
    }
    ExpectedStock expected;
    std::int64_t sold_out = 0;
    for (const SourceOrder& order : book.orders) {
        std::unordered_map<std::string_view, std::int64_t> wanted;
        for (const SourceItem& item : order.items) wanted[item.product_id] += item.quantity;
        const bool reserved = std::all_of(wanted.begin(), wanted.end(), [&](const auto& product) {
            return left.at(product.first) >= product.second;
        });
        if (reserved) {
            for (const auto& [product, units] : wanted) {
                auto& units_left = left.at(product);
                units_left -= units;
                if (units_left == 0) ++sold_out;
            }
        }
        expected.decisions.push_back(
            {order.reference, reserved, item_units(order), paid_amount(order).cents});
    }
    expected.figures = stock_figures(expected.decisions, sold_out);
    return expected;
}

}  // namespace shop
