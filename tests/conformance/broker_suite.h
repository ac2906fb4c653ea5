#pragma once

#include <tidings/broker/broker.h>
#include <tidings/io/world.h>

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// What every Broker must do, whoever makes it: the full definition of the interface.
///
/// An implementation is tried by instantiating the suite with a factory:
///
///     INSTANTIATE_TEST_SUITE_P(LogBroker, BrokerSuite, testing::Values(in_simulation()),
///                              BrokerUnderTest::name_of);
///
/// What it says in `features()` that it cannot do, it is expected to refuse with `unsupported`.
namespace tidings::conformance {

/// A place that brokers are opened on: an empty directory, a server started for the test.
class BrokerPlace {
public:
    virtual ~BrokerPlace() = default;
    /// Returns a Broker as the process `process` has it.
    virtual std::unique_ptr<Broker> open(std::string_view process) = 0;
    /// Ends all that runs as hard as the place can, power first, and starts it anew. Brokers
    /// opened before were destroyed.
    virtual void restart() = 0;
    virtual io::World& world() = 0;
    /// Lets time go on so far that what is published next has a later time.
    virtual void let_time_pass() = 0;
};

struct BrokerUnderTest {
    std::string name;
    std::function<std::unique_ptr<BrokerPlace>()> make;

    static std::string name_of(const testing::TestParamInfo<BrokerUnderTest>& info) {
        return info.param.name;
    }
    friend std::ostream& operator<<(std::ostream& out, const BrokerUnderTest& one) {
        return out << one.name;
    }
};

/// An event as the suite publishes and expects it.
struct TestEvent {
    EventHeaders headers;
    std::string envelope;

    static TestEvent number(int number, std::string type = "order.created") {
        TestEvent event;
        event.headers.type = std::move(type);
        event.headers.key = "key-" + std::to_string(number % 3);
        event.headers.source = "order-service";
        event.headers.epoch = Uuid::version4({1, 2, 3});
        event.headers.sequence = Sequence{number};
        event.headers.causation_id = "cause-" + std::to_string(number);
        event.headers.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        event.envelope = R"({"id":)" + std::to_string(number) + "}";
        return event;
    }
    static std::vector<TestEvent> numbers(int first, int count) {
        std::vector<TestEvent> events;
        for (int i = 0; i < count; ++i) events.push_back(number(first + i));
        return events;
    }
};

class BrokerSuite : public testing::TestWithParam<BrokerUnderTest> {
protected:
    void SetUp() override {
        place_ = GetParam().make();
        broker_ = place_->open("order-service");
        ASSERT_NE(broker_, nullptr);
    }
    void TearDown() override {
        broker_.reset();
        place_.reset();
    }

    Result<Offset> publish(const std::vector<TestEvent>& events) {
        return publish(*broker_, events);
    }
    Result<Offset> publish(Broker& broker, const std::vector<TestEvent>& events) {
        std::vector<OutgoingEvent> outgoing;
        for (const TestEvent& event : events) outgoing.push_back({&event.headers, event.envelope});
        return broker.publish(topic_, outgoing);
    }
    std::unique_ptr<Subscription> subscribe(Broker& broker, const SubscriptionOptions& options = {},
                                            const std::string& group = "payment-service") {
        auto subscription = broker.subscribe(topic_, ConsumerGroup{group}, options);
        EXPECT_TRUE(subscription) << subscription.error().message;
        return subscription ? std::move(*subscription) : nullptr;
    }
    std::unique_ptr<Subscription> subscribe(const SubscriptionOptions& options = {},
                                            const std::string& group = "payment-service") {
        return subscribe(*broker_, options, group);
    }
    /// Fetches until there is nothing; returns the sequences, and checks the rest of each event.
    std::vector<int> drain(Subscription& subscription, std::size_t count_max = 100) {
        std::vector<int> numbers;
        while (true) {
            auto fetched = subscription.fetch(count_max);
            EXPECT_TRUE(fetched) << fetched.error().message;
            if (!fetched || fetched->events.empty()) return numbers;
            EXPECT_LE(fetched->events.size(), count_max);
            for (const DeliveredEvent& event : fetched->events) {
                const int number = static_cast<int>(event.headers.sequence.value);
                const TestEvent expected = TestEvent::number(number, event.headers.type);
                EXPECT_EQ(event.headers, expected.headers);
                EXPECT_EQ(event.envelope, expected.envelope);
                EXPECT_LT(event.offset, fetched->next);
                numbers.push_back(number);
            }
        }
    }
    static std::vector<int> count(int from, int to) {
        std::vector<int> numbers;
        for (int i = from; i <= to; ++i) numbers.push_back(i);
        return numbers;
    }

    std::unique_ptr<BrokerPlace> place_;
    std::unique_ptr<Broker> broker_;
    const Topic topic_{"order"};
};

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(BrokerSuite);

TEST_P(BrokerSuite, HandsOverWhatWasPublishedInOrderAndWhole) {
    ASSERT_TRUE(broker_->claim(topic_, "order-service"));
    auto subscription = subscribe();
    ASSERT_TRUE(publish(TestEvent::numbers(1, 5)));
    ASSERT_TRUE(publish(TestEvent::numbers(6, 1)));
    EXPECT_EQ(drain(*subscription), count(1, 6));
    EXPECT_EQ(drain(*subscription), count(1, 0));
}

TEST_P(BrokerSuite, OffsetsRiseWithoutGaps) {
    ASSERT_TRUE(broker_->claim(topic_, "order-service"));
    const Offset first = publish(TestEvent::numbers(1, 5)).value();
    EXPECT_EQ(publish(TestEvent::numbers(6, 2)).value(), first + 5);
    auto subscription = subscribe();
    Offset expected = first;
    const auto fetched = subscription->fetch(100).value();
    for (const DeliveredEvent& event : fetched.events) {
        EXPECT_EQ(event.offset, expected);
        expected = expected + 1;
    }
    EXPECT_EQ(fetched.next, first + 7);
    EXPECT_EQ(subscription->high_watermark(), first + 7);
}

TEST_P(BrokerSuite, PublishingNothingIsFine) {
    ASSERT_TRUE(broker_->claim(topic_, "order-service"));
    EXPECT_TRUE(publish({}));
    EXPECT_EQ(drain(*subscribe()), count(1, 0));
}

TEST_P(BrokerSuite, PublishingNeedsAClaim) {
    const auto refused = publish(TestEvent::numbers(1, 1));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::not_found);
}

TEST_P(BrokerSuite, OnePublisherAtATime) {
    ASSERT_TRUE(broker_->claim(topic_, "order-service"));
    auto other = place_->open("intruder");
    const auto refused = other->claim(topic_, "intruder");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::unavailable);
    EXPECT_NE(refused.error().message.find("order-service"), std::string::npos)
        << refused.error().message;
    const auto again = broker_->claim(topic_, "order-service");
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().code, ErrorCode::unavailable);

    broker_->release(topic_);
    EXPECT_FALSE(publish(TestEvent::numbers(1, 1)));
    EXPECT_TRUE(other->claim(topic_, "intruder"));
    EXPECT_TRUE(publish(*other, TestEvent::numbers(1, 1)));
}

TEST_P(BrokerSuite, EveryGroupGetsEveryEvent) {
    ASSERT_TRUE(broker_->claim(topic_, "order-service"));
    auto one = subscribe({}, "payment-service");
    auto two = subscribe({}, "inventory-service");
    ASSERT_TRUE(publish(TestEvent::numbers(1, 4)));
    EXPECT_EQ(drain(*one), count(1, 4));
    EXPECT_EQ(drain(*two, 1), count(1, 4));
}

TEST_P(BrokerSuite, OtherProcessesGetTheEventsToo) {
    ASSERT_TRUE(broker_->claim(topic_, "order-service"));
    auto other = place_->open("payment-service");
    auto subscription = subscribe(*other);
    ASSERT_TRUE(publish(TestEvent::numbers(1, 4)));
    EXPECT_EQ(drain(*subscription), count(1, 4));
}

TEST_P(BrokerSuite, ASubscriptionMayBeOlderThanItsTopic) {
    auto subscription = subscribe();
    EXPECT_EQ(drain(*subscription), count(1, 0));
    ASSERT_TRUE(broker_->claim(topic_, "order-service"));
    ASSERT_TRUE(publish(TestEvent::numbers(1, 2)));
    EXPECT_EQ(drain(*subscription), count(1, 2));
}

TEST_P(BrokerSuite, PassesOverTypesThatAreNotWanted) {
    ASSERT_TRUE(broker_->claim(topic_, "order-service"));
    std::vector<TestEvent> events = TestEvent::numbers(1, 2000);
    for (const int wanted : {500, 1000, 1500, 2000}) {
        events[static_cast<std::size_t>(wanted - 1)] = TestEvent::number(wanted, "order.cancelled");
    }
    ASSERT_TRUE(publish({events.begin(), events.begin() + 700}));
    ASSERT_TRUE(publish({events.begin() + 700, events.end()}));
    auto subscription = subscribe({.types = {"order.cancelled", "order.rejected"}});
    EXPECT_EQ(drain(*subscription, 3), (std::vector<int>{500, 1000, 1500, 2000}));
    auto nothing = subscribe({.types = {"order.rejected"}});
    EXPECT_EQ(drain(*nothing), count(1, 0));
    EXPECT_EQ(nothing->fetch(1).value().next, nothing->high_watermark());
}

TEST_P(BrokerSuite, RingsWhenThereIsSomethingToFetch) {
    ASSERT_TRUE(broker_->claim(topic_, "order-service"));
    io::Wakeup wakeup;
    auto subscription = subscribe({.wakeup = &wakeup});
    EXPECT_TRUE(wakeup.take());  // There might be something already.
    EXPECT_EQ(drain(*subscription), count(1, 0));
    wakeup.take();
    ASSERT_TRUE(publish(TestEvent::numbers(1, 1)));
    EXPECT_TRUE(wakeup.take());
    EXPECT_EQ(drain(*subscription), count(1, 1));
}

TEST_P(BrokerSuite, OneWakeupMayServeManySubscriptions) {
    ASSERT_TRUE(broker_->claim(topic_, "order-service"));
    io::Wakeup wakeup;
    auto stays = subscribe({.wakeup = &wakeup}, "a");
    auto goes = broker_->subscribe(Topic{"payment"}, {"a"}, {.wakeup = &wakeup}).value();
    goes.reset();
    wakeup.take();
    ASSERT_TRUE(publish(TestEvent::numbers(1, 1)));
    EXPECT_TRUE(wakeup.take());
}

TEST_P(BrokerSuite, StartsWhereItIsAskedTo) {
    ASSERT_TRUE(broker_->claim(topic_, "order-service"));
    const Offset first = publish(TestEvent::numbers(1, 3)).value();
    auto earliest = subscribe({.start = Earliest{}}, "a");
    auto latest = subscribe({.start = Latest{}}, "b");
    auto second = subscribe({.start = Position{first + 1}}, "c");
    ASSERT_TRUE(publish(TestEvent::numbers(4, 2)));
    EXPECT_EQ(drain(*earliest), count(1, 5));
    EXPECT_EQ(drain(*latest), count(4, 5));
    EXPECT_EQ(drain(*second), count(2, 5));
}

TEST_P(BrokerSuite, SeeksByPosition) {
    ASSERT_TRUE(broker_->claim(topic_, "order-service"));
    const Offset first = publish(TestEvent::numbers(1, 5)).value();
    auto subscription = subscribe();
    EXPECT_EQ(drain(*subscription), count(1, 5));
    EXPECT_EQ(subscription->seek(Position{first + 2}).value(), first + 2);
    EXPECT_EQ(drain(*subscription), count(3, 5));
    ASSERT_TRUE(subscription->seek(Earliest{}));
    EXPECT_EQ(drain(*subscription), count(1, 5));
    ASSERT_TRUE(subscription->seek(Position{first}));
    ASSERT_TRUE(subscription->seek(Latest{}));
    EXPECT_EQ(drain(*subscription), count(1, 0));
}

TEST_P(BrokerSuite, SeeksByTime) {
    ASSERT_TRUE(broker_->claim(topic_, "order-service"));
    ASSERT_TRUE(publish(TestEvent::numbers(1, 2)));
    place_->let_time_pass();
    const Timestamp between = place_->world().now();
    ASSERT_TRUE(publish(TestEvent::numbers(3, 2)));
    auto subscription = subscribe();
    const auto found = subscription->seek(between);
    if (!broker_->features().seek_by_time) {
        ASSERT_FALSE(found);
        EXPECT_EQ(found.error().code, ErrorCode::unsupported);
        return;
    }
    EXPECT_EQ(drain(*subscription), count(3, 4));
    place_->let_time_pass();
    ASSERT_TRUE(subscription->seek(place_->world().now() + 1h));
    EXPECT_EQ(drain(*subscription), count(1, 0));
    EXPECT_EQ(drain(*subscribe({.start = between}, "late")), count(3, 4));
}

TEST_P(BrokerSuite, RefusesWhatIsTooLargeAndKeepsNothingOfIt) {
    ASSERT_TRUE(broker_->claim(topic_, "order-service"));
    auto events = TestEvent::numbers(1, 3);
    events[1].envelope.assign(Envelope::bytes_max + 1, ' ');
    const auto one = publish(events);
    ASSERT_FALSE(one);
    EXPECT_EQ(one.error().code, ErrorCode::limit_exceeded);

    events = TestEvent::numbers(1, 17);
    for (TestEvent& event : events) event.envelope.assign(Envelope::bytes_max, ' ');
    const auto all = publish(events);
    ASSERT_FALSE(all);
    EXPECT_EQ(all.error().code, ErrorCode::limit_exceeded);

    EXPECT_EQ(drain(*subscribe()), count(1, 0));
    ASSERT_TRUE(publish(TestEvent::numbers(1, 1)));
    EXPECT_EQ(drain(*subscribe()), count(1, 1));
}

TEST_P(BrokerSuite, TakesTheLargestEventThereMayBe) {
    ASSERT_TRUE(broker_->claim(topic_, "order-service"));
    auto event = TestEvent::number(1);
    event.envelope.assign(Envelope::bytes_max, 'x');
    ASSERT_TRUE(publish({event}));
    auto subscription = subscribe();
    const auto fetched = subscription->fetch(10).value();
    ASSERT_EQ(fetched.events.size(), 1u);
    EXPECT_EQ(fetched.events[0].envelope, event.envelope);
}

TEST_P(BrokerSuite, RefusesNamesThatAreNone) {
    const std::vector<std::string> bad{"",           ".",       "..",
                                       "../order",   "Order",   "order/x",
                                       "order.x",    "order-x", "_order",
                                       "1order",     "order ",  std::string("a\0b", 3),
                                       "\u00f6rder", "%2e%2e",  std::string(300, 'a')};
    for (const std::string& name : bad) {
        EXPECT_EQ(broker_->claim(Topic{name}, "order-service").error().code,
                  ErrorCode::invalid_argument)
            << name;
        EXPECT_EQ(broker_->subscribe(Topic{name}, {"payment-service"}, {}).error().code,
                  ErrorCode::invalid_argument)
            << name;
    }
    EXPECT_EQ(broker_->subscribe(topic_, {"../payment"}, {}).error().code,
              ErrorCode::invalid_argument);
    EXPECT_TRUE(broker_->topics().empty());
}

TEST_P(BrokerSuite, ListsTheTopicsThatThereAre) {
    ASSERT_TRUE(broker_->claim(Topic{"payment"}, "payment-service"));
    ASSERT_TRUE(broker_->claim(topic_, "order-service"));
    ASSERT_TRUE(broker_->subscribe(Topic{"shipping"}, {"order-service"}, {}));
    const std::vector<Topic> expected{topic_, Topic{"payment"}};
    EXPECT_EQ(broker_->topics(), expected);
}

TEST_P(BrokerSuite, WhatWasPublishedDurablyOutlivesARestart) {
    if (broker_->features().durability != Durability::durable) GTEST_SKIP() << "is not durable";
    ASSERT_TRUE(broker_->claim(topic_, "order-service"));
    ASSERT_TRUE(publish(TestEvent::numbers(1, 3)));
    ASSERT_TRUE(publish(TestEvent::numbers(4, 1)));
    broker_.reset();
    place_->restart();
    broker_ = place_->open("order-service");
    ASSERT_TRUE(broker_->claim(topic_, "order-service"));
    ASSERT_TRUE(publish(TestEvent::numbers(5, 1)));
    EXPECT_EQ(drain(*subscribe()), count(1, 5));
}

TEST_P(BrokerSuite, ARestartedConsumerGoesOnWhereItAcknowledged) {
    ASSERT_TRUE(broker_->claim(topic_, "order-service"));
    ASSERT_TRUE(publish(TestEvent::numbers(1, 5)));
    Position done;
    {
        auto subscription = subscribe();
        done = subscription->fetch(2).value().next;
        ASSERT_TRUE(subscription->acknowledge(done));
    }
    // Where the consumer keeps positions, it says where it wants to go on; else the broker knows.
    const bool stores = broker_->features().stores_positions;
    auto subscription = stores ? subscribe() : subscribe({.start = done});
    EXPECT_EQ(drain(*subscription), count(3, 5));
}

}  // namespace tidings::conformance
