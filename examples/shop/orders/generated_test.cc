#include "orders/generated.h"

#include "orders/expected.h"
#include "orders/sha256.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>

namespace shop {
namespace {

/// Everything of a book as text, so that two can be compared and digested.
std::string text_of(const OrderBook& book) {
    std::string text;
    for (const SourceUser& user : book.users) text += user.id + "\n";
    for (const SourceProduct& product : book.products) {
        text += fmt::format("{} {}\n", product.id, product.units.value_or(-1));
    }
    for (const SourceOrder& order : book.orders) {
        text += fmt::format("{} {} {} {}\n", order.reference, order.user_id,
                            tidings::to_string(order.purchased_at), to_string(order.story));
        for (const SourceItem& item : order.items) {
            text += fmt::format(" {} {} {} {}\n", item.product_id, item.quantity,
                                to_string(item.unit_price), to_string(item.freight));
        }
        for (const SourcePayment& payment : order.payments) {
            text += fmt::format(" {} {} {}\n", to_string(payment.type), payment.installments,
                                to_string(payment.amount));
        }
    }
    return text;
}

TEST(Generated, IsAFunctionOfSeedAndCount) {
    const std::string text = text_of(generate_orders(1, 500).value());
    EXPECT_EQ(text, text_of(generate_orders(1, 500).value()));
    EXPECT_NE(text, text_of(generate_orders(2, 500).value()));
    EXPECT_EQ(sha256(text), "476b6665747b28932733fbf85d5183d7fe6d95e8a4c7b12e7bed2b713e689f44")
        << "a run that was stopped goes on with the same orders: they must never change";
}

TEST(Generated, TellsEveryStoryInTheSharesStatedInEachHundred) {
    const OrderBook book = generate_orders(3, 300).value();
    for (std::size_t hundred = 0; hundred < 3; ++hundred) {
        std::map<Story, int> told;
        for (std::size_t i = 0; i < 100; ++i) ++told[book.orders[hundred * 100 + i].story];
        for (const StoryShare& share : generated_stories) {
            EXPECT_EQ(told[share.story], share.percent) << to_string(share.story);
        }
    }
}

TEST(Generated, HasTheOdditiesOfRealOrders) {
    const OrderBook book = generate_orders(1, 2000).value();
    std::map<std::string, int> seen;
    for (const SourceOrder& order : book.orders) {
        const std::size_t lines = order.items.size();
        ASSERT_TRUE((lines >= 1 && lines <= 5) || (lines >= 20 && lines <= 40)) << lines;
        seen["20 lines"] += lines >= 20;
        seen["no payments"] += order.payments.empty();
        for (const SourceItem& item : order.items) {
            ASSERT_GE(item.quantity, 1);
            seen["free item"] += item.unit_price.cents == 0;
            seen["free freight"] += item.freight.cents == 0;
        }
        for (const SourcePayment& payment : order.payments) {
            ASSERT_GE(payment.amount.cents, 0);
            seen["payment of 0.00"] += payment.amount.cents == 0;
            seen["not_defined"] += payment.type == PaymentType::not_defined;
            seen["0 installments"] += payment.installments == 0;
        }
        if (!order.payments.empty()) {
            EXPECT_EQ(paid_amount(order), order_total(order)) << order.reference;
        }
    }
    for (const char* oddity : {"20 lines", "no payments", "free item", "free freight",
                               "payment of 0.00", "not_defined", "0 installments"}) {
        EXPECT_GE(seen[oddity], 5) << oddity;
    }
    EXPECT_NEAR(seen["20 lines"], 40, 20) << "one in 50";
}

TEST(Generated, BreaksTheCatalogueAndTheStockOnlyWhereTheStorySaysSo) {
    const OrderBook book = generate_orders(5, 2000).value();
    std::map<std::string_view, std::optional<std::int64_t>> units;
    for (const SourceProduct& product : book.products) units[product.id] = product.units;
    std::set<std::string_view> users;
    for (const SourceUser& user : book.users) users.insert(user.id);
    for (const SourceOrder& order : book.orders) {
        bool unknown = false;
        bool sold_out = false;
        for (const SourceItem& item : order.items) {
            const auto product = units.find(item.product_id);
            unknown |= product == units.end();
            sold_out |= product != units.end() && product->second == 0;
        }
        EXPECT_EQ(unknown, order.story == Story::unknown_product) << order.reference;
        EXPECT_EQ(sold_out, order.story == Story::sold_out) << order.reference;
        EXPECT_TRUE(users.contains(order.user_id));
    }
}

TEST(Generated, NeverAsksForMoreThanIsInStock) {
    for (const std::uint64_t count : {2'000u, 60'000u}) {
        const OrderBook book = generate_orders(1, count).value();
        std::map<std::string_view, std::int64_t> wanted;
        for (const SourceOrder& order : book.orders) {
            for (const SourceItem& item : order.items) wanted[item.product_id] += item.quantity;
        }
        for (const SourceProduct& product : book.products) {
            if (product.units.value_or(0) == 0) continue;
            EXPECT_LE(wanted[product.id], *product.units) << product.id << " of " << count;
        }
    }
}

TEST(Generated, ComesInPurchaseOrderWithDistinctReferences) {
    const OrderBook book = generate_orders(1, 1000).value();
    std::set<std::string> references;
    for (const SourceOrder& order : book.orders) references.insert(order.reference);
    EXPECT_EQ(references.size(), book.orders.size());
    EXPECT_TRUE(std::is_sorted(book.orders.begin(), book.orders.end(), [](auto& a, auto& b) {
        return std::pair{a.purchased_at, a.reference} < std::pair{b.purchased_at, b.reference};
    }));
}

TEST(Generated, HasADeterminedAccountForEachOrder) {
    const OrderBook book = generate_orders(1, 100).value();
    std::map<std::string, int> outcomes;
    for (const OrderAccount& account : expected_accounts(book, Deadlines::on)) {
        ++outcomes[account.outcome];
        EXPECT_TRUE(account.refunded_cents == 0 ||
                    account.refunded_cents == account.captured_cents);
        EXPECT_TRUE(account.captured_cents == 0 || account.captured_cents == account.paid_cents);
    }
    EXPECT_EQ(outcomes, (std::map<std::string, int>{{"COMPLETED", 61},
                                                    {"REJECTED", 3},
                                                    {"PAYMENT_FAILED", 6},
                                                    {"PAYMENT_TIMEOUT", 4},
                                                    {"REJECTED_INVENTORY", 7},
                                                    {"INVENTORY_TIMEOUT", 3},
                                                    {"SHIPPING_TIMEOUT", 4},
                                                    {"CANCELLED_BEFORE_RESERVATION", 3},
                                                    {"CANCELLED_AFTER_RESERVATION", 3},
                                                    {"CANCELLED_IN_TRANSIT", 3},
                                                    {"RETURNED_AFTER_DELIVERY", 3}}));
}

TEST(Generated, RefusesACountThatIsNone) {
    EXPECT_FALSE(generate_orders(1, 0).has_value());
    EXPECT_EQ(generate_orders(1, generated_orders_max + 1).error().message,
              "1000001 orders cannot be generated");
}

}  // namespace
}  // namespace shop
