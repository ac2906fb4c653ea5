#include <tidings/io/world.h>
#include <tidings/store/sqlite.h>

#include <benchmark/benchmark.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>

namespace tidings {
namespace {

/// The tables of a service whose steps change three rows each.
constexpr Migration schema[] = {
    {1, "step",
     "CREATE TABLE inbox (source TEXT NOT NULL, partition INTEGER NOT NULL,"
     " sequence INTEGER NOT NULL, PRIMARY KEY (source, partition)) WITHOUT ROWID;"
     "CREATE TABLE orders (id TEXT PRIMARY KEY, status TEXT NOT NULL, cents INTEGER NOT NULL,"
     " changed_at INTEGER NOT NULL) WITHOUT ROWID;"
     "CREATE TABLE outbox (sequence INTEGER PRIMARY KEY, topic TEXT NOT NULL, key TEXT NOT NULL,"
     " envelope BLOB NOT NULL);"},
};

/// A database in a directory that goes with the benchmark: in $TMPDIR, which should be on a disk.
class Bench {
public:
    explicit Bench(bool durable) {
        const char* parent = std::getenv("TMPDIR");
        directory_ = std::string{parent != nullptr ? parent : "/var/tmp"} + "/tidings-bench-XXXXXX";
        if (mkdtemp(directory_.data()) == nullptr) return;
        auto store = open_sqlite(io::real_world(), directory_ + "/bench.db", {.durable = durable});
        if (store && (*store)->migrate("bench", schema)) store_ = std::move(*store);
    }
    Bench(const Bench&) = delete;
    Bench& operator=(const Bench&) = delete;
    ~Bench() {
        store_.reset();
        std::filesystem::remove_all(directory_);
    }
    Store* store() const { return store_.get(); }

private:
    std::string directory_;
    std::unique_ptr<Store> store_;
};

bool step(Store& store, std::int64_t number, Blob envelope) {
    if (!store.savepoint()) return false;
    StoreTransaction& tx = store.transaction();
    // Ten thousand orders that are changed again and again, in an order without a pattern.
    char id[Uuid::text_bytes];
    Uuid uuid;
    const std::uint64_t mixed = static_cast<std::uint64_t>(number % 10'000) * 0x9e3779b97f4a7c15;
    for (std::size_t i = 0; i < 8; ++i) uuid.bytes[i] = static_cast<std::uint8_t>(mixed >> (8 * i));
    write_uuid(uuid, id);
    const std::string_view key{id, sizeof id};
    tx.execute(
        "INSERT INTO inbox VALUES ($1, $2, $3) ON CONFLICT (source, partition)"
        " DO UPDATE SET sequence = excluded.sequence",
        "order-service", 0, number);
    tx.execute(
        "INSERT INTO orders VALUES ($1, $2, $3, $4) ON CONFLICT (id) DO UPDATE SET"
        " status = excluded.status, changed_at = excluded.changed_at",
        key, "VALIDATED", 12'345, number);
    tx.execute("INSERT INTO outbox VALUES ($1, $2, $3, $4)", number, "order", key, envelope);
    return store.keep().has_value();
}

/// Three-row steps, a savepoint each, in groups of the size given; the outbox is emptied behind
/// them as a relay's marks would, every 10,000 steps.
void steps(benchmark::State& state, bool durable) {
    Bench bench{durable};
    if (bench.store() == nullptr) return state.SkipWithError("no database");
    Store& store = *bench.store();
    const std::int64_t group = state.range(0);
    const std::string envelope(400, 'e');
    std::int64_t number = 0;
    for (auto _ : state) {
        bool done = store.begin().has_value();
        for (std::int64_t i = 0; done && i < group; ++i) {
            done = step(store, ++number, Blob{envelope});
        }
        if (done && number % 10'000 < group) {
            store.transaction().execute("DELETE FROM outbox WHERE sequence < $1", number - 5'000);
        }
        if (!done || !store.commit()) return state.SkipWithError("a step failed");
        store.maintain();
    }
    state.SetItemsProcessed(number);
}

void durable_steps(benchmark::State& state) { steps(state, true); }
void steps_that_do_not_wait(benchmark::State& state) { steps(state, false); }

BENCHMARK(durable_steps)->Arg(1)->Arg(32)->Arg(128)->Arg(512)->UseRealTime();
BENCHMARK(steps_that_do_not_wait)->Arg(1)->Arg(32)->Arg(512)->UseRealTime();

void point_reads(benchmark::State& state) {
    Bench bench{true};
    if (bench.store() == nullptr) return state.SkipWithError("no database");
    Store& store = *bench.store();
    bool done = store.begin().has_value();
    for (std::int64_t n = 1; done && n <= 10'000; ++n) done = step(store, n, Blob{"e"});
    if (!done || !store.commit()) return state.SkipWithError("a step failed");
    std::int64_t n = 0;
    for (auto _ : state) {
        n = n % 10'000 + 1;
        benchmark::DoNotOptimize(store.transaction().value<std::string>(
            "SELECT topic FROM outbox WHERE sequence = $1", n));
    }
    state.SetItemsProcessed(state.iterations());
}
BENCHMARK(point_reads);

}  // namespace
}  // namespace tidings
