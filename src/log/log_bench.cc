// Appends and reads on the real disk, beside what the disk itself takes in the same run.
#include <tidings/log/log.h>

#include "log/format.h"

#include <benchmark/benchmark.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

namespace tidings::log {
namespace {

constexpr std::size_t headers_bytes = 120;
constexpr std::size_t payload_bytes = 300;
constexpr int small_records = 1'000'000;

/// A directory of its own below the current one, which is on the disk to be measured.
class Scratch {
public:
    Scratch() {
        std::string pattern = "tidings-bench-XXXXXX";
        path_ = ::mkdtemp(pattern.data());
    }
    ~Scratch() { std::filesystem::remove_all(path_); }
    const std::string& path() const { return path_; }

private:
    std::string path_;
};

std::unique_ptr<Log> open_log(const std::string& directory, bool durable) {
    Options options;
    options.durable = durable;
    options.retention_bytes_max = 256 * 1024 * 1024;
    return Log::open(io::real_world(), directory, "log_bench", options).value();
}

std::vector<NewRecord> records_of(std::string_view headers, std::string_view payload,
                                  std::int64_t count) {
    return std::vector<NewRecord>(static_cast<std::size_t>(count), NewRecord{headers, payload});
}

/// The limit of a durable append: one block, written and flushed, into a file written before.
void machine_flush_of_a_block(benchmark::State& state) {
    const Scratch scratch;
    auto file =
        io::real_world().files().open(scratch.path() + "/block", io::OpenMode::create).value();
    constexpr std::uint64_t blocks = 4096;
    file->write_at(0, std::string(blocks * block_bytes, '\0')).value();
    file->flush().value();
    const std::string block(block_bytes, 'x');
    std::uint64_t at = 0;
    for (auto _ : state) {
        file->write_at(at++ % blocks * block_bytes, block).value();
        file->flush().value();
    }
}
BENCHMARK(machine_flush_of_a_block)->UseRealTime()->Unit(benchmark::kMicrosecond);

/// The limit of large batches: megabytes, written and flushed, into a file written before.
void machine_sequential_write(benchmark::State& state) {
    const Scratch scratch;
    auto file =
        io::real_world().files().open(scratch.path() + "/large", io::OpenMode::create).value();
    const std::string chunk(static_cast<std::size_t>(state.range(0)), 'x');
    const std::uint64_t chunks = 256 * 1024 * 1024 / chunk.size();
    for (std::uint64_t i = 0; i < chunks; ++i) file->write_at(i * chunk.size(), chunk).value();
    file->flush().value();
    std::uint64_t at = 0;
    for (auto _ : state) {
        file->write_at(at++ % chunks * chunk.size(), chunk).value();
        file->flush().value();
    }
    state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK(machine_sequential_write)
    ->Arg(448 * 1024)
    ->Arg(8 * 1024 * 1024)
    ->UseRealTime()
    ->Unit(benchmark::kMicrosecond);

void append(benchmark::State& state, bool durable) {
    const Scratch scratch;
    auto log = open_log(scratch.path() + "/order", durable);
    const std::string headers(headers_bytes, 'h');
    const std::string payload(payload_bytes, 'p');
    const auto records = records_of(headers, payload, state.range(0));
    for (auto _ : state) {
        log->append(records).value();
        if (log->next().value % 65'536 < state.range(0)) {
            state.PauseTiming();
            log->retain(log->next()).value();
            state.ResumeTiming();
        }
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK_CAPTURE(append, durable, true)
    ->Arg(1)
    ->Arg(64)
    ->Arg(1024)
    ->Arg(16 * 1024)
    ->UseRealTime()
    ->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(append, not_durable, false)
    ->Arg(1)
    ->Arg(64)
    ->Arg(1024)
    ->UseRealTime()
    ->Unit(benchmark::kMicrosecond);

/// A log of a million records of about `bytes` each, in batches of 1,024.
void fill(const std::string& directory, std::size_t bytes) {
    auto log = open_log(directory, false);
    const std::string payload(bytes, 'p');
    const auto records = records_of("h", payload, 1000);
    while (log->next().value < small_records) log->append(records).value();
}

void read_sequentially(benchmark::State& state) {
    const Scratch scratch;
    const std::string directory = scratch.path() + "/order";
    fill(directory, static_cast<std::size_t>(state.range(0)));
    std::int64_t count = 0;
    for (auto _ : state) {
        auto reader = Reader::open(io::real_world(), directory, Reader::Unacknowledged::hidden);
        std::int64_t at = 0;
        while (at < small_records) {
            const auto records = (*reader)->read(Offset{at}, 1024, 1024 * 1024).value();
            at += static_cast<std::int64_t>(records.size());
        }
        count += at;
    }
    state.SetItemsProcessed(count);
    state.SetBytesProcessed(count * state.range(0));
}
BENCHMARK(read_sequentially)->Arg(40)->Arg(400)->UseRealTime()->Unit(benchmark::kMillisecond);

/// What a consumer pays that is woken for each single event.
void read_one_new_record(benchmark::State& state) {
    const Scratch scratch;
    const std::string directory = scratch.path() + "/order";
    auto log = open_log(directory, false);
    auto reader = Reader::open(io::real_world(), directory, Reader::Unacknowledged::hidden).value();
    const std::string payload(payload_bytes, 'p');
    constexpr std::int64_t burst = 1000;
    const NewRecord record{"h", payload};
    std::int64_t at = 0;
    for (auto _ : state) {
        if (at == log->next().value) {
            state.PauseTiming();
            for (int i = 0; i < burst; ++i) log->append({&record, 1}).value();
            state.ResumeTiming();
        }
        at += static_cast<std::int64_t>(reader->read(Offset{at}, 1, 1).value().size());
    }
    state.SetItemsProcessed(state.iterations());
}
BENCHMARK(read_one_new_record)->UseRealTime();

void append_and_read_one(benchmark::State& state) {
    const Scratch scratch;
    const std::string directory = scratch.path() + "/order";
    auto log = open_log(directory, false);
    auto reader = Reader::open(io::real_world(), directory, Reader::Unacknowledged::hidden).value();
    const std::string payload(payload_bytes, 'p');
    const NewRecord record{"h", payload};
    for (auto _ : state) {
        const Offset offset = log->append({&record, 1}).value();
        benchmark::DoNotOptimize(reader->read(offset, 100, 100'000).value());
    }
}
BENCHMARK(append_and_read_one)->UseRealTime();

void open_a_million_records(benchmark::State& state) {
    const Scratch scratch;
    const std::string directory = scratch.path() + "/order";
    fill(directory, 400);
    for (auto _ : state) open_log(directory, true);
}
BENCHMARK(open_a_million_records)->UseRealTime()->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace tidings::log
