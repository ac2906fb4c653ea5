#pragma once

#include <tidings/broker/broker.h>
#include <tidings/testing/flow.h>

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tidings {

/// What is wrong with a service's connection to the broker.
enum class FlowFault {
    none,
    unreachable,  ///< Nothing comes through.
    answer_lost,  ///< What is published arrives, and its answer does not.
};

/// One service's connection to the broker in a flow: it holds events back and hands them over
/// again as the test says, tells what is published, and can be cut.
///
/// Threads   One thread.
/// Lifetime  The broker behind it must outlive it, and it its subscriptions.
class FlowBroker final : public Broker {
public:
    /// Is told of what was published.
    using Tell = std::function<void(const EventHeaders& headers, std::string_view envelope)>;

    /// `held`: what to hold back; it outlives the process.
    FlowBroker(Broker& broker, const std::vector<EventsOf>& held, Tell published)
        : broker_(broker), held_(held), published_(std::move(published)) {}
    ~FlowBroker() override;

    void set(FlowFault fault);
    /// Lets go what `held` no longer names.
    void let_go();
    /// Hands over once more what was handed over. Returns how many.
    std::size_t repeat(const EventsOf& events);
    std::size_t held_count() const;

    Result<void> claim(const Topic& topic, std::string_view owner) override;
    void release(const Topic& topic) override { broker_.release(topic); }
    Result<Offset> publish(const Topic& topic, std::span<const OutgoingEvent> events) override;
    Result<std::unique_ptr<Subscription>> subscribe(const Topic& topic, const ConsumerGroup& group,
                                                    const SubscriptionOptions& options) override;
    std::vector<Topic> topics() override { return broker_.topics(); }
    BrokerFeatures features() const noexcept override { return broker_.features(); }

private:
    class FlowSubscription;

    Broker& broker_;
    const std::vector<EventsOf>& held_;
    Tell published_;
    FlowFault fault_ = FlowFault::none;
    std::vector<FlowSubscription*> subscriptions_;
};

}  // namespace tidings
