// Faults that hit one process of a simulated world and leave the others alone.
#include <tidings/sim/scheduler.h>
#include <tidings/sim/world.h>

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

namespace tidings::sim {
namespace {

std::unique_ptr<io::File> make(io::World& world, const std::string& path) {
    return world.files().open(path, io::OpenMode::create).value();
}

TEST(Processes, StopAfterSoManyOfTheirOwnOperations) {
    SimWorld world{1};
    const auto a = make(world.process("a"), "a");
    const auto b = make(world.process("b"), "b");

    world.stop_after("a", 2);

    EXPECT_TRUE(b->write_at(0, "others do not count"));
    EXPECT_TRUE(a->write_at(0, "one"));
    EXPECT_FALSE(world.is_stopped("a"));
    EXPECT_TRUE(a->flush());  // The last one happens.
    EXPECT_TRUE(world.is_stopped("a"));
    EXPECT_FALSE(a->write_at(0, "three"));
    char letter = 0;
    EXPECT_FALSE(a->read_at(0, std::span{&letter, 1}));
    EXPECT_TRUE(b->write_at(0, "and go on"));
    EXPECT_FALSE(world.is_stopped("b"));
    EXPECT_FALSE(world.is_stopped());

    world.kill("a");

    EXPECT_FALSE(world.is_stopped("a"));
    EXPECT_TRUE(make(world.process("a"), "a")->write_at(0, "a new life"));
}

TEST(Processes, GoOnWhenTheStopIsTakenBack) {
    SimWorld world{1};
    const auto a = make(world.process("a"), "a");
    world.stop_after("a", 1);

    world.heal();

    EXPECT_TRUE(a->write_at(0, "one"));
    EXPECT_TRUE(a->write_at(0, "two"));
}

TEST(Processes, HaveWallClocksThatAreOffAndDrift) {
    SimWorld world{1};
    io::World& a = world.process("a");
    const TimePoint monotonic = a.monotonic();
    world.set_clock("a", {.offset = 90s, .drift_ppm = 10'000});

    EXPECT_EQ(a.now() - world.now(), 90s);
    world.advance(1h);
    EXPECT_EQ(a.now() - world.now(), 90s + 36s);
    EXPECT_EQ(world.process("b").now(), world.now());
    EXPECT_EQ(a.monotonic() - monotonic, 1h);  // Keeps the world's pace.

    world.kill("a");
    EXPECT_EQ(world.process("a").now() - world.now(), 126s);  // It is the machine's clock.
}

TEST(Processes, HaveFaultsOfTheDiskOfTheirOwn) {
    SimWorld world{1};
    const auto a = make(world.process("a"), "a");
    const auto b = make(world.process("b"), "b");
    world.fail({.operation = DiskOperation::flush, .nth = 2, .process = "a"});

    EXPECT_TRUE(b->flush());
    EXPECT_TRUE(b->flush());
    EXPECT_TRUE(a->flush());
    EXPECT_FALSE(a->flush());
    EXPECT_TRUE(a->flush());
}

TEST(DiskRates, FailOperationsByChanceUntilTheDiskIsWell) {
    SimWorld world{1};
    const auto file = make(world, "file");
    world.set_disk_rates({.read_error = 0.5, .write_error = 0.5, .flush_error = 0.5});

    int failed = 0;
    for (int i = 0; i < 300; ++i) {
        char letter = 0;
        failed += file->write_at(0, "x") ? 0 : 1;
        failed += file->flush() ? 0 : 1;
        failed += file->read_at(0, std::span{&letter, 1}) ? 0 : 1;
    }
    EXPECT_GT(failed, 350);
    EXPECT_LT(failed, 550);

    world.heal();
    for (int i = 0; i < 100; ++i) EXPECT_TRUE(file->flush());
}

TEST(DiskRates, HaveOperationsTakeTimeThatPassesForAll) {
    SimWorld world{1};
    const auto file = make(world.process("a"), "file");
    const TimePoint began = world.monotonic();
    EXPECT_TRUE(file->flush());
    EXPECT_EQ(world.monotonic(), began);

    world.set_disk_rates({.slow = 1, .slow_max = 20ms});
    for (int i = 0; i < 100; ++i) EXPECT_TRUE(file->flush());

    EXPECT_GT(world.monotonic() - began, 500ms);  // A second on average.
    EXPECT_LE(world.monotonic() - began, 100 * 20ms);
}

TEST(Scheduler, TellsWhoIsAboutToBePolled) {
    class Quiet final : public io::Worker {
    public:
        TimePoint poll(TimePoint) override { return when_woken; }
        std::string_view name() const noexcept override { return "quiet"; }
    };
    SimWorld world{1};
    Scheduler scheduler{world};
    Quiet worker;
    scheduler.add(worker);
    std::vector<const io::Worker*> told;
    scheduler.before_poll([&](const io::Worker& polled) { told.push_back(&polled); });

    EXPECT_TRUE(scheduler.run_until_quiet(1s));

    EXPECT_EQ(told, std::vector<const io::Worker*>{&worker});
}

}  // namespace
}  // namespace tidings::sim
