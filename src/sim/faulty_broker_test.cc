#include <tidings/broker/log_broker.h>
#include <tidings/sim/faulty_broker.h>
#include <tidings/sim/scheduler.h>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace tidings::sim {
namespace {

/// A broker without faults and with one topic: what a FaultyBroker stands before in these tests.
class PlainBroker final : public Broker {
public:
    struct Record {
        EventHeaders headers;
        std::string envelope;
    };

    class PlainSubscription final : public Subscription {
    public:
        explicit PlainSubscription(PlainBroker& broker) : broker_(broker) {}
        Result<Fetched> fetch(std::size_t count_max) override {
            if (broker_.fails) return Error{ErrorCode::io_error, "broken"};
            Fetched fetched;
            while (next_ < high_watermark() && fetched.events.size() < count_max) {
                const Record& record = broker_.records[static_cast<std::size_t>(next_.value)];
                DeliveredEvent event{};
                event.offset = next_;
                event.headers = record.headers;
                event.envelope = record.envelope;
                fetched.events.push_back(event);
                ++next_;
            }
            fetched.next = next_;
            return fetched;
        }
        Result<void> acknowledge(Position position) override {
            broker_.acknowledged = position;
            return {};
        }
        Result<Position> seek(const StartAt& to) override {
            next_ = std::get<Position>(to);
            return next_;
        }
        Position high_watermark() const override {
            return Position{static_cast<std::int64_t>(broker_.records.size())};
        }

    private:
        PlainBroker& broker_;
        Position next_;
    };

    Result<void> claim(const Topic&, std::string_view) override { return {}; }
    void release(const Topic&) override {}
    Result<Offset> publish(const Topic&, std::span<const OutgoingEvent> events) override {
        const Offset first{static_cast<std::int64_t>(records.size())};
        for (const OutgoingEvent& event : events) {
            records.push_back({*event.headers, std::string{event.envelope}});
        }
        return first;
    }
    Result<std::unique_ptr<Subscription>> subscribe(const Topic&, const ConsumerGroup&,
                                                    const SubscriptionOptions&) override {
        return std::unique_ptr<Subscription>{std::make_unique<PlainSubscription>(*this)};
    }
    std::vector<Topic> topics() override { return {{"order"}}; }
    BrokerFeatures features() const noexcept override { return {}; }

    std::deque<Record> records;
    Position acknowledged;
    bool fails = false;
};

class FaultyBrokerTest : public testing::Test {
protected:
    /// Publishes events whose envelopes are their numbers and whose keys are these modulo `keys`.
    void publish(int count, int keys) {
        for (int n = 0; n < count; ++n) {
            EventHeaders headers;
            headers.key = fmt::format("key {}", n % keys);
            const std::string envelope = std::to_string(plain_.records.size());
            const OutgoingEvent event{&headers, envelope};
            ASSERT_TRUE(plain_.publish({"order"}, {&event, 1}));
        }
    }

    PlainBroker plain_;
};

/// What a consumer saw that stores its position and is told of all that comes.
struct Seen {
    std::vector<std::int64_t> offsets;  ///< In the order of delivery.
    Position next;
};

/// Fetches until nothing is left or held back, checking the promise about `next` each time.
Seen consume(SimWorld& world, FaultyBroker& broker, Subscription& subscription) {
    Seen seen;
    std::set<std::int64_t> known;
    do {
        auto fetched = subscription.fetch(7);
        EXPECT_TRUE(fetched);
        if (!fetched) return seen;
        EXPECT_LE(fetched->events.size(), 7u);
        for (const DeliveredEvent& event : fetched->events) {
            EXPECT_EQ(event.envelope, std::to_string(event.offset.value));
            EXPECT_EQ(event.attempt > 1, known.contains(event.offset.value));
            seen.offsets.push_back(event.offset.value);
            known.insert(event.offset.value);
        }
        EXPECT_GE(fetched->next, seen.next) << "a position does not go back";
        seen.next = fetched->next;
        for (std::int64_t offset = 0; offset < seen.next.value; ++offset) {
            EXPECT_TRUE(known.contains(offset)) << "next passes offset " << offset;
        }
        world.advance(100ms);
    } while (seen.next < subscription.high_watermark() || broker.held_count() > 0);
    return seen;
}

TEST_F(FaultyBrokerTest, HandsEverythingOverOnceAndInOrderWithoutFaults) {
    SimWorld world{1};
    FaultyBroker broker{world, plain_};
    auto subscription = *broker.subscribe({"order"}, {"payment"}, {});
    publish(50, 5);
    const Seen seen = consume(world, broker, *subscription);
    std::vector<std::int64_t> all(50);
    for (std::size_t n = 0; n < all.size(); ++n) all[n] = static_cast<std::int64_t>(n);
    EXPECT_EQ(seen.offsets, all);
}

TEST_F(FaultyBrokerTest, RepeatsDelaysAndReordersWithoutEverPassingWhatItHoldsBack) {
    publish(200, 20);
    std::size_t repeated = 0;
    std::size_t reordered = 0;
    for (std::uint64_t seed = 0; seed < 50; ++seed) {
        SimWorld world{seed};
        FaultyBroker broker{world, plain_, {.duplicate = 0.1, .delay = 0.2, .delay_max = 3s}};
        auto subscription = *broker.subscribe({"order"}, {"payment"}, {});
        const Seen seen = consume(world, broker, *subscription);
        std::map<std::int64_t, std::int64_t> last_of_key;
        std::set<std::int64_t> known;
        for (const std::int64_t offset : seen.offsets) {
            if (!known.insert(offset).second) continue;
            if (!known.empty() && offset < *known.rbegin()) ++reordered;
            const auto last = last_of_key.find(offset % 20);
            EXPECT_TRUE(last == last_of_key.end() || last->second < offset) << "order of a key";
            last_of_key[offset % 20] = offset;
        }
        EXPECT_EQ(known.size(), 200u);
        repeated += seen.offsets.size() - known.size();
    }
    EXPECT_GT(repeated, 500u);
    EXPECT_GT(reordered, 500u);
}

TEST_F(FaultyBrokerTest, BreaksTheOrderOfAKeyOnlyWhenAskedAndSaysSo) {
    SimWorld world{1};
    FaultyBroker broker{world, plain_, {.delay = 0.3, .keep_key_order = false}};
    EXPECT_FALSE(broker.features().keeps_key_order);
    auto subscription = *broker.subscribe({"order"}, {"payment"}, {});
    publish(100, 1);
    const Seen seen = consume(world, broker, *subscription);
    EXPECT_EQ(seen.offsets.size(), 100u);
    EXPECT_FALSE(std::is_sorted(seen.offsets.begin(), seen.offsets.end()));
}

TEST_F(FaultyBrokerTest, RepeatsItselfForASeed) {
    publish(100, 10);
    const auto offsets_of = [&](std::uint64_t seed) {
        SimWorld world{seed};
        FaultyBroker broker{world, plain_, {.duplicate = 0.1, .delay = 0.2}};
        auto subscription = *broker.subscribe({"order"}, {"payment"}, {});
        return consume(world, broker, *subscription).offsets;
    };
    EXPECT_EQ(offsets_of(1), offsets_of(1));
    EXPECT_NE(offsets_of(1), offsets_of(2));
}

TEST_F(FaultyBrokerTest, HandsOverAgainWhatWasHeldBackFromAConsumerThatStartedAnew) {
    SimWorld world{3};
    FaultyBroker broker{world, plain_, {.delay = 0.5}};
    publish(20, 20);
    auto subscription = *broker.subscribe({"order"}, {"payment"}, {});
    const Position stored = subscription->fetch(20)->next;
    ASSERT_LT(stored.value, 20);
    subscription.reset();
    broker.heal();

    subscription = *broker.subscribe({"order"}, {"payment"}, {});
    ASSERT_TRUE(subscription->seek(stored));
    const auto fetched = subscription->fetch(20);
    ASSERT_TRUE(fetched);
    EXPECT_EQ(static_cast<std::int64_t>(fetched->events.size()), 20 - stored.value);
    EXPECT_EQ(fetched->events.front().offset, stored);
}

TEST_F(FaultyBrokerTest, WakesTheConsumerWhenWhatWasHeldBackMayGo) {
    SimWorld world{3};
    Scheduler scheduler{world};
    FaultyBroker broker{world, plain_, {.delay = 1}};
    scheduler.add(broker);
    io::Wakeup wakeup;
    SubscriptionOptions options;
    options.wakeup = &wakeup;
    auto subscription = *broker.subscribe({"order"}, {"payment"}, options);
    publish(1, 1);
    EXPECT_TRUE(subscription->fetch(1)->events.empty());
    EXPECT_TRUE(scheduler.run_until([&] { return wakeup.take(); }, 6s));
    EXPECT_EQ(subscription->fetch(1)->events.size(), 1u);
    EXPECT_TRUE(scheduler.run_until_quiet(1s));
    EXPECT_FALSE(wakeup.take());
}

TEST_F(FaultyBrokerTest, LetsEverythingGoWhenItHeals) {
    SimWorld world{3};
    FaultyBroker broker{world, plain_, {.delay = 1, .delay_max = 1h}};
    io::Wakeup wakeup;
    SubscriptionOptions options;
    options.wakeup = &wakeup;
    auto subscription = *broker.subscribe({"order"}, {"payment"}, options);
    publish(10, 2);
    EXPECT_TRUE(subscription->fetch(10)->events.empty());
    EXPECT_EQ(broker.held_count(), 10u);
    broker.heal();
    EXPECT_TRUE(wakeup.take());
    const auto fetched = subscription->fetch(20);
    EXPECT_EQ(fetched->events.size(), 10u);
    EXPECT_EQ(fetched->next, Position{10});
}

TEST_F(FaultyBrokerTest, IsOutOfReachDuringAnOutage) {
    SimWorld world{3};
    FaultyBroker broker{world, plain_};
    io::Wakeup wakeup;
    SubscriptionOptions options;
    options.wakeup = &wakeup;
    auto subscription = *broker.subscribe({"order"}, {"payment"}, options);
    publish(1, 1);
    broker.outage(true);
    EXPECT_EQ(broker.publish({"order"}, {}).error().code, ErrorCode::unavailable);
    EXPECT_EQ(subscription->fetch(1).error().code, ErrorCode::unavailable);
    EXPECT_EQ(subscription->acknowledge(Position{1}).error().code, ErrorCode::unavailable);
    broker.outage(false);
    EXPECT_TRUE(wakeup.take());
    EXPECT_EQ(subscription->fetch(1)->events.size(), 1u);
    EXPECT_TRUE(subscription->acknowledge(Position{1}));
    EXPECT_EQ(plain_.acknowledged, Position{1});
}

TEST_F(FaultyBrokerTest, PublishesAndLosesTheAnswer) {
    SimWorld world{3};
    FaultyBroker broker{world, plain_, {.lose_answer = 1}};
    const EventHeaders headers;
    const OutgoingEvent event{&headers, "0"};
    EXPECT_EQ(broker.publish({"order"}, {&event, 1}).error().code, ErrorCode::unavailable);
    EXPECT_EQ(plain_.records.size(), 1u);
}

TEST_F(FaultyBrokerTest, LosesNothingWhenTheBrokerBehindItFails) {
    SimWorld world{3};
    FaultyBroker broker{world, plain_, {.delay = 1}};
    auto subscription = *broker.subscribe({"order"}, {"payment"}, {});
    publish(3, 3);
    EXPECT_TRUE(subscription->fetch(3)->events.empty());
    broker.heal();
    plain_.fails = true;
    EXPECT_EQ(subscription->fetch(5).error().code, ErrorCode::io_error);
    plain_.fails = false;
    EXPECT_EQ(subscription->fetch(5)->events.size(), 3u);
}

TEST_F(FaultyBrokerTest, StandsBeforeTheEmbeddedBrokerAndSurvivesItsCrashes) {
    SimWorld world{5};
    std::int64_t published = 0;
    Position stored;
    std::set<std::int64_t> known;
    for (int life = 0; life < 5; ++life) {
        auto log = open_log_broker(world.process("shop"), "log", {.segment_bytes_max = 1 << 20});
        ASSERT_TRUE(log) << log.error().message;
        FaultyBroker broker{world, **log, {.duplicate = 0.1, .delay = 0.3, .delay_max = 1s}};
        ASSERT_TRUE(broker.claim({"order"}, "order-service"));
        auto subscription = broker.subscribe({"order"}, {"payment"}, {});
        ASSERT_TRUE(subscription) << subscription.error().message;
        ASSERT_TRUE((*subscription)->seek(stored));
        for (int round = 0; round < 10; ++round) {
            EventHeaders headers;
            headers.key = fmt::format("key {}", round % 3);
            const std::string envelope = std::to_string(published);
            const OutgoingEvent event{&headers, envelope};
            ASSERT_TRUE(broker.publish({"order"}, {&event, 1}));
            ++published;
            const auto fetched = (*subscription)->fetch(100);
            ASSERT_TRUE(fetched) << fetched.error().message;
            for (const DeliveredEvent& delivered : fetched->events) {
                EXPECT_EQ(delivered.envelope, std::to_string(delivered.offset.value));
                known.insert(delivered.offset.value);
            }
            stored = fetched->next;
            world.advance(100ms);
        }
        world.crash();
        subscription->reset();
    }
    for (std::int64_t offset = 0; offset < stored.value; ++offset) {
        EXPECT_TRUE(known.contains(offset)) << offset;
    }
    EXPECT_GT(stored.value, 30);
}

/// Has something else happen to each of the first events.
class Script final : public BrokerScript {
public:
    DeliveryFault deliver(const Topic& topic, const DeliveredEvent& event) override {
        using Kind = DeliveryFault::Kind;
        EXPECT_EQ(topic.name, "order");
        asked.push_back(event.offset.value);
        constexpr std::array kinds{Kind::late, Kind::repeated, Kind::dropped, Kind::none};
        const auto which = static_cast<std::size_t>(event.offset.value);
        return {which < kinds.size() ? kinds[which] : Kind::none, 3s};
    }
    bool loses_answer(const Topic&, Offset first) override { return first.value == 4; }
    void handed_over(const Topic&, const DeliveredEvent& event) override {
        handed.emplace_back(event.offset.value, event.attempt);
    }
    void published(const Topic&, Offset first, std::span<const OutgoingEvent> events) override {
        last_published = first.value + static_cast<std::int64_t>(events.size());
    }

    std::vector<std::int64_t> asked;
    std::vector<std::pair<std::int64_t, int>> handed;
    std::int64_t last_published = 0;
};

TEST_F(FaultyBrokerTest, DoesWhatAScriptSaysAndTellsIt) {
    SimWorld world{1};
    FaultyBroker broker{world, plain_, {.duplicate = 1}};  // The script stands before chances.
    Script script;
    broker.set_script(&script);
    auto subscription = *broker.subscribe({"order"}, {"payment"}, {});
    publish(4, 4);  // Each with a key of its own.

    ASSERT_TRUE(subscription->fetch(10));
    world.advance(3s);
    ASSERT_TRUE(subscription->fetch(10));

    EXPECT_EQ(script.asked, (std::vector<std::int64_t>{0, 1, 2, 3}));
    EXPECT_EQ(script.handed,
              (std::vector<std::pair<std::int64_t, int>>{{1, 1}, {3, 1}, {0, 1}, {1, 2}, {2, 2}}));
    const EventHeaders headers;
    const OutgoingEvent event{&headers, "4"};
    EXPECT_FALSE(broker.publish({"order"}, std::span{&event, 1}));  // It is there all the same.
    EXPECT_EQ(script.last_published, 5);
    EXPECT_TRUE(broker.publish({"order"}, std::span{&event, 1}));
}

}  // namespace
}  // namespace tidings::sim
