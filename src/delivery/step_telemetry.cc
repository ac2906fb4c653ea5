#include "delivery/step_telemetry.h"

namespace tidings {

Counter& refusals(Metrics& metrics, const std::string& service, std::string_view at,
                  Refusal refusal) {
    return metrics.counter("tidings_contract_refusals_total",
                           "Events refused by their contract, by where and why.",
                           {{"service", service},
                            {"at", std::string{at}},
                            {"reason", std::string{to_string(refusal)}}});
}

StepTelemetry::StepTelemetry(std::string service, Metrics* metrics, Journal journal,
                             bool log_events)
    : service_(std::move(service)),
      metrics_(metrics),
      journal_(std::move(journal)),
      log_events_(log_events) {}

StepTelemetry::OfType& StepTelemetry::of(const std::string& type) {
    const auto known = types_.find(type);
    if (known != types_.end()) return known->second;
    OfType& made = types_[type];
    const auto consumed = [&](std::string_view outcome) {
        return &metrics_->counter(
            "tidings_events_consumed_total",
            "Events that the service has taken, by what became of them.",
            {{"service", service_}, {"type", type}, {"outcome", std::string{outcome}}});
    };
    made.done = consumed("done");
    made.scheduled = consumed("retry");
    made.parked = consumed("parked");
    made.dead = consumed("dead");
    made.duplicate = consumed("duplicate");
    const Labels labels{{"service", service_}, {"type", type}};
    made.published = &metrics_->counter("tidings_events_published_total",
                                        "Events that the broker has made durable.", labels);
    made.duration = &metrics_->histogram("tidings_handler_duration_seconds",
                                         "How long the handlers of an event ran.", labels);
    made.end_to_end = &metrics_->histogram(
        "tidings_event_end_to_end_seconds",
        "Time from an event's own timestamp until its handlers had run.", labels);
    return made;
}

void StepTelemetry::taken(const EventHeaders& headers, StepOutcome outcome, const Error* failure) {
    if (metrics_ != nullptr) {
        OfType& type = of(headers.type);
        switch (outcome) {
            case StepOutcome::done:
                type.done->inc();
                break;
            case StepOutcome::scheduled:
                type.scheduled->inc();
                break;
            case StepOutcome::parked:
                type.parked->inc();
                break;
            case StepOutcome::dead:
                type.dead->inc();
                break;
            case StepOutcome::duplicate:
                type.duplicate->inc();
                break;
        }
    }
    if (failure == nullptr) return;
    // The error's own text may quote what the event holds, so it is kept with the event only.
    const bool dead = outcome == StepOutcome::dead;
    journal_.write(dead ? LogLevel::warning : LogLevel::info,
                   dead ? "event given up: a dead letter" : "event failed, to be tried again",
                   {{"type", headers.type},
                    {"key", headers.key},
                    {"source", headers.source},
                    {"sequence", headers.sequence.value},
                    {"error", to_string(failure->code)}});
}

void StepTelemetry::refused(std::string_view at, Refusal refusal) {
    if (metrics_ == nullptr || refusal == Refusal::none) return;
    refusals(*metrics_, service_, at, refusal).inc();
}

void StepTelemetry::handled(const EventHeaders& headers, const Envelope& event, Duration took,
                            Duration age) {
    if (metrics_ != nullptr) {
        OfType& type = of(headers.type);
        type.duration->observe(took);
        type.end_to_end->observe(age);
    }
    if (!log_events_ || !journal_.writes_events_of(event.correlation_id)) return;
    journal_.event("event handled", event.correlation_id,
                   {{"event", event.id},
                    {"type", headers.type},
                    {"key", headers.key},
                    {"source", headers.source},
                    {"seconds", std::chrono::duration<double>(took).count()}});
}

void StepTelemetry::published(const EventHeaders& headers, std::string_view envelope) {
    if (metrics_ != nullptr) of(headers.type).published->inc();
    if (!log_events_ || !journal_.writes(LogLevel::info)) return;
    const Result<Envelope> event = parse_envelope(envelope);
    if (!event || !journal_.writes_events_of(event->correlation_id)) return;
    journal_.event("event published", event->correlation_id,
                   {{"event", event->id},
                    {"type", headers.type},
                    {"key", headers.key},
                    {"causation", headers.causation_id}});
}

}  // namespace tidings
