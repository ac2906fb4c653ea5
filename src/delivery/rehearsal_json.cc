#include <tidings/base/text.h>
#include <tidings/delivery/dead_letters_json.h>
#include <tidings/delivery/rehearsal.h>

#include <utility>

namespace tidings {

namespace {

void write_text(json::Writer& writer, std::string_view name, std::string_view value) {
    writer.name(name);
    writer.text(utf8(value));
}

void write_raw(json::Writer& writer, std::string_view name, const std::string& value) {
    writer.name(name);
    value.empty() ? writer.null() : writer.raw(value);
}

void write_intentions(json::Writer& writer, std::string_view name,
                      const std::vector<Intention>& intentions) {
    writer.name(name);
    writer.begin_array();
    for (const Intention& intention : intentions) {
        writer.begin_object();
        write_text(writer, "name", intention.name);
        write_text(writer, "key", intention.key);
        write_raw(writer, "data", intention.data);
        writer.end_object();
    }
    writer.end_array();
}

void write_event(json::Writer& writer, const RehearsedEvent& event) {
    writer.begin_object();
    writer.name("position");
    writer.integer(event.position);
    write_text(writer, "type", event.type);
    write_text(writer, "key", event.key);
    write_text(writer, "eventId", event.event_id);
    writer.name("wasParked");
    writer.boolean(event.was_parked);
    if (event.failed) {
        writer.name("errorCode");
        writer.integer(static_cast<std::int64_t>(event.failed->code));
        write_text(writer, "error", event.failed->message);
        write_text(writer, "hint", event.failed->hint);
    }
    writer.name("rows");
    writer.begin_array();
    for (const RowChange& row : event.rows) {
        writer.begin_object();
        write_text(writer, "table", row.table);
        write_raw(writer, "before", row.before);
        write_raw(writer, "after", row.after);
        writer.end_object();
    }
    writer.end_array();
    write_intentions(writer, "published", event.published);
    write_intentions(writer, "effects", event.effects);
    write_intentions(writer, "timers", event.timers);
    writer.end_object();
}

std::string raw_or_null(json::Reader& reader) {
    if (reader.kind() == json::Kind::null) {
        reader.null();
        return {};
    }
    return std::string{reader.raw()};
}

std::vector<Intention> read_intentions(json::Reader& reader) {
    std::vector<Intention> intentions;
    std::string_view name;
    reader.begin_array();
    while (reader.next_element()) {
        Intention& intention = intentions.emplace_back();
        reader.begin_object();
        while (reader.next_field(name)) {
            if (name == "name") {
                intention.name = reader.text();
            } else if (name == "key") {
                intention.key = reader.text();
            } else if (name == "data") {
                intention.data = raw_or_null(reader);
            }
        }
    }
    return intentions;
}

std::vector<RowChange> read_rows(json::Reader& reader) {
    std::vector<RowChange> rows;
    std::string_view name;
    reader.begin_array();
    while (reader.next_element()) {
        RowChange& row = rows.emplace_back();
        reader.begin_object();
        while (reader.next_field(name)) {
            if (name == "table") {
                row.table = reader.text();
            } else if (name == "before") {
                row.before = raw_or_null(reader);
            } else if (name == "after") {
                row.after = raw_or_null(reader);
            }
        }
    }
    return rows;
}

RehearsedEvent read_event(json::Reader& reader) {
    RehearsedEvent event;
    Error failed;
    std::string_view name;
    reader.begin_object();
    while (reader.next_field(name)) {
        if (name == "position") {
            event.position = reader.integer();
        } else if (name == "type") {
            event.type = reader.text();
        } else if (name == "key") {
            event.key = reader.text();
        } else if (name == "eventId") {
            event.event_id = reader.text();
        } else if (name == "wasParked") {
            event.was_parked = reader.boolean();
        } else if (name == "errorCode") {
            failed.code = static_cast<ErrorCode>(reader.integer());
        } else if (name == "error") {
            failed.message = reader.text();
            event.failed = failed;
        } else if (name == "hint" && event.failed) {
            event.failed->hint = reader.text();
        } else if (name == "rows") {
            event.rows = read_rows(reader);
        } else if (name == "published") {
            event.published = read_intentions(reader);
        } else if (name == "effects") {
            event.effects = read_intentions(reader);
        } else if (name == "timers") {
            event.timers = read_intentions(reader);
        }
    }
    return event;
}

}  // namespace

void write_json(json::Writer& writer, const Rehearsal& rehearsal) {
    writer.begin_object();
    write_text(writer, "service", rehearsal.service);
    writer.name("chosen");
    writer.integer(rehearsal.chosen);
    writer.name("failed");
    writer.integer(rehearsal.failed());
    writer.name("whole");
    writer.boolean(rehearsal.is_whole);
    writer.name("events");
    writer.begin_array();
    for (const RehearsedEvent& event : rehearsal.events) write_event(writer, event);
    writer.end_array();
    writer.end_object();
}

Result<Rehearsal> read_rehearsal(std::string_view json) {
    Rehearsal rehearsal;
    json::Reader reader{json, {.bytes_max = std::size_t{64} << 20}};
    std::string_view name;
    reader.begin_object();
    while (reader.next_field(name)) {
        if (name == "service") {
            rehearsal.service = reader.text();
        } else if (name == "chosen") {
            rehearsal.chosen = reader.integer();
        } else if (name == "whole") {
            rehearsal.is_whole = reader.boolean();
        } else if (name == "events") {
            reader.begin_array();
            while (reader.next_element()) rehearsal.events.push_back(read_event(reader));
        }
    }
    if (Result<void> read = reader.finish(); !read) return std::move(read).error();
    return rehearsal;
}

}  // namespace tidings
