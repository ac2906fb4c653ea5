// simdjson on demand, written by hand. It reads only; for writing it has nothing.
#include "order_bench.h"

#include <simdjson.h>

namespace order_bench {
namespace {

namespace ondemand = simdjson::ondemand;

bool text_of(ondemand::value value, std::string& out) {
    std::string_view text;
    if (value.get_string().get(text)) return false;
    out = text;
    return true;
}

bool money_of(ondemand::value value, tidings::Money& out) {
    std::string_view text;
    return !value.get_string().get(text) && read_money(text, out);
}

bool read_item(ondemand::object object, Item& item) {
    unsigned found = 0;
    for (auto field : object) {
        std::string_view name;
        ondemand::value value;
        if (field.unescaped_key().get(name) || field.value().get(value)) return false;
        if (name == "productId") {
            found |= 1U;
            if (!text_of(value, item.product_id)) return false;
        } else if (name == "quantity") {
            found |= 2U;
            if (value.get_int64().get(item.quantity)) return false;
        } else if (name == "unitPrice") {
            found |= 4U;
            if (!money_of(value, item.unit_price)) return false;
        } else if (name == "freight") {
            found |= 8U;
            if (!money_of(value, item.freight)) return false;
        }
    }
    return found == 15U;
}

bool read_payment(ondemand::object object, Payment& payment) {
    unsigned found = 0;
    for (auto field : object) {
        std::string_view name;
        ondemand::value value;
        if (field.unescaped_key().get(name) || field.value().get(value)) return false;
        if (name == "type") {
            found |= 1U;
            if (!text_of(value, payment.type)) return false;
        } else if (name == "installments") {
            found |= 2U;
            if (value.get_int64().get(payment.installments)) return false;
        } else if (name == "amount") {
            found |= 4U;
            if (!money_of(value, payment.amount)) return false;
        }
    }
    return found == 7U;
}

template <class T, class ReadOne>
bool read_list(ondemand::value value, std::vector<T>& out, ReadOne read_one) {
    ondemand::array array;
    if (value.get_array().get(array)) return false;
    for (auto element : array) {
        ondemand::object object;
        if (element.get_object().get(object) || !read_one(object, out.emplace_back())) return false;
    }
    return true;
}

bool read_field(std::string_view name, ondemand::value value, Created& order, unsigned& found) {
    if (name == "orderId") return found |= 1U, text_of(value, order.order_id);
    if (name == "userId") return found |= 2U, text_of(value, order.user_id);
    if (name == "reference") return text_of(value, order.reference.emplace());
    if (name == "items") return found |= 4U, read_list(value, order.items, read_item);
    if (name == "payments") return found |= 8U, read_list(value, order.payments, read_payment);
    if (name == "total") return found |= 16U, money_of(value, order.total);
    return true;
}

void read_simdjson(benchmark::State& state) {
    ondemand::parser parser;
    // Its input needs room behind it, which no event from a log has: so a copy is part of reading.
    simdjson::padded_string padded;
    measure_read(state, [&](std::string_view text, Created& order) {
        padded = simdjson::padded_string{text};
        ondemand::document document;
        ondemand::object object;
        if (parser.iterate(padded).get(document) || document.get_object().get(object)) return false;
        unsigned found = 0;
        for (auto field : object) {
            std::string_view name;
            ondemand::value value;
            if (field.unescaped_key().get(name) || field.value().get(value)) return false;
            if (!read_field(name, value, order, found)) return false;
        }
        // Behind the last byte there is no location any more.
        const bool ended = document.current_location().error() == simdjson::OUT_OF_BOUNDS;
        return found == 31U && ended && keeps_rules(order);
    });
}
BENCHMARK(read_simdjson)->Apply(sizes);

}  // namespace
}  // namespace order_bench
