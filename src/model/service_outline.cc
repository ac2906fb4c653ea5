#include <tidings/model/json.h>
#include <tidings/model/service_outline.h>

#include <string>

namespace tidings {

namespace {

using json::Reader;
using json::Writer;

void write(Writer& writer, const OutlinedEvent& event) {
    writer.begin_object();
    writer.name("type");
    writer.text(event.type);
    writer.name("major");
    writer.integer(event.major);
    writer.end_object();
}

void write(Writer& writer, std::string_view name, const OutlinedEvent& event) {
    if (event.is_none()) return;
    writer.name(name);
    write(writer, event);
}

void write(Writer& writer, std::string_view name, const std::vector<OutlinedEvent>& events) {
    writer.name(name);
    writer.begin_array();
    for (const OutlinedEvent& event : events) write(writer, event);
    writer.end_array();
}

void write(Writer& writer, std::string_view name, Duration duration) {
    writer.name(name);
    writer.integer(std::chrono::duration_cast<std::chrono::milliseconds>(duration).count());
}

void write(Writer& writer, const SagaOutline& saga) {
    writer.begin_object();
    writer.name("name");
    writer.text(saga.name);
    write(writer, "start", saga.start);
    writer.name("steps");
    writer.begin_array();
    for (const SagaOutline::Step& step : saga.steps) {
        writer.begin_object();
        writer.name("name");
        writer.text(step.name);
        write(writer, "answer", step.answer);
        write(writer, "deadlineMs", step.deadline);
        write(writer, "states", step.states);
        write(writer, "undo", step.undo);
        write(writer, "undoneBy", step.undone_by);
        write(writer, "undoDeadlineMs", step.undo_deadline);
        writer.end_object();
    }
    writer.end_array();
    writer.name("failures");
    writer.begin_array();
    for (const SagaOutline::Failure& failure : saga.failures) {
        writer.begin_object();
        write(writer, "on", failure.on);
        write(writer, "ends", failure.ends);
        writer.end_object();
    }
    writer.end_array();
    writer.end_object();
}

OutlinedEvent read_event(Reader& reader) {
    OutlinedEvent event;
    std::string_view name;
    reader.begin_object();
    while (reader.next_field(name)) {
        if (name == "type")
            event.type = reader.text();
        else if (name == "major")
            event.major = static_cast<int>(reader.integer());
    }
    return event;
}

/// Reads a list, each element by `read`.
template <class T>
std::vector<T> read_list(Reader& reader, T (*read)(Reader&)) {
    std::vector<T> list;
    reader.begin_array();
    while (reader.next_element()) list.push_back(read(reader));
    return list;
}

std::string read_text(Reader& reader) { return std::string{reader.text()}; }

Duration read_duration(Reader& reader) { return std::chrono::milliseconds{reader.integer()}; }

SagaOutline::Step read_step(Reader& reader) {
    SagaOutline::Step step;
    std::string_view name;
    reader.begin_object();
    while (reader.next_field(name)) {
        if (name == "name")
            step.name = reader.text();
        else if (name == "answer")
            step.answer = read_event(reader);
        else if (name == "deadlineMs")
            step.deadline = read_duration(reader);
        else if (name == "states")
            step.states = read_event(reader);
        else if (name == "undo")
            step.undo = read_event(reader);
        else if (name == "undoneBy")
            step.undone_by = read_list(reader, read_event);
        else if (name == "undoDeadlineMs")
            step.undo_deadline = read_duration(reader);
    }
    return step;
}

SagaOutline::Failure read_failure(Reader& reader) {
    SagaOutline::Failure failure;
    std::string_view name;
    reader.begin_object();
    while (reader.next_field(name)) {
        if (name == "on")
            failure.on = read_event(reader);
        else if (name == "ends")
            failure.ends = read_event(reader);
    }
    return failure;
}

SagaOutline read_saga(Reader& reader) {
    SagaOutline saga;
    std::string_view name;
    reader.begin_object();
    while (reader.next_field(name)) {
        if (name == "name")
            saga.name = reader.text();
        else if (name == "start")
            saga.start = read_event(reader);
        else if (name == "steps")
            saga.steps = read_list(reader, read_step);
        else if (name == "failures")
            saga.failures = read_list(reader, read_failure);
    }
    return saga;
}

Result<ServiceOutline> read_outline(std::string_view text) {
    ServiceOutline outline;
    Reader reader{text};
    std::string_view name;
    reader.begin_object();
    while (reader.next_field(name)) {
        if (name == "service")
            outline.service = reader.text();
        else if (name == "domains")
            outline.domains = read_list(reader, read_text);
        else if (name == "handles")
            outline.handles = read_list(reader, read_event);
        else if (name == "sagas")
            outline.sagas = read_list(reader, read_saga);
    }
    if (outline.service.empty()) reader.missing("service");
    if (Result<void> finished = reader.finish(); !finished) return std::move(finished).error();
    return outline;
}

}  // namespace

std::string to_json(const ServiceOutline& outline) {
    std::string out;
    Writer writer{out};
    writer.begin_object();
    writer.name("service");
    writer.text(outline.service);
    writer.name("domains");
    writer.begin_array();
    for (const std::string& domain : outline.domains) writer.text(domain);
    writer.end_array();
    write(writer, "handles", outline.handles);
    writer.name("sagas");
    writer.begin_array();
    for (const SagaOutline& saga : outline.sagas) write(writer, saga);
    writer.end_array();
    writer.end_object();
    return out;
}

Result<std::vector<ServiceOutline>> parse_service_outlines(std::string_view lines) {
    std::vector<ServiceOutline> outlines;
    for (int number = 1; !lines.empty(); ++number) {
        const std::size_t end = lines.find('\n');
        const std::string_view line = lines.substr(0, end);
        lines = end == std::string_view::npos ? std::string_view{} : lines.substr(end + 1);
        if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
        auto outline = read_outline(line);
        if (!outline) return with_context(outline.error(), "line " + std::to_string(number));
        outlines.push_back(std::move(*outline));
    }
    return outlines;
}

}  // namespace tidings
