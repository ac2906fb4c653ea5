#pragma once

#include "orders/order_book.h"
#include "orders/outcomes.h"

#include <vector>

namespace shop {

/// Whether deadlines on outside answers run: they do for generated orders, not for real ones.
enum class Deadlines : std::uint8_t { off, on };

/// Returns the account that the platform must come to for `order`, told from its story alone.
/// This is the yardstick, made without the platform.
///
/// Requires: the order's outcome is determined by its story: it is not `by_the_books` and, with
/// deadlines off, none of those that are late.
OrderAccount expected_account(const SourceOrder& order, Deadlines deadlines);

/// Returns the same for all orders of `book`.
std::vector<OrderAccount> expected_accounts(const OrderBook& book, Deadlines deadlines);

/// What a stock scenario must come to.
struct ExpectedStock {
    std::vector<StockDecision> decisions;  ///< In the book's order.
    StockFigures figures;
};

/// Plays the scenario that `make_stock_scenario()` made of `book`, one order after the other, all
/// or nothing each.
ExpectedStock expected_stock(const OrderBook& book);

}  // namespace shop
