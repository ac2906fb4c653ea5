// The order flow workload: N orders of three items, from the order service's transaction through
// the product service and back to each order's final state, everything flushed. At saturation, and
// at fixed rates. What is counted at the end must come out exactly, or the program fails.
#include <tidings/io/world.h>

#include "order_flow/machine.h"
#include "order_flow/platform.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

namespace order_flow {
namespace {

using namespace tidings;

/// The driver keeps up to so many orders unanswered at saturation, and refills at half of it.
constexpr std::int64_t window = 1000;

struct Settings {
    std::int64_t orders = 100'000;
    std::vector<std::int64_t> rates{50, 200, 1000};
    int seconds = 20;
    std::string directory;
    std::string format = "console";
    bool quick = false;
};

/// What one run measured.
struct Measured {
    std::string name;
    std::int64_t orders = 0;
    double seconds = 0;
    Usage used;
    std::int64_t peak_memory = 0;
    Duration flush{};
    std::vector<Duration> accepted;        ///< From submitted to answered.
    std::vector<Duration> finished;        ///< From answered to the final state.
    std::vector<Duration> from_submitted;  ///< From submitted to the final state.
};

double seconds_of(Duration duration) { return std::chrono::duration<double>(duration).count(); }

/// A directory that goes with the run.
class Scratch {
public:
    explicit Scratch(const std::string& parent) : path_(parent + "/order-flow-XXXXXX") {
        if (::mkdtemp(path_.data()) == nullptr) path_.clear();
    }
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;
    ~Scratch() {
        if (!path_.empty()) std::filesystem::remove_all(path_);
    }
    const std::string& path() const { return path_; }

private:
    std::string path_;
};

/// Hands over all orders: as fast as they are taken, or `rate` of them a second. At a rate an order
/// counts as submitted when it was due, so that a driver that is late hides nothing.
Result<void> drive(Platform& platform, std::int64_t orders, std::int64_t rate) {
    io::World& world = io::real_world();
    io::Wakeup pause;  // Nobody rings it: it is the clock of this wait.
    const TimePoint begun = world.monotonic();
    for (std::int64_t number = 0; number < orders; ++number) {
        TimePoint due = begun;
        if (rate > 0) {
            due += number * Duration{1s} / rate;
            if (world.monotonic() < due) pause.wait_until(due);
        } else {
            if (platform.unanswered() >= window) {
                if (auto waited = platform.wait_for_answers(window / 2); !waited) return waited;
            }
            due = world.monotonic();
        }
        if (auto taken = platform.submit(number, due); !taken) return taken;
    }
    return platform.wait_for_the_end();
}

void keep_times(const Times& times, Measured& measured) {
    for (std::size_t i = 0; i < times.submitted.size(); ++i) {
        measured.accepted.push_back(times.accepted[i] - times.submitted[i]);
        measured.finished.push_back(times.finished[i] - times.accepted[i]);
        measured.from_submitted.push_back(times.finished[i] - times.submitted[i]);
    }
    const TimePoint last = *std::max_element(times.finished.begin(), times.finished.end());
    measured.seconds = seconds_of(last - times.submitted.front());
}

/// One run on a directory of its own. `rate` 0 stands for saturation.
Result<Measured> run(const Settings& settings, std::int64_t rate, std::int64_t orders) {
    const Scratch scratch{settings.directory};
    if (scratch.path().empty()) {
        return Error{ErrorCode::io_error, "no directory can be made in " + settings.directory};
    }
    Measured measured;
    measured.name = rate == 0 ? "saturation" : fmt::format("rate:{}", rate);
    measured.orders = orders;
    const auto flush = flush_time(scratch.path());
    if (!flush) return flush.error();
    measured.flush = *flush;
    auto platform = Platform::start(scratch.path(), orders);
    if (!platform) return platform.error();
    forget_peak_memory();
    const Usage before = usage();
    if (auto driven = drive(**platform, orders, rate); !driven) return driven.error();
    const Usage after = usage();
    measured.used = {after.cpu_seconds - before.cpu_seconds,
                     after.bytes_written - before.bytes_written,
                     after.bytes_dirtied - before.bytes_dirtied};
    measured.peak_memory = peak_memory();
    if (auto right = (*platform)->verify(); !right) return right.error();
    keep_times((*platform)->times(), measured);
    return measured;
}

double milliseconds(const std::vector<Duration>& times, double part) {
    return seconds_of(percentile(times, part)) * 1000;
}

std::string to_json(const Measured& of) {
    const auto orders = static_cast<double>(of.orders);
    return fmt::format(
        R"({{"name": "order_flow/{}", "real_time": {:.6f}, "time_unit": "ms", )"
        R"("orders_per_second": {:.1f}, "accepted_p50_ms": {:.3f}, "accepted_p99_ms": {:.3f}, )"
        R"("final_p50_ms": {:.3f}, "final_p99_ms": {:.3f}, )"
        R"("submitted_to_final_p50_ms": {:.3f}, "submitted_to_final_p99_ms": {:.3f}, )"
        R"("cpu_s_per_1000": {:.4f}, "peak_rss_bytes": {}, "written_bytes_per_order": {:.0f}, )"
        R"("dirtied_bytes_per_order": {:.0f}, )"
        R"("fdatasync_p50_ms": {:.4f}, "orders": {}}})",
        of.name, milliseconds(of.from_submitted, 0.5), orders / of.seconds,
        milliseconds(of.accepted, 0.5), milliseconds(of.accepted, 0.99),
        milliseconds(of.finished, 0.5), milliseconds(of.finished, 0.99),
        milliseconds(of.from_submitted, 0.5), milliseconds(of.from_submitted, 0.99),
        of.used.cpu_seconds * 1000 / orders, of.peak_memory,
        static_cast<double>(of.used.bytes_written) / orders,
        static_cast<double>(of.used.bytes_dirtied) / orders, seconds_of(of.flush) * 1000,
        of.orders);
}

void print_head() {
    fmt::print("{:<11} {:>8} {:>9}  {:>17}  {:>17}  {:>17}  {:>8} {:>7} {:>8} {:>8} {:>7}\n", "run",
               "orders", "orders/s", "accepted p50/p99", "then final", "submitted-final", "CPU s",
               "RSS", "written", "dirtied", "fsync");
    fmt::print("{:<11} {:>8} {:>9}  {:>17}  {:>17}  {:>17}  {:>8} {:>7} {:>8} {:>8} {:>7}\n", "",
               "", "", "ms", "ms", "ms", "per 1000", "MiB", "B/order", "B/order", "ms");
}

void print_row(const Measured& of) {
    const auto orders = static_cast<double>(of.orders);
    const auto both = [](const std::vector<Duration>& times) {
        return fmt::format("{:.2f} / {:.2f}", milliseconds(times, 0.5), milliseconds(times, 0.99));
    };
    fmt::print(
        "{:<11} {:>8} {:>9.0f}  {:>17}  {:>17}  {:>17}  {:>8.4f} {:>7.1f} {:>8.0f} {:>8.0f} "
        "{:>7.3f}\n",
        of.name, of.orders, orders / of.seconds, both(of.accepted), both(of.finished),
        both(of.from_submitted), of.used.cpu_seconds * 1000 / orders,
        static_cast<double>(of.peak_memory) / (1024 * 1024),
        static_cast<double>(of.used.bytes_written) / orders,
        static_cast<double>(of.used.bytes_dirtied) / orders, seconds_of(of.flush) * 1000);
    std::fflush(stdout);
}

int measure(const Settings& settings) {
    const bool as_json = settings.format == "json";
    std::string rows;
    if (!as_json) print_head();
    std::vector<std::int64_t> rates{0};
    rates.insert(rates.end(), settings.rates.begin(), settings.rates.end());
    for (const std::int64_t rate : rates) {
        const std::int64_t orders = rate == 0 ? settings.orders : rate * settings.seconds;
        if (orders == 0) continue;
        const auto measured = run(settings, rate, orders);
        if (!measured) {
            fmt::print(stderr, "error: {}\n", measured.error().message);
            return 1;
        }
        if (!as_json) {
            print_row(*measured);
            continue;
        }
        rows += (rows.empty() ? "" : ",\n    ") + to_json(*measured);
    }
    if (as_json) fmt::print("{{\"benchmarks\": [\n    {}\n]}}\n", rows);
    return 0;
}

}  // namespace
}  // namespace order_flow

int main(int argc, char** argv) {
    order_flow::Settings settings;
    const char* temporary = std::getenv("TMPDIR");
    settings.directory = temporary != nullptr ? temporary : "/var/tmp";
    CLI::App app{"Measures the order flow workload on the embedded engine."};
    app.add_option("--orders", settings.orders, "Orders at saturation; 0 leaves that run out")
        ->check(CLI::Range(0, 10'000'000))
        ->capture_default_str();
    app.add_option("--rates", settings.rates, "Orders a second")
        ->check(CLI::Range(1, 100'000))
        ->capture_default_str();
    app.add_option("--seconds", settings.seconds, "How long each rate is kept; 0 leaves them out")
        ->check(CLI::Range(0, 3600))
        ->capture_default_str();
    app.add_option("--data", settings.directory, "Where to keep the data meanwhile: on a disk")
        ->capture_default_str();
    app.add_option("--benchmark_format", settings.format, "console or json")
        ->check(CLI::IsMember({"console", "json"}));
    app.add_flag("--quick", settings.quick, "20,000 orders at saturation, 4 seconds at each rate")
        ->envname("TIDINGS_BENCH_QUICK");
    double min_time = 0;  // Google Benchmark's, which tools/bench.py gives every program.
    app.add_option("--benchmark_min_time", min_time)->group("");
    CLI11_PARSE(app, argc, argv);
    if (settings.quick) {
        settings.orders = 20'000;
        settings.seconds = 4;
    }
    return order_flow::measure(settings);
}
