#include <tidings/io/signals.h>
#include <tidings/service/host.h>
#include <tidings/service/service.h>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <cstdio>

namespace tidings {

namespace {

int fail(const Error& error) {
    fmt::print(stderr, "error: {}\n", error.message);
    if (!error.hint.empty()) fmt::print(stderr, "hint: {}\n", error.hint);
    return 1;
}

/// Rehearses instead of serving: one JSON object on stdout, for `tidings dead-letters rehearse`.
int show_rehearsal(Service& service, const std::string& data, const std::string& chosen,
                   std::size_t events_max) {
    const Result<DeadLetterChoice> choice = DeadLetterChoice::parse(chosen);
    if (!choice) return fail(choice.error());
    const Result<Rehearsal> rehearsal =
        service.rehearse(io::real_world(), data, *choice, events_max);
    if (!rehearsal) return fail(rehearsal.error());
    std::string text;
    json::Writer writer{text};
    write_json(writer, *rehearsal);
    fmt::print("{}\n", text);
    return 0;
}

int show_outline(const Service& service) {
    fmt::print("{}\n", to_json(service.outline()));
    return 0;
}

}  // namespace

int Service::run() {
    CLI::App app{"Runs " + name_ + " alone until SIGTERM or SIGINT."};
    std::string data = "data";
    int port = 0;
    std::string level = "info";
    bool log_events = false;
    app.add_option("--data", data, "the data directory, shared with the other services")
        ->capture_default_str();
    app.add_option("--port", port, "the HTTP port on 127.0.0.1; 0 takes any free one")
        ->check(CLI::Range(0, 65535))
        ->capture_default_str();
    app.add_option("--log-level", level, "debug, info, warning, error or off")
        ->capture_default_str();
    std::string rehearsed;
    std::size_t events_max = 100;
    app.add_option("--rehearse", rehearsed,
                   "instead of serving, show what redriving dead letters would do: 3,5, group=5e1f "
                   "or all; see tidings dead-letters rehearse");
    app.add_option("--rehearse-count", events_max, "events rehearsed at most")
        ->capture_default_str();
    app.add_flag("--log-events", log_events, "a line for each event published and handled");
    std::uint64_t log_bytes_max = 0;
    std::uint64_t disk_reserve = 16;
    std::string retain;
    app.add_option("--log-bytes-max", log_bytes_max,
                   "bound of each of its logs, as 4GiB; what all have read is removed before that, "
                   "and at the bound publishing waits (0: none)")
        ->transform(CLI::AsSizeValue(false));
    app.add_option("--retain", retain, "how long its logs keep what all have read, as 30d");
    app.add_option("--disk-reserve-mib", disk_reserve,
                   "room kept back for a full disk, in MiB; 0: none")
        ->capture_default_str();
    bool outlined = false;
    app.add_flag("--outline", outlined, "instead of serving, tell tidings contract what it does");
    try {
        app.parse(argc_, argv_);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : 2;
    }
    if (outlined) return show_outline(*this);
    if (!rehearsed.empty()) return show_rehearsal(*this, data, rehearsed, events_max);
    const Result<LogLevel> log_level = parse_log_level(level);
    if (!log_level) return fail(log_level.error());

    io::World& world = io::real_world();
    io::Signals signals;
    HostOptions options;
    options.data = data;
    options.port = port;
    options.log_events = log_events;
    options.log.bytes_max = log_bytes_max;
    options.disk_reserve_bytes = disk_reserve << 20;
    if (!retain.empty()) {
        const Result<Duration> age = parse_duration(retain);
        if (!age) return fail(age.error());
        options.log.retention_age_max = *age;
    }
    options.journal = Journal::to_stderr(world, {*log_level, 1});
    auto host = Host::open(world, std::move(options));
    if (!host) return fail(host.error());
    if (Result<void> added = (*host)->add(*this); !added) return fail(added.error());
    if (Result<void> started = (*host)->start(); !started) return fail(started.error());
    fmt::print("listening on http://127.0.0.1:{}\n", (*host)->port());
    std::fflush(stdout);
    while (!signals.wait(1h)) {
    }
    (*host)->stop();
    return 0;
}

}  // namespace tidings
