#include "served.h"

#include <tidings/io/http_client.h>
#include <tidings/io/worker.h>
#include <tidings/model/json.h>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <contracts/order.h>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

namespace tidings::proof {

namespace {

io::World& world() { return io::real_world(); }

void wait_until(TimePoint moment) {
    io::Wakeup nobody_rings;
    while (world().monotonic() < moment) nobody_rings.wait_until(moment);
}

/// Reads a line of `/proc/PID/status`, in bytes.
std::uint64_t status_line(int process, std::string_view name) {
    const auto file =
        world().files().open(fmt::format("/proc/{}/status", process), io::OpenMode::read);
    if (!file) return 0;
    std::string text(8192, '\0');
    const auto count = (*file)->read_at(0, text);
    if (!count) return 0;
    text.resize(*count);
    const std::size_t at = text.find(name);
    if (at == std::string::npos) return 0;
    return std::strtoull(text.c_str() + at + name.size(), nullptr, 10) * 1024;
}

/// The child: serves until the other side closes `from_parent`. Never returns.
[[noreturn]] void serve(HostOptions options, const ServedProcess::Make& make, int to_parent,
                        int from_parent) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    const std::vector<std::unique_ptr<Service>> services = make();
    auto host = Host::open(world(), std::move(options));
    Result<void> done = host ? Result<void>{} : Result<void>{host.error()};
    for (const auto& service : services) {
        if (done) done = (*host)->add(*service);
    }
    if (done) done = (*host)->start();
    if (!done) fmt::print(stderr, "error: {}\n", done.error().message);
    const int port = done ? (*host)->port() : 0;
    char byte = 0;
    if (::write(to_parent, &port, sizeof port) == sizeof port && port != 0) {
        (void)!::read(from_parent, &byte, 1);
        (*host)->stop();
    }
    std::fflush(stderr);
    ::_exit(done ? 0 : 1);
}

class Caller {
public:
    Caller(int port, const std::string& path, Duration pace, TimePoint first, TimePoint end)
        : client_(port, {.timeout = 60s}), path_(path), pace_(pace), next_(first), end_(end) {}

    void run() {
        while (next_ < end_ && world().monotonic() < end_) {
            wait_until(next_);
            next_ += pace_;
            send();
        }
    }
    Seen seen;

private:
    void send() {
        const TimePoint began = world().monotonic();
        const auto answer = client_.send({"POST", path_, path_, {}, {}, "{}"});
        const Duration took = world().monotonic() - began;
        if (!answer) {
            seen.wrong.push_back(answer.error().message);
        } else if (answer->status == 202) {
            seen.accepted.emplace_back(began, took);
        } else if ((answer->status == 503 && answer->headers.contains("retry-after")) ||
                   answer->status == 507) {  // The moment in which the disk is found to be full.
            ++seen.refused;
        } else {
            seen.wrong.push_back(fmt::format("status {}: {}", answer->status, answer->body));
        }
    }

    io::HttpClient client_;
    const std::string& path_;
    const Duration pace_;
    TimePoint next_;
    const TimePoint end_;
};

}  // namespace

std::vector<std::unique_ptr<Service>> work_services(std::function<bool()> stores) {
    using proof_flow::order::Created;
    static constexpr std::array schema{
        Migration{1, "work", "CREATE TABLE work (id TEXT PRIMARY KEY);"}};
    std::vector<std::unique_ptr<Service>> services;
    Service& orders = *services.emplace_back(std::make_unique<Service>("order-service"));
    orders.schema(schema);
    orders.command("POST", "/work", [stores = std::move(stores)](const Request&, Transaction& tx) {
        if (!stores()) return Reply{202, "{}", {}};
        const std::string id = tx.new_id();
        tx.execute("INSERT INTO work (id) VALUES ($1)", id);
        tx.publish(Created{.order_id = id});
        return Reply{202, "{}", {}};
    });
    orders.get("/work", [](const Request&, StoreTransaction& tx) {
        return Reply{
            200,
            std::to_string(tx.value<std::int64_t>("SELECT count(*) FROM work").value_or(0)),
            {}};
    });
    Service& payments = *services.emplace_back(std::make_unique<Service>("payment-service"));
    payments.handlers().on<Created>([](const Created&, Transaction&) {});
    return services;
}

RunDirectory::RunDirectory(std::string_view name)
    : path_((std::filesystem::temp_directory_path() /
             fmt::format("tidings-{}-{}", name, to_string(world().new_uuid())))
                .string()) {
    world().files().make_directory(path_).value();
}

RunDirectory::~RunDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

ServedProcess::ServedProcess(HostOptions options, const Make& services) {
    options.port = 0;
    int up[2];
    int down[2];
    TIDINGS_ASSERT(::pipe(up) == 0 && ::pipe(down) == 0);
    const TimePoint began = world().monotonic();
    process_ = ::fork();
    TIDINGS_ASSERT(process_ >= 0);
    if (process_ == 0) {
        ::close(up[0]);
        ::close(down[1]);
        serve(std::move(options), services, up[1], down[0]);
    }
    ::close(up[1]);
    ::close(down[0]);
    to_child_ = down[1];
    if (::read(up[0], &port_, sizeof port_) != sizeof port_) port_ = 0;
    start_time_ = world().monotonic() - began;
    ::close(up[0]);
}

ServedProcess::~ServedProcess() { kill(); }

void ServedProcess::kill() {
    if (process_ < 0) return;
    ::kill(process_, SIGKILL);
    ::waitpid(process_, nullptr, 0);
    ::close(to_child_);
    process_ = -1;
}

bool ServedProcess::stop() {
    if (process_ < 0) return false;
    ::close(to_child_);
    int status = 0;
    ::waitpid(process_, &status, 0);
    process_ = -1;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

std::uint64_t ServedProcess::rss_bytes() const { return status_line(process_, "VmRSS:"); }
std::uint64_t ServedProcess::peak_bytes() { return status_line(process_, "VmHWM:"); }

std::string ServedProcess::get(const std::string& path, int* status) const {
    io::HttpClient client{port_, {.timeout = 30s}};
    const auto answer = client.send({"GET", path, path, {}, {}, ""});
    if (status != nullptr) *status = answer ? answer->status : 0;
    return answer ? answer->body : std::string{};
}

std::int64_t ServedProcess::account(const std::string& service, const std::string& name) const {
    const std::string body = get("/status");
    std::int64_t found = -1;
    json::Reader reader{body};
    std::string_view field;
    reader.begin_object();
    while (reader.next_field(field)) {
        if (field != service) {
            reader.skip();
            continue;
        }
        reader.begin_object();
        while (reader.next_field(field)) {
            if (field == name) {
                found = reader.integer();
            } else {
                reader.skip();
            }
        }
    }
    return reader.finish() ? found : -1;
}

bool ServedProcess::waits_until_quiet(const std::string& service, Duration limit) const {
    const TimePoint end = world().monotonic() + limit;
    while (world().monotonic() < end) {
        if (account(service, "outboxPending") == 0 && account(service, "lag") == 0 &&
            account(service, "commandsWaiting") == 0) {
            return true;
        }
        wait_until(world().monotonic() + 50ms);
    }
    return false;
}

Duration Seen::percentile(double part) const {
    if (accepted.empty()) return Duration{0};
    std::vector<Duration> sorted;
    for (const auto& [sent, took] : accepted) sorted.push_back(took);
    std::sort(sorted.begin(), sorted.end());
    const auto at = static_cast<std::size_t>(part * static_cast<double>(sorted.size()));
    return sorted[std::min(at, sorted.size() - 1)];
}

double Seen::goodput(TimePoint from, Duration length) const {
    const auto count = std::count_if(
        accepted.begin(), accepted.end(),
        [from, length](const auto& one) { return one.first >= from && one.first < from + length; });
    return static_cast<double>(count) / std::chrono::duration<double>(length).count();
}

Seen send_at_rate(int port, const std::string& path, double rate, int connections,
                  Duration length) {
    const Duration pace{static_cast<Duration::rep>(1e9 * connections / rate)};
    const TimePoint begin = world().monotonic() + 20ms;
    std::vector<std::unique_ptr<Caller>> callers;
    for (int i = 0; i < connections; ++i) {
        callers.push_back(std::make_unique<Caller>(port, path, pace, begin + pace * i / connections,
                                                   begin + length));
    }
    std::vector<std::thread> threads;
    for (const auto& caller : callers) threads.emplace_back([&caller] { caller->run(); });
    for (std::thread& thread : threads) thread.join();
    Seen all;
    for (const auto& caller : callers) {
        all.accepted.insert(all.accepted.end(), caller->seen.accepted.begin(),
                            caller->seen.accepted.end());
        all.refused += caller->seen.refused;
        all.wrong.insert(all.wrong.end(), caller->seen.wrong.begin(), caller->seen.wrong.end());
    }
    return all;
}

}  // namespace tidings::proof
