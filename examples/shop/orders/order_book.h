#pragma once

#include <tidings/base/money.h>
#include <tidings/base/time.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace shop {

/// What happens to an order in the outside world, told as a whole. `behaviour_of()` says what each
/// actor does in it, `expected_account()` how the platform's account of it must look.
enum class Story : std::uint8_t {  // Their names are stored; see to_string().
    delivered,                     ///< All goes well.
    stays_in_transit,              ///< Picked up, and not yet delivered when the data ends.
    not_picked_up,                 ///< The carrier does not answer.
    unanswered_by_warehouse,       ///< The warehouse does not answer.
    unanswered_by_gateway,         ///< The payment gateway does not answer.
    not_in_the_warehouse,          ///< The warehouse has it not, whatever the books say.
    payment_declined,              ///< The gateway declines.
    cancelled_before_reservation,  ///< The customer cancels once it is paid.
    cancelled_after_reservation,   ///< The customer cancels once it is reserved.
    cancelled_in_transit,     ///< The customer cancels once it is picked up; it is brought back.
    returned_after_delivery,  ///< As before, but it is delivered first and then brought back.
    by_the_books,             ///< Stock scenario: paid, and then inventory's books decide.
    unknown_product,          ///< An item is in no catalogue. (From here on: generated only.)
    sold_out,                 ///< An item has no stock in the books.
    payment_late,             ///< The gateway accepts after the deadline.
    found_late,               ///< The warehouse has it, and says so after the deadline.
    picked_up_late,           ///< The carrier picks up after the deadline.
};
inline constexpr std::size_t story_count = 17;

/// Returns the enumerator's own name.
std::string_view to_string(Story story) noexcept;

/// Returns the story of that name.
std::optional<Story> parse_story(std::string_view name) noexcept;

/// How an order is paid, as the data set knows it.
enum class PaymentType : std::uint8_t { credit_card, boleto, voucher, debit_card, not_defined };

/// Returns the enumerator's own name, which is the name in the data.
std::string_view to_string(PaymentType type) noexcept;

/// Returns the type of that name.
std::optional<PaymentType> parse_payment_type(std::string_view name) noexcept;

/// The catalogue product that an order without items comes in with. It is valid, its stock is
/// unlimited (in a stock scenario: none), and it does not count in `item_rows()`.
inline constexpr std::string_view unlisted_product = "unlisted";

/// Units of each product that are in stock at the start, unless something else is said.
inline constexpr std::int64_t stock_units_default = 1000;

/// Limits of one order, and of one amount (1,000,000.00): sums over all orders stay in 64 bits.
inline constexpr std::size_t items_max = 1000;
inline constexpr std::size_t payments_max = 1000;
inline constexpr tidings::Money amount_max{100'000'000};

/// One line of an order.
struct SourceItem {
    std::string_view product_id;  ///< Lives as long as the book.
    std::int32_t quantity = 1;
    tidings::Money unit_price;
    tidings::Money freight;  ///< Of the whole line.

    bool operator==(const SourceItem&) const = default;
};

/// One payment of an order.
struct SourcePayment {
    PaymentType type{};
    std::int32_t installments = 0;
    tidings::Money amount;

    bool operator==(const SourcePayment&) const = default;
};

/// An order as it is to be submitted, and what will happen to it.
struct SourceOrder {
    std::string reference;     ///< Unique: the data's order_id.
    std::string_view user_id;  ///< Lives as long as the book.
    tidings::Timestamp purchased_at;
    std::vector<SourceItem> items;        ///< At least one, at most `items_max`.
    std::vector<SourcePayment> payments;  ///< May be empty; at most `payments_max`.
    Story story{};

    bool operator==(const SourceOrder&) const = default;
};

/// A customer to be imported.
struct SourceUser {
    std::string id;

    bool operator==(const SourceUser&) const = default;
};

/// A product to be imported.
struct SourceProduct {
    std::string id;
    /// Units in stock at the start; nothing: unlimited.
    std::optional<std::int64_t> units = stock_units_default;

    bool operator==(const SourceProduct&) const = default;
};

/// A file that a book was read from.
struct SourceFile {
    std::string name;    ///< Without its directory.
    std::string sha256;  ///< 64 hex digits.

    bool operator==(const SourceFile&) const = default;
};

/// Orders to be submitted, with the users and products that are imported before them.
///
/// Lifetime: orders refer to ids in `users` and `products`; so a book can be moved, not copied,
/// and those two vectors are not to be changed in length.
struct OrderBook {
    OrderBook() = default;
    OrderBook(OrderBook&&) = default;
    OrderBook& operator=(OrderBook&&) = default;
    OrderBook(const OrderBook&) = delete;
    OrderBook& operator=(const OrderBook&) = delete;

    std::vector<SourceOrder> orders;  ///< Sorted by (purchased_at, reference).
    std::vector<SourceUser> users;
    std::vector<SourceProduct> products;  ///< `unlisted` is the last.
    std::vector<SourceFile> files;        ///< Empty if the book was not read from files.
};

/// Returns the mail address made for a user: `<id>@example.com`.
std::string email_of(std::string_view user_id);

/// Returns the phone number made for a user, a function of the id: `+55` and eleven digits.
std::string phone_of(std::string_view user_id);

/// Returns the lines of `order` that are of a listed product.
std::int64_t item_rows(const SourceOrder& order) noexcept;

/// Returns the units of listed products in `order`.
std::int64_t item_units(const SourceOrder& order) noexcept;

/// Returns the sum of quantity × price + freight.
tidings::Money order_total(const SourceOrder& order) noexcept;

/// Returns the sum of all payments, whatever becomes of them.
tidings::Money paid_amount(const SourceOrder& order) noexcept;

}  // namespace shop
