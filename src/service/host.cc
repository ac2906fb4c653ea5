#include <tidings/broker/log_broker.h>
#include <tidings/broker/log_scrubber.h>
#include <tidings/io/file.h>
#include <tidings/service/host.h>
#include <tidings/store/sqlite.h>

#include "service/data_directory.h"
#include "service/host_metrics.h"
#include "service/host_watch.h"
#include "service/idempotency.h"
#include "service/responses.h"
#include "service/router.h"

#include <algorithm>
#include <mutex>

namespace tidings {

namespace {

constexpr Duration drain_max = 10s;

io::HttpResponse not_allowed(const std::string& path, const std::string& allowed) {
    io::HttpResponse refused = io::problem(405, "method not allowed", path + " takes " + allowed);
    refused.headers["allow"] = allowed;
    return refused;
}

/// Returns the business transaction that a request says it belongs to; empty for a new one.
/// What consumers would refuse to read in an envelope is not taken: a new one is made then.
std::string correlation_of(const io::HttpRequest& request) {
    const auto header = request.headers.find("x-correlation-id");
    if (header == request.headers.end()) return {};
    const std::string& id = header->second;
    const bool is_printable =
        std::all_of(id.begin(), id.end(), [](char c) { return c >= ' ' && c <= '~'; });
    return is_printable && id.size() <= 128 ? id : std::string{};
}

}  // namespace

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
    void command(const Route& route, Router::Parameters parameters, io::HttpRequest request,
                 const io::HttpReply& reply);
    void publish(io::HttpRequest request, const io::HttpReply& reply);
    /// Makes `run` a command of a service, done once for each Idempotency-Key of the request.
    static void submit(Hosted& to, std::string name, const io::HttpRequest& request,
                       std::function<io::HttpResponse(Transaction&)> run,
                       const io::HttpReply& reply);
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
    std::unique_ptr<io::HttpServer> http;
    std::unique_ptr<LogScrubber> scrubber;
    GaugeWatch damaged;
    std::unique_ptr<HostWatch> watch;
    io::Runner runner;
    bool started = false;
};

Host::Host(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Host::~Host() { stop(); }

Result<std::unique_ptr<Host>> Host::open(io::World& world, HostOptions options) {
    if (Result<void> opened = open_data_directory(world, options.data); !opened) {
        return std::move(opened).error();
    }
    for (const char* part : {"/log", "/services"}) {
        if (Result<void> made = world.files().make_directory(options.data + part); !made) {
            return std::move(made).error();
        }
    }
    const Result<log::Options> log =
        options.broker ? Result<log::Options>{options.log} : log_options(options.log);
    if (!log) return log.error();
    auto impl = std::make_unique<Impl>(world, std::move(options));
    auto broker = impl->options.broker ? impl->options.broker(world)
                                       : open_log_broker(world, impl->options.data + "/log", *log,
                                                         impl->options.journal.named("log"));
    if (!broker) return std::move(broker).error();
    impl->broker = std::move(*broker);
    impl->watch = std::make_unique<HostWatch>(world, impl->options, *impl->broker, impl->metrics);
    return std::unique_ptr<Host>{new Host{std::move(impl)}};
}

Result<void> Host::Impl::keep_contracts(const Service& service) {
    const std::string_view text = service.contracts_json_;
    if (text.empty()) return {};
    const std::string path = options.data + "/contracts.json";
    const Result<std::string> kept = io::read_file(world.files(), path);
    if (kept && *kept == text) return {};
    return replace_shared_file(world, path, text);
}

Result<void> Host::add(Service& service) {
    auto hosted = std::make_unique<Impl::Hosted>();
    hosted->service = &service;
    if (Result<void> kept = impl_->keep_contracts(service); !kept) return kept;
    const auto failed = [&service](Error error) {
        return with_context(std::move(error), service.name());
    };
    auto store =
        open_sqlite(impl_->world, impl_->options.data + "/services/" + service.name() + ".db");
    if (!store) return failed(std::move(store).error());
    hosted->store = std::move(*store);
    if (!service.sagas_.empty()) {
        if (Result<void> made = hosted->store->migrate("tidings_saga", saga_migrations()); !made) {
            return failed(std::move(made).error());
        }
    }
    if (Result<void> made = hosted->store->migrate("tidings_api", api_migrations()); !made) {
        return failed(std::move(made).error());
    }
    if (Result<void> made = hosted->store->migrate(service.name(), service.migrations_); !made) {
        return failed(std::move(made).error());
    }
    StepLoop::Options limits = impl_->options.limits;
    limits.service = service.name();
    limits.domains = service.domains();
    limits.log_events = impl_->options.log_events;
    limits.metrics = &impl_->metrics;
    if (limits.watchdog.record.empty()) {
        limits.watchdog.record = impl_->options.data + "/services/" + service.name() + ".stuck";
    }
    limits.journal = impl_->options.journal.named(service.name());
    auto loop = StepLoop::open(impl_->world, *hosted->store, *impl_->broker, service.handlers_,
                               std::move(limits));
    if (!loop) return failed(std::move(loop).error());
    hosted->loop = std::move(*loop);
    auto reader = hosted->store->reader();
    if (!reader) return failed(std::move(reader).error());
    hosted->reader = std::move(*reader);
    hosted->figures = table_figures(hosted->reader_mutex, *hosted->reader, !service.sagas_.empty());
    hosted->metrics = watch_delivery(
        impl_->metrics, service.name(), [loop_ = hosted->loop.get()] { return loop_->status(); },
        hosted->figures);
    for (const auto& breaker : service.breakers_) {
        breaker->observe(&impl_->metrics, impl_->options.journal.named(service.name()),
                         service.name());
    }
    for (const Service::Route& route : service.routes_) {
        impl_->router.add(route.method, route.path);
        impl_->routes.push_back({hosted.get(), &route});
    }
    impl_->watch->add(*hosted->loop);
    for (const std::string& domain : service.domains()) impl_->watch->show_log(domain);
    impl_->hosted.push_back(std::move(hosted));
    return {};
}

/// Each host reads the logs of its own domains: so each log is read by one.
void Host::Impl::start_scrubber() {
    if (options.broker) return;
    std::vector<Topic> topics;
    for (const auto& running : hosted) {
        for (const std::string& domain : running->service->domains()) topics.push_back({domain});
    }
    scrubber = std::make_unique<LogScrubber>(world, options.data + "/log", std::move(topics),
                                             LogScrubber::Options{}, options.journal.named("log"));
    damaged = metrics.watch("tidings_log_damaged_places", "Places where a log is damaged.", {},
                            [this] { return static_cast<double>(scrubber->damages().size()); });
    runner.start(*scrubber);
}

Result<void> Host::start() {
    for (const auto& hosted : impl_->hosted) {
        impl_->runner.start(hosted->loop->relay());
        impl_->runner.start(hosted->loop->effects());
        impl_->runner.start(*hosted->loop);
    }
    for (io::Worker* watcher : watchers()) impl_->runner.start(*watcher);
    impl_->start_scrubber();
    impl_->started = true;
    if (!impl_->options.port) return {};
    io::HttpServer::Options http;
    http.address = impl_->options.address;
    http.port = *impl_->options.port;
    auto server = io::HttpServer::start(http, [this](io::HttpRequest request, io::HttpReply reply) {
        impl_->handle(std::move(request), std::move(reply));
    });
    if (!server) return std::move(server).error();
    impl_->http = std::move(*server);
    for (const auto& hosted : impl_->hosted) {
        const std::string text = std::to_string(port()) + "\n";
        auto written = io::replace_file(impl_->world.files(), impl_->port_path(*hosted), text);
        if (!written) return written;
    }
    return {};
}

void Host::stop() {
    Impl& impl = *impl_;
    if (impl.http) {
        impl.http->stop(drain_max);
        impl.http.reset();
        for (const auto& hosted : impl.hosted) {
            (void)impl.world.files().remove(impl.port_path(*hosted));
        }
    }
    if (impl.started) {
        for (const auto& hosted : impl.hosted) hosted->loop->stop();
        io::Wakeup pause;  // Nobody rings it: it is the clock of this wait.
        const TimePoint end = impl.world.monotonic() + drain_max;
        const auto left = [&impl] {
            return std::any_of(impl.hosted.begin(), impl.hosted.end(), [](const auto& hosted) {
                const DeliveryStatus status = hosted->loop->status();
                return !hosted->loop->is_stopped() ||
                       (status.outbox_pending > 0 && !status.relay_error && !status.failed);
            });
        };
        while (left() && impl.world.monotonic() < end) {
            pause.wait_until(impl.world.monotonic() + 2ms);
        }
        impl.runner.stop();
        impl.damaged = {};
        impl.scrubber.reset();
        impl.started = false;
    }
    impl.watch->clear();
    for (const auto& hosted : impl.hosted) {
        hosted->metrics.clear();
        for (const auto& breaker : hosted->service->breakers_) breaker->observe(nullptr, {}, {});
        hosted->reader.reset();
        hosted->loop.reset();
        if (Result<void> closed = hosted->store->close(); !closed) {
            impl.options.journal.write(
                LogLevel::warning, "closing the database failed",
                {{"service", hosted->service->name()}, {"error", closed.error().message}});
        }
    }
    impl.routes.clear();
    impl.hosted.clear();
}

int Host::port() const noexcept { return impl_->http ? impl_->http->port() : 0; }

void Host::request(io::HttpRequest request, io::HttpReply reply) {
    impl_->handle(std::move(request), std::move(reply));
}

// ---------------------------------------------------------------------------------------- requests

void Host::Impl::handle(io::HttpRequest request, io::HttpReply reply) {
    // The server sends no body to a HEAD.
    const bool is_head = request.method == "HEAD";
    const Router::Lookup found = router.find(is_head ? "GET" : request.method, request.path);
    if (!found.match) {
        if (found.allowed.empty()) return handle_own(request, reply);
        return reply(not_allowed(request.path, found.allowed));
    }
    const Route& route = routes[found.match->route];
    if (route.route->query) {
        return query(route, Request{request, std::move(found.match->parameters)}, reply);
    }
    command(route, std::move(found.match->parameters), std::move(request), reply);
}

void Host::Impl::handle_own(const io::HttpRequest& request, const io::HttpReply& reply) {
    constexpr std::string_view known[] = {"/events", "/health/live", "/health/ready", "/status",
                                          "/metrics"};
    if (std::find(std::begin(known), std::end(known), request.path) == std::end(known)) {
        return reply(io::problem(404, "not found", "nothing is at " + request.path));
    }
    const bool publishes = request.path == "/events";
    const bool reads = request.method == "GET" || request.method == "HEAD";
    if (publishes ? request.method != "POST" : !reads) {
        return reply(not_allowed(request.path, publishes ? "POST" : "GET, HEAD"));
    }
    if (publishes) return publish(request, reply);
    if (request.path == "/health/ready") return reply(ready_response(health()));
    if (request.path == "/status") return reply(status_response(health()));
    if (request.path == "/metrics") {
        return reply({200, "text/plain; version=0.0.4", {}, metrics.to_text()});
    }
    reply({200, "application/json", {}, "{\"live\":true}"});
}

io::HttpResponse Host::Impl::failed_inside(std::string_view what) const {
    options.journal.write(LogLevel::error, "a request met a fault of the service",
                          {{"error", what}});
    return to_response(Error{ErrorCode::internal, std::string{what}});
}

void Host::Impl::query(const Route& route, const Request& request, const io::HttpReply& reply) {
    const std::lock_guard lock{route.hosted->reader_mutex};
    try {
        reply(to_response(route.route->query(request, *route.hosted->reader)));
    } catch (const StatementFailure& failure) {
        reply(failed_inside(failure.what()));
    } catch (const Failure& failure) {
        reply(to_response(failure.error()));
    } catch (const std::exception& exception) {
        reply(failed_inside(exception.what()));
    }
}

void Host::Impl::command(const Route& route, Router::Parameters parameters, io::HttpRequest request,
                         const io::HttpReply& reply) {
    Result<Service::Prepared> prepared = route.route->prepare(request.body);
    if (!prepared) return reply(to_bad_request(std::move(prepared).error()));

    struct Call {
        io::HttpRequest http;
        Router::Parameters parameters;
        Service::Prepared run;
    };
    auto call = std::make_shared<const Call>(
        Call{std::move(request), std::move(parameters), std::move(*prepared)});
    submit(
        *route.hosted, route.route->method + ' ' + route.route->path, call->http,
        [call](Transaction& tx) {
            return to_response(call->run(Request{call->http, call->parameters}, tx));
        },
        reply);
}

void Host::Impl::submit(Hosted& to, std::string name, const io::HttpRequest& request,
                        std::function<io::HttpResponse(Transaction&)> run,
                        const io::HttpReply& reply) {
    Result<std::optional<IdempotencyKey>> key = idempotency_key_of(request);
    if (!key) return reply(to_response(key.error()));
    auto answer = std::make_shared<io::HttpResponse>();
    Command command;
    command.name = std::move(name);
    command.correlation_id = correlation_of(request);
    command.run = [answer, key = std::move(*key), run = std::move(run)](Transaction& tx) {
        *answer = key ? answer_once(tx, *key, [&] { return run(tx); }) : run(tx);
    };
    command.answer = [answer, reply](Result<void> done) {
        reply(done ? std::move(*answer) : to_response(done.error()));
    };
    if (Result<void> taken = to.loop->submit(std::move(command)); !taken) {
        reply(to_response(taken.error(), to.loop->retry_after()));
    }
}

void Host::Impl::publish(io::HttpRequest request, const io::HttpReply& reply) {
    std::string type;
    std::string data;
    json::Reader reader{request.body};
    std::string_view name;
    reader.begin_object();
    while (reader.next_field(name)) {
        if (name == "type") {
            type = reader.text();
        } else if (name == "data") {
            data = reader.raw();
        } else {
            reader.fail("is not known here; an event to publish has type and data");
        }
    }
    if (type.empty()) reader.missing("type");
    if (data.empty()) reader.missing("data");
    if (Result<void> read = reader.finish(); !read) {
        return reply(to_bad_request(std::move(read).error()));
    }
    for (const auto& owner : hosted) {
        for (const EventType* contract : owner->service->contracts_) {
            const auto& domains = owner->service->domains_;
            if (contract->name.value != type ||
                std::find(domains.begin(), domains.end(), contract->name.domain()) ==
                    domains.end()) {
                continue;
            }
            Result<std::string> key = contract->key_of(data);
            if (!key) return reply(to_bad_request(std::move(key).error()));
            const PublishedEvent event{contract->name, contract->version, std::move(*key), data};
            submit(
                *owner, "POST /events", request,
                [event](Transaction& tx) {
                    tx.publish(event);
                    return io::HttpResponse{202, "application/json", {}, "{\"published\":true}"};
                },
                reply);
            return;
        }
    }
    reply(io::problem(404, "not found", "no service here owns an event type " + type, "/type"));
}

// ------------------------------------------------------------------------------------------
// looking

std::vector<std::pair<std::string, DeliveryStatus>> Host::Impl::statuses() const {
    std::vector<std::pair<std::string, DeliveryStatus>> all;
    for (const auto& running : hosted) {
        all.emplace_back(running->service->name(), status(*running));
    }
    return all;
}

HealthView Host::Impl::health() const {
    HealthView view = watch->view();
    view.services = statuses();
    if (scrubber) view.damages = scrubber->damages();
    return view;
}

DeliveryStatus Host::Impl::status(const Hosted& running) {
    DeliveryStatus status = running.loop->status();
    status.sagas_need_operator = running.figures.sagas_need_operator();
    for (const auto& breaker : running.service->breakers_) {
        status.circuits.push_back(breaker->status());
    }
    return status;
}

Host::Impl::Hosted* Host::Impl::find(std::string_view name) const {
    const auto found = std::find_if(hosted.begin(), hosted.end(), [name](const auto& running) {
        return running->service->name() == name;
    });
    TIDINGS_ASSERT(found != hosted.end());
    return found->get();
}

Result<void> Host::submit(std::string_view service, Command command) {
    return impl_->find(service)->loop->submit(std::move(command));
}

std::vector<std::string> Host::services() const {
    std::vector<std::string> names;
    for (const auto& hosted : impl_->hosted) names.push_back(hosted->service->name());
    return names;
}

DeliveryStatus Host::status(std::string_view service) const {
    return Impl::status(*impl_->find(service));
}

Result<std::unique_ptr<StoreTransaction>> Host::reader(std::string_view service) const {
    return impl_->find(service)->store->reader();
}

bool Host::is_quiet() const {
    const auto look = [this](std::int64_t& steps) {
        bool quiet = true;
        for (const auto& [name, status] : impl_->statuses()) {
            quiet = quiet && status.is_quiet() && !status.failed;
            steps += status.steps + status.published;
        }
        return quiet;
    };
    std::int64_t before = 0;
    std::int64_t after = 0;
    return look(before) && look(after) && before == after;
}

Metrics& Host::metrics() noexcept { return impl_->metrics; }
Broker& Host::broker() noexcept { return *impl_->broker; }

std::vector<io::Worker*> Host::watchers() const { return impl_->watch->watchers(); }

std::vector<io::Worker*> Host::workers() const {
    std::vector<io::Worker*> workers;
    for (const auto& hosted : impl_->hosted) {
        workers.push_back(hosted->loop.get());
        workers.push_back(&hosted->loop->relay());
        workers.push_back(&hosted->loop->effects());
    }
    return workers;
}

}  // namespace tidings
