#pragma once

#include <tidings/broker/broker.h>
#include <tidings/io/world.h>

#include <deque>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace tidings {

/// A broker for one service in a test: hands over what the test delivers, and keeps what the
/// service publishes to be looked at. What is published is not delivered.
///
/// Threads   One thread.
class MemoryBroker final : public Broker {
public:
    struct Published {
        EventHeaders headers;
        std::string envelope;
    };

    explicit MemoryBroker(io::World& world) : world_(world) {}

    /// Hands an event to whoever subscribes to its domain.
    void deliver(const EventHeaders& headers, std::string envelope);
    const std::vector<Published>& published() const noexcept { return published_; }

    Result<void> claim(const Topic&, std::string_view) override { return {}; }
    void release(const Topic&) override {}
    Result<Offset> publish(const Topic& topic, std::span<const OutgoingEvent> events) override;
    Result<std::unique_ptr<Subscription>> subscribe(const Topic& topic, const ConsumerGroup& group,
                                                    const SubscriptionOptions& options) override;
    std::vector<Topic> topics() override;
    BrokerFeatures features() const noexcept override;

private:
    class MemorySubscription;
    struct Delivered {
        EventHeaders headers;
        std::string envelope;
        Timestamp appended;
    };

    io::World& world_;
    std::map<std::string, std::deque<Delivered>, std::less<>> topics_;
    std::map<std::string, std::vector<io::Wakeup*>, std::less<>> wakeups_;
    std::vector<Published> published_;
};

}  // namespace tidings
