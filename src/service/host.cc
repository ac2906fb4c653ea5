#include <tidings/broker/log_broker.h>
#include <tidings/broker/log_scrubber.h>
#include <tidings/io/file.h>
#include <tidings/service/host.h>
#include <tidings/store/sqlite.h>

#include "service/data_directory.h"
#include "service/host_impl.h"
#include "service/host_metrics.h"
#include "service/host_watch.h"

#include <algorithm>
#include <mutex>

namespace tidings {

namespace {

constexpr Duration drain_max = 10s;

}  // namespace

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
    if (Result<void> right = service.check_contracts(); !right) return right;
    for (const EventName& event : service.undeclared()) {
        impl_->options.journal.write(
            LogLevel::warning, "an event is handled whose contract does not name the consumer",
            {{"service", service.name()}, {"event", event.value}});
    }
    if (Result<void> kept = impl_->keep_contracts(service); !kept) return kept;
    const auto failed = [&service](Error error) {
        return with_context(std::move(error), service.name());
    };
    auto store =
        open_sqlite(impl_->world, impl_->options.data + "/services/" + service.name() + ".db");
    if (!store) return failed(std::move(store).error());
    hosted->store = std::move(*store);
    if (Result<void> made = service.make_tables(*hosted->store); !made) {
        return failed(std::move(made).error());
    }
    StepLoop::Options limits = impl_->options.limits;
    limits.service = service.name();
    limits.domains = service.domains();
    limits.contracts = service.contracts_;
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
    impl_->operations.add(impl_->operated(*hosted));
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
    impl.operations.clear();
    impl.hosted.clear();
}

int Host::port() const noexcept { return impl_->http ? impl_->http->port() : 0; }

void Host::request(io::HttpRequest request, io::HttpReply reply) {
    impl_->handle(std::move(request), std::move(reply));
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
