// RapidJSON: its document, and its writer, by hand.
#include "order_bench.h"

#include <rapidjson/document.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

namespace order_bench {
namespace {

using Value = rapidjson::Value;

bool text_of(const Value& object, const char* name, std::string& out) {
    const auto field = object.FindMember(name);
    if (field == object.MemberEnd() || !field->value.IsString()) return false;
    out.assign(field->value.GetString(), field->value.GetStringLength());
    return true;
}

bool integer_of(const Value& object, const char* name, std::int64_t& out) {
    const auto field = object.FindMember(name);
    if (field == object.MemberEnd() || !field->value.IsInt64()) return false;
    out = field->value.GetInt64();
    return true;
}

bool money_of(const Value& object, const char* name, tidings::Money& out) {
    const auto field = object.FindMember(name);
    return field != object.MemberEnd() && field->value.IsString() &&
           read_money({field->value.GetString(), field->value.GetStringLength()}, out);
}

bool read_item(const Value& value, Item& item) {
    return value.IsObject() && text_of(value, "productId", item.product_id) &&
           integer_of(value, "quantity", item.quantity) &&
           money_of(value, "unitPrice", item.unit_price) &&
           money_of(value, "freight", item.freight);
}

bool read_payment(const Value& value, Payment& payment) {
    return value.IsObject() && text_of(value, "type", payment.type) &&
           integer_of(value, "installments", payment.installments) &&
           money_of(value, "amount", payment.amount);
}

template <class T, class ReadOne>
bool read_list(const Value& object, const char* name, std::vector<T>& out, ReadOne read_one) {
    const auto field = object.FindMember(name);
    if (field == object.MemberEnd() || !field->value.IsArray()) return false;
    for (const Value& element : field->value.GetArray()) {
        if (!read_one(element, out.emplace_back())) return false;
    }
    return true;
}

void read_rapidjson(benchmark::State& state) {
    measure_read(state, [](std::string_view text, Created& order) {
        rapidjson::Document document;
        document.Parse<rapidjson::kParseValidateEncodingFlag>(text.data(), text.size());
        if (document.HasParseError() || !document.IsObject()) return false;
        if (document.HasMember("reference") &&
            !text_of(document, "reference", order.reference.emplace())) {
            return false;
        }
        return text_of(document, "orderId", order.order_id) &&
               text_of(document, "userId", order.user_id) &&
               read_list(document, "items", order.items, read_item) &&
               read_list(document, "payments", order.payments, read_payment) &&
               money_of(document, "total", order.total) && keeps_rules(order);
    });
}
BENCHMARK(read_rapidjson)->Apply(sizes);

using Writer = rapidjson::Writer<rapidjson::StringBuffer>;

void field(Writer& writer, const char* name, const std::string& text) {
    writer.Key(name);
    writer.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
}

void write_rapidjson(benchmark::State& state) {
    rapidjson::StringBuffer buffer;
    measure_write(state, [&buffer](const Created& order) -> std::string_view {
        if (!keeps_rules(order)) return {};
        buffer.Clear();
        Writer writer{buffer};
        writer.StartObject();
        field(writer, "orderId", order.order_id);
        field(writer, "userId", order.user_id);
        if (order.reference) field(writer, "reference", *order.reference);
        writer.Key("items");
        writer.StartArray();
        for (const Item& item : order.items) {
            writer.StartObject();
            field(writer, "productId", item.product_id);
            writer.Key("quantity");
            writer.Int64(item.quantity);
            field(writer, "unitPrice", to_string(item.unit_price));
            field(writer, "freight", to_string(item.freight));
            writer.EndObject();
        }
        writer.EndArray();
        writer.Key("payments");
        writer.StartArray();
        for (const Payment& payment : order.payments) {
            writer.StartObject();
            field(writer, "type", payment.type);
            writer.Key("installments");
            writer.Int64(payment.installments);
            field(writer, "amount", to_string(payment.amount));
            writer.EndObject();
        }
        writer.EndArray();
        field(writer, "total", to_string(order.total));
        writer.EndObject();
        return {buffer.GetString(), buffer.GetSize()};
    });
}
BENCHMARK(write_rapidjson)->Apply(sizes);

}  // namespace
}  // namespace order_bench
