#include <tidings/model/json.h>

#include "events.h"

#include <fmt/format.h>

namespace tidings::cli {

namespace {

constexpr std::size_t data_bytes_shown = 100;
constexpr std::size_t name_bytes_shown = 128;

std::string place(const LogEvent& event) {
    return fmt::format("{}/{}", event.topic, event.offset.value);
}

void print_line(const LogEvent& event, Console& console) {
    std::string line =
        fmt::format("{}  {:<14}  ", console.faint(to_string(event.appended)), place(event));
    line += console.strong(fmt::format("{:<28}", printable(event.type(), name_bytes_shown)));
    line += fmt::format("  key={}", printable(event.headers.key, name_bytes_shown));
    line += fmt::format("  source={}", printable(event.source(), name_bytes_shown));
    if (event.envelope) {
        line += fmt::format("  correlation={}",
                            printable(event.envelope->correlation_id, name_bytes_shown));
        line += "  " + printable(json_line(event.envelope->data), data_bytes_shown);
    } else {
        line += "  " + console.alarm("broken: " + printable(event.broken));
        line += "  " + printable(event.payload, data_bytes_shown);
    }
    if (event.headers_broken) line += "  " + console.alarm("broken headers");
    console.line(line);
}

void print_full(const LogEvent& event, Console& console) {
    console.line(console.strong(place(event)) + "  " + to_string(event.appended));
    const auto field = [&](std::string_view name, std::string_view value) {
        if (!value.empty()) console.line(fmt::format("  {:<12} {}", name, printable(value)));
    };
    if (event.headers_broken) console.line("  headers      " + console.alarm("broken"));
    field("type", event.type());
    field("key", event.headers.key);
    field("source", event.source());
    if (event.headers.sequence.value > 0) {
        field("sequence", std::to_string(event.headers.sequence.value));
        field("epoch", to_string(event.headers.epoch));
    }
    if (event.headers.downcast > 0) {
        field("downcast", "of sequence " + std::to_string(event.headers.sequence.value -
                                                          event.headers.downcast));
    }
    field("causation", event.headers.causation_id);
    field("traceparent", event.headers.traceparent);
    if (event.envelope) {
        field("correlation", event.envelope->correlation_id);
        field("envelope", json_line(event.payload));
    } else {
        console.line("  broken       " + console.alarm(printable(event.broken)));
        field("bytes", event.payload);
    }
    console.line("");
}

void print_json(const LogEvent& event, Console& console) {
    std::string out;
    json::Writer writer{out};
    const auto text = [&writer](std::string_view name, std::string_view value) {
        writer.name(name);
        writer.text(utf8(value));
    };
    writer.begin_object();
    text("topic", event.topic);
    writer.name("offset");
    writer.integer(event.offset.value);
    writer.name("appended");
    writer.value(event.appended);
    text("type", event.type());
    text("key", event.headers.key);
    text("source", event.source());
    writer.name("sequence");
    writer.integer(event.headers.sequence.value);
    text("epoch", to_string(event.headers.epoch));
    text("causationId", event.headers.causation_id);
    text("traceparent", event.headers.traceparent);
    if (event.headers.downcast > 0) {
        writer.name("downcast");
        writer.integer(event.headers.downcast);
    }
    if (event.headers_broken) {
        writer.name("headersBroken");
        writer.boolean(true);
    }
    if (event.envelope) {
        writer.name("envelope");
        writer.raw(event.payload);
    } else {
        text("broken", event.broken);
        text("bytes", event.payload);
    }
    writer.end_object();
    console.line(json_line(out));
}

}  // namespace

void print_event(const LogEvent& event, bool full, Console& console) {
    if (console.json()) {
        print_json(event, console);
    } else if (full) {
        print_full(event, console);
    } else {
        print_line(event, console);
    }
}

}  // namespace tidings::cli
