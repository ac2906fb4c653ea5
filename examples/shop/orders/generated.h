#pragma once

#include <tidings/base/result.h>

#include "orders/order_book.h"

#include <array>
#include <cstdint>

namespace shop {

/// How often a story is told.
struct StoryShare {
    Story story;
    int percent;
};

/// The stories of generated orders. Exact: each hundred of orders is this deck, shuffled, so that
/// already the first hundred hold every kind of outcome.
inline constexpr std::array<StoryShare, 15> generated_stories{{
    {Story::delivered, 61},
    {Story::unknown_product, 3},
    {Story::payment_declined, 6},
    {Story::unanswered_by_gateway, 2},
    {Story::payment_late, 2},
    {Story::not_in_the_warehouse, 4},
    {Story::sold_out, 3},
    {Story::unanswered_by_warehouse, 2},
    {Story::found_late, 1},
    {Story::not_picked_up, 2},
    {Story::picked_up_late, 2},
    {Story::cancelled_before_reservation, 3},
    {Story::cancelled_after_reservation, 3},
    {Story::cancelled_in_transit, 3},
    {Story::returned_after_delivery, 3},
}};

/// The most orders that can be generated: a million of them take about 300 MB.
inline constexpr std::uint64_t generated_orders_max = 1'000'000;

/// Makes `count` orders up, with users and a catalogue to go with them: a function of `seed` and
/// `count`, on every machine the same.
///
/// Orders have 1 to 5 lines of 1 to 3 units (one in 50 has 20 to 40 lines) and 1 to 3 payments that
/// sum up to the total. As in the real data, some have no payments, lines and payments of 0.00, the
/// type `not_defined` or 0 installments. There are at least 200 products, ten of them sold out from
/// the start, and 500 users; with more orders there are more products, so that the stock of the
/// others lasts and each outcome is determined: `expected_account(order, Deadlines::on)`.
///
/// Errors: `invalid_argument` for a count of 0 or over `generated_orders_max`.
tidings::Result<OrderBook> generate_orders(std::uint64_t seed, std::uint64_t count);

}  // namespace shop
