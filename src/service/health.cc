#include "service/health.h"

#include <tidings/model/json.h>

#include "service/attention.h"

#include <algorithm>

namespace tidings {

namespace {

/// How much of a bound may be used before somebody is told.
constexpr double nearly_full = 0.8;

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
    number("heldBytes", status.held_bytes);
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
    number("effectsFailed", status.effects_failed);
    number("timersFailing", status.timers_failing);
    number("retriesPutOff", status.retries_put_off);
    number("sagasNeedOperator", status.sagas_need_operator);
    number("foreignIds", status.foreign_ids);
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

/// Something that is not as it should be, and where to look.
struct Concern {
    enum class Level { degraded, red, down };
    Level level;
    std::string reason;
    std::string look;
};

std::string amount(std::int64_t value, std::string_view what) {
    return std::to_string(value) + ' ' + std::string{what};
}

std::string seconds(Duration duration) {
    return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(duration).count()) +
           " s";
}

bool is_nearly_full(std::int64_t used, std::int64_t bound) {
    return static_cast<double>(used) >= nearly_full * static_cast<double>(bound);
}

/// What stands still, is refused or is too old.
void add_flow_concerns(const DeliveryStatus& status, const HealthView& view,
                       std::vector<Concern>& found) {
    using Level = Concern::Level;
    const std::string look = "tidings status --data " + view.data;
    if (status.failed) found.push_back({Level::down, status.failed->message, look});
    for (const Error& error : status.stalled) {
        found.push_back({Level::red, error.message, error.hint.empty() ? look : error.hint});
    }
    if (status.relay_error) found.push_back({Level::degraded, status.relay_error->message, look});
    if (status.intake_error) found.push_back({Level::degraded, status.intake_error->message, look});
    if (status.outbox_age > view.alarms.outbox_age) {
        found.push_back(
            {Level::degraded,
             amount(status.outbox_pending, "events wait in the outbox, the oldest for ") +
                 seconds(status.outbox_age),
             look});
    }
    if (is_nearly_full(status.outbox_pending, view.outbox_max)) {
        found.push_back({Level::degraded,
                         amount(status.outbox_pending, "events wait in the outbox, of at most ") +
                             std::to_string(view.outbox_max),
                         look});
    }
    if (status.lag_age > view.alarms.lag_age) {
        found.push_back({Level::degraded,
                         amount(status.lag, "events are not taken yet, the oldest for ") +
                             seconds(status.lag_age),
                         look});
    }
}

/// What waits for a person.
void add_held_concerns(const std::string& service, const DeliveryStatus& status,
                       const HealthView& view, std::vector<Concern>& found) {
    using Level = Concern::Level;
    const std::string look = "tidings dead-letters --data " + view.data + " --service " + service;
    if (status.dead > 0) {
        found.push_back({Level::degraded, amount(status.dead, "dead letters"), look});
    }
    if (status.parked > 0 && status.dead > 0) {
        found.push_back({Level::degraded,
                         amount(status.parked, "events are parked behind one of their key"), look});
    }
    for (const Error& reason : attention(service, status)) {
        found.push_back({Level::degraded, reason.message, reason.hint});
    }
    for (const CircuitStatus& circuit : status.circuits) {
        if (!circuit.is_degraded()) continue;
        found.push_back({Level::degraded,
                         "the circuit of " + circuit.dependency + " is " +
                             std::string{to_string(circuit.state)},
                         "see dependencies"});
    }
}

std::vector<Concern> concerns_of(const std::string& service, const DeliveryStatus& status,
                                 const HealthView& view) {
    std::vector<Concern> found;
    add_flow_concerns(status, view, found);
    add_held_concerns(service, status, view, found);
    return found;
}

std::vector<Concern> concerns_of_host(const HealthView& view) {
    using Level = Concern::Level;
    std::vector<Concern> found;
    if (view.disk.error) {
        found.push_back({view.disk.level == DiskState::Level::full ? Level::red : Level::degraded,
                         view.disk.error->message, "df -h " + view.data});
    }
    for (const TopicUsage& log : view.logs) {
        if (log.bytes_max == 0 || !is_nearly_full(static_cast<std::int64_t>(log.bytes),
                                                  static_cast<std::int64_t>(log.bytes_max))) {
            continue;
        }
        const std::string behind =
            log.slowest_group.empty() || log.held_bytes == 0
                ? std::string{}
                : "; " + log.slowest_group + " is " +
                      amount(log.high_watermark - log.slowest_position,
                             "events behind and keeps ") +
                      amount(static_cast<std::int64_t>(log.held_bytes), "bytes");
        found.push_back({Level::degraded,
                         "the log of " + log.topic + " has " +
                             amount(static_cast<std::int64_t>(log.bytes), "bytes of at most ") +
                             std::to_string(log.bytes_max) + behind,
                         "tidings status --data " + view.data});
    }
    return found;
}

std::string_view status_word(std::span<const Concern> concerns) {
    static constexpr std::string_view words[] = {"degraded", "red", "down"};
    if (concerns.empty()) return "up";
    const auto worst =
        std::max_element(concerns.begin(), concerns.end(),
                         [](const Concern& a, const Concern& b) { return a.level < b.level; });
    return words[static_cast<std::size_t>(worst->level)];
}

bool is_ready(std::span<const Concern> concerns) {
    return std::all_of(concerns.begin(), concerns.end(), [](const Concern& concern) {
        return concern.level == Concern::Level::degraded;
    });
}

void write_concerns(json::Writer& writer, std::span<const Concern> concerns) {
    writer.name("status");
    writer.text(status_word(concerns));
    if (concerns.empty()) return;
    const auto first =
        std::max_element(concerns.begin(), concerns.end(),
                         [](const Concern& a, const Concern& b) { return a.level < b.level; });
    writer.name("reason");
    writer.text(first->reason);
    writer.name("look");
    writer.text(first->look);
    writer.name("reasons");
    writer.begin_array();
    for (const Concern& concern : concerns) {
        writer.begin_object();
        writer.name("reason");
        writer.text(concern.reason);
        writer.name("look");
        writer.text(concern.look);
        writer.end_object();
    }
    writer.end_array();
}

}  // namespace

io::HttpResponse ready_response(const HealthView& view) {
    io::HttpResponse response;
    json::Writer writer{response.body};
    bool ready = true;
    writer.begin_object();
    writer.name("services");
    writer.begin_array();
    for (const auto& [name, status] : view.services) {
        const std::vector<Concern> concerns = concerns_of(name, status, view);
        ready = ready && is_ready(concerns);
        writer.begin_object();
        writer.name("service");
        writer.text(name);
        write_concerns(writer, concerns);
        if (status.dead > 0) {
            writer.name("deadLetters");
            writer.integer(status.dead);
        }
        write_circuits(writer, status);
        writer.end_object();
    }
    writer.end_array();
    if (const std::vector<Concern> concerns = concerns_of_host(view); !concerns.empty()) {
        ready = ready && is_ready(concerns);
        writer.name("host");
        writer.begin_object();
        write_concerns(writer, concerns);
        writer.end_object();
    }
    if (!view.damages.empty()) write_damages(writer, view.damages);
    writer.name("ready");
    writer.boolean(ready);
    writer.end_object();
    if (!ready) {
        response.status = 503;
        response.headers["retry-after"] = "5";
    }
    return response;
}

io::HttpResponse status_response(const HealthView& view) {
    io::HttpResponse response;
    json::Writer writer{response.body};
    writer.begin_object();
    for (const auto& [name, status] : view.services) {
        writer.name(name);
        writer.begin_object();
        write_status(writer, status);
        write_concerns(writer, concerns_of(name, status, view));
        writer.end_object();
    }
    writer.end_object();
    return response;
}

}  // namespace tidings
