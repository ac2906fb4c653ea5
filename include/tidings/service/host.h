#pragma once

#include <tidings/broker/broker.h>
#include <tidings/broker/log_broker.h>
#include <tidings/delivery/step_loop.h>
#include <tidings/io/http.h>
#include <tidings/io/world.h>
#include <tidings/service/service.h>
#include <tidings/telemetry/log.h>
#include <tidings/telemetry/metrics.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tidings {

/// From when on health says that something is late, long before anything is refused.
struct HealthAlarms {
    Duration outbox_age = 10s;  ///< Of the oldest event not published.
    Duration lag_age = 60s;     ///< Of the oldest event not taken.
};

/// How services are run.
struct HostOptions {
    std::string data;  ///< The data directory.
    std::string address = "127.0.0.1";
    std::optional<int> port;  ///< 0: any free one; nothing: no HTTP.
    bool log_events = false;  ///< A journal line for each event published and handled.
    Journal journal;
    StepLoop::Options limits;  ///< `service` and `domains` are filled in.
    /// How the logs of the services' domains are kept. With `bytes_max` alone, retention begins at
    /// three quarters of it. What a consumer has not read is never removed: at the bound the
    /// publishers wait, and then refuse.
    log::Options log;
    HealthAlarms alarms;
    /// Kept back on the disk for when it is full, and the room below which health says so.
    std::uint64_t disk_reserve_bytes = 16 * 1024 * 1024;
    std::uint64_t disk_low_bytes = 1024 * 1024 * 1024;
    /// Replaces the embedded broker: for tests and simulation.
    std::function<Result<std::unique_ptr<Broker>>(io::World&)> broker;
};

/// Runs services on one data directory: databases, log, threads, HTTP, health and metrics.
///
/// Several Hosts, in several processes, may share a directory, each service running in one.
///
///     data/tidings.json             the directory's own mark
///     data/log/<domain>/            the logs
///     data/services/<name>.db       each service's database
///     data/services/<name>.port     where its API is, while it runs
///     data/reserve                  room that is given up when the disk is full
///
/// Threads   `request`, `submit`, `status` and `is_quiet` from any thread; the rest from one.
/// Lifetime  The World and the Services must outlive it.
class Host {
public:
    /// Opens the data directory, making it if it is missing or empty.
    /// Errors: `invalid_argument` (a directory that holds something else; it is left untouched),
    /// `unsupported` (of a newer version), `io_error`.
    static Result<std::unique_ptr<Host>> open(io::World& world, HostOptions options);
    ~Host();

    /// Opens a service's database and its step loop.
    /// Errors: `unavailable` (it runs already; says where), `corruption`, `unsupported`.
    Result<void> add(Service& service);
    /// Starts threads and HTTP. Not called in simulation, where `workers()` are polled instead.
    Result<void> start();
    /// Stops taking requests and events, finishes what was taken, flushes and leaves.
    void stop();

    /// The port that HTTP listens on, once started.
    int port() const noexcept;
    /// Hands a request to the services as the HTTP server does. The reply may come at once (a
    /// query, a refusal) or later on another thread (a command, once it is durable).
    void request(io::HttpRequest request, io::HttpReply reply);
    /// Queues a command that other code than HTTP has for a service.
    /// Requires: a service of this name was added. Errors: as `StepLoop::submit`.
    Result<void> submit(std::string_view service, Command command);

    std::vector<std::string> services() const;
    /// Requires: a service of this name was added.
    DeliveryStatus status(std::string_view service) const;
    /// A connection that only reads the service's database.
    Result<std::unique_ptr<StoreTransaction>> reader(std::string_view service) const;
    /// Whether nothing is queued, unpublished, being retried or owed by the outside world in any
    /// service here. Asked twice, so that what passed between two services meanwhile is seen.
    bool is_quiet() const;

    Metrics& metrics() noexcept;
    Broker& broker() noexcept;
    /// Everything that must be polled: for simulation.
    std::vector<io::Worker*> workers() const;
    /// Those that watch the rest: the disk, and each service's watchdog. `start()` gives them
    /// threads; a simulation may poll them, and need not.
    std::vector<io::Worker*> watchers() const;

private:
    struct Impl;
    explicit Host(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

/// Checks that `directory` is a data directory of ours, changing nothing.
/// Errors: `not_found` (missing, or empty: a Host would make it), `invalid_argument` (it holds
/// something else), `corruption`, `unsupported`.
Result<void> check_data_directory(io::FileSystem& files, const std::string& directory);

}  // namespace tidings
