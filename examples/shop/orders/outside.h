#pragma once

#include <tidings/base/result.h>

#include "orders/order_book.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <istream>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace shop {

/// What the payment gateway does when it is asked for an order's money.
enum class GatewayAnswer : std::uint8_t {
    accepts,       ///< Captures the sum of the payments, 0.00 where there are none.
    declines,      ///< See `decline_reason()`.
    silent,        ///< Never answers.
    accepts_late,  ///< As `accepts`, after the deadline.
};

/// What the warehouse does when it is asked for an order's items.
enum class WarehouseAnswer : std::uint8_t {
    by_the_books,  ///< Is not asked: what inventory's books say is the answer.
    has_it,        ///< Has it. The books are kept all the same, and never go below zero.
    has_not,       ///< Has it not, whatever the books say.
    silent,        ///< Never answers.
    has_it_late,   ///< As `has_it`, after the deadline.
};

/// Whether the carrier picks the order up (`shipping.created`).
enum class PickUp : std::uint8_t { in_time, never, late };

/// What the carrier does with an order that it has picked up, or is to give back.
enum class Carriage : std::uint8_t {
    delivers,  ///< Delivers it; asked before that to bring it back, `shipping.cancelled`.
    stays,     ///< Keeps it under way; asked to bring it back, `shipping.cancelled`.
    delivers_then_returns,  ///< Delivers first; then, asked to bring it back, `shipping.returned`.
};

/// The event at which the customer cancels.
enum class Cancellation : std::uint8_t {
    never,
    on_payment_completed,
    on_inventory_reserved,
    on_shipping_created,
};

/// What everybody outside does with one order. A function of the order alone, so that an answer
/// given again is the same answer.
struct Behaviour {
    GatewayAnswer gateway = GatewayAnswer::accepts;
    WarehouseAnswer warehouse = WarehouseAnswer::has_it;
    PickUp pick_up = PickUp::in_time;
    Carriage carriage = Carriage::delivers;
    Cancellation cancellation = Cancellation::never;

    bool operator==(const Behaviour&) const = default;
};

/// Returns what everybody outside does in `story`.
Behaviour behaviour_of(Story story) noexcept;
inline Behaviour behaviour_of(const SourceOrder& order) noexcept {
    return behaviour_of(order.story);
}

/// Returns why the gateway declines the order of that reference, e.g. `INSUFFICIENT_FUNDS`. A
/// function of the reference.
std::string_view decline_reason(std::string_view reference) noexcept;

/// Makes `book` a stock scenario: every product starts with `units`, `unlisted` with none, and
/// every order's story is `by_the_books`, whatever the data said.
void make_stock_scenario(OrderBook& book, std::int64_t units);

/// The outside world's memory: which story belongs to which order, by reference.
///
/// Threads: reading is safe from any number of threads.
class OutsideWorld {
public:
    OutsideWorld() = default;
    explicit OutsideWorld(const OrderBook& book);

    /// Reads what `write()` wrote; the errors are those of `CsvReader`. `file` names it in errors.
    static tidings::Result<OutsideWorld> read(std::string file, std::istream& in);

    /// Returns all stories as CSV, sorted by reference: for a process that has no book.
    std::string write() const;

    /// Returns what everybody outside does with the order of that reference. Nothing: it isn't one
    /// of the book's, but somebody else's.
    std::optional<Behaviour> find(std::string_view reference) const;

    /// Returns the same; somebody else's order goes well, if the books have it.
    Behaviour of(std::string_view reference) const;

    std::size_t size() const noexcept { return stories_.size(); }

private:
    struct Hash {
        // NOLINTNEXTLINE(readability-identifier-naming): the standard library looks for this name
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const noexcept {
            return std::hash<std::string_view>{}(text);
        }
    };

    std::unordered_map<std::string, Story, Hash, std::equal_to<>> stories_;
};

}  // namespace shop
