#include <tidings/broker/log_broker.h>
#include <tidings/broker/log_scrubber.h>
#include <tidings/sim/world.h>

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace tidings {
namespace {

const Topic order{"order"};

class ScrubbedLog : public testing::Test {
protected:
    ScrubbedLog() {
        log::Options options;
        options.segment_bytes_max = 16 * 1024;
        broker = open_log_broker(world, "data", options).value();
        broker->claim(order, "order-service").value();
    }

    void publish(int count) {
        EventHeaders headers;
        headers.type = "order.created";
        const std::string envelope(3'000, 'x');
        const OutgoingEvent event{&headers, envelope};
        for (int i = 0; i < count; ++i) broker->publish(order, {&event, 1}).value();
    }
    std::vector<std::string> segments() {
        std::vector<std::string> paths;
        for (const std::string& name : world.files().list("data/order").value()) {
            if (name.ends_with(".segment")) paths.push_back("data/order/" + name);
        }
        return paths;
    }
    /// Turns the bits of one byte; turning them again mends it.
    void flip(const std::string& path, std::uint64_t position) {
        auto file = world.files().open(path, io::OpenMode::write).value();
        char byte = 0;
        ASSERT_EQ(file->read_at(position, {&byte, 1}).value(), 1U);
        byte = static_cast<char>(~byte);
        ASSERT_TRUE(file->write_at(position, {&byte, 1}));
    }
    LogScrubber scrubber() {
        return {world, "data", {order, Topic{"payment"}}, {}, Journal{world, {}, keep()}};
    }
    std::function<bool(std::string_view)> keep() {
        return [this](std::string_view line) {
            journal.emplace_back(line);
            return true;
        };
    }
    /// Polls until one more round is over.
    void run_round(LogScrubber& scrubber) {
        const std::uint64_t before = scrubber.rounds();
        for (int polls = 0; scrubber.rounds() == before; ++polls) {
            ASSERT_LT(polls, 1000);
            const TimePoint now = world.monotonic();
            world.advance(std::max(scrubber.poll(now) - now, Duration{0}));
        }
    }

    sim::SimWorld world{1};
    std::vector<std::string> journal;
    std::unique_ptr<Broker> broker;
};

TEST_F(ScrubbedLog, IsReadToItsEndAndFoundWhole) {
    publish(20);
    LogScrubber scrubber = this->scrubber();
    run_round(scrubber);
    EXPECT_TRUE(scrubber.damages().empty());
    EXPECT_TRUE(journal.empty());
}

TEST_F(ScrubbedLog, TellsEachDamageOnceWithFileAndByteAndGoesOnBehindIt) {
    publish(20);
    const auto paths = segments();
    ASSERT_GE(paths.size(), 4U);
    flip(paths[0], 4096 + 200);
    flip(paths[2], 4096 + 200);

    LogScrubber scrubber = this->scrubber();
    run_round(scrubber);
    run_round(scrubber);

    const auto damages = scrubber.damages();
    ASSERT_EQ(damages.size(), 2U);
    EXPECT_EQ(damages[0].topic, "order");
    EXPECT_EQ(damages[0].error.code, ErrorCode::corruption);
    EXPECT_NE(damages[0].error.message.find(paths[0] + ", byte 4096"), std::string::npos)
        << damages[0].error.message;
    EXPECT_NE(damages[1].error.message.find(paths[2]), std::string::npos);
    EXPECT_EQ(journal.size(), 2U);
}

TEST_F(ScrubbedLog, ForgetsADamageThatWasMended) {
    publish(20);
    const auto paths = segments();
    flip(paths[0], 4096 + 200);
    LogScrubber scrubber = this->scrubber();
    run_round(scrubber);
    ASSERT_EQ(scrubber.damages().size(), 1U);

    flip(paths[0], 4096 + 200);
    run_round(scrubber);
    EXPECT_TRUE(scrubber.damages().empty());
}

TEST_F(ScrubbedLog, IsReadNoFasterThanAskedFor) {
    publish(350);  // A megabyte and a little more.
    LogScrubber scrubber = this->scrubber();
    const TimePoint began = world.monotonic();
    run_round(scrubber);
    const Duration took = world.monotonic() - began - LogScrubber::Options{}.round_pause;
    EXPECT_GT(took, 900ms);
    EXPECT_LT(took, 5s);
}

TEST_F(ScrubbedLog, IsReadWhileItGrows) {
    publish(5);
    LogScrubber scrubber = this->scrubber();
    scrubber.poll(world.monotonic());
    publish(30);
    run_round(scrubber);
    EXPECT_TRUE(scrubber.damages().empty());
}

}  // namespace
}  // namespace tidings
