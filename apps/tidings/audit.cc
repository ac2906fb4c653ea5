#include <tidings/delivery/dead_letters_json.h>
#include <tidings/model/json.h>

#include "commands.h"
#include "directory.h"

#include <fmt/format.h>

namespace tidings::cli {

namespace {

/// The event that an entry keeps, or the whole of what it says.
std::string event_in(const std::string& kept) {
    std::string event = kept;
    json::Reader reader{kept};
    std::string_view name;
    reader.begin_object();
    while (reader.next_field(name)) {
        if (name == "envelope") event = reader.raw();
    }
    return event;
}

void print_entry(const std::string& service, const AuditEntry& entry, Console& console) {
    if (console.json()) {
        std::string out;
        json::Writer writer{out};
        write_json(writer, service, entry);
        return console.line(json_line(out));
    }
    std::string line =
        fmt::format("{}  {} {}  {}  by {}", to_string(entry.at), service, entry.number,
                    console.strong(printable(entry.act, 32)), printable(entry.who, 64));
    if (entry.position != 0) {
        line += fmt::format("  {}  {}  key={}", entry.position, printable(entry.type, 128),
                            printable(entry.key, 128));
    }
    if (entry.chosen != std::to_string(entry.position)) {
        line += fmt::format("  ({})", printable(entry.chosen, 64));
    }
    console.line(line);
    if (!entry.why.empty()) console.line("    why: " + printable(entry.why));
    if (entry.act == "edit" || entry.act == "discard") {
        console.line("    was: " + printable(event_in(entry.before)));
    }
    if (entry.act == "edit") console.line("    is:  " + printable(event_in(entry.after)));
    if (entry.act == "rehearse") console.line("    came of it: " + printable(entry.after));
}

}  // namespace

int show_audit(io::World& world, const std::string& data, const std::string& service,
               std::int64_t count, Console& console) {
    const auto directory = Directory::open(world, data);
    if (!directory) return console.fail(directory.error());
    const auto services = directory->services(service);
    if (!services) return console.fail(services.error());
    int code = Exit::success;
    std::int64_t shown = 0;
    for (const std::string& name : *services) {
        const auto read = directory->read(name, [&](StoreTransaction& tx) {
            for (const AuditEntry& entry : DeadLetters{tx}.audit(0, count)) {
                ++shown;
                print_entry(name, entry, console);
            }
        });
        if (!read) code = console.fail(read.error());
    }
    if (shown == 0 && code == Exit::success && !console.json()) {
        console.line("nothing was done to a dead letter or a saga yet");
    }
    return code;
}

}  // namespace tidings::cli
