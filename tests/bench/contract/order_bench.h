#pragma once

#include <benchmark/benchmark.h>

#include <contracts/order.h>
#include <string>
#include <string_view>

/// What all readers and writers are measured by: the same texts of `order.created`, which each of
/// them turns into the same generated struct and holds to the same rules.
namespace order_bench {

using shop::order::v1::Created;
using shop::order::v1::Item;
using shop::order::v1::Payment;

/// The data of an order with so many items, as the order service writes it; always the same.
const std::string& order_text(std::int64_t items);
const Created& order(std::int64_t items);

/// The rules of the contract, written by hand over the struct that was read: whether it keeps them.
bool keeps_rules(const Created& order);

/// Reads money into `out`; false if it is none.
bool read_money(std::string_view text, tidings::Money& out);

/// Measures `read(text, order)`, which returns whether it is an order that keeps its contract.
template <class Read>
void measure_read(benchmark::State& state, Read read) {
    const std::string& text = order_text(state.range(0));
    for (auto _ : state) {
        Created read_order;
        if (!read(text, read_order)) {
            state.SkipWithError("it refuses what keeps the contract");
            return;
        }
        benchmark::DoNotOptimize(read_order);
    }
    Created last;
    read(text, last);
    if (!(last == order(state.range(0)))) state.SkipWithError("it reads something else");
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}

/// Measures `write(order)`, which returns the text; it has to read back as the same order.
template <class Write>
void measure_write(benchmark::State& state, Write write) {
    const Created& written = order(state.range(0));
    std::size_t bytes = 0;
    for (auto _ : state) {
        const std::string_view text = write(written);
        bytes = text.size();
        benchmark::DoNotOptimize(text.data());
    }
    if (bytes != order_text(state.range(0)).size()) state.SkipWithError("it writes something else");
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(bytes));
}

/// Orders of 1, 10 and 100 items: about 0.4, 1.3 and 10.5 KB.
inline void sizes(benchmark::internal::Benchmark* benchmark) {
    benchmark->Arg(1)->Arg(10)->Arg(100);
}

}  // namespace order_bench
