#include "testing/memory_broker.h"

#include <algorithm>

namespace tidings {

class MemoryBroker::MemorySubscription final : public Subscription {
public:
    MemorySubscription(const std::deque<Delivered>& events, std::int64_t next)
        : events_(events), next_(next) {}

    Result<Fetched> fetch(std::size_t count_max) override {
        Fetched fetched;
        for (; next_ < end() && fetched.events.size() < count_max; ++next_) {
            const Delivered& delivered = events_[static_cast<std::size_t>(next_)];
            DeliveredEvent& event = fetched.events.emplace_back();
            event.offset = Offset{next_};
            event.appended = delivered.appended;
            event.headers = delivered.headers;
            event.envelope = delivered.envelope;
        }
        fetched.next = Position{next_};
        return fetched;
    }
    Result<void> acknowledge(Position) override { return {}; }
    Result<Position> seek(const StartAt& to) override {
        if (const auto* position = std::get_if<Position>(&to)) next_ = position->value;
        if (std::holds_alternative<Latest>(to)) next_ = end();
        if (std::holds_alternative<Earliest>(to)) next_ = 0;
        return Position{next_};
    }
    Position high_watermark() const override { return Position{end()}; }

private:
    std::int64_t end() const { return static_cast<std::int64_t>(events_.size()); }

    const std::deque<Delivered>& events_;
    std::int64_t next_;
};

void MemoryBroker::deliver(const EventHeaders& headers, std::string envelope) {
    const std::string domain = headers.type.substr(0, headers.type.find('.'));
    topics_[domain].push_back({headers, std::move(envelope), world_.now()});
    for (io::Wakeup* wakeup : wakeups_[domain]) wakeup->notify();
}

Result<Offset> MemoryBroker::publish(const Topic&, std::span<const OutgoingEvent> events) {
    const auto first = static_cast<std::int64_t>(published_.size());
    for (const OutgoingEvent& event : events) {
        published_.push_back({*event.headers, std::string{event.envelope}});
    }
    return Offset{first};
}

Result<std::unique_ptr<Subscription>> MemoryBroker::subscribe(const Topic& topic,
                                                              const ConsumerGroup&,
                                                              const SubscriptionOptions& options) {
    if (options.wakeup != nullptr) wakeups_[topic.name].push_back(options.wakeup);
    auto made = std::make_unique<MemorySubscription>(topics_[topic.name], 0);
    (void)made->seek(options.start);
    return std::unique_ptr<Subscription>{std::move(made)};
}

std::vector<Topic> MemoryBroker::topics() {
    std::vector<Topic> topics;
    for (const auto& [name, events] : topics_) topics.push_back(Topic{name});
    return topics;
}

BrokerFeatures MemoryBroker::features() const noexcept {
    BrokerFeatures features;
    features.durability = Durability::buffered;
    features.seek_by_time = false;
    return features;
}

}  // namespace tidings
