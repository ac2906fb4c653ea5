#include <tidings/base/assert.h>
#include <tidings/sim/faulty_broker.h>

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <optional>
#include <utility>

namespace tidings::sim {
namespace {

/// A delivery with bytes of its own: the broker's live only until the next fetch.
struct Delivery {
    explicit Delivery(const DeliveredEvent& delivered)
        : event(delivered), envelope(delivered.envelope) {}
    DeliveredEvent event;
    std::string envelope;
};

struct Held {
    Delivery delivery;
    TimePoint release_at;
    bool is_repeated;  ///< It was handed over before, so nobody needs to wait for it.
};

Error unavailable() {
    return Error{ErrorCode::unavailable, "broker is out of reach: simulated outage"};
}

}  // namespace

class FaultyBroker::FaultySubscription final : public Subscription {
public:
    FaultySubscription(FaultyBroker& broker, Topic topic, std::unique_ptr<Subscription> inner,
                       io::Wakeup* wakeup, Random random)
        : broker_(broker),
          topic_(std::move(topic)),
          inner_(std::move(inner)),
          wakeup_(wakeup),
          random_(random) {
        broker_.subscriptions_.push_back(this);
    }
    ~FaultySubscription() override { std::erase(broker_.subscriptions_, this); }

    Result<Fetched> fetch(std::size_t count_max) override;
    Result<void> acknowledge(Position position) override {
        if (broker_.outage_) return unavailable();
        return inner_->acknowledge(position);
    }
    Result<Position> seek(const StartAt& to) override {
        auto position = inner_->seek(to);
        if (position) {
            held_.clear();
            inner_next_ = *position;
        }
        return position;
    }
    Position high_watermark() const override { return inner_->high_watermark(); }

    std::size_t held_count() const { return held_.size(); }
    void release_all();
    void ring() {
        if (wakeup_ != nullptr) wakeup_->notify();
    }
    /// Wakes the consumer if something held back became due since it was last woken. Returns when
    /// the next will be.
    TimePoint ring_if_due(TimePoint now);

private:
    void hand_over_due(TimePoint now, std::size_t count_max);
    void take(const DeliveredEvent& event);
    bool waits_behind_its_key(const DeliveredEvent& event, TimePoint& release_at) const;
    Duration some_time();
    Position next() const;

    DeliveryFault fault_of(const DeliveredEvent& event);
    void hold(const DeliveredEvent& event, TimePoint release_at, bool is_repeated);

    FaultyBroker& broker_;
    const Topic topic_;
    std::unique_ptr<Subscription> inner_;
    io::Wakeup* wakeup_;
    Random random_;
    std::deque<Delivery> handed_over_;  ///< A deque, so that views of a short envelope stay valid.
    std::vector<Held> held_;            ///< In the order in which they came.
    std::optional<Position> inner_next_;
    TimePoint rung_at_{};
};

Result<Fetched> FaultyBroker::FaultySubscription::fetch(std::size_t count_max) {
    if (broker_.outage_) return unavailable();
    const TimePoint now = broker_.world_.monotonic();
    const auto due = static_cast<std::size_t>(std::count_if(
        held_.begin(), held_.end(), [&](const Held& held) { return held.release_at <= now; }));
    const bool may_take = due < count_max && held_.size() < held_max;
    Fetched taken;
    // Asked even if there is no room: the first fetch tells where the consumer stands.
    if (may_take || !inner_next_) {
        auto fetched = inner_->fetch(may_take ? count_max - due : 0);
        if (!fetched) return fetched.error();
        taken = std::move(*fetched);
        inner_next_ = taken.next;
    }
    handed_over_.clear();
    hand_over_due(now, count_max);
    for (const DeliveredEvent& event : taken.events) take(event);
    Fetched result;
    for (const Delivery& delivery : handed_over_) {
        result.events.push_back(delivery.event);
        result.events.back().envelope = delivery.envelope;
        if (broker_.script_ != nullptr) broker_.script_->handed_over(topic_, result.events.back());
    }
    result.next = next();
    return result;
}

void FaultyBroker::FaultySubscription::hand_over_due(TimePoint now, std::size_t count_max) {
    std::vector<Held> kept;
    for (Held& held : held_) {
        if (held.release_at <= now && handed_over_.size() < count_max) {
            handed_over_.push_back(std::move(held.delivery));
        } else {
            kept.push_back(std::move(held));
        }
    }
    held_ = std::move(kept);
}

void FaultyBroker::FaultySubscription::take(const DeliveredEvent& event) {
    TimePoint release_at{};
    if (broker_.faults_.keep_key_order && waits_behind_its_key(event, release_at)) {
        hold(event, release_at, false);
        return;
    }
    const DeliveryFault fault = fault_of(event);
    const TimePoint later = broker_.world_.monotonic() + fault.by;
    switch (fault.kind) {
        case DeliveryFault::Kind::none:
            handed_over_.emplace_back(event);
            break;
        case DeliveryFault::Kind::late:
            hold(event, later, false);
            break;
        case DeliveryFault::Kind::repeated:
            handed_over_.emplace_back(event);
            hold(event, later, true);
            ++held_.back().delivery.event.attempt;
            break;
        case DeliveryFault::Kind::dropped:
            hold(event, later, false);
            ++held_.back().delivery.event.attempt;
            break;
    }
}

DeliveryFault FaultyBroker::FaultySubscription::fault_of(const DeliveredEvent& event) {
    using Kind = DeliveryFault::Kind;
    if (broker_.script_ != nullptr) return broker_.script_->deliver(topic_, event);
    const BrokerFaults& faults = broker_.faults_;
    if (random_.chance(faults.delay)) return {Kind::late, some_time()};
    if (random_.chance(faults.duplicate)) return {Kind::repeated, some_time()};
    return {};
}

void FaultyBroker::FaultySubscription::hold(const DeliveredEvent& event, TimePoint release_at,
                                            bool is_repeated) {
    held_.push_back({Delivery{event}, release_at, is_repeated});
    broker_.wakeup().notify();
}

/// Returns whether an earlier event with the same key is held back, and until when.
bool FaultyBroker::FaultySubscription::waits_behind_its_key(const DeliveredEvent& event,
                                                            TimePoint& release_at) const {
    bool waits = false;
    for (const Held& held : held_) {
        if (held.is_repeated || event.headers.key.empty()) continue;
        if (held.delivery.event.headers.key != event.headers.key) continue;
        release_at = std::max(release_at, held.release_at);
        waits = true;
    }
    return waits;
}

Duration FaultyBroker::FaultySubscription::some_time() {
    const auto most = static_cast<std::uint64_t>(broker_.faults_.delay_max.count());
    return Duration{static_cast<std::int64_t>(random_.below(most + 1))};
}

Position FaultyBroker::FaultySubscription::next() const {
    Position first = *inner_next_;
    for (const Held& held : held_) {
        if (!held.is_repeated) first = std::min(first, held.delivery.event.offset);
    }
    return first;
}

void FaultyBroker::FaultySubscription::release_all() {
    const TimePoint now = broker_.world_.monotonic();
    for (Held& held : held_) held.release_at = std::min(held.release_at, now);
    ring();
}

TimePoint FaultyBroker::FaultySubscription::ring_if_due(TimePoint now) {
    TimePoint next_due = io::Worker::when_woken;
    bool due = false;
    for (const Held& held : held_) {
        if (held.release_at > now) {
            next_due = std::min(next_due, held.release_at);
        } else if (held.release_at > rung_at_) {
            due = true;
        }
    }
    rung_at_ = now;
    if (due) ring();
    return next_due;
}

FaultyBroker::FaultyBroker(SimWorld& world, Broker& broker, const BrokerFaults& faults,
                           std::string_view name)
    : world_(world), broker_(broker), faults_(faults), name_(name), random_(world.stream(name)) {}

FaultyBroker::~FaultyBroker() { TIDINGS_ASSERT(subscriptions_.empty()); }

void FaultyBroker::set_faults(const BrokerFaults& faults) { faults_ = faults; }

void FaultyBroker::outage(bool on) {
    outage_ = on;
    if (on) return;
    for (FaultySubscription* subscription : subscriptions_) subscription->ring();
}

void FaultyBroker::heal() {
    faults_ = BrokerFaults{};
    outage(false);
    for (FaultySubscription* subscription : subscriptions_) subscription->release_all();
}

std::size_t FaultyBroker::held_count() const {
    std::size_t count = 0;
    for (const FaultySubscription* subscription : subscriptions_) {
        count += subscription->held_count();
    }
    return count;
}

Result<void> FaultyBroker::claim(const Topic& topic, std::string_view owner) {
    return broker_.claim(topic, owner);
}

void FaultyBroker::release(const Topic& topic) { broker_.release(topic); }

Result<Offset> FaultyBroker::publish(const Topic& topic, std::span<const OutgoingEvent> events) {
    if (outage_) return unavailable();
    auto offset = broker_.publish(topic, events);
    if (offset && script_ != nullptr) script_->published(topic, *offset, events);
    const bool is_lost = script_ != nullptr ? offset && script_->loses_answer(topic, *offset)
                                            : offset && random_.chance(faults_.lose_answer);
    if (is_lost) {
        return Error{ErrorCode::unavailable, "no answer from the broker: simulated fault"};
    }
    return offset;
}

Result<std::unique_ptr<Subscription>> FaultyBroker::subscribe(const Topic& topic,
                                                              const ConsumerGroup& group,
                                                              const SubscriptionOptions& options) {
    auto inner = broker_.subscribe(topic, group, options);
    if (!inner) return inner.error();
    const Random random =
        random_.split(fmt::format("{} {} {}", topic.name, group.name, ++subscriptions_made_));
    return std::unique_ptr<Subscription>{std::make_unique<FaultySubscription>(
        *this, topic, std::move(*inner), options.wakeup, random)};
}

std::vector<Topic> FaultyBroker::topics() { return broker_.topics(); }

BrokerFeatures FaultyBroker::features() const noexcept {
    BrokerFeatures features = broker_.features();
    features.keeps_key_order = features.keeps_key_order && faults_.keep_key_order;
    return features;
}

std::vector<TopicUsage> FaultyBroker::usage() { return broker_.usage(); }

TimePoint FaultyBroker::poll(TimePoint now) {
    TimePoint next = when_woken;
    for (FaultySubscription* subscription : subscriptions_) {
        next = std::min(next, subscription->ring_if_due(now));
    }
    return next;
}

}  // namespace tidings::sim
