#include <tidings/model/json.h>

#include "commands.h"
#include "directory.h"

#include <fmt/format.h>

namespace tidings::cli {

namespace {

struct Totals {
    std::int64_t waiting = 0;
    std::int64_t shown = 0;
};

void print_row(const std::string& service, const Row& row, Timestamp now, Console& console) {
    const auto created = row.get<Timestamp>(5);
    if (!console.json()) {
        const std::string type = printable(row.text(3), 128);
        return console.line(fmt::format(
            "  {:>8}  {}/{}  {}  key={}  waits {}", row.integer(0), printable(row.text(1), 128),
            row.integer(2), console.strong(type), printable(row.text(4), 128), age(created, now)));
    }
    std::string out;
    json::Writer writer{out};
    const auto text = [&writer](std::string_view name, std::string_view value) {
        writer.name(name);
        writer.text(utf8(value));
    };
    writer.begin_object();
    text("service", service);
    writer.name("position");
    writer.integer(row.integer(0));
    text("topic", row.text(1));
    writer.name("sequence");
    writer.integer(row.integer(2));
    text("type", row.text(3));
    text("key", row.text(4));
    writer.name("created");
    writer.value(created);
    writer.end_object();
    console.line(json_line(out));
}

/// Prints what waits. Counted in the same pass as it is read, so that both are of one moment.
Totals print_outbox(StoreTransaction& tx, const std::string& service, std::int64_t count,
                    Timestamp now, Console& console) {
    Totals totals;
    Rows rows = tx.query(
        "SELECT position, topic, sequence, type, key, created, count(*) OVER () "
        "FROM tidings_outbox WHERE position > (SELECT published_position "
        "FROM tidings_outbox_state WHERE id = 1) ORDER BY position LIMIT $1",
        count == 0 ? std::int64_t{-1} : count);
    while (rows.next() && !console.is_closed()) {
        const Row row = rows.row();
        if (totals.shown == 0) {
            totals.waiting = row.integer(6);
            if (!console.json()) {
                console.line(fmt::format("{}: {} waiting, the oldest for {}", service,
                                         totals.waiting, age(row.get<Timestamp>(5), now)));
            }
        }
        ++totals.shown;
        print_row(service, row, now, console);
    }
    if (console.json()) return totals;
    if (totals.waiting == 0) console.line(service + ": empty");
    if (totals.shown < totals.waiting) {
        console.line(
            fmt::format("  and {} more (--count 0 shows all)", totals.waiting - totals.shown));
    }
    return totals;
}

}  // namespace

int show_outbox(io::World& world, const std::string& data, const std::string& service,
                std::int64_t count, Console& console) {
    const auto directory = Directory::open(world, data);
    if (!directory) return console.fail(directory.error());
    const auto services = directory->services(service);
    if (!services) return console.fail(services.error());
    const Timestamp now = world.now();
    std::int64_t waiting = 0;
    int code = Exit::success;
    for (const std::string& name : *services) {
        const auto read = directory->read(name, [&](StoreTransaction& tx) {
            waiting += print_outbox(tx, name, count, now, console).waiting;
        });
        if (!read) code = console.fail(read.error());
    }
    if (!console.json()) {
        console.line(fmt::format("{} in {}", counted(waiting, "waiting event"),
                                 counted(static_cast<std::int64_t>(services->size()), "service")));
    }
    return code;
}

}  // namespace tidings::cli
