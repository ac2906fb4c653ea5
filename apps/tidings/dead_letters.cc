#include <tidings/base/text.h>
#include <tidings/delivery/dead_letters_json.h>
#include <tidings/model/json.h>

#include "commands.h"
#include "directory.h"

#include <fmt/format.h>

namespace tidings::cli {

namespace {

constexpr std::size_t name_bytes_shown = 128;
constexpr std::size_t error_bytes_shown = 160;
constexpr std::size_t group_bytes_shown = 8;

std::string when(Timestamp time) { return time == Timestamp{} ? "-" : to_string(time); }

std::string short_group(const std::string& id) {
    return printable(id.size() == 16 ? id.substr(0, group_bytes_shown) : id, name_bytes_shown);
}

void print_groups(const DeadLetters& letters, Console& console) {
    for (const DeadLetterGroup& group : letters.groups()) {
        console.line(fmt::format("  group {}: {} x {}  {}  first {}  last {}",
                                 short_group(group.id), group.count,
                                 console.strong(printable(group.type, name_bytes_shown)),
                                 console.alarm(error_name(group.error_code)),
                                 when(group.first_failed), when(group.last_failed)));
        if (!group.handler.empty()) {
            console.line("    in:      " + printable(group.handler, name_bytes_shown));
        }
        console.line("    such as: " + printable(group.error, error_bytes_shown));
        if (!group.hint.empty()) {
            console.line("    hint:    " + printable(group.hint, error_bytes_shown));
        }
    }
}

void print_line(const DeadLetter& letter, Console& console) {
    std::string line = fmt::format("  {:>6}  {:<9}  {}  key={}", letter.position, letter.state,
                                   printable(letter.headers.type, name_bytes_shown),
                                   printable(letter.headers.key, name_bytes_shown));
    if (letter.state != "parked") {
        line += fmt::format("  attempts={}  {}: {}", letter.attempts, error_name(letter.error_code),
                            printable(letter.error, error_bytes_shown));
    }
    if (letter.state == "scheduled") line += "  next " + when(letter.due);
    if (!letter.edited_from.empty()) line += "  edited";
    console.line(line);
}

void print_json(const std::string& service, const DeadLetter& letter, Console& console) {
    std::string out;
    json::Writer writer{out};
    write_json(writer, service, letter);
    console.line(json_line(out));
}

void print_whole(const std::string& service, const DeadLetter& letter, Console& console) {
    if (console.json()) return print_json(service, letter, console);
    console.line(fmt::format("{} {}: {}", service, letter.position, console.alarm(letter.state)));
    const auto field = [&](std::string_view name, std::string_view value) {
        if (!value.empty()) console.line(fmt::format("  {:<12} {}", name, printable(value)));
    };
    field("type", letter.headers.type);
    field("topic", letter.topic);
    field("key", letter.headers.key);
    field("source", letter.headers.source);
    if (letter.headers.sequence.value > 0) {
        field("sequence", std::to_string(letter.headers.sequence.value));
        field("epoch", to_string(letter.headers.epoch));
    }
    if (letter.log_offset) field("log offset", std::to_string(*letter.log_offset));
    field("event", letter.event_id);
    field("edited from", letter.edited_from);
    field("correlation", letter.correlation_id);
    field("causation", letter.headers.causation_id);
    field("traceparent", letter.headers.traceparent);
    field("handler", letter.handler);
    field("saga", letter.saga);
    if (letter.state != "parked") field("group", letter.group);
    field("attempts", std::to_string(letter.attempts));
    for (const FailedAttempt& attempt : letter.history) {
        field(fmt::format("  {}", attempt.attempt),
              fmt::format("{}  {}: {}", when(attempt.failed), error_name(attempt.error_code),
                          attempt.error));
    }
    field("cause", error_name(letter.error_code));
    field("error", letter.error);
    field("hint", letter.hint);
    field("first failed", when(letter.first_failed));
    field("last failed", when(letter.last_failed));
    if (letter.state == "scheduled") field("next attempt", when(letter.due));
    if (letter.parked_behind > 0) {
        field("behind it", counted(letter.parked_behind, "parked event"));
    }
    const bool intact = static_cast<bool>(parse_envelope(letter.envelope));
    field(intact ? "envelope" : "bytes", intact ? json_line(letter.envelope) : letter.envelope);
}

/// Prints one service's letters; returns how many there are in all.
std::int64_t print_service(const DeadLetters& letters, const std::string& service,
                           const DeadLetterOptions& options, Console& console) {
    DeadLetters::Query query;
    query.group = options.group;
    query.all_held = options.all_held;
    query.after = options.after;
    query.count_max = options.count;
    const DeadLetterPage page = letters.list(query);
    if (page.count == 0) return 0;
    if (!console.json()) {
        console.line(service + ":");
        if (options.group.empty() && options.after == 0) print_groups(letters, console);
    }
    for (const DeadLetter& letter : page.letters) {
        if (console.is_closed()) break;
        console.json() ? print_json(service, letter, console) : print_line(letter, console);
    }
    if (page.next && !console.json()) {
        console.line(fmt::format("  and more (--after {} shows them, --count 0 all)", *page.next));
    }
    return page.count;
}

}  // namespace

int list_dead_letters(io::World& world, const std::string& data, const DeadLetterOptions& options,
                      Console& console) {
    const auto directory = Directory::open(world, data);
    if (!directory) return console.fail(directory.error());
    const auto services = directory->services(options.service);
    if (!services) return console.fail(services.error());
    int code = Exit::success;
    std::int64_t all = 0;
    for (const std::string& name : *services) {
        const auto read = directory->read(name, [&](StoreTransaction& tx) {
            all += print_service(DeadLetters{tx}, name, options, console);
        });
        if (!read) code = console.fail(read.error());
    }
    if (console.json()) return code;
    console.line(fmt::format("{} in {}",
                             counted(all, options.all_held ? "held event" : "dead letter"),
                             counted(static_cast<std::int64_t>(services->size()), "service")));
    return code;
}

int show_dead_letter(io::World& world, const std::string& data, const DeadLetterOptions& options,
                     Console& console) {
    const auto directory = Directory::open(world, data);
    if (!directory) return console.fail(directory.error());
    const auto services = directory->services(options.service);
    if (!services) return console.fail(services.error());
    int code = Exit::success;
    std::int64_t shown = 0;
    const std::int64_t wanted = options.positions.front();
    for (const std::string& name : *services) {
        const auto read = directory->read(name, [&](StoreTransaction& tx) {
            const auto letter = DeadLetters{tx}.find(wanted);
            if (!letter) return;
            ++shown;
            print_whole(name, *letter, console);
        });
        if (!read) code = console.fail(read.error());
    }
    if (shown > 0 || code != Exit::success) return code;
    return console.fail({ErrorCode::not_found, fmt::format("no held event at position {}", wanted),
                         "see what there is: tidings dead-letters list --all; and what was done: "
                         "tidings audit"});
}

}  // namespace tidings::cli
