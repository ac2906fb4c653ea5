#include "testing/flow_broker.h"

#include <tidings/base/assert.h>

#include <algorithm>
#include <deque>

namespace tidings {

namespace {

/// A delivery with bytes of its own: the broker's live only until the next fetch.
struct Delivery {
    explicit Delivery(const DeliveredEvent& delivered)
        : event(delivered), envelope(delivered.envelope) {}
    DeliveredEvent event;
    std::string envelope;
};

bool is_of(const EventHeaders& headers, const EventsOf& events) {
    return headers.type == events.type && (events.key.empty() || headers.key == events.key);
}

Error unreachable() {
    return Error{ErrorCode::unavailable, "the broker is out of reach: the flow cut it off"};
}

}  // namespace

class FlowBroker::FlowSubscription final : public Subscription {
public:
    FlowSubscription(FlowBroker& broker, std::unique_ptr<Subscription> inner, io::Wakeup* wakeup)
        : broker_(broker), inner_(std::move(inner)), wakeup_(wakeup) {
        broker_.subscriptions_.push_back(this);
    }
    ~FlowSubscription() override { std::erase(broker_.subscriptions_, this); }

    Result<Fetched> fetch(std::size_t count_max) override {
        if (broker_.fault_ == FlowFault::unreachable) return unreachable();
        auto fetched = inner_->fetch(count_max);
        if (!fetched) return fetched;
        next_ = fetched->next;
        for (const DeliveredEvent& event : fetched->events) {
            (is_held(event.headers) ? held_ : ready_).emplace_back(event);
        }
        handed_over_.clear();
        handed_over_.swap(ready_);
        Fetched result;
        for (const Delivery& delivery : handed_over_) {
            result.events.push_back(delivery.event);
            result.events.back().envelope = delivery.envelope;
            known_.push_back(delivery);
        }
        result.next = next_;
        for (const Delivery& held : held_) result.next = std::min(result.next, held.event.offset);
        return result;
    }
    Result<void> acknowledge(Position position) override {
        if (broker_.fault_ == FlowFault::unreachable) return unreachable();
        return inner_->acknowledge(position);
    }
    Result<Position> seek(const StartAt& to) override {
        held_.clear();
        ready_.clear();
        return inner_->seek(to);
    }
    Position high_watermark() const override { return inner_->high_watermark(); }

    std::size_t held_count() const { return held_.size(); }
    void let_go() {
        std::deque<Delivery> waiting;
        waiting.swap(held_);
        for (Delivery& delivery : waiting) {
            (is_held(delivery.event.headers) ? held_ : ready_).push_back(std::move(delivery));
        }
        ring();
    }
    std::size_t repeat(const EventsOf& events) {
        std::size_t count = 0;
        for (const Delivery& delivery : known_) {
            if (!is_of(delivery.event.headers, events) || delivery.event.attempt > 1) continue;
            ready_.push_back(delivery);
            ++ready_.back().event.attempt;
            ++count;
        }
        ring();
        return count;
    }
    void ring() {
        if (wakeup_ != nullptr) wakeup_->notify();
    }

private:
    bool is_held(const EventHeaders& headers) const {
        const auto& rules = broker_.held_;
        const bool named = std::any_of(rules.begin(), rules.end(), [&headers](const auto& rule) {
            return is_of(headers, rule);
        });
        return named || std::any_of(held_.begin(), held_.end(), [&headers](const Delivery& held) {
                   return !headers.key.empty() && held.event.headers.key == headers.key;
               });
    }

    FlowBroker& broker_;
    std::unique_ptr<Subscription> inner_;
    io::Wakeup* wakeup_;
    Position next_;
    std::deque<Delivery> held_;
    std::deque<Delivery> ready_;
    std::deque<Delivery> handed_over_;  ///< Of the last fetch: the consumer views them.
    std::vector<Delivery> known_;       ///< All that was ever handed over.
};

FlowBroker::~FlowBroker() { TIDINGS_ASSERT(subscriptions_.empty()); }

void FlowBroker::set(FlowFault fault) {
    fault_ = fault;
    for (FlowSubscription* subscription : subscriptions_) subscription->ring();
}

void FlowBroker::let_go() {
    for (FlowSubscription* subscription : subscriptions_) subscription->let_go();
}

std::size_t FlowBroker::repeat(const EventsOf& events) {
    std::size_t count = 0;
    for (FlowSubscription* subscription : subscriptions_) count += subscription->repeat(events);
    return count;
}

std::size_t FlowBroker::held_count() const {
    std::size_t count = 0;
    for (const FlowSubscription* subscription : subscriptions_) {
        count += subscription->held_count();
    }
    return count;
}

Result<void> FlowBroker::claim(const Topic& topic, std::string_view owner) {
    return broker_.claim(topic, owner);
}

Result<Offset> FlowBroker::publish(const Topic& topic, std::span<const OutgoingEvent> events) {
    if (fault_ == FlowFault::unreachable) return unreachable();
    auto offset = broker_.publish(topic, events);
    if (!offset) return offset;
    for (const OutgoingEvent& event : events) published_(*event.headers, event.envelope);
    if (fault_ == FlowFault::answer_lost) {
        return Error{ErrorCode::unavailable, "no answer from the broker: the flow lost it"};
    }
    return offset;
}

Result<std::unique_ptr<Subscription>> FlowBroker::subscribe(const Topic& topic,
                                                            const ConsumerGroup& group,
                                                            const SubscriptionOptions& options) {
    auto inner = broker_.subscribe(topic, group, options);
    if (!inner || group.name.empty()) return inner;  // Who only looks on is told the truth.
    return std::unique_ptr<Subscription>{
        std::make_unique<FlowSubscription>(*this, std::move(*inner), options.wakeup)};
}

}  // namespace tidings
