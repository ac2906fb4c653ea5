#pragma once

#include <tidings/broker/broker.h>
#include <tidings/io/worker.h>
#include <tidings/sim/world.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tidings::sim {

/// What a `FaultyBroker` does wrong: chances from 0 to 1.
struct BrokerFaults {
    double duplicate = 0;        ///< That an event is handed over once more, some time later.
    double delay = 0;            ///< That an event is held back while later ones pass it.
    Duration delay_max = 5s;     ///< Of both, at most.
    double lose_answer = 0;      ///< That a publish succeeds and says `unavailable`.
    bool keep_key_order = true;  ///< Whether what shares a key with a held event waits behind it.
};

/// What becomes of one delivery.
struct DeliveryFault {
    enum class Kind {
        none,
        late,      ///< It comes `by` later, and others pass it.
        repeated,  ///< It comes at once, and again `by` later.
        dropped,   ///< It is lost on its way, and handed over anew `by` later.
    };
    Kind kind = Kind::none;
    Duration by{0};
};

/// Decides what goes wrong, event by event, instead of the chances in `BrokerFaults`; and hears
/// what the broker does.
class BrokerScript {
public:
    virtual ~BrokerScript() = default;
    /// Asked once for each event that the broker behind hands over.
    virtual DeliveryFault deliver(const Topic& topic, const DeliveredEvent& event) = 0;
    /// Asked after a publish: whether its answer is lost.
    virtual bool loses_answer(const Topic& topic, Offset first) = 0;
    virtual void handed_over(const Topic& topic, const DeliveredEvent& event) = 0;
    virtual void published(const Topic& topic, Offset first,
                           std::span<const OutgoingEvent> events) = 0;
};

/// A broker that hands events over more than once, late and out of order, as a seed has it.
///
/// It stands before another broker and keeps its promises, to the letter and no further: every
/// event is handed over at least once, and `Fetched::next` never passes one that was not, so that a
/// consumer may store it as its position and start there again.
///
///     FaultyBroker broker{world, *log_broker, {.duplicate = 0.05, .delay = 0.1}};
///     scheduler.add(broker);       // wakes consumers when what was held back may go
///     ...
///     broker.heal();
///
/// Limits    A subscription holds back `held_max` events, and fetches no more while it does.
/// Threads   One thread.
/// Lifetime  World and broker must outlive it, and it its subscriptions.
class FaultyBroker final : public Broker, public io::Worker {
public:
    static constexpr std::size_t held_max = 1000;

    FaultyBroker(SimWorld& world, Broker& broker, const BrokerFaults& faults = {},
                 std::string_view name = "faulty broker");
    ~FaultyBroker() override;

    /// Changes what goes wrong from now on. What is held back stays so.
    void set_faults(const BrokerFaults& faults);
    /// Has `script` decide from now on; null: the chances again. It must outlive the broker.
    void set_script(BrokerScript* script) noexcept { script_ = script; }
    /// While on, `publish`, `fetch` and `acknowledge` fail with `unavailable`.
    void outage(bool on);
    /// Ends all faults and an outage, and lets go what is held back.
    void heal();
    /// Returns how many deliveries are held back, repeated ones included.
    std::size_t held_count() const;

    Result<void> claim(const Topic& topic, std::string_view owner) override;
    void release(const Topic& topic) override;
    Result<Offset> publish(const Topic& topic, std::span<const OutgoingEvent> events) override;
    Result<std::unique_ptr<Subscription>> subscribe(const Topic& topic, const ConsumerGroup& group,
                                                    const SubscriptionOptions& options) override;
    std::vector<Topic> topics() override;
    BrokerFeatures features() const noexcept override;
    std::vector<TopicUsage> usage() override;

    TimePoint poll(TimePoint now) override;
    std::string_view name() const noexcept override { return name_; }

private:
    class FaultySubscription;

    SimWorld& world_;
    Broker& broker_;
    BrokerFaults faults_;
    const std::string name_;
    Random random_;
    BrokerScript* script_ = nullptr;
    bool outage_ = false;
    std::uint64_t subscriptions_made_ = 0;
    std::vector<FaultySubscription*> subscriptions_;
};

}  // namespace tidings::sim
