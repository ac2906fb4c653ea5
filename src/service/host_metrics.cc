#include "service/host_metrics.h"

#include <tidings/delivery/accounting.h>
#include <tidings/saga/definition.h>

namespace tidings {

namespace {

double seconds(Duration duration) { return std::chrono::duration<double>(duration).count(); }
double number(std::int64_t value) { return static_cast<double>(value); }

struct Shown {
    const char* name;
    const char* help;
    double (*read)(const DeliveryStatus&);
};

constexpr Shown shown[] = {
    {"tidings_outbox_pending_messages", "Events committed and not yet published.",
     [](const DeliveryStatus& s) { return number(s.outbox_pending); }},
    {"tidings_outbox_oldest_age_seconds", "Age of the oldest event not yet published.",
     [](const DeliveryStatus& s) { return seconds(s.outbox_age); }},
    {"tidings_outbox_published_position", "Events published since the service began.",
     [](const DeliveryStatus& s) { return number(s.published); }},
    {"tidings_consumer_lag_messages", "Events in the log that the service has not looked at.",
     [](const DeliveryStatus& s) { return number(s.lag); }},
    {"tidings_consumer_lag_seconds", "Age of the oldest event that it has not looked at.",
     [](const DeliveryStatus& s) { return seconds(s.lag_age); }},
    {"tidings_events_accepted", "Events that the service has taken, by the inbox.",
     [](const DeliveryStatus& s) { return number(s.accepted); }},
    {"tidings_events_done", "Events whose handlers have run and committed.",
     [](const DeliveryStatus& s) { return number(s.done); }},
    {"tidings_duplicates_dropped", "Events handed over again and dropped, since the start.",
     [](const DeliveryStatus& s) { return number(s.duplicates); }},
    {"tidings_retries_scheduled_messages", "Events that wait for their next attempt.",
     [](const DeliveryStatus& s) { return number(s.scheduled); }},
    {"tidings_parked_messages", "Events that wait behind an earlier one of their key.",
     [](const DeliveryStatus& s) { return number(s.parked); }},
    {"tidings_dead_letters_messages", "Events given up and not yet dealt with.",
     [](const DeliveryStatus& s) { return number(s.dead); }},
    {"tidings_held_bytes", "Bytes of the events that wait for a retry, are parked or given up.",
     [](const DeliveryStatus& s) { return number(s.held_bytes); }},
    {"tidings_retries_put_off", "Retries put off for want of budget, since the start.",
     [](const DeliveryStatus& s) { return number(s.retries_put_off); }},
    {"tidings_timers_failing", "Timers whose handler has failed for long; they go on.",
     [](const DeliveryStatus& s) { return number(s.timers_failing); }},
    {"tidings_inbox_foreign_ids", "Ids kept to know events again that nobody numbers.",
     [](const DeliveryStatus& s) { return number(s.foreign_ids); }},
    {"tidings_inbox_foreign_forgotten_seconds",
     "Unix time up to which such ids are forgotten; 0: none is.",
     [](const DeliveryStatus& s) { return seconds(s.foreign_forgotten_to.time_since_epoch()); }},
    {"tidings_effects_failed", "Requests to the outside world that failed for good.",
     [](const DeliveryStatus& s) { return number(s.effects_failed); }},
    {"tidings_effects_open", "Requests to the outside world without an answer.",
     [](const DeliveryStatus& s) { return number(s.effects_open); }},
    {"tidings_effects_put_off", "Of these, held back by an open circuit or a full bulkhead.",
     [](const DeliveryStatus& s) { return number(s.effects_put_off); }},
    {"tidings_commands_waiting", "Commands that wait for the step loop.",
     [](const DeliveryStatus& s) { return number(s.commands_waiting); }},
    {"tidings_commands_shed", "Commands refused since the start because too many waited too long.",
     [](const DeliveryStatus& s) { return number(s.commands_shed); }},
    {"tidings_step_running_seconds", "How long the watchdog has seen the current step running.",
     [](const DeliveryStatus& s) { return seconds(s.step_age); }},
    {"tidings_stalled_parts", "Parts that stand still while work waits: must be 0.",
     [](const DeliveryStatus& s) { return number(static_cast<std::int64_t>(s.stalled.size())); }},
    {"tidings_step_groups", "Groups of steps committed since the start.",
     [](const DeliveryStatus& s) { return number(s.groups); }},
    {"tidings_steps", "Steps committed since the start.",
     [](const DeliveryStatus& s) { return number(s.steps); }},
    {"tidings_service_failed", "1 while the service's database or log refuses to go on.",
     [](const DeliveryStatus& s) { return s.failed ? 1.0 : 0.0; }},
};

}  // namespace

TableFigures table_figures(std::mutex& mutex, StoreTransaction& reader, bool has_sagas) {
    // 0 where the tables cannot be read: the service's status tells of that.
    const auto figure = [&mutex, &reader](auto read) {
        return [&mutex, &reader, read]() -> std::int64_t {
            const std::lock_guard lock{mutex};
            try {
                return read(reader);
            } catch (const Failure&) {
                return 0;
            }
        };
    };
    TableFigures figures;
    figures.unaccounted = figure([](StoreTransaction& tx) { return unaccounted(account(tx)); });
    figures.sagas_need_operator = figure(
        [has_sagas](StoreTransaction& tx) { return has_sagas ? sagas_needing_operator(tx) : 0; });
    return figures;
}

HostedMetrics watch_delivery(Metrics& metrics, const std::string& service,
                             const std::function<DeliveryStatus()>& status,
                             const TableFigures& tables) {
    HostedMetrics watches;
    watches.push_back(metrics.watch(
        "tidings_unaccounted_events",
        "Events taken that are in no state they can be in, by the tables: must be 0.",
        {{"service", service}}, [read = tables.unaccounted] { return number(read()); }));
    watches.push_back(metrics.watch(
        "tidings_sagas_need_operator", "Sagas whose compensation has not come in time.",
        {{"service", service}}, [read = tables.sagas_need_operator] { return number(read()); }));
    for (const Shown& metric : shown) {
        watches.push_back(metrics.watch(metric.name, metric.help, {{"service", service}},
                                        [status, read = metric.read] { return read(status()); }));
    }
    return watches;
}

}  // namespace tidings
