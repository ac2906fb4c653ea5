#include "orders/order_book.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace shop {

using tidings::Money;

namespace {

constexpr std::array<std::string_view, story_count> story_names{
    "delivered",
    "stays_in_transit",
    "not_picked_up",
    "unanswered_by_warehouse",
    "unanswered_by_gateway",
    "not_in_the_warehouse",
    "payment_declined",
    "cancelled_before_reservation",
    "cancelled_after_reservation",
    "cancelled_in_transit",
    "returned_after_delivery",
    "by_the_books",
    "unknown_product",
    "sold_out",
    "payment_late",
    "found_late",
    "picked_up_late",
};

constexpr std::array<std::string_view, 5> payment_type_names{"credit_card", "boleto", "voucher",
                                                             "debit_card", "not_defined"};

template <class Enum, std::size_t Size>
std::optional<Enum> find_name(const std::array<std::string_view, Size>& names,
                              std::string_view name) {
    const auto found = std::find(names.begin(), names.end(), name);
    if (found == names.end()) return std::nullopt;
    return static_cast<Enum>(found - names.begin());
}

}  // namespace

std::string_view to_string(Story story) noexcept {
    return story_names[static_cast<std::size_t>(story)];
}

std::optional<Story> parse_story(std::string_view name) noexcept {
    return find_name<Story>(story_names, name);
}

std::string_view to_string(PaymentType type) noexcept {
    return payment_type_names[static_cast<std::size_t>(type)];
}

std::optional<PaymentType> parse_payment_type(std::string_view name) noexcept {
    return find_name<PaymentType>(payment_type_names, name);
}

std::string email_of(std::string_view user_id) { return fmt::format("{}@example.com", user_id); }

std::string phone_of(std::string_view user_id) {
    std::uint64_t hash = 0xcbf29ce484222325;  // FNV-1a: the same on every machine, for ever.
    for (const char c : user_id) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    // Brazilian mobile numbers: a two-digit area from 11, then nine digits of which the first is 9.
    return fmt::format("+55{}9{:08}", 11 + hash % 89, hash / 89 % 100'000'000);
}

std::int64_t item_rows(const SourceOrder& order) noexcept {
    return std::count_if(order.items.begin(), order.items.end(), [](const SourceItem& item) {
        return item.product_id != unlisted_product;
    });
}

std::int64_t item_units(const SourceOrder& order) noexcept {
    std::int64_t units = 0;
    for (const SourceItem& item : order.items) {
        if (item.product_id != unlisted_product) units += item.quantity;
    }
    return units;
}

Money order_total(const SourceOrder& order) noexcept {
    Money total;
    for (const SourceItem& item : order.items) {
        total += item.unit_price * item.quantity + item.freight;
    }
    return total;
}

Money paid_amount(const SourceOrder& order) noexcept {
    Money paid;
    for (const SourcePayment& payment : order.payments) paid += payment.amount;
    return paid;
}

}  // namespace shop
