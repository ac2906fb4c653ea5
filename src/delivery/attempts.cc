#include "delivery/attempts.h"

#include <tidings/base/crc32c.h>

#include "base/test_points.h"

#include <utility>

namespace tidings {

namespace {

/// A step that was given up and never came again is remembered for so long.
constexpr auto remembered = std::chrono::hours{24 * 30};

constexpr const char* keep_row =
    "INSERT INTO tidings_under_way (step, began, running, reason) VALUES ($1, $2, 1, $3) "
    "ON CONFLICT (step) DO UPDATE SET began = excluded.began, running = 1, "
    "reason = excluded.reason";

}  // namespace

std::string attempt_key(const EventHeaders& headers, std::string_view envelope) {
    std::string key = "event " + headers.type + ' ' + headers.source + ' ';
    if (!headers.epoch.is_nil() && headers.sequence.value > 0) {
        return key + to_string(headers.epoch) + ' ' + std::to_string(headers.sequence.value);
    }
    const Result<Envelope> foreign = parse_envelope(envelope);
    return key + (foreign ? to_string(foreign->id) : std::to_string(crc32c(envelope)));
}

std::string attempt_key(const StoredTimer& timer) {
    return "timer " + timer.timer.kind + ' ' + timer.timer.key;
}

std::string attempt_key(const StoredEffect& effect) {
    return "effect " + effect.request.idempotency_key;
}

std::string attempt_key(const Step& step) {
    if (const auto* event = std::get_if<EventStep>(&step)) {
        return attempt_key(event->event->headers, event->event->envelope);
    }
    if (const auto* retry = std::get_if<RetryStep>(&step)) {
        return attempt_key(retry->event.headers, retry->event.envelope);
    }
    if (const auto* timer = std::get_if<StoredTimer>(&step)) return attempt_key(*timer);
    if (const auto* outcome = std::get_if<EffectOutcome>(&step)) {
        return attempt_key(outcome->effect);
    }
    return {};
}

void Attempts::open(StoreTransaction& tx, std::size_t group_steps_max, Timestamp now) {
    was_unclean_ =
        tx.value<std::int64_t>("SELECT stopped_cleanly FROM tidings_run WHERE id = 1") == 0;
    tx.execute("UPDATE tidings_run SET stopped_cleanly = 0 WHERE id = 1");
    tx.execute("DELETE FROM tidings_under_way WHERE running = 0 AND began < $1", now - remembered);
    Rows rows = tx.query("SELECT step, running, reason, crashes FROM tidings_under_way");
    while (rows.next()) {
        const Row row = rows.row();
        std::string step = row.get<std::string>(0);
        if (row.get<bool>(1)) {
            crashes_.emplace(step, Crash{row.get<std::string>(2), row.get<int>(3)});
        }
        suspects_.insert(std::move(step));
    }
    if (!was_unclean_) return;
    reached("attempts.start_after_unclean_stop");
    // No group takes more of them; what was under way in the last one is among the first to come.
    window_ = group_steps_max;
    due_window_ = group_steps_max / 2;
    effects_until_ = tx.value<std::int64_t>("SELECT max(position) FROM tidings_effect").value_or(0);
}

void Attempts::add_crash(StoreTransaction& tx, const std::string& step, const std::string& reason,
                         Timestamp now) {
    tx.execute(keep_row, step, now, reason);
    const auto before =
        tx.value<int>("SELECT crashes FROM tidings_under_way WHERE step = $1", step);
    crashes_[step] = {reason, before.value_or(0)};
    suspects_.insert(step);
}

bool Attempts::wants(const Step& step) const {
    if (std::holds_alternative<CommandStep>(step)) return false;
    if (has_begun(step)) return true;
    if (!suspects_.empty()) {
        const std::string key = attempt_key(step);
        // One that is a failed attempt already runs no handler this time.
        if (crashes_.contains(key)) return false;
        if (suspects_.contains(key)) return true;
    }
    if (const auto* event = std::get_if<EventStep>(&step)) {
        return window_ > 0 && event->event->offset < event->topic->uncertain_until;
    }
    if (const auto* outcome = std::get_if<EffectOutcome>(&step)) {
        return window_ > 0 && outcome->effect.position <= effects_until_;
    }
    return due_window_ > 0;
}

std::string Attempts::key_of(const Step& step) { return attempt_key(step); }

void Attempts::announce(const Step* next, Timestamp now) {
    next_ = next != nullptr ? attempt_key(*next) : std::string{};
    next_is_due_ = next != nullptr && (std::holds_alternative<RetryStep>(*next) ||
                                       std::holds_alternative<StoredTimer>(*next));
    next_began_ = now;
}

void Attempts::begin(StoreTransaction& tx, const Step& step, Timestamp now) {
    running_ = attempt_key(step);
    running_is_due_ =
        std::holds_alternative<RetryStep>(step) || std::holds_alternative<StoredTimer>(step);
    tx.execute(keep_row, running_, now, "");
}

std::optional<Error> Attempts::take_crash(const std::string& step) {
    const auto crash = crashes_.find(step);
    if (crash == crashes_.end()) return std::nullopt;
    reached("attempts.crash_counted");
    taken_.push_back(step);
    const std::string& reason = crash->second.reason;
    if (!reason.empty()) return Error{ErrorCode::internal, reason};
    return Error{ErrorCode::internal, "the service's process did not survive its handler",
                 "the journal before the last start, or a core dump, says more"};
}

int Attempts::crashes_of(const std::string& step) const {
    const auto crash = crashes_.find(step);
    return crash == crashes_.end() ? 0 : crash->second.before + 1;
}

void Attempts::before_commit(StoreTransaction& tx, bool failed) {
    for (const std::string& step : taken_) {
        tx.execute(
            "UPDATE tidings_under_way SET running = 0, crashes = crashes + 1 WHERE step = $1",
            step);
    }
    for (const std::string& step : given_up_) {
        tx.execute("UPDATE tidings_under_way SET running = 0 WHERE step = $1", step);
    }
    running_failed_ = failed;
    if (!running_.empty()) {
        tx.execute(failed ? "UPDATE tidings_under_way SET running = 0 WHERE step = $1"
                          : "DELETE FROM tidings_under_way WHERE step = $1",
                   running_);
    }
    if (!next_.empty()) tx.execute(keep_row, next_, next_began_, "");
    if (marking_clean_) {
        tx.execute("UPDATE tidings_under_way SET running = 0 WHERE running = 1");
        tx.execute("UPDATE tidings_run SET stopped_cleanly = 1 WHERE id = 1");
    }
}

void Attempts::committed() {
    for (const std::string& step : taken_) crashes_.erase(step);
    taken_.clear();
    given_up_.clear();
    if (!running_.empty()) {
        std::size_t& left = running_is_due_ ? due_window_ : window_;
        if (left > 0) --left;
        if (running_failed_) {
            suspects_.insert(std::move(running_));
        } else {
            suspects_.erase(running_);
        }
        running_.clear();
    }
    running_ = std::exchange(next_, {});
    running_is_due_ = next_is_due_;
    marked_clean_ = marking_clean_;
}

void Attempts::give_up() {
    taken_.clear();
    next_.clear();
    if (!running_.empty()) given_up_.push_back(std::exchange(running_, {}));
}

}  // namespace tidings
