#pragma once

#include <tidings/base/result.h>
#include <tidings/base/time.h>
#include <tidings/model/envelope.h>
#include <tidings/telemetry/log.h>
#include <tidings/telemetry/metrics.h>

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace tidings {

/// What becomes of an event that a service took.
enum class StepOutcome { done, scheduled, parked, dead, duplicate };

/// Returns the counter of events that were refused by their contract: `at` is where, `publish` (a
/// step would have published it), `http` or `consume` (it came from a log).
Counter& refusals(Metrics& metrics, const std::string& service, std::string_view at,
                  Refusal refusal);

/// Counts, times and tells what a service does with events: metrics by type, journal lines by
/// event. Either may be off.
///
/// Threads   One at a time: the step loop has one, the relay another.
class StepTelemetry {
public:
    /// `metrics` may be null; else it must outlive this. `log_events`: a line for each event.
    StepTelemetry(std::string service, Metrics* metrics, Journal journal, bool log_events);

    /// An event was taken, and this became of it. `failure` says why, if it was not done.
    void taken(const EventHeaders& headers, StepOutcome outcome, const Error* failure);
    /// Its handlers ran for so long, so long after the event had happened.
    void handled(const EventHeaders& headers, const Envelope& event, Duration took, Duration age);
    /// An event was refused by its contract; `at` as for `refusals`. Nothing for `Refusal::none`.
    void refused(std::string_view at, Refusal refusal);
    /// The broker has made an event durable.
    void published(const EventHeaders& headers, std::string_view envelope);

private:
    struct OfType {
        Counter* done = nullptr;
        Counter* scheduled = nullptr;
        Counter* parked = nullptr;
        Counter* dead = nullptr;
        Counter* duplicate = nullptr;
        Counter* published = nullptr;
        Histogram* duration = nullptr;
        Histogram* end_to_end = nullptr;
    };

    OfType& of(const std::string& type);

    std::string service_;
    Metrics* metrics_;
    Journal journal_;
    bool log_events_;
    std::map<std::string, OfType, std::less<>> types_;
};

}  // namespace tidings
