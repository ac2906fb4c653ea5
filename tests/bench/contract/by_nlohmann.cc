// nlohmann's json, as most programs use it.
#include "order_bench.h"

#include <nlohmann/json.hpp>

namespace order_bench {
namespace {

using nlohmann::json;

tidings::Money money_of(const json& value) {
    return tidings::Money::parse(value.get_ref<const std::string&>()).value();
}

void read_nlohmann(benchmark::State& state) {
    measure_read(state, [](std::string_view text, Created& order) {
        const json document = json::parse(text, nullptr, false);
        if (!document.is_object()) return false;
        try {
            order.order_id = document.at("orderId");
            order.user_id = document.at("userId");
            if (document.contains("reference")) {
                order.reference = document.at("reference").get<std::string>();
            }
            for (const json& item : document.at("items")) {
                order.items.push_back({item.at("productId"), item.at("quantity"),
                                       money_of(item.at("unitPrice")),
                                       money_of(item.at("freight"))});
            }
            for (const json& payment : document.at("payments")) {
                order.payments.push_back({payment.at("type"), payment.at("installments"),
                                          money_of(payment.at("amount"))});
            }
            order.total = money_of(document.at("total"));
        } catch (const std::exception&) {
            return false;
        }
        return keeps_rules(order);
    });
}
BENCHMARK(read_nlohmann)->Apply(sizes);

void write_nlohmann(benchmark::State& state) {
    std::string out;
    measure_write(state, [&out](const Created& order) -> std::string_view {
        if (!keeps_rules(order)) return {};
        json document{{"orderId", order.order_id}, {"userId", order.user_id}};
        if (order.reference) document["reference"] = *order.reference;
        json& items = document["items"] = json::array();
        for (const Item& item : order.items) {
            items.push_back({{"productId", item.product_id},
                             {"quantity", item.quantity},
                             {"unitPrice", to_string(item.unit_price)},
                             {"freight", to_string(item.freight)}});
        }
        json& payments = document["payments"] = json::array();
        for (const Payment& payment : order.payments) {
            payments.push_back({{"type", payment.type},
                                {"installments", payment.installments},
                                {"amount", to_string(payment.amount)}});
        }
        document["total"] = to_string(order.total);
        out = document.dump();
        return out;
    });
}
BENCHMARK(write_nlohmann)->Apply(sizes);

}  // namespace
}  // namespace order_bench
