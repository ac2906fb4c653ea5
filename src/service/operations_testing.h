#pragma once

#include <tidings/service/host.h>
#include <tidings/sim/scheduler.h>
#include <tidings/sim/world.h>

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace tidings::testbench {

/// A host with one service on a simulated machine, asked as HTTP asks it, and killed at will.
class HostBench {
public:
    /// `declare` fills each new incarnation of the service.
    explicit HostBench(std::function<void(Service&)> declare, std::uint64_t seed = 1)
        : world(seed), declare_(std::move(declare)) {}
    ~HostBench() { drop(); }
    HostBench(const HostBench&) = delete;
    HostBench& operator=(const HostBench&) = delete;

    void start() {
        HostOptions options;
        options.data = "data";
        service = std::make_unique<Service>("depot-service");
        declare_(*service);
        host = Host::open(world.process("host"), std::move(options)).value();
        host->add(*service).value();
    }
    void drop() {
        host.reset();
        service.reset();
    }
    void kill() {
        world.kill();
        drop();
        start();
    }
    void crash() {
        world.crash();
        drop();
        start();
    }
    void settle(Duration limit = 10s) {
        sim::Scheduler scheduler{world};
        for (io::Worker* worker : host->workers()) scheduler.add(*worker);
        scheduler.run_until_quiet(limit);
    }
    void run_for(Duration duration) {
        sim::Scheduler scheduler{world};
        for (io::Worker* worker : host->workers()) scheduler.add(*worker);
        scheduler.run_for(duration);
    }
    /// Sends a request and lets the service work until it is answered, or for a while.
    io::HttpResponse send(const std::string& method, const std::string& target,
                          const std::string& body = "", io::HttpHeaders headers = {}) {
        io::HttpRequest request{method, target, target, {}, std::move(headers), body};
        if (const std::size_t mark = target.find('?'); mark != std::string::npos) {
            request.path = target.substr(0, mark);
            std::string rest = target.substr(mark + 1) + '&';
            for (std::size_t end = 0; (end = rest.find('&')) != std::string::npos;) {
                const std::string pair = rest.substr(0, end);
                rest.erase(0, end + 1);
                const std::size_t equals = pair.find('=');
                request.query[pair.substr(0, equals)] = pair.substr(equals + 1);
            }
        }
        auto answer = std::make_shared<std::optional<io::HttpResponse>>();
        host->request(std::move(request),
                      [answer](io::HttpResponse response) { *answer = std::move(response); });
        if (!*answer) settle();
        return answer->value_or(io::HttpResponse{0, "", {}, "no answer"});
    }

    sim::SimWorld world;
    std::unique_ptr<Service> service;
    std::unique_ptr<Host> host;

private:
    std::function<void(Service&)> declare_;
};

inline bool contains(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

}  // namespace tidings::testbench
