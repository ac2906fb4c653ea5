// T15: ten times the load that a service can take, and then the load of before. Memory stays within
// its bound, what is accepted is answered in good time and done, the rest is told when to come
// again, and the service recovers by itself.
#include "rig.h"
#include "served.h"

#include <fmt/format.h>

#include <algorithm>

namespace tidings::proof {
namespace {

constexpr Duration step_time = 4ms;  // So that ten times the capacity can be offered at all.
constexpr Duration p99_max = 2s;
constexpr std::uint64_t rss_max = std::uint64_t{256} << 20;
constexpr Duration recovery_max = 30s;
constexpr double usual = 0.8;  // Of the capacity, before and after.
constexpr int callers = 900;

std::vector<std::unique_ptr<Service>> make_services() {
    return work_services([] {
        const TimePoint end = io::real_world().monotonic() + step_time;
        while (io::real_world().monotonic() < end) {
        }
        return true;
    });
}

struct Overloaded {
    double capacity = 0;
    double before = 0;
    Seen during;
    double recovered_after = -1;  ///< Seconds; less than 0: not.
    std::uint64_t peak = 0;
    std::vector<std::string> wrong;
};

std::string milliseconds(Duration duration) { return fmt::format("{} ms", duration / 1ms); }

void check_accounts(ServedProcess& served, std::int64_t accepted, std::vector<std::string>& wrong) {
    if (!served.waits_until_quiet("order-service", 30s) ||
        !served.waits_until_quiet("payment-service", 30s)) {
        wrong.emplace_back("what was accepted is not done after 30 s");
    }
    const std::string stored = served.get("/work");
    if (stored != std::to_string(accepted)) {
        wrong.push_back(fmt::format("{} were accepted, {} are stored", accepted, stored));
    }
    const std::int64_t done = served.account("payment-service", "done");
    if (done != accepted) wrong.push_back(fmt::format("{} were accepted, {} done", accepted, done));
}

Overloaded overload(const HostOptions& options, Duration length) {
    Overloaded result;
    ServedProcess served{options, make_services};
    if (served.port() == 0) {
        result.wrong.emplace_back("the service did not start");
        return result;
    }
    std::int64_t accepted = 0;
    const auto send = [&](double rate, int connections, Duration duration) {
        Seen seen = send_at_rate(served.port(), "/work", rate, connections, duration);
        accepted += static_cast<std::int64_t>(seen.accepted.size());
        for (const std::string& what : seen.wrong) result.wrong.push_back(what);
        result.peak = served.peak_bytes();
        return seen;
    };
    const auto seconds = [](Duration duration) {
        return std::chrono::duration<double>(duration).count();
    };
    constexpr Duration measured = 2s;
    // A few callers who always have something to ask for.
    result.capacity =
        static_cast<double>(send(1e6, 8, measured).accepted.size()) / seconds(measured);
    result.before =
        static_cast<double>(send(usual * result.capacity, 64, measured).accepted.size()) /
        seconds(measured);
    result.during = send(10 * result.capacity, callers, length);
    const TimePoint ended = io::real_world().monotonic();
    while (result.recovered_after < 0 && io::real_world().monotonic() - ended < recovery_max) {
        const double now =
            static_cast<double>(send(usual * result.capacity, 64, 1s).accepted.size());
        if (now >= 0.95 * result.before) {
            result.recovered_after = seconds(io::real_world().monotonic() - ended);
        }
    }
    check_accounts(served, accepted, result.wrong);
    return result;
}

int run(int argc, char** argv) {
    Rig rig{"T15", argc, argv};
    const Duration length = std::max<Duration>(1s * rig.amount(120), 4s);
    HostOptions options;
    options.journal = Journal::to_stderr(io::real_world(), {LogLevel::off, 0});
    {
        const RunDirectory directory{"overload"};
        options.data = directory / "data";
        const Overloaded result = overload(options, length);
        const Duration p99 = result.during.percentile(0.99);
        rig.figure("capacity", fmt::format("{:.0f}/s", result.capacity));
        rig.figure("offered", fmt::format("{:.0f}/s for {} s", 10 * result.capacity, length / 1s));
        rig.figure("accepted", fmt::format("{}", result.during.accepted.size()));
        rig.figure("refused with 503 and Retry-After", fmt::format("{}", result.during.refused));
        rig.figure("p50, p99 of what was accepted",
                   milliseconds(result.during.percentile(0.5)) + ", " + milliseconds(p99));
        rig.figure("peak memory", fmt::format("{} MiB", result.peak >> 20));
        rig.figure("goodput back to 95 % after", fmt::format("{:.1f} s", result.recovered_after));
        for (const std::string& what : result.wrong) rig.broken(what);
        if (p99 > p99_max) rig.broken("p99 of what was accepted: " + milliseconds(p99));
        if (result.peak > rss_max) rig.broken(fmt::format("memory: {} MiB", result.peak >> 20));
        if (result.recovered_after < 0) rig.broken("it does not recover by itself");
        if (result.during.refused == 0) rig.broken("nobody was refused: it was no overload");
    }
    {
        // A queue that is bounded by number alone, and that generously.
        options.limits.command_wait_max = 0s;
        options.limits.group_time_max = 0s;
        options.limits.commands_max = 1 << 20;
        const RunDirectory directory{"overload-control"};
        options.data = directory / "data";
        const Overloaded result = overload(options, std::min<Duration>(length, 20s));
        rig.control("commands wait for as long as it takes",
                    result.during.percentile(0.99) > p99_max || result.recovered_after < 0);
    }
    return rig.finish(fmt::format("{} s of ten times the load", length / 1s));
}

}  // namespace
}  // namespace tidings::proof

int main(int argc, char** argv) { return tidings::proof::run(argc, argv); }
