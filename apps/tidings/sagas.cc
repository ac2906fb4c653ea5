#include <tidings/base/text.h>
#include <tidings/io/http_client.h>
#include <tidings/model/json.h>
#include <tidings/saga/stored_sagas.h>

#include "commands.h"
#include "directory.h"
#include "door.h"
#include "owner.h"
#include "person.h"

#include <fmt/format.h>

#include <optional>
#include <utility>

namespace tidings::cli {

namespace {

/// One instance and where it is.
struct Found {
    std::string service;
    StoredSaga saga;
};

/// The names of a service's steps; none if it does not run, because its code has them.
SagaStepNames step_names(const Directory& directory, const std::string& service) {
    SagaStepNames names;
    const auto port = directory.port(service);
    if (!port || !runs(*port, service)) return names;
    io::HttpClient client{*port};
    const auto answer =
        client.send({.method = "GET", .target = fmt::format("/sagas/{}?count=1", service)});
    if (!answer || answer->status != 200) return names;
    json::Reader reader{answer->body};
    std::string_view field;
    std::string_view saga;
    reader.begin_object();
    while (reader.next_field(field)) {
        if (field != "steps") {
            reader.skip();
            continue;
        }
        reader.begin_object();
        while (reader.next_field(saga)) {
            std::vector<std::string>& steps = names[std::string{saga}];
            reader.begin_array();
            while (reader.next_element()) steps.emplace_back(reader.text());
        }
    }
    return reader.finish() ? names : SagaStepNames{};
}

/// Returns `step 2 (payment)`.
std::string step_text(const StoredSaga& saga, std::size_t step, const SagaStepNames& names) {
    const auto known = names.find(saga.saga);
    if (known == names.end() || step >= known->second.size()) {
        return fmt::format("step {}", step + 1);
    }
    return fmt::format("step {} ({})", step + 1, printable(known->second[step], 64));
}

std::string_view words(SagaStepState state) {
    switch (state) {
        case SagaStepState::waiting:
            return "not done";
        case SagaStepState::done:
            return "done";
        case SagaStepState::undoing:
            return "being undone; its answer is awaited";
        case SagaStepState::undone:
            return "undone";
    }
    return "in a state that this program does not know";
}

std::string words(SagaStatus status) {
    return status == SagaStatus::needs_operator ? "needs an operator"
                                                : std::string{to_string(status)};
}

std::string words_of_waiting(const std::string& decision) {
    return printable(decision, 32) + " is decided, and done once the service runs";
}

void print_json(const Found& found, const SagaStepNames& names, Console& console) {
    std::string out;
    json::Writer writer{out};
    write_json(writer, found.service, found.saga, names);
    console.line(json_line(out));
}

void print_line(const StoredSaga& saga, const SagaStepNames& names, Timestamp now,
                Console& console) {
    std::string line =
        fmt::format("  {}  {}  {}", printable(saga.saga, 64),
                    console.strong(printable(saga.key, 128)), words(saga.progress.status));
    if (const auto step = saga.progress.undoing()) {
        line += fmt::format("  {} is being undone", step_text(saga, *step, names));
    }
    line += fmt::format("  since {}", age(saga.updated, now));
    if (!saga.progress.reason.empty()) line += "  " + printable(saga.progress.reason, 160);
    console.line(line);
    if (!saga.waits.empty()) console.line("    " + words_of_waiting(saga.waits));
}

void print_whole(const Found& found, const SagaStepNames& names, Console& console) {
    const StoredSaga& saga = found.saga;
    const auto field = [&console](std::string_view name, const std::string& value) {
        console.line(fmt::format("  {:<12} {}", name, value));
    };
    console.line(fmt::format("{}: {} {}", found.service, printable(saga.saga, 64),
                             console.strong(printable(saga.key, 128))));
    field("status", words(saga.progress.status));
    if (!saga.progress.reason.empty()) field("reason", printable(saga.progress.reason));
    field("began", to_string(saga.started));
    field("moved", to_string(saga.updated));
    for (std::size_t i = 0; i < saga.progress.steps.size(); ++i) {
        field(step_text(saga, i, names), std::string{words(saga.progress.steps[i])});
    }
    if (!saga.waits.empty()) field("decision", words_of_waiting(saga.waits));
    field("state", printable(saga.state));
    for (const UnexpectedEvent& event : saga.unexpected) {
        field("unexpected", fmt::format("{}  {}  {}", to_string(event.at),
                                        printable(event.type, 128), printable(event.event_id, 64)));
    }
}

/// Finds the one instance that is meant.
Result<Found> find(const Directory& directory, const SagaOptions& options) {
    const auto services = directory.services(options.service);
    if (!services) return services.error();
    std::vector<Found> found;
    for (const std::string& service : *services) {
        const auto read = directory.read(service, [&](StoreTransaction& tx) {
            const StoredSagas sagas{tx};
            const StoredSagas::Query query{
                .saga = options.saga, .key = options.key, .all = true, .count_max = 2};
            for (const StoredSaga& one : sagas.list(query)) {
                found.push_back({service, sagas.find(one.saga, one.key)});
            }
        });
        if (!read) return read.error();
    }
    if (found.empty()) {
        return Error{ErrorCode::not_found,
                     fmt::format("no saga has an instance {}", quote(options.key)),
                     "see which there are: tidings sagas list --all"};
    }
    if (found.size() > 1) {
        return Error{
            ErrorCode::invalid_argument,
            fmt::format("there is an instance {} in more than one saga", quote(options.key)),
            fmt::format("add --service and --saga: {} of {}, or {} of {}", found[0].saga.saga,
                        found[0].service, found[1].saga.saga, found[1].service)};
    }
    return std::move(found.front());
}

}  // namespace

int list_sagas(io::World& world, const std::string& data, const SagaOptions& options,
               Console& console) {
    const auto directory = Directory::open(world, data);
    if (!directory) return console.fail(directory.error());
    const auto services = directory->services(options.service);
    if (!services) return console.fail(services.error());
    int code = Exit::success;
    std::int64_t shown = 0;
    for (const std::string& service : *services) {
        std::vector<StoredSaga> sagas;
        const auto read = directory->read(service, [&](StoreTransaction& tx) {
            sagas = StoredSagas{tx}.list({.saga = options.saga,
                                          .all = options.all,
                                          .after = options.after,
                                          .count_max = options.count});
        });
        if (!read) code = console.fail(read.error());
        if (sagas.empty()) continue;
        shown += static_cast<std::int64_t>(sagas.size());
        const SagaStepNames names = step_names(*directory, service);
        if (!console.json()) console.line(console.strong(service) + ":");
        for (StoredSaga& saga : sagas) {
            if (console.json()) {
                print_json({service, std::move(saga)}, names, console);
            } else {
                print_line(saga, names, world.now(), console);
            }
        }
    }
    if (console.json() || code != Exit::success) return code;
    const std::string in = counted(static_cast<std::int64_t>(services->size()), "service");
    if (options.all) {
        console.line(fmt::format("{} in {}", counted(shown, "saga"), in));
    } else {
        console.line(fmt::format("{} in {} {} an operator", counted(shown, "saga"), in,
                                 shown == 1 ? "needs" : "need"));
    }
    return code;
}

int show_saga(io::World& world, const std::string& data, const SagaOptions& options,
              Console& console) {
    const auto directory = Directory::open(world, data);
    if (!directory) return console.fail(directory.error());
    const auto found = find(*directory, options);
    if (!found) return console.fail(found.error());
    const SagaStepNames names = step_names(*directory, found->service);
    if (console.json()) {
        print_json(*found, names, console);
    } else {
        print_whole(*found, names, console);
    }
    return Exit::success;
}

int decide_about_saga(io::World& world, const std::string& data, const std::string& act,
                      const SagaOptions& options, Console& console) {
    SagaDecision decision;
    decision.act = act == "made-good" ? SagaAct::made_good : SagaAct::undo_again;
    const Actor actor{options.who, options.why};
    if (const auto named = check_actor(actor, decision.act == SagaAct::made_good); !named) {
        console.fail(named.error());
        return Exit::wrong_use;
    }
    const auto directory = Directory::open(world, data);
    if (!directory) return console.fail(directory.error());
    const auto found = find(*directory, options);
    if (!found) return console.fail(found.error());
    decision.saga = found->saga.saga;
    decision.key = found->saga.key;
    // What was seen is what is meant: an answer may come at any moment.
    const auto undoing = found->saga.progress.undoing();
    decision.step = options.step != 0 ? options.step : undoing.value_or(0) + 1;
    const SagaStepNames names = step_names(*directory, found->service);
    auto door = Door::open(*directory, found->service);
    if (!door) return console.fail(door.error());
    const auto status = (*door)->decide(decision, actor, options.correlation_id);
    if (!status) return console.fail(status.error());
    if (console.json()) {
        std::string out;
        json::Writer writer{out};
        writer.begin_object();
        const auto text = [&writer](std::string_view name, std::string_view value) {
            writer.name(name);
            writer.text(utf8(value));
        };
        text("service", found->service);
        text("saga", decision.saga);
        text("key", decision.key);
        text("act", act);
        text("status", status->empty() ? "not done yet" : *status);
        writer.end_object();
        console.line(json_line(out));
        return Exit::success;
    }
    const std::string_view what =
        decision.act == SagaAct::made_good ? "counts as made good" : "is undone again";
    const std::string then = status->empty() ? " once " + found->service + " runs"
                                             : "; the saga is " + printable(*status, 32) + " now";
    console.line(fmt::format("{}: {} {}: {} {}{}", found->service, printable(decision.saga, 64),
                             printable(decision.key, 128),
                             step_text(found->saga, decision.step - 1, names), what, then));
    return Exit::success;
}

}  // namespace tidings::cli
