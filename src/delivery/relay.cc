#include "delivery/relay.h"

#include "base/test_points.h"

#include <algorithm>
#include <iterator>

namespace tidings {

Relay::Relay(io::World& world, Broker& broker, Outbox& outbox, StepTelemetry telemetry,
             std::string name)
    : world_(world),
      broker_(broker),
      outbox_(outbox),
      telemetry_(std::move(telemetry)),
      name_(std::move(name)) {
    retry_.initial_delay = 5ms;
    retry_.delay_max = 1s;
}

bool Relay::push(std::vector<OutboxEntry>& entries) {
    if (entries.empty()) return true;
    {
        const std::lock_guard lock{mutex_};
        if (!has_room_now()) {
            reached("relay.window_full");
            return false;
        }
        for (const OutboxEntry& entry : entries) bytes_ += entry.envelope.size();
        std::move(entries.begin(), entries.end(), std::back_inserter(waiting_));
    }
    if (!planted(Mistake::relay_sleeps_on)) wakeup().notify();
    return true;
}

bool Relay::is_low() const {
    const std::lock_guard lock{mutex_};
    return is_low_now();
}

void Relay::ring_when_low(io::Wakeup* wakeup) {
    const std::lock_guard lock{mutex_};
    when_low_ = wakeup;
}

void Relay::hold(std::optional<Error> why) {
    {
        const std::lock_guard lock{mutex_};
        held_ = std::move(why);
    }
    wakeup().notify();
}

bool Relay::is_held() const {
    const std::lock_guard lock{mutex_};
    return held_.has_value();
}

std::optional<Error> Relay::error() const {
    const std::lock_guard lock{mutex_};
    return held_ ? held_ : error_;
}

std::optional<Timestamp> Relay::oldest() const {
    const std::lock_guard lock{mutex_};
    if (oldest_in_batch_) return oldest_in_batch_;
    if (waiting_.empty()) return std::nullopt;
    return waiting_.front().created;
}

void Relay::take_batch() {
    const std::lock_guard lock{mutex_};
    std::size_t bytes = 0;
    // What was cast down from one event goes into the log together with it.
    const auto has_room = [&] {
        return waiting_.front().headers.downcast > 0 ||
               (batch_.size() < batch_max && bytes < batch_bytes_max);
    };
    while (!waiting_.empty() && (batch_.empty() || has_room()) &&
           (batch_.empty() || batch_.front().topic == waiting_.front().topic)) {
        bytes += waiting_.front().envelope.size();
        bytes_ -= waiting_.front().envelope.size();
        batch_.push_back(std::move(waiting_.front()));
        waiting_.pop_front();
    }
    oldest_in_batch_ = batch_.empty() ? std::nullopt : std::optional{batch_.front().created};
}

std::size_t Relay::half_of_batch() const {
    std::size_t half = batch_.size() / 2;
    while (half > 0 && batch_[half].headers.downcast > 0) --half;
    return half;
}

void Relay::halve_batch() {
    const auto half = batch_.begin() + static_cast<std::ptrdiff_t>(half_of_batch());
    for (auto entry = half; entry != batch_.end(); ++entry) bytes_ += entry->envelope.size();
    waiting_.insert(waiting_.begin(), std::make_move_iterator(half),
                    std::make_move_iterator(batch_.end()));
    batch_.erase(half, batch_.end());
}

TimePoint Relay::poll(TimePoint now) {
    if (is_held()) return when_woken;
    if (now < not_before_) return not_before_;
    if (planted(Mistake::relay_overtakes_on_failure)) {
        const std::lock_guard lock{mutex_};
        std::move(batch_.begin(), batch_.end(), std::back_inserter(waiting_));
        batch_.clear();
    }
    if (batch_.empty()) take_batch();
    if (batch_.empty()) return when_woken;

    std::vector<OutgoingEvent> events;
    events.reserve(batch_.size());
    for (const OutboxEntry& entry : batch_) events.push_back({&entry.headers, entry.envelope});
    if (planted(Mistake::relay_marks_first)) outbox_.published(batch_.back().position);
    const Result<Offset> published = broker_.publish(Topic{batch_.front().topic}, events);

    if (published) {
        for (const OutboxEntry& entry : batch_) telemetry_.published(entry.headers, entry.envelope);
    }
    const std::lock_guard lock{mutex_};
    if (!published && published.error().code == ErrorCode::limit_exceeded && half_of_batch() > 0) {
        reached("relay.batch_halved");
        halve_batch();
        return now;
    }
    if (!published) {
        reached("relay.publish_failed");
        error_ = published.error();
        not_before_ = now + retry_.delay(++attempts_, world_.random_number());
        if (planted(Mistake::relay_drops_on_failure)) batch_.clear();
        return not_before_;
    }
    if (attempts_ > 0) reached("relay.published_after_failures");
    if (batch_.size() > 1) reached("relay.published_many_at_once");
    outbox_.published(batch_.back().position);
    batch_.clear();
    oldest_in_batch_.reset();
    error_.reset();
    attempts_ = 0;
    if (when_low_ != nullptr && is_low_now()) when_low_->notify();
    return waiting_.empty() ? when_woken : now;
}

}  // namespace tidings
