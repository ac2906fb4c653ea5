#include "order_bench.h"

#include <tidings/base/text.h>
#include <tidings/model/json.h>

#include <algorithm>
#include <map>

namespace order_bench {

namespace {

using tidings::Money;

Created make_order(std::int64_t items) {
    Created made;
    made.order_id = "5f1cbb4e-3f8e-4c2d-9a51-7a0f2f6f1d11";
    made.user_id = "861eff4711a542e4b93843c6dd7febb0";
    made.reference = "e481f51cbdc54678b7cc49136f2d6af7";
    for (std::int64_t i = 0; i < items; ++i) {
        std::string product = std::to_string(i);
        product = std::string(32 - product.size(), 'a') + product;
        made.items.push_back(
            {product, 1 + i % 3, Money::parse("58.90").value(), Money::parse("13.29").value()});
    }
    made.payments.push_back({"credit_card", 3, Money::parse("72.19").value()});
    made.total = Money::parse("72.19").value();
    return made;
}

bool is_hex(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); }

bool is_uuid(std::string_view text) {
    if (text.size() != 36) return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash ? text[i] != '-' : !is_hex(text[i])) return false;
    }
    return true;
}

/// Characters, not bytes.
bool has_length(std::string_view text, std::int64_t min, std::int64_t max) {
    const auto length = std::count_if(text.begin(), text.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
    });
    return length >= min && length <= max;
}

}  // namespace

const Created& order(std::int64_t items) {
    static std::map<std::int64_t, Created> made;
    const auto known = made.find(items);
    return known != made.end() ? known->second
                               : made.emplace(items, make_order(items)).first->second;
}

const std::string& order_text(std::int64_t items) {
    static std::map<std::int64_t, std::string> made;
    std::string& text = made[items];
    if (text.empty()) text = to_text(order(items));
    return text;
}

bool read_money(std::string_view text, Money& out) {
    const auto money = Money::parse(text);
    if (money) out = *money;
    return static_cast<bool>(money);
}

bool keeps_rules(const Created& order) {
    if (!is_uuid(order.order_id) || !has_length(order.user_id, 1, 64)) return false;
    if (order.reference && !has_length(*order.reference, 1, 64)) return false;
    if (order.items.empty() || order.items.size() > 1000 || order.payments.size() > 1000) {
        return false;
    }
    for (const Item& item : order.items) {
        if (!has_length(item.product_id, 1, 64)) return false;
        if (item.quantity < 1 || item.quantity > 1'000'000) return false;
        if (item.unit_price < Money{} || item.freight < Money{}) return false;
    }
    for (const Payment& payment : order.payments) {
        if (!has_length(payment.type, 1, 64)) return false;
        if (payment.installments < 0 || payment.installments > 1000) return false;
        if (payment.amount < Money{}) return false;
    }
    return !(order.total < Money{});
}

}  // namespace order_bench
