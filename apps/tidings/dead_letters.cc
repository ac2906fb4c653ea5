#include <tidings/base/result.h>
#include <tidings/model/envelope.h>
#include <tidings/model/json.h>

#include "commands.h"
#include "directory.h"

#include <fmt/format.h>

namespace tidings::cli {

namespace {

constexpr std::size_t name_bytes_shown = 128;
constexpr std::size_t error_bytes_shown = 160;

/// Errors that differ in what they quote have one cause: one event type and one error code.
constexpr std::string_view groups_sql =
    "SELECT type, error_code, count(*), min(first_failed), max(last_failed), max(error) "
    "FROM tidings_held WHERE state = 3 GROUP BY type, error_code ORDER BY 3 DESC, 1, 2";
constexpr std::string_view rows_sql =
    "SELECT position, state, topic, type, key, source, sequence, attempts, due, error_code, error, "
    "first_failed, last_failed, epoch, causation_id, traceparent, envelope, count(*) OVER () "
    "FROM tidings_held WHERE (state = 3 OR $1) AND ($2 OR position = $3) ORDER BY position "
    "LIMIT $4";

enum Column {
    position,
    state,
    topic,
    type,
    key,
    source,
    sequence,
    attempts,
    due,
    error_code,
    error,
    first_failed,
    last_failed,
    epoch,
    causation_id,
    traceparent,
    envelope,
    total,
};

std::string_view state_name(std::int64_t number) {
    switch (number) {
        case 1:
            return "scheduled";
        case 2:
            return "parked";
        case 3:
            return "dead";
        default:
            return "unknown";
    }
}

/// The code's name, or what a damaged row holds.
std::string code_name(std::int64_t code) {
    if (code == 0) return "none";
    if (code < 0 || code > static_cast<std::int64_t>(ErrorCode::unsupported)) {
        return fmt::format("code {}", code);
    }
    return std::string{to_string(static_cast<ErrorCode>(code))};
}

std::string when(const Row& row, int column) {
    return row.integer(column) == 0 ? "-" : to_string(row.get<Timestamp>(column));
}

void print_groups(StoreTransaction& tx, Console& console) {
    Rows rows = tx.query(groups_sql);
    while (rows.next()) {
        const Row row = rows.row();
        console.line(fmt::format("  {} x {}  {}  first {}  last {}", row.integer(2),
                                 console.strong(printable(row.text(0), name_bytes_shown)),
                                 console.alarm(code_name(row.integer(1))), when(row, 3),
                                 when(row, 4)));
        console.line("    such as: " + printable(row.text(5), error_bytes_shown));
    }
}

void print_row(const Row& row, Console& console) {
    std::string line = fmt::format(
        "  {:>6}  {:<9}  {}  key={}", row.integer(position), state_name(row.integer(state)),
        printable(row.text(type), name_bytes_shown), printable(row.text(key), name_bytes_shown));
    if (row.integer(state) != 2) {
        line += fmt::format("  attempts={}  {}: {}", row.integer(attempts),
                            code_name(row.integer(error_code)),
                            printable(row.text(error), error_bytes_shown));
    }
    if (row.integer(state) == 1) line += "  next " + when(row, due);
    console.line(line);
}

void print_json(const std::string& service, const Row& row, Console& console) {
    std::string out;
    json::Writer writer{out};
    const auto text = [&](std::string_view name, std::string_view value) {
        writer.name(name);
        writer.text(utf8(value));
    };
    const auto number = [&](std::string_view name, int column) {
        writer.name(name);
        writer.integer(row.integer(column));
    };
    const auto time = [&](std::string_view name, int column) {
        writer.name(name);
        row.integer(column) == 0 ? writer.null() : writer.value(row.get<Timestamp>(column));
    };
    writer.begin_object();
    text("service", service);
    number("position", position);
    text("state", state_name(row.integer(state)));
    text("topic", row.text(topic));
    text("type", row.text(type));
    text("key", row.text(key));
    text("source", row.text(source));
    number("sequence", sequence);
    number("attempts", attempts);
    text("errorCode", code_name(row.integer(error_code)));
    text("error", row.text(error));
    time("firstFailed", first_failed);
    time("lastFailed", last_failed);
    time("due", due);
    text("epoch", row.text(epoch));
    text("causationId", row.text(causation_id));
    text("traceparent", row.text(traceparent));
    // What broke a consumer is often the envelope itself.
    if (parse_envelope(row.text(envelope))) {
        writer.name("envelope");
        writer.raw(row.text(envelope));
    } else {
        text("bytes", row.text(envelope));
    }
    writer.end_object();
    console.line(json_line(out));
}

void print_whole(const std::string& service, const Row& row, Console& console) {
    if (console.json()) return print_json(service, row, console);
    console.line(fmt::format("{} {}: {}", service, row.integer(position),
                             console.alarm(state_name(row.integer(state)))));
    const auto field = [&](std::string_view name, std::string_view value) {
        if (!value.empty()) console.line(fmt::format("  {:<12} {}", name, printable(value)));
    };
    field("type", row.text(type));
    field("topic", row.text(topic));
    field("key", row.text(key));
    field("source", row.text(source));
    if (row.integer(sequence) > 0) {
        field("sequence", std::to_string(row.integer(sequence)));
        field("epoch", row.text(epoch));
    }
    field("causation", row.text(causation_id));
    field("traceparent", row.text(traceparent));
    field("attempts", std::to_string(row.integer(attempts)));
    field("cause", code_name(row.integer(error_code)));
    field("error", row.text(error));
    field("first failed", when(row, first_failed));
    field("last failed", when(row, last_failed));
    if (row.integer(state) == 1) field("next attempt", when(row, due));
    const bool intact = static_cast<bool>(parse_envelope(row.text(envelope)));
    field(intact ? "envelope" : "bytes",
          intact ? json_line(row.text(envelope)) : std::string{row.text(envelope)});
}

/// Prints one service's rows; returns how many there are in all.
std::int64_t print_rows(StoreTransaction& tx, const std::string& service,
                        const DeadLetterOptions& options, Console& console) {
    std::int64_t all = 0;
    std::int64_t shown = 0;
    Rows rows = tx.query(rows_sql, options.all, true, 0,
                         options.count == 0 ? std::int64_t{-1} : options.count);
    while (rows.next() && !console.is_closed()) {
        const Row row = rows.row();
        all = row.integer(total);
        ++shown;
        console.json() ? print_json(service, row, console) : print_row(row, console);
    }
    if (shown < all && !console.json()) {
        console.line(fmt::format("  and {} more (--count 0 shows all)", all - shown));
    }
    return all;
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
            const auto held = tx.value<std::int64_t>(
                "SELECT count(*) FROM tidings_held WHERE state = 3 OR $1", options.all);
            if (held.value_or(0) == 0) return;
            if (!console.json()) {
                console.line(name + ":");
                print_groups(tx, console);
            }
            all += print_rows(tx, name, options, console);
        });
        if (!read) code = console.fail(read.error());
    }
    if (console.json()) return code;
    console.line(fmt::format("{} in {}", counted(all, options.all ? "held event" : "dead letter"),
                             counted(static_cast<std::int64_t>(services->size()), "service")));
    return code;
}

int show_dead_letter(io::World& world, const std::string& data, const std::string& service,
                     std::int64_t wanted, Console& console) {
    const auto directory = Directory::open(world, data);
    if (!directory) return console.fail(directory.error());
    const auto services = directory->services(service);
    if (!services) return console.fail(services.error());
    int code = Exit::success;
    std::int64_t shown = 0;
    for (const std::string& name : *services) {
        const auto read = directory->read(name, [&](StoreTransaction& tx) {
            Rows rows = tx.query(rows_sql, true, false, wanted, 1);
            if (!rows.next()) return;
            ++shown;
            print_whole(name, rows.row(), console);
        });
        if (!read) code = console.fail(read.error());
    }
    if (shown > 0 || code != Exit::success) return code;
    return console.fail({ErrorCode::not_found, fmt::format("no held event at position {}", wanted),
                         "see what there is: tidings dead-letters list --all"});
}

}  // namespace tidings::cli
