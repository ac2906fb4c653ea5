#include <tidings/broker/log_broker.h>
#include <tidings/broker/record_headers.h>
#include <tidings/io/file.h>

#include "base/test_points.h"
#include "broker/groups.h"
#include "broker/log_subscription.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <utility>

namespace tidings {
namespace {

/// What a segment holds beside its one event: the blocks of its own and of the batch, headers.
constexpr std::uint64_t segment_overhead = 12 * 1024;
/// Retention looks at least so often while something is published.
constexpr Duration retention_every = 60s;
/// And so often while a publisher is refused for want of room.
constexpr Duration retention_when_full_every = 1s;

/// A topic that this broker object publishes to.
struct Claim {
    std::mutex mutex;
    std::string owner;
    std::unique_ptr<log::Log> log;
    std::string headers;  ///< Of the events being published.
    std::vector<log::NewRecord> records;
    std::uint64_t bytes_since_retention = 0;
    TimePoint retention_at;
    std::uint64_t held_bytes = 0;  ///< That retention would have removed, but for a group.
};

class LogBroker final : public Broker {
public:
    LogBroker(io::World& world, std::string directory, const log::Options& options, Journal journal,
              std::unique_ptr<log::Doorbell> doorbell)
        : world_(world),
          directory_(std::move(directory)),
          options_(options),
          journal_(std::move(journal)),
          doorbell_(std::move(doorbell)) {}

    Result<void> claim(const Topic& topic, std::string_view owner) override;
    void release(const Topic& topic) override;
    Result<Offset> publish(const Topic& topic, std::span<const OutgoingEvent> events) override;
    Result<std::unique_ptr<Subscription>> subscribe(const Topic& topic, const ConsumerGroup& group,
                                                    const SubscriptionOptions& options) override;
    std::vector<Topic> topics() override;
    BrokerFeatures features() const noexcept override;
    std::vector<TopicUsage> usage() override;

private:
    std::string path_of(const Topic& topic) const { return directory_ + "/" + topic.name; }
    Result<std::size_t> prepare(Claim& claim, std::span<const OutgoingEvent> events) const;
    void retain_now_and_then(const Topic& topic, Claim& claim, std::size_t bytes);
    void retain(const Topic& topic, Claim& claim);
    Result<Offset> append(const Topic& topic, Claim& claim);

    io::World& world_;
    const std::string directory_;
    const log::Options options_;
    const Journal journal_;
    std::unique_ptr<log::Doorbell> doorbell_;
    std::mutex mutex_;
    std::map<std::string, std::shared_ptr<Claim>> claims_;
};

Result<void> LogBroker::claim(const Topic& topic, std::string_view owner) {
    if (auto named = check_topic_name(topic.name); !named) return named;
    const std::lock_guard guard{mutex_};
    if (const auto known = claims_.find(topic.name); known != claims_.end()) {
        return Error{
            ErrorCode::unavailable,
            fmt::format("topic {} is claimed by {} already", topic.name, known->second->owner),
            "release it first"};
    }
    auto log = log::Log::open(world_, path_of(topic), owner, options_);
    if (!log) return with_context(log.error(), "claim topic " + topic.name);
    if (const log::Recovery& recovery = (*log)->recovery(); !recovery.note.empty()) {
        journal_.write(LogLevel::warning, recovery.note, {{"topic", topic.name}});
    }
    auto claim = std::make_shared<Claim>();
    claim->owner = owner;
    claim->log = std::move(*log);
    claims_.emplace(topic.name, std::move(claim));
    // After a start of the machine readers see nothing before the writer is there: those who came
    // first have to hear of it.
    doorbell_->ring(topic.name);
    return {};
}

void LogBroker::release(const Topic& topic) {
    std::shared_ptr<Claim> claim;
    const std::lock_guard guard{mutex_};
    if (const auto known = claims_.find(topic.name); known != claims_.end()) {
        claim = std::move(known->second);
        claims_.erase(known);
    }
    // The lock has to be free when this returns, even if another thread still holds on to the
    // claim: it then finds the log gone.
    if (claim) {
        const std::lock_guard publishing{claim->mutex};
        claim->log.reset();
    }
}

/// Fills `claim.records`; returns how many bytes they have.
Result<std::size_t> LogBroker::prepare(Claim& claim, std::span<const OutgoingEvent> events) const {
    std::size_t bytes = 0;
    std::size_t headers_bytes = 0;
    for (const OutgoingEvent& event : events) {
        if (event.envelope.size() > Envelope::bytes_max) {
            return Error{
                ErrorCode::limit_exceeded,
                fmt::format("an event of type {} has {} bytes; at most {} are published",
                            event.headers->type, event.envelope.size(), Envelope::bytes_max)};
        }
        headers_bytes += record_headers_bytes(*event.headers);
        bytes += event.envelope.size();
    }
    bytes += headers_bytes;
    if (bytes > publish_bytes_max) {
        return Error{ErrorCode::limit_exceeded,
                     fmt::format("{} events of {} bytes in all are too much for one call; at most "
                                 "{} bytes are published at once",
                                 events.size(), bytes, publish_bytes_max),
                     "publish fewer at a time"};
    }
    claim.headers.clear();
    claim.headers.reserve(headers_bytes);
    claim.records.clear();
    for (const OutgoingEvent& event : events) {
        const std::size_t start = claim.headers.size();
        write_record_headers(*event.headers, claim.headers);
        claim.records.push_back({std::string_view{claim.headers}.substr(start), event.envelope});
    }
    return bytes;
}

Result<Offset> LogBroker::publish(const Topic& topic, std::span<const OutgoingEvent> events) {
    std::shared_ptr<Claim> claim;
    {
        const std::lock_guard guard{mutex_};
        if (const auto known = claims_.find(topic.name); known != claims_.end()) {
            claim = known->second;
        }
    }
    std::unique_lock<std::mutex> publishing;
    if (claim) publishing = std::unique_lock{claim->mutex};
    if (!claim || !claim->log) {
        return Error{ErrorCode::not_found, fmt::format("topic {} is not claimed", topic.name),
                     "claim it before publishing to it"};
    }
    const auto bytes = prepare(*claim, events);
    if (!bytes) return bytes.error();
    const auto first = append(topic, *claim);
    if (!first) return with_context(first.error(), "publish to topic " + topic.name);
    if (events.empty()) return first;
    if (!planted(Mistake::rings_no_doorbell)) doorbell_->ring(topic.name);
    retain_now_and_then(topic, *claim, *bytes);
    return first;
}

/// Appends `claim.records`. A log that is full may have become so for want of somebody to look.
Result<Offset> LogBroker::append(const Topic& topic, Claim& claim) {
    Result<Offset> first = claim.log->append(claim.records);
    if (first || first.error().code != ErrorCode::unavailable || options_.bytes_max == 0 ||
        world_.monotonic() - claim.retention_at < retention_when_full_every) {
        return first;
    }
    retain(topic, claim);
    return claim.log->append(claim.records);
}

void LogBroker::retain_now_and_then(const Topic& topic, Claim& claim, std::size_t bytes) {
    if (options_.retention_bytes_max == 0 && options_.retention_age_max == Duration{0}) return;
    claim.bytes_since_retention += bytes;
    const TimePoint now = world_.monotonic();
    if (claim.bytes_since_retention < options_.segment_bytes_max / 2 &&
        now - claim.retention_at < retention_every) {
        return;
    }
    retain(topic, claim);
}

/// Removes what the bounds allow. Its failure is not the publisher's: it is said and tried again.
void LogBroker::retain(const Topic& topic, Claim& claim) {
    claim.bytes_since_retention = 0;
    claim.retention_at = world_.monotonic();
    const auto slowest = slowest_group(world_.files(), path_of(topic));
    if (!slowest) {
        journal_.write(LogLevel::warning, "retention cannot read the groups",
                       {{"topic", topic.name}, {"error", slowest.error().message}});
        return;
    }
    const bool waits_for_group = *slowest && !planted(Mistake::retention_ignores_groups);
    const auto held = claim.log->retain(waits_for_group ? (*slowest)->position : claim.log->next());
    claim.held_bytes = held ? *held : 0;
    if (!held) {
        journal_.write(LogLevel::warning, "retention failed",
                       {{"topic", topic.name}, {"error", held.error().message}});
    } else if (*held > 0) {
        journal_.write(LogLevel::warning, "a group keeps what retention would remove",
                       {{"topic", topic.name},
                        {"group", (*slowest)->name},
                        {"position", (*slowest)->position.value},
                        {"bytes", *held}});
    }
}

Result<std::unique_ptr<Subscription>> LogBroker::subscribe(const Topic& topic,
                                                           const ConsumerGroup& group,
                                                           const SubscriptionOptions& options) {
    if (auto named = check_topic_name(topic.name); !named) return named.error();
    if (!group.name.empty()) {
        if (auto named = check_group_name(group.name); !named) return named.error();
    }
    auto reader = log::Reader::open(world_, path_of(topic), log::Reader::Unacknowledged::hidden);
    if (!reader) return reader.error();
    auto doorbell = log::Doorbell::open(world_, directory_);
    if (!doorbell) return doorbell.error();
    auto made = std::make_unique<LogSubscription>(std::move(*reader), std::move(*doorbell),
                                                  options.types, options.wakeup);
    if (auto begun = made->begin(world_.files(), path_of(topic), topic.name, group, options.start);
        !begun) {
        return with_context(begun.error(), "subscribe to topic " + topic.name);
    }
    return std::unique_ptr<Subscription>{std::move(made)};
}

std::vector<Topic> LogBroker::topics() {
    std::vector<Topic> found;
    const auto names = world_.files().list(directory_);
    if (!names) return found;
    for (const std::string& name : *names) {
        if (!check_topic_name(name)) continue;
        const auto files = world_.files().list(directory_ + "/" + name);
        // Who subscribes may make the directory before the owner makes the log.
        if (files && std::any_of(files->begin(), files->end(), [](const std::string& file) {
                return file.ends_with(".segment");
            })) {
            found.push_back(Topic{name});
        }
    }
    return found;
}

std::vector<TopicUsage> LogBroker::usage() {
    std::map<std::string, std::shared_ptr<Claim>> claims;
    {
        const std::lock_guard guard{mutex_};
        claims = claims_;
    }
    std::vector<TopicUsage> all;
    for (const auto& [name, claim] : claims) {
        TopicUsage usage;
        usage.topic = name;
        usage.bytes_max = options_.bytes_max;
        {
            const std::lock_guard publishing{claim->mutex};
            if (!claim->log) continue;
            usage.bytes = claim->log->bytes();
            usage.high_watermark = claim->log->next();
            usage.held_bytes = claim->held_bytes;
        }
        usage.slowest_position = usage.high_watermark;
        const auto slowest = slowest_group(world_.files(), path_of(Topic{name}));
        if (slowest && *slowest) {
            usage.slowest_group = (*slowest)->name;
            usage.slowest_position = (*slowest)->position;
        }
        all.push_back(std::move(usage));
    }
    return all;
}

BrokerFeatures LogBroker::features() const noexcept {
    BrokerFeatures features;
    features.durability = options_.durable ? Durability::durable : Durability::buffered;
    const std::uint64_t room =
        options_.segment_bytes_max - std::min(options_.segment_bytes_max, segment_overhead);
    features.event_bytes_max = std::min<std::uint64_t>(Envelope::bytes_max, room);
    return features;
}

}  // namespace

Result<std::unique_ptr<Broker>> open_log_broker(io::World& world, const std::string& directory,
                                                const log::Options& options,
                                                const Journal& journal) {
    io::FileSystem& files = world.files();
    if (auto made = files.make_directory(directory); !made) return made.error();
    if (auto flushed = files.flush_directory(io::parent_directory(directory)); !flushed) {
        return flushed.error();
    }
    auto doorbell = log::Doorbell::open(world, directory);
    if (!doorbell) return doorbell.error();
    return std::unique_ptr<Broker>{
        std::make_unique<LogBroker>(world, directory, options, journal, std::move(*doorbell))};
}

}  // namespace tidings
