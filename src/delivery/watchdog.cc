#include "delivery/watchdog.h"

#include <tidings/base/text.h>
#include <tidings/io/file.h>
#include <tidings/model/json.h>

#include "base/test_points.h"

#include <algorithm>

namespace tidings {

namespace {

std::string seconds(Duration duration) {
    return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(duration).count()) +
           " s";
}

}  // namespace

std::optional<StuckRecord> read_stuck_record(io::FileSystem& files, const std::string& path) {
    if (path.empty()) return std::nullopt;
    const Result<std::string> text = io::read_file(files, path);
    if (!text) return std::nullopt;
    StuckRecord record;
    json::Reader reader{*text};
    std::string_view name;
    reader.begin_object();
    while (reader.next_field(name)) {
        if (name == "step") {
            record.step = reader.text();
        } else if (name == "reason") {
            record.reason = reader.text();
        } else {
            reader.skip();
        }
    }
    if (!reader.finish() || record.step.empty()) return std::nullopt;
    return record;
}

Watchdog::Watchdog(io::World& world, const std::string& service, StepLoop::WatchdogLimits limits,
                   Journal journal, const RunningStep& running,
                   std::function<DeliveryStatus()> look)
    : world_(world),
      limits_(std::move(limits)),
      journal_(std::move(journal)),
      running_(running),
      look_(std::move(look)),
      name_(service + " watchdog") {}

std::vector<Error> Watchdog::stalled() const {
    const std::lock_guard lock{mutex_};
    return stalled_;
}

Duration Watchdog::step_age() const {
    const std::lock_guard lock{mutex_};
    return step_age_;
}

void Watchdog::watch(Part& part, bool work_waits, std::uint64_t progress, Duration passed) {
    const bool moves = !work_waits || progress != part.progress;
    part.progress = progress;
    part.stands = moves ? Duration{0} : part.stands + passed;
    if (!moves || !part.is_told) return;
    part.is_told = false;
    journal_.write(LogLevel::info, "what stood still goes on again");
}

void Watchdog::report(Part& part, Duration limit, const Error& error, std::vector<Error>& found) {
    if (part.stands < limit) return;
    found.push_back(error);
    if (part.is_told) return;
    part.is_told = true;
    reached("watchdog.something_stands");
    journal_.write(LogLevel::error, error.message, {{"hint", error.hint}});
}

void Watchdog::watch_step(Duration passed, std::vector<Error>& found) {
    const std::uint64_t number = running_.number();
    watch(step_, number % 2 == 1, number, passed);
    if (step_.stands < limits_.stuck_after) return;
    const auto step = running_.describe(number);
    if (!step) return;
    const std::string what =
        step->handler + " has not returned for " + seconds(step_.stands) + " (" + step->cause + ")";
    report(step_, limits_.stuck_after,
           {ErrorCode::timeout, what,
            limits_.end_after > Duration{0}
                ? "after " + seconds(limits_.end_after) + " the process ends itself"
                : "look at the process's stacks, then end it"},
           found);
    if (limits_.end_after == Duration{0} || step_.stands < limits_.end_after) return;
    end_process(*step, what);
}

void Watchdog::end_process(const RunningStep::Description& step, const std::string& what) {
    reached("watchdog.process_ended");
    if (!limits_.record.empty() && !step.key.empty()) {
        std::string text;
        json::Writer writer{text};
        writer.begin_object();
        writer.name("step");
        writer.text(step.key);
        writer.name("reason");
        writer.text(what + ", so the watchdog ended the process");
        writer.end_object();
        if (auto kept = io::replace_file(world_.files(), limits_.record, text); !kept) {
            journal_.write(LogLevel::error, "the stuck step could not be put on record",
                           {{"error", kept.error().message}});
        }
    }
    journal_.write(LogLevel::error,
                   what + ": the process ends, and with it every service that runs in it",
                   {{"exit_status", stuck_exit_status}});
    world_.end_process(stuck_exit_status);
}

void Watchdog::tell_of_shedding(const DeliveryStatus& status, TimePoint now) {
    if (status.commands_shed == shed_told_ || now - told_of_shedding_ < 10s) return;
    journal_.write(LogLevel::warning, "commands were refused: more came in than could be done",
                   {{"refused", status.commands_shed - shed_told_}});
    shed_told_ = status.commands_shed;
    told_of_shedding_ = now;
}

void Watchdog::watch_parts(const DeliveryStatus& status, Duration passed,
                           std::vector<Error>& found) {
    const auto because = [](const std::optional<Error>& error) {
        return error ? ": " + error->message : std::string{};
    };
    watch(loop_, status.commands_waiting > 0 || status.lag > 0,
          running_.number() + static_cast<std::uint64_t>(status.steps + status.positions), passed);
    // A handler that does not return is told of by itself.
    if (step_.stands == Duration{0}) {
        report(loop_, limits_.stalled_after,
               {ErrorCode::timeout,
                "the step loop has not moved for " + seconds(loop_.stands) + ", while " +
                    std::to_string(status.commands_waiting) + " commands and " +
                    std::to_string(status.lag) + " events wait" +
                    because(status.failed ? status.failed : status.intake_error),
                "see the journal; a slow disk shows as well"},
               found);
    }
    watch(relay_, status.outbox_pending > 0, static_cast<std::uint64_t>(status.published), passed);
    report(relay_, limits_.stalled_after,
           {ErrorCode::timeout,
            "the relay has published nothing for " + seconds(relay_.stands) + ", while " +
                std::to_string(status.outbox_pending) + " events wait in the outbox" +
                because(status.relay_error),
            "see what the log or the broker refuses"},
           found);
    watch(effects_, !status.effect_running.empty(),
          static_cast<std::uint64_t>(status.effects_moved), passed);
    report(effects_, limits_.stalled_after,
           {ErrorCode::timeout,
            "effect " + status.effect_running + " has had no answer for " +
                seconds(effects_.stands) + ", and no other meanwhile",
            "its port should give up by itself: give it a time limit"},
           found);
}

TimePoint Watchdog::poll(TimePoint now) {
    const Duration passed =
        std::min<Duration>(last_poll_ ? now - *last_poll_ : Duration{0}, 2 * interval);
    last_poll_ = now;
    std::vector<Error> found;
    watch_step(passed, found);
    const DeliveryStatus status = look_();
    watch_parts(status, passed, found);
    tell_of_shedding(status, now);
    const std::lock_guard lock{mutex_};
    stalled_ = std::move(found);
    step_age_ = step_.stands;
    return now + interval;
}

}  // namespace tidings
