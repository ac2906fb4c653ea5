#include "service/responses.h"

#include <tidings/model/json.h>

#include <algorithm>

namespace tidings {

namespace {

struct Problem {
    int status;
    std::string_view title;
};

Problem problem_of(ErrorCode code) {
    switch (code) {
        case ErrorCode::not_found:
            return {404, "not found"};
        case ErrorCode::already_exists:
        case ErrorCode::conflict:
            return {409, "conflict"};
        case ErrorCode::invalid_argument:
            return {400, "invalid request"};
        case ErrorCode::contract_violation:
            return {400, "invalid request body"};
        case ErrorCode::limit_exceeded:
            return {507, "a limit is reached"};
        case ErrorCode::unavailable:
        case ErrorCode::timeout:
            return {503, "unavailable"};
        case ErrorCode::unsupported:
            return {422, "unsupported"};
        case ErrorCode::internal:
            return {500, "a fault of the service"};
        case ErrorCode::io_error:
        case ErrorCode::corruption:
        case ErrorCode::cancelled:
            break;
    }
    return {503, "the service's database is in trouble"};
}

/// A message that begins with `field /items/0: ` names its place in the body.
std::string_view pointer_in(std::string_view message) {
    constexpr std::string_view lead = "field ";
    const std::size_t at = message.find(lead);
    if (at == std::string_view::npos || message.substr(at + lead.size()).substr(0, 1) != "/")
        return {};
    const std::string_view rest = message.substr(at + lead.size());
    return rest.substr(0, rest.find(": "));
}

void write_duration_seconds(json::Writer& writer, std::string_view name, Duration duration) {
    writer.name(name);
    writer.number(std::chrono::duration<double>(duration).count());
}

void write_error(json::Writer& writer, std::string_view name, const std::optional<Error>& error) {
    if (!error) return;
    writer.name(name);
    writer.text(error->message);
}

void write_circuits(json::Writer& writer, const DeliveryStatus& status) {
    if (status.circuits.empty()) return;
    writer.name("dependencies");
    writer.begin_array();
    for (const CircuitStatus& circuit : status.circuits) {
        writer.begin_object();
        writer.name("dependency");
        writer.text(circuit.dependency);
        writer.name("circuit");
        writer.text(to_string(circuit.state));
        write_duration_seconds(writer, "seconds", circuit.since);
        if (circuit.is_degraded()) {
            writer.name("rampingUp");
            writer.boolean(circuit.is_ramping);
            writer.name("reason");
            writer.text(circuit.reason);
        }
        writer.end_object();
    }
    writer.end_array();
}

bool is_any_degraded(const std::vector<CircuitStatus>& circuits) {
    return std::any_of(circuits.begin(), circuits.end(),
                       [](const CircuitStatus& circuit) { return circuit.is_degraded(); });
}

void write_status(json::Writer& writer, const DeliveryStatus& status) {
    const auto number = [&writer](std::string_view name, std::int64_t value) {
        writer.name(name);
        writer.integer(value);
    };
    number("accepted", status.accepted);
    number("done", status.done);
    number("scheduled", status.scheduled);
    number("parked", status.parked);
    number("dead", status.dead);
    number("discarded", status.discarded);
    number("unaccounted", status.unaccounted());
    number("duplicates", status.duplicates);
    number("lag", status.lag);
    write_duration_seconds(writer, "lagSeconds", status.lag_age);
    number("outboxPending", status.outbox_pending);
    write_duration_seconds(writer, "outboxSeconds", status.outbox_age);
    number("published", status.published);
    number("steps", status.steps);
    number("groups", status.groups);
    number("effectsOpen", status.effects_open);
    number("effectsOwed", status.effects_owed);
    number("effectsPutOff", status.effects_put_off);
    number("commandsWaiting", status.commands_waiting);
    number("commandsShed", status.commands_shed);
    write_duration_seconds(writer, "stepSeconds", status.step_age);
    writer.name("quiet");
    writer.boolean(status.is_quiet());
    write_error(writer, "failed", status.failed);
    write_error(writer, "relayError", status.relay_error);
    write_error(writer, "intakeError", status.intake_error);
    write_circuits(writer, status);
}

void write_damages(json::Writer& writer, std::span<const LogDamage> damages) {
    writer.name("damagedLogs");
    writer.begin_array();
    for (const LogDamage& damage : damages) {
        writer.begin_object();
        writer.name("topic");
        writer.text(damage.topic);
        writer.name("reason");
        writer.text(damage.error.message);
        writer.name("look");
        writer.text("tidings log --verify");
        writer.end_object();
    }
    writer.end_array();
}

}  // namespace

io::HttpResponse to_response(const Error& error, Duration retry_after) {
    Problem problem = problem_of(error.code);
    std::string detail = error.message;
    if (!error.hint.empty()) detail += "; " + error.hint;
    // What went wrong inside is for the journal, not for the caller.
    if (problem.status == 500)
        detail = "the service met a fault of its own; its journal tells which";
    io::HttpResponse response =
        io::problem(problem.status, problem.title, detail, pointer_in(error.message));
    if (problem.status == 503) {
        const auto seconds = std::chrono::ceil<std::chrono::seconds>(retry_after).count();
        response.headers["retry-after"] = std::to_string(std::max<std::int64_t>(seconds, 1));
    }
    return response;
}

io::HttpResponse to_bad_request(Error error) {
    // A limit that a body passes is not one that the service has reached.
    error.code = ErrorCode::contract_violation;
    return to_response(error);
}

io::HttpResponse to_response(Reply reply) {
    io::HttpResponse response;
    response.status = reply.status;
    response.body = std::move(reply.body);
    for (auto& [name, value] : reply.headers) response.headers[name] = std::move(value);
    return response;
}

io::HttpResponse ready_response(std::span<const std::pair<std::string, DeliveryStatus>> services,
                                std::span<const LogDamage> damages) {
    io::HttpResponse response;
    json::Writer writer{response.body};
    bool ready = true;
    writer.begin_object();
    writer.name("services");
    writer.begin_array();
    for (const auto& [name, status] : services) {
        const bool up = !status.failed;
        const bool degraded = status.relay_error || status.intake_error || status.dead > 0 ||
                              status.unaccounted() != 0 || is_any_degraded(status.circuits);
        ready = ready && up;
        writer.begin_object();
        writer.name("service");
        writer.text(name);
        writer.name("status");
        writer.text(!up ? "down" : degraded ? "degraded" : "up");
        write_error(writer, "reason",
                    status.failed        ? status.failed
                    : status.relay_error ? status.relay_error
                                         : status.intake_error);
        if (status.dead > 0) {
            writer.name("deadLetters");
            writer.integer(status.dead);
            writer.name("look");
            writer.text("tidings dead-letters --service " + name);
        }
        write_circuits(writer, status);
        writer.end_object();
    }
    writer.end_array();
    if (!damages.empty()) write_damages(writer, damages);
    writer.name("ready");
    writer.boolean(ready);
    writer.end_object();
    if (!ready) {
        response.status = 503;
        response.headers["retry-after"] = "1";
    }
    return response;
}

io::HttpResponse status_response(std::span<const std::pair<std::string, DeliveryStatus>> services) {
    io::HttpResponse response;
    json::Writer writer{response.body};
    writer.begin_object();
    for (const auto& [name, status] : services) {
        writer.name(name);
        writer.begin_object();
        write_status(writer, status);
        writer.end_object();
    }
    writer.end_object();
    return response;
}

}  // namespace tidings
