// What a contract costs for each event: reading with all its checks, writing, checking alone. The
// rivals are beside it, each in a file of its own; what is not installed has no rows.
#include <tidings/contract/contract.h>
#include <tidings/model/json.h>

#include "order_bench.h"

#include <contracts/all.h>

namespace order_bench {
namespace {

bool read(std::string_view text, Created& order) {
    tidings::json::Reader reader{text};
    static_cast<void>(read_data(reader, order));
    return static_cast<bool>(reader.finish());
}

void read_tidings(benchmark::State& state) { measure_read(state, read); }
BENCHMARK(read_tidings)->Apply(sizes);

/// As `tx.publish` does: checked, then written.
void write_tidings(benchmark::State& state) {
    std::string out;
    measure_write(state, [&out](const Created& order) -> std::string_view {
        out.clear();
        if (!validate(order)) return {};
        tidings::json::Writer writer{out};
        write_data(writer, order);
        return out;
    });
}
BENCHMARK(write_tidings)->Apply(sizes);

/// The schema walked at run time, as the tools do, which know no generated code.
void check_text_tidings(benchmark::State& state) {
    const auto contracts = tidings::parse_bundle(shop::contracts_json());
    if (!contracts) return state.SkipWithError("no contracts");
    const tidings::Schema& schema = contracts->find("order.created", 1)->data;
    measure_read(state, [&schema, &state](std::string_view text, Created& read_order) {
        read_order = order(state.range(0));
        return static_cast<bool>(schema.check(text));
    });
}
BENCHMARK(check_text_tidings)->Apply(sizes);

/// The rules alone, on what was read before.
void check_read_tidings(benchmark::State& state) {
    const Created& checked = order(state.range(0));
    for (auto _ : state) benchmark::DoNotOptimize(validate(checked));
}
BENCHMARK(check_read_tidings)->Apply(sizes);

}  // namespace
}  // namespace order_bench

BENCHMARK_MAIN();
