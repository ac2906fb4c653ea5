#include <tidings/broker/log_broker.h>
#include <tidings/broker/log_groups.h>
#include <tidings/broker/record_headers.h>
#include <tidings/sim/world.h>

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <thread>
#include <vector>

namespace tidings {
namespace {

const Topic order{"order"};

struct JournalLines {
    std::vector<std::string> lines;
    Journal journal(io::World& world) {
        return Journal{world, Journal::Options{}, [this](std::string_view line) {
                           lines.emplace_back(line);
                           return true;
                       }};
    }
    bool tell(std::string_view what) const {
        for (const std::string& line : lines) {
            if (line.find(what) != std::string::npos) return true;
        }
        return false;
    }
};

Result<Offset> publish(Broker& broker, int number, std::size_t bytes = 10) {
    EventHeaders headers;
    headers.type = "order.created";
    headers.sequence = Sequence{number};
    const std::string envelope(bytes, 'x');
    const OutgoingEvent event{&headers, envelope};
    return broker.publish(order, {&event, 1});
}

log::Options tight() {
    log::Options options;
    options.segment_bytes_max = 16 * 1024;
    options.retention_bytes_max = 64 * 1024;
    return options;
}

TEST(LogBroker, HandsOverRecordsWhoseHeadersAreBroken) {
    sim::SimWorld world{1};
    auto broker = open_log_broker(world, "data").value();
    {
        auto log = log::Log::open(world, "data/order", "somebody", {}).value();
        const log::NewRecord garbage{"\x01garbage", "not even JSON"};
        log->append({&garbage, 1}).value();
    }
    ASSERT_TRUE(broker->claim(order, "order-service"));
    ASSERT_TRUE(publish(*broker, 2));

    // Also to those who filter: somebody has to put it aside.
    auto subscription =
        broker->subscribe(order, {"payment-service"}, {.types = {"order.created"}}).value();
    const auto fetched = subscription->fetch(10).value();
    ASSERT_EQ(fetched.events.size(), 2u);
    EXPECT_EQ(fetched.events[0].headers, EventHeaders{});
    EXPECT_EQ(fetched.events[0].envelope, "not even JSON");
    EXPECT_EQ(fetched.events[1].headers.sequence, Sequence{2});
}

TEST(LogBroker, RetentionWaitsForTheSlowestGroupAndSaysSo) {
    sim::SimWorld world{1};
    JournalLines journal;
    auto broker = open_log_broker(world, "data", tight(), journal.journal(world)).value();
    ASSERT_TRUE(broker->claim(order, "order-service"));
    auto fast = broker->subscribe(order, {"fast"}, {}).value();
    auto slow = broker->subscribe(order, {"slow"}, {}).value();
    auto onlooker = broker->subscribe(order, {""}, {}).value();
    ASSERT_TRUE(slow->acknowledge(Position{4}));
    for (int i = 1; i <= 100; ++i) {
        ASSERT_TRUE(publish(*broker, i, 3'000));
        ASSERT_TRUE(fast->acknowledge(Position{i}));
    }
    EXPECT_TRUE(journal.tell("\"group\":\"slow\"")) << journal.lines.size();
    EXPECT_FALSE(journal.tell("\"group\":\"fast\""));
    ASSERT_TRUE(slow->seek(Position{4}));
    Position next;
    while (next < Position{100}) next = slow->fetch(1000).value().next;

    // When the slow one has caught up, retention does not wait for who only looks on
    ASSERT_TRUE(slow->acknowledge(Position{100}));
    for (int i = 101; i <= 110; ++i) ASSERT_TRUE(publish(*broker, i, 3'000));
    const auto removed = onlooker->seek(Position{4});
    ASSERT_FALSE(removed);
    EXPECT_EQ(removed.error().code, ErrorCode::not_found);
}

TEST(LogBroker, AGroupStaysRegisteredWhateverHappens) {
    sim::SimWorld world{3, sim::DiskProfile::strict};
    {
        auto broker = open_log_broker(world, "data", tight()).value();
        ASSERT_TRUE(broker->claim(order, "order-service"));
        ASSERT_TRUE(broker->subscribe(order, {"slow"}, {}));
    }
    world.crash();
    auto broker = open_log_broker(world, "data", tight()).value();
    ASSERT_TRUE(broker->claim(order, "order-service"));
    for (int i = 1; i <= 100; ++i) ASSERT_TRUE(publish(*broker, i, 3'000));
    auto slow = broker->subscribe(order, {"slow"}, {.start = Position{0}}).value();
    EXPECT_TRUE(slow->fetch(1));
}

TEST(LogBroker, AGroupThatGoesBackKeepsWhatItWillReadAgain) {
    sim::SimWorld world{1};
    auto broker = open_log_broker(world, "data", tight()).value();
    ASSERT_TRUE(broker->claim(order, "order-service"));
    for (int i = 1; i <= 10; ++i) ASSERT_TRUE(publish(*broker, i));
    ASSERT_TRUE(broker->subscribe(order, {"slow"}, {}).value()->acknowledge(Position{10}));
    // Its database is an older one, restored from a backup.
    auto slow = broker->subscribe(order, {"slow"}, {.start = Position{2}}).value();
    for (int i = 11; i <= 110; ++i) ASSERT_TRUE(publish(*broker, i, 3'000));
    const auto fetched = slow->fetch(1);
    ASSERT_TRUE(fetched) << fetched.error().message;
    EXPECT_EQ(fetched->events.at(0).offset, Offset{2});
}

TEST(LogBroker, AForgottenGroupIsWaitedForNoMore) {
    sim::SimWorld world{3, sim::DiskProfile::strict};
    {
        auto broker = open_log_broker(world, "data", tight()).value();
        ASSERT_TRUE(broker->claim(order, "order-service"));
        for (const char* name : {"gone", "fast"}) {
            auto group = broker->subscribe(order, {name}, {}).value();
            ASSERT_TRUE(group->acknowledge(Position{name == std::string_view{"fast"} ? 3 : 0}));
        }
    }
    const auto groups = log_groups(world.files(), "data/order").value();
    ASSERT_EQ(groups.size(), 2U);
    EXPECT_EQ(groups[0].name, "fast");
    EXPECT_EQ(groups[0].position, Position{3});
    EXPECT_EQ(groups[1].name, "gone");
    ASSERT_TRUE(forget_log_group(world.files(), "data/order", {"gone"}));
    EXPECT_EQ(forget_log_group(world.files(), "data/order", {"gone"}).error().code,
              ErrorCode::not_found);
    EXPECT_EQ(forget_log_group(world.files(), "data/order", {"../order"}).error().code,
              ErrorCode::invalid_argument);
    EXPECT_TRUE(log_groups(world.files(), "data/payment").value().empty());

    world.crash();
    EXPECT_EQ(log_groups(world.files(), "data/order").value().size(), 1U) << "it stays forgotten";
    auto broker = open_log_broker(world, "data", tight()).value();
    ASSERT_TRUE(broker->claim(order, "order-service"));
    auto fast = broker->subscribe(order, {"fast"}, {.start = Position{3}}).value();
    for (int i = 1; i <= 100; ++i) {
        ASSERT_TRUE(publish(*broker, i, 3'000));
        ASSERT_TRUE(fast->acknowledge(Position{i}));
    }
    auto onlooker = broker->subscribe(order, {""}, {}).value();
    EXPECT_FALSE(onlooker->seek(Position{4})) << "retention waited for nobody";
}

TEST(LogBroker, AnUnreadableGroupEntryKeepsEverything) {
    sim::SimWorld world{1};
    auto broker = open_log_broker(world, "data", tight()).value();
    ASSERT_TRUE(broker->claim(order, "order-service"));
    {
        auto slow = broker->subscribe(order, {"slow"}, {}).value();
        ASSERT_TRUE(slow->acknowledge(Position{50}));
    }
    auto file = world.files().open("data/order/groups/slow", io::OpenMode::write).value();
    ASSERT_TRUE(file->write_at(9, "x"));
    for (int i = 1; i <= 100; ++i) ASSERT_TRUE(publish(*broker, i, 3'000));
    EXPECT_TRUE(broker->subscribe(order, {"slow"}, {}).value()->seek(Position{0}));
}

TEST(LogBroker, TellsTheJournalWhatRecoveryCut) {
    sim::SimWorld world{1};
    JournalLines journal;
    {
        auto broker = open_log_broker(world, "data").value();
        ASSERT_TRUE(broker->claim(order, "order-service"));
        ASSERT_TRUE(publish(*broker, 1));
    }
    const std::string path = "data/order/00000000000000000000.segment";
    ASSERT_TRUE(world.files().open(path, io::OpenMode::write).value()->write_at(8192, "torn"));
    auto broker = open_log_broker(world, "data", {}, journal.journal(world)).value();
    ASSERT_TRUE(broker->claim(order, "order-service"));
    EXPECT_TRUE(journal.tell("never acknowledged"));
    EXPECT_EQ(publish(*broker, 2).value(), Offset{1});
}

TEST(LogBroker, WhoWaitedForThePublisherAfterALossOfPowerIsWoken) {
    sim::SimWorld world{1};
    {
        auto broker = open_log_broker(world, "data").value();
        ASSERT_TRUE(broker->claim(order, "order-service"));
        ASSERT_TRUE(publish(*broker, 1));
    }
    world.crash();
    io::Wakeup wakeup;
    auto consumer = open_log_broker(world.process("payment-service"), "data").value();
    auto subscription =
        consumer->subscribe(order, {"payment-service"}, {.wakeup = &wakeup}).value();
    ASSERT_TRUE(subscription->fetch(10).value().events.empty());  // What is durable nobody knows.
    wakeup.take();

    auto broker = open_log_broker(world, "data").value();
    ASSERT_TRUE(broker->claim(order, "order-service"));

    EXPECT_TRUE(wakeup.take());
    EXPECT_EQ(subscription->fetch(10).value().events.size(), 1u);
}

TEST(LogBroker, AFailedFlushIsTheLastWord) {
    sim::SimWorld world{1};
    auto broker = open_log_broker(world, "data").value();
    ASSERT_TRUE(broker->claim(order, "order-service"));
    ASSERT_TRUE(publish(*broker, 1));
    world.fail({.operation = sim::DiskOperation::flush});
    EXPECT_EQ(publish(*broker, 2).error().code, ErrorCode::io_error);
    EXPECT_EQ(publish(*broker, 3).error().code, ErrorCode::io_error);
    auto subscription = broker->subscribe(order, {"payment-service"}, {}).value();
    EXPECT_EQ(subscription->fetch(10).value().events.size(), 1u);
}

class OnDisk : public testing::Test {
protected:
    OnDisk() {
        std::string pattern = (std::filesystem::temp_directory_path() / "tidings-XXXXXX").string();
        directory_ = ::mkdtemp(pattern.data());
    }
    ~OnDisk() override { std::filesystem::remove_all(directory_); }
    std::string directory_;
};

TEST_F(OnDisk, TheRefusalNamesTheProcessThatPublishes) {
    auto broker = open_log_broker(io::real_world(), directory_).value();
    auto other = open_log_broker(io::real_world(), directory_).value();
    ASSERT_TRUE(broker->claim(order, "order-service"));
    const auto refused = other->claim(order, "intruder");
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().message.find("order-service, pid "), std::string::npos)
        << refused.error().message;
}

TEST_F(OnDisk, ConsumersInOtherThreadsAreWokenForEveryEvent) {
    constexpr int events = 300;
    log::Options options = tight();
    options.retention_bytes_max = 0;
    options.durable = false;
    auto broker = open_log_broker(io::real_world(), directory_, options).value();
    ASSERT_TRUE(broker->claim(order, "order-service"));
    std::vector<std::thread> consumers;
    std::vector<std::int64_t> last(3, 0);
    for (std::size_t i = 0; i < last.size(); ++i) {
        consumers.emplace_back([&, i] {
            io::Wakeup wakeup;
            auto subscription =
                broker->subscribe(order, {"group-" + std::to_string(i)}, {.wakeup = &wakeup})
                    .value();
            const TimePoint give_up = io::real_world().monotonic() + 60s;
            while (last[i] < events && io::real_world().monotonic() < give_up) {
                for (const DeliveredEvent& event : subscription->fetch(7).value().events) {
                    if (event.headers.sequence.value != last[i] + 1) return;
                    last[i] = event.headers.sequence.value;
                }
                if (subscription->high_watermark().value == last[i] && last[i] < events) {
                    wakeup.wait_until(give_up);
                }
            }
        });
    }
    for (int i = 1; i <= events; ++i) ASSERT_TRUE(publish(*broker, i, 500));
    for (std::thread& consumer : consumers) consumer.join();
    EXPECT_EQ(last, std::vector<std::int64_t>(3, events));
}

}  // namespace
}  // namespace tidings
