#include <tidings/base/crc32c.h>
#include <tidings/base/time.h>
#include <tidings/base/uuid.h>

#include "base/crc32c_variants.h"

#include <benchmark/benchmark.h>

#include <string>

namespace tidings {
namespace {

void crc32c_of_bytes(benchmark::State& state) {
    const std::string bytes(static_cast<std::size_t>(state.range(0)), 'x');
    for (auto _ : state) benchmark::DoNotOptimize(crc32c(bytes));
    state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK(crc32c_of_bytes)->Arg(64)->Arg(416)->Arg(4096)->Arg(65536);

void crc32c_with_tables(benchmark::State& state) {
    const std::string bytes(static_cast<std::size_t>(state.range(0)), 'x');
    for (auto _ : state) benchmark::DoNotOptimize(detail::crc32c_portable(bytes, 0));
    state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK(crc32c_with_tables)->Arg(416)->Arg(65536);

void uuid_write(benchmark::State& state) {
    const Uuid uuid = Uuid::parse("919108f7-52d1-4320-9bac-f847db4148a8").value();
    char text[Uuid::text_bytes];
    for (auto _ : state) {
        write_uuid(uuid, text);
        benchmark::DoNotOptimize(text);
    }
}
BENCHMARK(uuid_write);

void uuid_parse(benchmark::State& state) {
    const std::string text = "919108f7-52d1-4320-9bac-f847db4148a8";
    for (auto _ : state) benchmark::DoNotOptimize(Uuid::parse(text));
}
BENCHMARK(uuid_parse);

void timestamp_write(benchmark::State& state) {
    const Timestamp time = parse_timestamp("2026-11-23T10:00:00.123Z").value();
    char text[timestamp_text_bytes];
    for (auto _ : state) {
        write_timestamp(time, text);
        benchmark::DoNotOptimize(text);
    }
}
BENCHMARK(timestamp_write);

void timestamp_parse(benchmark::State& state) {
    const std::string text = "2026-11-23T10:00:00.123Z";
    for (auto _ : state) benchmark::DoNotOptimize(parse_timestamp(text));
}
BENCHMARK(timestamp_parse);

}  // namespace
}  // namespace tidings
