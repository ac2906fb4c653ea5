#include "orders/generated.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

namespace shop {

using tidings::Error;
using tidings::ErrorCode;
using tidings::Money;
using tidings::Result;
using tidings::Timestamp;

namespace {

constexpr std::uint64_t deck_size = 100;
constexpr std::uint64_t sold_out_products = 10;
constexpr std::uint64_t absent_products = 20;
constexpr std::uint64_t orders_per_further_product = 100;
constexpr std::uint64_t orders_per_further_user = 4;

/// splitmix64. Our own, since the standard library's distributions differ between libraries.
class Random {
public:
    explicit Random(std::uint64_t seed) : state_(seed) {}
    Random(std::uint64_t seed, std::uint64_t index) : state_(Random{seed}.next() ^ index) {}

    std::uint64_t next() noexcept {
        std::uint64_t z = state_ += 0x9e3779b97f4a7c15;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
        z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
        return z ^ (z >> 31);
    }

    /// Returns a number below `bound`. What the remainder prefers is far below what matters here.
    std::uint64_t below(std::uint64_t bound) noexcept { return next() % bound; }

    /// Returns a number from `min` to `max`.
    std::int64_t between(std::int64_t min, std::int64_t max) noexcept {
        return min + static_cast<std::int64_t>(below(static_cast<std::uint64_t>(max - min + 1)));
    }

    bool one_in(std::uint64_t n) noexcept { return below(n) == 0; }

private:
    std::uint64_t state_;
};

std::array<Story, deck_size> shuffled_deck(std::uint64_t seed, std::uint64_t number) {
    std::array<Story, deck_size> deck{};
    std::size_t end = 0;
    for (const StoryShare& share : generated_stories) {
        for (int i = 0; i < share.percent; ++i) deck[end++] = share.story;
    }
    Random random{~seed, number};  // Not the orders' own numbers.
    for (std::size_t i = deck_size - 1; i > 0; --i) std::swap(deck[i], deck[random.below(i + 1)]);
    return deck;
}

class Generator {
public:
    Generator(std::uint64_t seed, std::uint64_t count) : seed_(seed), count_(count) {}

    OrderBook make();

private:
    SourceOrder make_order(std::uint64_t index, Story story) const;
    std::vector<SourceItem> make_items(Random& random, Story story) const;
    std::string_view any_product(Random& random) const {
        return book_.products[random.below(products_in_stock_)].id;
    }

    std::uint64_t seed_;
    std::uint64_t count_;
    std::uint64_t products_in_stock_ = 0;
    OrderBook book_;
};

std::string_view absent_product(std::uint64_t number) {
    // Ids must live as long as the book that refers to them: these are in none of its lists.
    static const std::vector<std::string> ids = [] {
        std::vector<std::string> made;
        for (std::uint64_t i = 0; i < absent_products; ++i) {
            made.push_back(fmt::format("no-such-product-{:02}", i + 1));
        }
        return made;
    }();
    return ids[number];
}

std::vector<SourceItem> Generator::make_items(Random& random, Story story) const {
    const auto lines = random.one_in(50) ? random.between(20, 40) : random.between(1, 5);
    std::vector<SourceItem> items;
    items.reserve(static_cast<std::size_t>(lines));
    for (std::int64_t i = 0; i < lines; ++i) {
        SourceItem item;
        item.product_id = any_product(random);
        item.quantity = static_cast<std::int32_t>(random.between(1, 3));
        item.unit_price = Money{random.one_in(200) ? 0 : random.between(490, 49'990)};
        item.freight = Money{random.one_in(10) ? 0 : random.between(500, 4'500)};
        items.push_back(item);
    }
    SourceItem& guilty = items[random.below(items.size())];
    if (story == Story::unknown_product) {
        guilty.product_id = absent_product(random.below(absent_products));
    }
    if (story == Story::sold_out) {
        guilty.product_id = book_.products[products_in_stock_ + random.below(sold_out_products)].id;
    }
    return items;
}

std::vector<SourcePayment> make_payments(Random& random, Money total) {
    std::vector<SourcePayment> payments;
    if (random.one_in(100)) return payments;
    const auto count = random.one_in(10) ? random.between(2, 3) : 1;
    for (std::int64_t i = 1; i <= count; ++i) {
        const Money amount = i == count ? total : Money{random.between(0, total.cents)};
        total = total - amount;
        // The last type is `not_defined`: an amount of 0.00 has it in the data, and nothing else.
        const auto type = static_cast<PaymentType>(random.below(4));
        const bool in_rates = type == PaymentType::credit_card;
        payments.push_back(
            {type, static_cast<std::int32_t>(in_rates ? random.between(1, 10) : 1), amount});
    }
    if (random.one_in(100)) payments.push_back({PaymentType::not_defined, 1, Money{0}});
    if (random.one_in(100)) payments.push_back({PaymentType::voucher, 1, Money{0}});
    if (random.one_in(100)) payments.front().installments = 0;
    return payments;
}

SourceOrder Generator::make_order(std::uint64_t index, Story story) const {
    using namespace std::chrono;
    constexpr Timestamp first = sys_days{year{2026} / January / 1};
    Random random{seed_, index};
    SourceOrder order;
    order.reference = fmt::format("gen-{}-{:07}", seed_, index + 1);
    order.user_id = book_.users[random.below(book_.users.size())].id;
    order.purchased_at = first + seconds{7 * static_cast<std::int64_t>(index)};
    order.items = make_items(random, story);
    order.payments = make_payments(random, order_total(order));
    order.story = story;
    return order;
}

OrderBook Generator::make() {
    const auto users = 500 + count_ / orders_per_further_user;
    for (std::uint64_t i = 0; i < users; ++i) {
        book_.users.push_back({fmt::format("user-{:06}", i + 1)});
    }
    products_in_stock_ = 200 - sold_out_products + count_ / orders_per_further_product;
    for (std::uint64_t i = 0; i < products_in_stock_ + sold_out_products; ++i) {
        const bool sold_out = i >= products_in_stock_;
        book_.products.push_back(
            {fmt::format("product-{:05}", i + 1), sold_out ? 0 : stock_units_default});
    }
    book_.products.push_back({std::string{unlisted_product}, std::nullopt});

    book_.orders.reserve(count_);
    std::array<Story, deck_size> deck{};
    for (std::uint64_t i = 0; i < count_; ++i) {
        if (i % deck_size == 0) deck = shuffled_deck(seed_, i / deck_size);
        book_.orders.push_back(make_order(i, deck[i % deck_size]));
    }
    return std::move(book_);
}

}  // namespace

Result<OrderBook> generate_orders(std::uint64_t seed, std::uint64_t count) {
    if (count == 0 || count > generated_orders_max) {
        return Error{ErrorCode::invalid_argument,
                     fmt::format("{} orders cannot be generated", count),
                     fmt::format("give a count from 1 to {}", generated_orders_max)};
    }
    return Generator{seed, count}.make();
}

}  // namespace shop
