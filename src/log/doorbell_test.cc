#include "log/log_testing.h"

#include <cstdlib>
#include <filesystem>
#include <sys/wait.h>
#include <unistd.h>

namespace tidings::log {
namespace {

std::unique_ptr<Doorbell> open_bell(io::World& world) {
    world.files().make_directory("data").value();
    return Doorbell::open(world, "data").value();
}

TEST(Doorbell, RingsTheWatchersOfALogAndNoOthers) {
    sim::SimWorld world{1};
    auto bell = open_bell(world);
    io::Wakeup order;
    io::Wakeup payment;
    bell->watch("order", order);
    bell->watch("payment", payment);
    bell->ring("order");
    EXPECT_TRUE(order.take());
    EXPECT_FALSE(payment.take());
    bell->forget(order);
    bell->ring("order");
    EXPECT_FALSE(order.take());
}

TEST(Doorbell, RingsInAllSimulatedProcessesOfOneWorld) {
    sim::SimWorld world{1};
    sim::SimWorld elsewhere{1};
    auto here = open_bell(world.process("payment-service"));
    auto there = open_bell(elsewhere.process("payment-service"));
    io::Wakeup heard;
    io::Wakeup not_heard;
    here->watch("order", heard);
    there->watch("order", not_heard);
    open_bell(world.process("order-service"))->ring("order");
    EXPECT_TRUE(heard.take());
    EXPECT_FALSE(not_heard.take());
}

TEST(Doorbell, ForgetsItsWatchersWhenItGoes) {
    sim::SimWorld world{1};
    auto stays = open_bell(world);
    io::Wakeup wakeup;
    {
        auto goes = open_bell(world);
        goes->watch("order", wakeup);
    }
    stays->ring("order");
    EXPECT_FALSE(wakeup.take());
}

/// A directory on the real disk, and another process that does something in it.
class DoorbellOnDisk : public testing::Test {
protected:
    DoorbellOnDisk() {
        std::string pattern = (std::filesystem::temp_directory_path() / "tidings-XXXXXX").string();
        directory_ = ::mkdtemp(pattern.data());
    }
    ~DoorbellOnDisk() override { std::filesystem::remove_all(directory_); }

    /// Runs `work` in a process of its own; returns whether it said true.
    template <class Work>
    static pid_t in_another_process(Work work) {
        const pid_t child = ::fork();
        if (child == 0) ::_exit(work() ? 0 : 1);
        return child;
    }
    static bool succeeded(pid_t child) {
        int status = 1;
        return ::waitpid(child, &status, 0) == child && WIFEXITED(status) &&
               WEXITSTATUS(status) == 0;
    }
    std::string directory_;
};

TEST_F(DoorbellOnDisk, WakesAReaderInAnotherProcessForEveryRecord) {
    constexpr std::int64_t count = 200;
    const std::string log_path = directory_ + "/order";
    const pid_t child = in_another_process([&] {
        io::World& world = io::real_world();
        auto bell = Doorbell::open(world, directory_).value();
        io::Wakeup wakeup;
        bell->watch("order", wakeup);
        auto reader = Reader::open(world, log_path, Reader::Unacknowledged::hidden).value();
        const TimePoint give_up = world.monotonic() + 60s;
        std::int64_t at = 0;
        while (at < count && world.monotonic() < give_up) {
            const auto records = reader->read(Offset{at}, 10, 10'000);
            if (!records) return false;
            for (const Record& record : *records) {
                if (record.payload != payload_of(at++)) return false;
            }
            if (records->empty()) wakeup.wait_until(give_up);
        }
        return at == count;
    });
    Options options;
    options.durable = false;
    auto log = open_log(io::real_world(), options, log_path);
    auto bell = Doorbell::open(io::real_world(), directory_).value();
    for (int i = 0; i < count; ++i) {
        append(*log, 1).value();
        bell->ring("order");
    }
    EXPECT_TRUE(succeeded(child));
}

TEST_F(DoorbellOnDisk, ItsThreadEndsWithIt) {
    for (int i = 0; i < 20; ++i) {
        auto bell = Doorbell::open(io::real_world(), directory_).value();
        io::Wakeup wakeup;
        bell->watch("order", wakeup);
        bell->ring("order");
        EXPECT_TRUE(wakeup.take());
    }
}

TEST_F(DoorbellOnDisk, AWriterThatWasKilledLeavesNothingThatWasNotAcknowledged) {
    const std::string log_path = directory_ + "/order";
    const pid_t child = in_another_process([&] {
        auto log = Log::open(io::real_world(), log_path, "order-service", {}).value();
        for (int i = 0; i < 5; ++i) append(*log, 2).value();
        ::_exit(0);  // With the lock held and nothing closed.
        return false;
    });
    EXPECT_TRUE(succeeded(child));
    auto reader = open_reader(io::real_world(), Reader::Unacknowledged::hidden, log_path);
    EXPECT_EQ(read_all(*reader, 0).value(), 10);
    EXPECT_EQ(open_log(io::real_world(), {}, log_path)->next(), Offset{10});
}

}  // namespace
}  // namespace tidings::log
