#pragma once

#include <tidings/base/time.h>
#include <tidings/io/http.h>
#include <tidings/sim/random.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>

namespace tidings::sim {

class Client;

/// One request of a simulation's workload, repeated as a real client repeats it: with the same
/// `Idempotency-Key`, after a pause that doubles, while the answer is 503, 504 or 507 or the
/// connection breaks.
class Call {
public:
    using Answered = std::function<void(Client&, const io::HttpResponse&)>;

    /// Sends it at this moment of virtual time (or so long after the last `Client::at_rest`),
    /// instead of one drawn from the seed.
    Call& at(Duration moment) {
        at_ = moment;
        return *this;
    }
    Call& header(std::string name, std::string value) {
        request_.headers[std::move(name)] = std::move(value);
        return *this;
    }
    /// Keeps it when a failing run is made smaller: others make no sense without it.
    Call& needed() {
        needed_ = true;
        return *this;
    }
    /// Has `answered` called with the final answer. It may make further calls.
    Call& then(Answered answered) {
        answered_ = std::move(answered);
        return *this;
    }

private:
    friend class Callers;
    std::uint64_t number_ = 0;
    std::string service_;
    io::HttpRequest request_;
    std::optional<Duration> at_;
    Answered answered_;
    bool needed_ = false;
};

/// Whoever uses the services of a simulation from outside: the customers, the other systems.
///
///     shop.workload([](sim::Client& client) {
///         for (int i = 0; i < 20; ++i) client.post("order-service", "/orders", order(i));
///     });
///
/// The workload is called once at the beginning of each run and says what will be asked; calls
/// without a time are spread over the first `spread()` of the run. It must say the same each time:
/// a failing run is made smaller by leaving out calls that were made here, by their number.
///
/// Threads   One thread.
class Client {
public:
    /// Makes a call to `service`; `path` may have a query. The reference is good until the run
    /// begins, or within `then` until it returns.
    Call& send(std::string service, std::string method, std::string path, std::string body = {});
    Call& post(std::string service, std::string path, std::string body) {
        return send(std::move(service), "POST", std::move(path), std::move(body));
    }
    Call& put(std::string service, std::string path, std::string body) {
        return send(std::move(service), "PUT", std::move(path), std::move(body));
    }
    Call& get(std::string service, std::string path) {
        return send(std::move(service), "GET", std::move(path));
    }
    /// Spreads calls without a time over this much of the run from here on: 10 s unless said.
    void spread(Duration over);
    /// What is asked from here on waits until all before is answered and all services are at rest;
    /// times count from then. For what others must have heard of first. Within the workload only.
    void at_rest();

    /// Numbers of the workload's own.
    Random& random() noexcept;
    /// Virtual time since the beginning of the run.
    Duration elapsed() const;

private:
    friend class Callers;
    explicit Client(class Callers& callers) : callers_(callers) {}
    class Callers& callers_;
};

}  // namespace tidings::sim
