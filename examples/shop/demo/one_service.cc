#include "demo/one_service.h"

#include <tidings/io/file.h>
#include <tidings/io/http_client.h>
#include <tidings/io/signals.h>
#include <tidings/service/host.h>

#include "demo/platform.h"

#include <fmt/format.h>

#include <charconv>
#include <cstdio>
#include <fstream>

namespace shop {

namespace {

using namespace tidings;

int fail(const Error& error) {
    fmt::print(stderr, "error: {}\n", error.message);
    if (!error.hint.empty()) fmt::print(stderr, "hint: {}\n", error.hint);
    return 1;
}

/// Reaches the order service in whatever process it runs: its port stands in the data directory.
void send_to_orders(const std::string& data, io::HttpRequest request, const io::HttpReply& reply) {
    const auto refused = [&reply](const std::string& why) {
        reply(io::problem(503, "the order service cannot be reached", why));
    };
    const auto text =
        io::read_file(io::real_world().files(), data + "/services/order-service.port");
    if (!text) return refused(text.error().message);
    int port = 0;
    std::from_chars(text->data(), text->data() + text->size(), port);
    io::HttpClient client{port};
    Result<io::HttpResponse> response = client.send(std::move(request));
    if (!response) return refused(response.error().message);
    reply(std::move(*response));
}

/// Shows what a redrive would do, for `tidings dead-letters rehearse`.
int rehearse(Service& service, const OneServiceOptions& options) {
    const auto choice = DeadLetterChoice::parse(options.rehearse);
    if (!choice) return fail(choice.error());
    const auto rehearsal =
        service.rehearse(io::real_world(), options.data, *choice, options.rehearse_count);
    if (!rehearsal) return fail(rehearsal.error());
    std::string text;
    json::Writer writer{text};
    write_json(writer, *rehearsal);
    fmt::print("{}\n", text);
    return 0;
}

}  // namespace

Result<OutsideWorld> read_outside(const std::string& path) {
    if (path.empty()) return OutsideWorld{};
    std::ifstream file{path, std::ios::binary};
    if (!file) return Error{ErrorCode::not_found, "cannot read " + path};
    return OutsideWorld::read(path, file);
}

std::vector<std::string> service_names() {
    return {"order-service",   "payment-service", "inventory-service", "shipping-service",
            "product-service", "user-service",    "customers"};
}

int run_one_service(const OneServiceOptions& options) {
    io::Signals signals;
    io::World& world = io::real_world();
    const Result<OutsideWorld> outside = read_outside(options.stories);
    if (!outside) return fail(outside.error());
    const Result<LogLevel> level = parse_log_level(options.log_level);
    if (!level) return fail(level.error());

    Platform::Options platform_options;
    platform_options.deadlines =
        options.short_deadlines ? short_deadlines : SagaDeadlines{15min, 1h, 48h, 30 * 24h};
    platform_options.late_answer = late_answer_default;
    platform_options.to_orders = [&options](io::HttpRequest request, const io::HttpReply& reply) {
        send_to_orders(options.data, std::move(request), reply);
    };
    if (options.provider_port) {
        platform_options.providers = Providers::at(*options.provider_port, options.quick_breakers);
    }
    Platform platform{*outside, platform_options};

    if (!options.rehearse.empty()) return rehearse(*platform.find(options.service), options);

    HostOptions host_options;
    host_options.data = options.data;
    host_options.port = options.port;
    host_options.log_events = options.log_events;
    host_options.journal = Journal::to_stderr(world, {*level, 1});
    auto host = Host::open(world, std::move(host_options));
    if (!host) return fail(host.error());
    if (auto added = (*host)->add(*platform.find(options.service)); !added) {
        return fail(added.error());
    }
    if (auto started = (*host)->start(); !started) return fail(started.error());
    fmt::print("listening on http://127.0.0.1:{}\n", (*host)->port());
    std::fflush(stdout);
    while (!signals.wait(1h)) {
    }
    (*host)->stop();
    return 0;
}

int print_outlines() {
    const OutsideWorld outside;
    Platform::Options options;
    options.deadlines = {15min, 1h, 48h, 30 * 24h};
    options.late_answer = late_answer_default;
    Platform platform{outside, options};
    for (const Service* service : platform.services()) {
        fmt::print("{}\n", to_json(service->outline()));
    }
    return 0;
}

}  // namespace shop
