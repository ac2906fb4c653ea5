// Boost.JSON: its value, in memory of its own that is given back at once.
#include "order_bench.h"

#include <boost/json.hpp>
#include <boost/json/src.hpp>

namespace order_bench {
namespace {

namespace json = boost::json;

bool text_of(const json::object& object, const char* name, std::string& out) {
    const json::value* field = object.if_contains(name);
    if (field == nullptr || !field->is_string()) return false;
    out = field->get_string();
    return true;
}

bool integer_of(const json::object& object, const char* name, std::int64_t& out) {
    const json::value* field = object.if_contains(name);
    if (field == nullptr || !field->is_int64()) return false;
    out = field->get_int64();
    return true;
}

bool money_of(const json::object& object, const char* name, tidings::Money& out) {
    const json::value* field = object.if_contains(name);
    if (field == nullptr || !field->is_string()) return false;
    const json::string& text = field->get_string();
    return read_money({text.data(), text.size()}, out);
}

bool read_item(const json::object& object, Item& item) {
    return text_of(object, "productId", item.product_id) &&
           integer_of(object, "quantity", item.quantity) &&
           money_of(object, "unitPrice", item.unit_price) &&
           money_of(object, "freight", item.freight);
}

bool read_payment(const json::object& object, Payment& payment) {
    return text_of(object, "type", payment.type) &&
           integer_of(object, "installments", payment.installments) &&
           money_of(object, "amount", payment.amount);
}

template <class T, class ReadOne>
bool read_list(const json::object& object, const char* name, std::vector<T>& out,
               ReadOne read_one) {
    const json::value* field = object.if_contains(name);
    if (field == nullptr || !field->is_array()) return false;
    for (const json::value& element : field->get_array()) {
        if (!element.is_object() || !read_one(element.get_object(), out.emplace_back())) {
            return false;
        }
    }
    return true;
}

void read_boost(benchmark::State& state) {
    measure_read(state, [](std::string_view text, Created& order) {
        json::monotonic_resource memory;
        boost::system::error_code failed;
        const json::value document = json::parse({text.data(), text.size()}, failed, &memory);
        if (failed || !document.is_object()) return false;
        const json::object& object = document.get_object();
        if (object.contains("reference") &&
            !text_of(object, "reference", order.reference.emplace())) {
            return false;
        }
        return text_of(object, "orderId", order.order_id) &&
               text_of(object, "userId", order.user_id) &&
               read_list(object, "items", order.items, read_item) &&
               read_list(object, "payments", order.payments, read_payment) &&
               money_of(object, "total", order.total) && keeps_rules(order);
    });
}
BENCHMARK(read_boost)->Apply(sizes);

void write_boost(benchmark::State& state) {
    std::string out;
    measure_write(state, [&out](const Created& order) -> std::string_view {
        if (!keeps_rules(order)) return {};
        json::monotonic_resource memory;
        const json::storage_ptr in{&memory};
        json::object object{in};
        object["orderId"] = order.order_id;
        object["userId"] = order.user_id;
        if (order.reference) object["reference"] = *order.reference;
        json::array& items = object["items"].emplace_array();
        for (const Item& item : order.items) {
            json::object& one = items.emplace_back(json::object_kind).get_object();
            one["productId"] = item.product_id;
            one["quantity"] = item.quantity;
            one["unitPrice"] = to_string(item.unit_price);
            one["freight"] = to_string(item.freight);
        }
        json::array& payments = object["payments"].emplace_array();
        for (const Payment& payment : order.payments) {
            json::object& one = payments.emplace_back(json::object_kind).get_object();
            one["type"] = payment.type;
            one["installments"] = payment.installments;
            one["amount"] = to_string(payment.amount);
        }
        object["total"] = to_string(order.total);
        out = json::serialize(object);
        return out;
    });
}
BENCHMARK(write_boost)->Apply(sizes);

}  // namespace
}  // namespace order_bench
