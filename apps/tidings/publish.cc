#include <tidings/base/text.h>
#include <tidings/broker/log_broker.h>
#include <tidings/contract/contract.h>
#include <tidings/io/http_client.h>
#include <tidings/model/json.h>

#include "bundle.h"
#include "commands.h"
#include "directory.h"
#include "input.h"
#include "owner.h"

#include <fmt/format.h>

namespace tidings::cli {

namespace {

/// Returns the newest contract of an event type.
Result<const Contract*> find_contract(const ContractSet& set, const std::string& type) {
    const Contract* newest = nullptr;
    std::vector<std::string> names;
    for (const Contract& contract : set.contracts) {
        names.push_back(contract.event);
        const bool newer = newest == nullptr || contract.version > newest->version;
        if (contract.event == type && newer) newest = &contract;
    }
    if (newest != nullptr) return newest;
    const std::string_view meant = closest(type, names);
    return Error{ErrorCode::not_found, fmt::format("no contract for an event type {}", quote(type)),
                 meant.empty() ? std::string{"the directory's contracts.json has none"}
                               : fmt::format("did you mean {}?", meant)};
}

/// Makes the event that is published on a stopped directory, checked by its contract.
struct ForeignEvent {
    EventHeaders headers;
    std::string envelope;
};

Result<ForeignEvent> make_event(io::World& world, const PublishOptions& options,
                                const Contract& contract, const std::string& data) {
    if (Result<void> kept = contract.data.check(data); !kept) {
        return with_context(kept.error(),
                            fmt::format("{} {}", contract.event, to_string(contract.version)));
    }
    auto key = key_in(data, contract.key);
    if (!key) return std::move(key).error();
    Envelope envelope;
    envelope.id = world.new_uuid();
    envelope.type = contract.event;
    envelope.source = operator_source;
    envelope.data_version = contract.version;
    envelope.timestamp = world.now();
    envelope.correlation_id =
        options.correlation_id.empty() ? to_string(world.new_uuid()) : options.correlation_id;
    envelope.data = data;
    ForeignEvent event;
    event.headers.type = envelope.type;
    event.headers.key = std::move(*key);
    event.headers.source = operator_source;
    write_envelope(envelope, event.envelope);
    // As every consumer reads it: the envelope around the data counts, in bytes and in depth.
    if (auto read = parse_envelope(event.envelope); !read) return std::move(read).error();
    return event;
}

void report(const std::string& type, std::string_view how, const std::optional<Offset>& offset,
            Console& console) {
    if (!console.json()) {
        const std::string at = offset ? fmt::format(" at offset {}", offset->value) : "";
        return console.line(fmt::format("published {}{}, {}", type, at, how));
    }
    std::string out;
    json::Writer writer{out};
    writer.begin_object();
    writer.name("published");
    writer.text(type);
    writer.name("through");
    writer.text(how);
    if (offset) {
        writer.name("offset");
        writer.integer(offset->value);
    }
    writer.end_object();
    console.line(json_line(out));
}

/// Publishes on a directory whose owner is stopped, under the writer's lock.
int publish_stopped(const Directory& directory, const ForeignEvent& event, Console& console) {
    const Topic topic{std::string{EventName{event.headers.type}.domain()}};
    io::World& world = directory.world();
    auto broker = open_log_broker(world, directory.logs(), {}, Journal::to_stderr(world, {}));
    if (!broker) return console.fail(broker.error());
    if (Result<void> claimed = (*broker)->claim(topic, operator_source); !claimed) {
        Error error = claimed.error();
        if (error.code == ErrorCode::unavailable) {
            error.hint =
                "it holds the log but does not answer, so nothing was published; "
                "wait until it does, or stop it";
        }
        return console.fail(error);
    }
    const OutgoingEvent outgoing{&event.headers, event.envelope};
    const auto offset = (*broker)->publish(topic, {&outgoing, 1});
    if (!offset) return console.fail(offset.error());
    (*broker)->release(topic);
    report(event.headers.type, "as foreign source tidings-cli (its owner is stopped)", *offset,
           console);
    return Exit::success;
}

}  // namespace

int publish(io::World& world, const std::string& data, const PublishOptions& options,
            Console& console) {
    if (Result<void> named = check_event_name(options.type); !named) {
        console.fail(named.error());
        return Exit::wrong_use;
    }
    const auto directory = Directory::open(world, data);
    if (!directory) return console.fail(directory.error());
    const auto event_data = read_object(world, options.data, "the data");
    if (!event_data) return console.fail(event_data.error());

    const auto contracts = read_contracts(*directory);
    const auto contract =
        contracts ? find_contract(*contracts, options.type) : Result<const Contract*>{nullptr};
    const Contract* known = contract ? *contract : nullptr;
    const std::string owner = known != nullptr
                                  ? known->owner
                                  : std::string{EventName{options.type}.domain()} + "-service";
    if (!options.dry_run) {
        const auto answer = publish_through(*directory, owner, options, *event_data);
        if (!answer) return console.fail(answer.error());
        if (*answer) {
            report(options.type, "through " + owner, std::nullopt, console);
            return Exit::success;
        }
    }
    if (!contract) return console.fail(contract.error());
    if (known == nullptr) {
        Error error = contracts.error();
        if (error.code == ErrorCode::not_found) {
            error.message = owner + " is not running, and the directory has no contracts.json";
            error.hint = "start " + owner +
                         ", or have a host write the contracts it was built "
                         "with: without them nothing is published";
        }
        return console.fail(error);
    }
    const auto event = make_event(world, options, *known, *event_data);
    if (!event) return console.fail(event.error());
    if (options.dry_run) {
        console.line(json_line(event->envelope));
        console.note("keeps its contract; nothing was published");
        return Exit::success;
    }
    return publish_stopped(*directory, *event, console);
}

}  // namespace tidings::cli
