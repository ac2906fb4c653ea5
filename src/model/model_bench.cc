// Reading and writing an envelope, beside what most C++ programs would use.
#include <tidings/model/envelope.h>
#include <tidings/model/json.h>

#include <benchmark/benchmark.h>
#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace {

using namespace tidings;

struct Item {
    std::string product_id;
    std::int64_t quantity = 0;
    Money unit_price;
};

struct Order {
    std::string order_id;
    std::string user_id;
    std::vector<Item> items;
};

// As the generator writes it.
void read_item(json::Reader& reader, Item& item) {
    std::string_view name;
    reader.begin_object();
    while (reader.next_field(name)) {
        if (name == "productId") {
            item.product_id = reader.text();
        } else if (name == "quantity") {
            item.quantity = reader.integer();
        } else if (name == "unitPrice") {
            if (const auto money = Money::parse(reader.text())) item.unit_price = *money;
        } else {
            reader.skip();
        }
    }
}

void read_order(json::Reader& reader, Order& order) {
    std::string_view name;
    reader.begin_object();
    while (reader.next_field(name)) {
        if (name == "orderId") {
            order.order_id = reader.text();
        } else if (name == "userId") {
            order.user_id = reader.text();
        } else if (name == "items") {
            reader.begin_array();
            while (reader.next_element()) read_item(reader, order.items.emplace_back());
        } else {
            reader.skip();
        }
    }
}

void write_order(json::Writer& writer, const Order& order) {
    writer.begin_object();
    writer.name("orderId");
    writer.text(order.order_id);
    writer.name("userId");
    writer.text(order.user_id);
    writer.name("items");
    writer.begin_array();
    for (const Item& item : order.items) {
        writer.begin_object();
        writer.name("productId");
        writer.text(item.product_id);
        writer.name("quantity");
        writer.integer(item.quantity);
        writer.name("unitPrice");
        writer.value(item.unit_price);
        writer.end_object();
    }
    writer.end_array();
    writer.end_object();
}

const std::string& text() {
    static const std::string text =
        R"({"id":"0b0f6a5e-6c1f-4c5e-9c5b-3d2a1e0f9b8a","type":"order.created",)"
        R"("source":"order-service","dataVersion":"1.0.0","timestamp":"2026-11-23T10:00:00.123Z",)"
        R"("correlationId":"5f1cbb4e-3f8e-4c2d-9a51-7a0f2f6f1d11","data":{)"
        R"("orderId":"5f1cbb4e-3f8e-4c2d-9a51-7a0f2f6f1d11",)"
        R"("userId":"861eff4711a542e4b93843c6dd7febb0","items":[)"
        R"({"productId":"4244733e06e7ecb4970a6e2683c13e61","quantity":1,"unitPrice":"58.90"},)"
        R"({"productId":"e5f2d52b802189ee658865ca93d83a8f","quantity":2,"unitPrice":"239.90"}]}})";
    return text;
}

Order parse_order(Envelope& envelope) {
    Order order;
    auto parsed =
        parse_envelope(text(), {}, [&](json::Reader& reader) { read_order(reader, order); });
    envelope = std::move(parsed).value();
    return order;
}

void parse_with_data(benchmark::State& state) {
    Envelope envelope;
    for (auto _ : state) benchmark::DoNotOptimize(parse_order(envelope));
    state.counters["bytes"] = static_cast<double>(text().size());
}
BENCHMARK(parse_with_data);

void parse_envelope_alone(benchmark::State& state) {
    for (auto _ : state) benchmark::DoNotOptimize(parse_envelope(text()));
}
BENCHMARK(parse_envelope_alone);

void parse_with_nlohmann(benchmark::State& state) {
    for (auto _ : state) {
        const auto parsed = nlohmann::json::parse(text());
        Envelope envelope;
        envelope.type = parsed.at("type");
        envelope.source = parsed.at("source");
        envelope.correlation_id = parsed.at("correlationId");
        const auto& data = parsed.at("data");
        Order order{data.at("orderId"), data.at("userId"), {}};
        for (const auto& item : data.at("items")) {
            order.items.push_back({item.at("productId"), item.at("quantity"), {}});
        }
        benchmark::DoNotOptimize(envelope);
        benchmark::DoNotOptimize(order);
    }
}
BENCHMARK(parse_with_nlohmann);

void write_with_data(benchmark::State& state) {
    Envelope envelope;
    const Order order = parse_order(envelope);
    std::string out;
    for (auto _ : state) {
        out.clear();
        write_envelope(
            envelope, [&](json::Writer& writer) { write_order(writer, order); }, out);
        benchmark::DoNotOptimize(out);
    }
}
BENCHMARK(write_with_data);

void write_envelope_alone(benchmark::State& state) {
    const Envelope envelope = parse_envelope(text()).value();
    std::string out;
    for (auto _ : state) {
        out.clear();
        write_envelope(envelope, out);
        benchmark::DoNotOptimize(out);
    }
}
BENCHMARK(write_envelope_alone);

void write_with_nlohmann(benchmark::State& state) {
    const auto parsed = nlohmann::json::parse(text());
    for (auto _ : state) benchmark::DoNotOptimize(parsed.dump());
}
BENCHMARK(write_with_nlohmann);

}  // namespace
