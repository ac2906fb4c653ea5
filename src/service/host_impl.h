#pragma once

#include <tidings/broker/log_scrubber.h>
#include <tidings/service/host.h>

#include "service/host_metrics.h"
#include "service/host_watch.h"
#include "service/operations.h"
#include "service/router.h"

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace tidings {

/// What a Host is made of. Its life is in host.cc, what becomes of a request in host_requests.cc.
struct Host::Impl {
    /// One service, running here.
    struct Hosted {
        Service* service = nullptr;
        std::unique_ptr<Store> store;
        std::unique_ptr<StepLoop> loop;
        std::mutex reader_mutex;
        std::unique_ptr<StoreTransaction> reader;  // For queries.
        TableFigures figures;
        HostedMetrics metrics;
    };
    struct Route {
        Hosted* hosted;
        const Service::Route* route;
    };

    Impl(io::World& world_, HostOptions options_) : world(world_), options(std::move(options_)) {}

    void handle(io::HttpRequest request, io::HttpReply reply);
    void handle_own(const io::HttpRequest& request, const io::HttpReply& reply);
    void query(const Route& route, const Request& request, const io::HttpReply& reply);
    /// Reads what a service has committed, one at a time; what `read` throws becomes an answer.
    void look(Hosted& in, const std::function<io::HttpResponse(StoreTransaction&)>& read,
              const io::HttpReply& reply);
    void command(const Route& route, Router::Parameters parameters, io::HttpRequest request,
                 const io::HttpReply& reply);
    void publish(io::HttpRequest request, const io::HttpReply& reply);
    /// Counts an event that was refused; `owner` is empty where nobody's contract was come to.
    io::HttpResponse refused_event(Error error, const std::string& owner);
    /// The service here that owns an event type, and its contract of the newest major version.
    std::pair<Hosted*, const EventType*> owner_of(std::string_view type) const;
    /// Makes `run` a command of a service, done once for each Idempotency-Key of the request.
    static void submit(Hosted& to, std::string name, const io::HttpRequest& request,
                       std::function<io::HttpResponse(Transaction&)> run,
                       const io::HttpReply& reply, bool administers_held = false);
    /// What operators may do to a service here.
    Operations::Target operated(Hosted& one);
    std::vector<std::pair<std::string, DeliveryStatus>> statuses() const;
    HealthView health() const;
    static DeliveryStatus status(const Hosted& running);
    /// Writes down what a handler threw, and tells the caller that it is not the caller's fault.
    io::HttpResponse failed_inside(std::string_view what) const;
    Hosted* find(std::string_view name) const;
    Result<void> keep_contracts(const Service& service);
    void start_scrubber();
    std::string port_path(const Hosted& running) const {
        return options.data + "/services/" + running.service->name() + ".port";
    }

    io::World& world;
    HostOptions options;
    Metrics metrics;
    std::unique_ptr<Broker> broker;
    std::vector<std::unique_ptr<Hosted>> hosted;
    Router router;
    std::vector<Route> routes;
    Operations operations;
    std::unique_ptr<io::HttpServer> http;
    std::unique_ptr<LogScrubber> scrubber;
    GaugeWatch damaged;
    std::unique_ptr<HostWatch> watch;
    io::Runner runner;
    bool started = false;
};

}  // namespace tidings
