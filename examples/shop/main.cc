#include "demo/demo.h"
#include "demo/one_service.h"
#include "provider/provider_server.h"

#include <CLI/CLI.hpp>

#include <cstdint>
#include <string>

namespace {

template <class T>
void add_optional(CLI::App& app, const char* name, std::optional<T>& value, const char* help) {
    app.add_option(name, value, help);
}

void add_port(CLI::App& app, const char* name, int& port) {
    app.add_option(name, port, "on 127.0.0.1; 0 takes any free one")->check(CLI::Range(0, 65535));
}

void add_demo(CLI::App& app, shop::DemoOptions& demo) {
    CLI::App& demo_app =
        *app.add_subcommand("demo", "Takes orders from start to end, and reports.");
    demo_app.add_option("--data", demo.data,
                        "keeps the data here; a second run goes on where the first stopped");
    demo_app.add_option("--orders", demo.orders, "reads real orders from this directory");
    add_optional(demo_app, "--seed", demo.seed, "which orders are generated (default 1)");
    add_optional(demo_app, "--count", demo.count, "how many are generated (default 2000)");
    demo_app
        .add_option("--stock", demo.stock,
                    "every product starts with so many units, and stock alone decides")
        ->check(CLI::Range(std::int64_t{0}, std::int64_t{1'000'000'000}));
    demo_app.add_option("--outcomes", demo.outcomes, "writes the account of all orders here");
    demo_app.add_flag("--serve", demo.serve, "goes on serving after the report");
    demo_app.add_option("--port", demo.port, "HTTP port on 127.0.0.1; 0 takes any free one")
        ->check(CLI::Range(0, 65535));
    demo_app.add_option("--log-level", demo.log_level, "debug, info, warning, error or off")
        ->capture_default_str();
    demo_app.add_flag("--providers", demo.providers,
                      "payments and carrier rates over HTTP, from a `shop provider` of its own");
    add_optional(demo_app, "--provider-port", demo.provider_port,
                 "the same from one that runs already, on this port");
    demo_app.add_flag("--log-events", demo.log_events, "a line for each event (at level info)");
}

void add_services(CLI::App& app, shop::OneServiceOptions& one) {
    for (const std::string& name : shop::service_names()) {
        CLI::App& service = *app.add_subcommand(name, "Runs this service alone.");
        service
            .add_option("--data", one.data, "the data directory, shared with the other services")
            ->required();
        service.add_option("--port", one.port, "HTTP port on 127.0.0.1; 0 takes any free one")
            ->check(CLI::Range(0, 65535));
        service.add_option("--log-level", one.log_level, "debug, info, warning, error or off")
            ->capture_default_str();
        service.add_flag("--log-events", one.log_events, "a line for each event (at level info)");
        service.add_option("--stories", one.stories,
                           "what the outside world does with which order: a CSV file");
        service.add_flag("--short-deadlines", one.short_deadlines,
                         "deadlines of seconds instead of minutes to weeks");
        add_optional(service, "--provider-port", one.provider_port,
                     "where `shop provider` listens; without, payments are answered in here");
        service.add_flag("--quick-breakers", one.quick_breakers,
                         "circuits that judge and try again within parts of a second");
        service.add_option("--rehearse", one.rehearse,
                           "shows what redriving dead letters would do: 3,5, group=5e1f or all");
        service.add_option("--rehearse-count", one.rehearse_count, "events rehearsed at most");
        service.callback([&one, name] { one.service = name; });
    }
}

CLI::App& add_provider(CLI::App& app, shop::ProviderOptions& provider) {
    CLI::App& provider_app =
        *app.add_subcommand("provider", "Runs the payment provider and the carrier's rates alone.");
    add_port(provider_app, "--port", provider.port);
    add_port(provider_app, "--control-port", provider.control_port);
    provider_app.add_option("--stories", provider.stories,
                            "what is decided about which order: a CSV file");
    provider_app.add_option("--ledger", provider.ledger, "keeps the ledger in this file");
    provider_app.add_flag("--with-parent", provider.with_parent,
                          "ends when its standard input does");
    return provider_app;
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app{
        "The shop: an e-commerce platform of six services.\n"
        "  shop demo                        2,000 generated orders, seed 1\n"
        "  shop demo --orders DIR           real orders, from a copy of the Olist data set\n"
        "  shop demo --providers            the payment provider and the carrier over HTTP\n"
        "  shop order-service --data DIR    one service alone, beside the others\n"
        "  shop provider                    the payment provider and the carrier alone\n"
        "  shop outline                     what the services handle and how their sagas go"};
    app.require_subcommand(1);
    app.set_help_all_flag("--help-all", "the help of every subcommand");

    shop::DemoOptions demo;
    add_demo(app, demo);
    shop::OneServiceOptions one;
    add_services(app, one);
    shop::ProviderOptions provider;
    const CLI::App& provider_app = add_provider(app, provider);
    const CLI::App& outline_app = *app.add_subcommand(
        "outline", "Prints what the services own and handle and how their sagas go, in JSON.");
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : 2;
    }
    if (outline_app.parsed()) return shop::print_outlines();
    if (provider_app.parsed()) return shop::run_provider(provider);
    return one.service.empty() ? shop::run_demo(demo) : shop::run_one_service(one);
}
