#pragma once

#include <tidings/io/worker.h>
#include <tidings/model/envelope.h>

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace tidings {

/// The ordered home of one domain's events; its name is the domain's.
struct Topic {
    std::string name;
    auto operator<=>(const Topic&) const = default;
};

/// Consumers that share one position; for a service, its name.
struct ConsumerGroup {
    std::string name;
    auto operator<=>(const ConsumerGroup&) const = default;
};

/// An event on its way to a broker. Views live as long as the call.
struct OutgoingEvent {
    const EventHeaders* headers = nullptr;
    std::string_view envelope;  ///< The envelope's JSON.
};

/// An event as a broker hands it over. Views live until the next `fetch` of the subscription.
struct DeliveredEvent {
    Offset offset;
    int partition = 0;
    int attempt = 1;     ///< More than 1 where the broker knows that it hands it over again.
    Timestamp appended;  ///< When the broker stored it.
    EventHeaders headers;
    std::string_view envelope;
};

/// How durable an event is when `publish` returns.
enum class Durability : std::uint8_t {
    buffered,    ///< In one process's or machine's memory.
    replicated,  ///< In the memory of several nodes.
    durable,     ///< Flushed to disk.
};

/// What an implementation can do. The conformance suite expects `unsupported` for the rest.
struct BrokerFeatures {
    Durability durability = Durability::durable;
    bool seek_by_time = true;
    bool stores_positions = false;  ///< Positions are the server's; else the consumer keeps them.
    bool keeps_key_order = true;
    std::size_t event_bytes_max = Envelope::bytes_max;  ///< Of an envelope; larger are refused.
};

/// At the oldest event kept.
struct Earliest {};
/// Behind the newest event.
struct Latest {};
/// Where a subscription starts, or is moved to.
using StartAt = std::variant<Earliest, Latest, Position, Timestamp>;

/// What a subscription wants.
struct SubscriptionOptions {
    StartAt start = Earliest{};  ///< Where a consumer that keeps its own position wants to start.
    std::vector<std::string> types{};  ///< Event types wanted; empty means all. What is filtered
                                       ///< out is still passed over in `Fetched::next`.
    io::Wakeup* wakeup = nullptr;      ///< Rung when there may be something to fetch.
};

/// What one fetch returned.
struct Fetched {
    std::vector<DeliveredEvent> events;
    Position next;  ///< Where the next fetch starts: everything before it was handed over.
};

/// One consumer group's claim on a topic.
///
/// Threads   One thread at a time.
class Subscription {
public:
    virtual ~Subscription() = default;
    /// Returns at once with what there is, at most `count_max` events; empty if there is nothing.
    /// Errors: `corruption` (names segment and offset), `io_error`, `unavailable`.
    virtual Result<Fetched> fetch(std::size_t count_max) = 0;
    /// Says that everything before `position` is done and durable in the consumer's own database.
    /// Retention and lag follow it; a broker that stores positions stores it.
    virtual Result<void> acknowledge(Position position) = 0;
    /// Moves this subscription; the next fetch starts there. Errors: `not_found`, `unsupported`.
    virtual Result<Position> seek(const StartAt& to) = 0;
    /// Returns the first offset not yet durable to readers.
    virtual Position high_watermark() const = 0;
};

/// How much room a topic takes, and who keeps it from taking less.
struct TopicUsage {
    std::string topic;
    std::uint64_t bytes = 0;
    std::uint64_t bytes_max = 0;  ///< Beyond it `publish` is refused. 0: no bound is known.
    std::string slowest_group;    ///< Empty: nobody subscribes.
    Position slowest_position;
    Position high_watermark;
    std::uint64_t held_bytes = 0;  ///< That retention would remove if the slowest had read them.
};

/// A place that keeps events in order and hands them to groups of consumers.
///
/// Guarantees
/// - Durable. When `publish()` returns, the events have reached the class in `features()`.
/// - Ordered. Events with equal keys are read in the order in which they were published.
/// - All or nothing per call. A call that fails leaves none of its events behind, or, where it was
///   cut by a crash, a beginning of them that is published again with the same ids.
///
/// Limits    `Envelope::bytes_max` for one event, `publish_bytes_max` for one call.
/// Threads   Any thread may call any member; one topic has one publisher at a time.
/// Lifetime  A Broker must outlive its Subscriptions.
class Broker {
public:
    static constexpr std::size_t publish_bytes_max = 16 * 1024 * 1024;

    virtual ~Broker() = default;

    /// Claims `topic` for publishing, under the name of `owner`, and opens or makes it.
    /// Errors: `unavailable` (somebody else publishes; the message says who), `corruption`.
    virtual Result<void> claim(const Topic& topic, std::string_view owner) = 0;
    /// Gives the claim back.
    virtual void release(const Topic& topic) = 0;
    /// Appends `events` to `topic`, which this broker object claimed, and returns the first
    /// offset. Errors: `not_found`, `limit_exceeded`, `io_error`, `unavailable` (full).
    virtual Result<Offset> publish(const Topic& topic, std::span<const OutgoingEvent> events) = 0;
    /// Joins `group` on `topic`, which need not exist yet.
    virtual Result<std::unique_ptr<Subscription>> subscribe(const Topic& topic,
                                                            const ConsumerGroup& group,
                                                            const SubscriptionOptions& options) = 0;
    virtual std::vector<Topic> topics() = 0;
    virtual BrokerFeatures features() const noexcept = 0;
    /// Returns how full the topics are that this object claimed; nothing where that is a server's
    /// concern.
    virtual std::vector<TopicUsage> usage() { return {}; }
};

}  // namespace tidings
