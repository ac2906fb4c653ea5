#pragma once

#include <tidings/base/time.h>
#include <tidings/service/host.h>
#include <tidings/service/service.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace tidings::proof {

/// A directory on disk for one run; gone with the object.
class RunDirectory {
public:
    explicit RunDirectory(std::string_view name);
    ~RunDirectory();
    RunDirectory(const RunDirectory&) = delete;
    RunDirectory& operator=(const RunDirectory&) = delete;
    std::string operator/(std::string_view name) const { return path_ + '/' + std::string{name}; }

private:
    std::string path_;
};

/// Two small services: `POST /work` stores a row and publishes an event, which the other one takes;
/// `GET /work` counts the rows. `stores` runs in the step of each command; where it says false the
/// command is answered and does nothing.
std::vector<std::unique_ptr<Service>> work_services(std::function<bool()> stores);

/// Services in a process of their own, serving HTTP, whose memory can be measured from outside.
///
/// Made while this process has one thread: it forks.
class ServedProcess {
public:
    /// `services` makes them; they live as long as the process.
    using Make = std::function<std::vector<std::unique_ptr<Service>>()>;

    ServedProcess(HostOptions options, const Make& services);
    ~ServedProcess();
    ServedProcess(const ServedProcess&) = delete;
    ServedProcess& operator=(const ServedProcess&) = delete;

    /// 0 if it could not start; why stands on stderr.
    int port() const noexcept { return port_; }
    /// From the fork until it listened.
    Duration start_time() const noexcept { return start_time_; }
    std::uint64_t rss_bytes() const;
    /// The most that was ever measured, here or by the kernel.
    std::uint64_t peak_bytes();
    /// The number at `name` in the first service's account.
    std::int64_t account(const std::string& service, const std::string& name) const;
    std::string get(const std::string& path, int* status = nullptr) const;
    bool waits_until_quiet(const std::string& service, Duration limit) const;
    /// Ends it in good order. Returns whether it did.
    bool stop();
    void kill();

private:
    int process_ = -1;
    int to_child_ = -1;
    int port_ = 0;
    Duration start_time_{0};
};

/// What callers saw.
struct Seen {
    std::vector<std::pair<TimePoint, Duration>> accepted;  ///< When sent, and how long it took.
    std::int64_t refused = 0;                              ///< With 503 and `Retry-After`.
    std::vector<std::string> wrong;                        ///< Everything else.

    Duration percentile(double part) const;
    /// Accepted per second among those sent from `from` on, for `length`.
    double goodput(TimePoint from, Duration length) const;
};

/// Sends `POST path` at `rate` a second for `length`, from `connections` callers who never wait for
/// each other, and do not care what Retry-After says.
Seen send_at_rate(int port, const std::string& path, double rate, int connections, Duration length);

}  // namespace tidings::proof
