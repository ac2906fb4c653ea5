#include <tidings/model/cloud_event.h>
#include <tidings/model/json.h>

#include "commands.h"

#include <fmt/format.h>

#include <functional>
#include <iostream>
#include <string>

namespace tidings::cli {

namespace {

Result<CloudEventOptions> options_of(const CloudEventsRequest& request) {
    CloudEventOptions options{request.source_prefix, request.schema_prefix, request.foreign_source,
                              std::nullopt};
    if (!request.data_version.empty()) {
        const auto version = SchemaVersion::parse(request.data_version);
        if (!version) return version.error();
        options.data_version = *version;
    }
    return options;
}

/// Reads an envelope, or a line of `tidings log --json`, which has one within and headers beside.
Result<CarriedEvent> read_event(const std::string& line) {
    CarriedEvent event;
    std::string envelope;
    json::Reader reader{line};
    std::string_view name;
    reader.begin_object();
    while (reader.next_field(name)) {
        const bool is_text = reader.kind() == json::Kind::string;
        if (name == "envelope")
            envelope = reader.raw();
        else if (name == "key" && is_text)
            event.headers.key = reader.text();
        else if (name == "causationId" && is_text)
            event.headers.causation_id = reader.text();
        else if (name == "traceparent" && is_text)
            event.headers.traceparent = reader.text();
    }
    if (Result<void> finished = reader.finish(); !finished) return std::move(finished).error();
    auto parsed = parse_envelope(envelope.empty() ? line : envelope);
    if (!parsed) return std::move(parsed).error();
    event.envelope = std::move(*parsed);
    event.headers.type = event.envelope.type;
    event.headers.source = event.envelope.source;
    return event;
}

/// Translates stdin line by line; a line that is wrong is told and left out.
int translate(Console& console, const std::function<Result<std::string>(const std::string&)>& one) {
    bool all_right = true;
    std::string line;
    for (int number = 1; !console.is_closed() && std::getline(std::cin, line); ++number) {
        if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
        const auto translated = one(line);
        if (translated) {
            console.line(json_line(*translated));
        } else {
            console.fail(with_context(translated.error(), fmt::format("line {}", number)));
            all_right = false;
        }
    }
    return all_right ? Exit::success : Exit::found_problems;
}

}  // namespace

int write_cloud_events(const CloudEventsRequest& request, Console& console) {
    const auto options = options_of(request);
    if (!options) return console.fail(options.error());
    return translate(console, [&](const std::string& line) -> Result<std::string> {
        const auto event = read_event(line);
        if (!event) return event.error();
        return to_cloud_event(*event, *options);
    });
}

int read_cloud_events(const CloudEventsRequest& request, Console& console) {
    const auto options = options_of(request);
    if (!options) return console.fail(options.error());
    return translate(console, [&](const std::string& line) -> Result<std::string> {
        const auto event = parse_cloud_event(line, *options);
        if (!event) return event.error();
        std::string text;
        write_envelope(event->envelope, text);
        return text;
    });
}

}  // namespace tidings::cli
