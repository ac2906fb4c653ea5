#include <tidings/io/world.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace tidings::io {
namespace {

TEST(World, TellsTheTime) {
    World& world = real_world();
    EXPECT_GT(world.now(), parse_timestamp("2026-01-01T00:00:00Z").value());
    const TimePoint before = world.monotonic();
    EXPECT_GE(world.monotonic(), before);
}

TEST(World, NeverGivesTheSameIdTwice) {
    constexpr std::size_t threads = 4;
    constexpr std::size_t per_thread = 5'000;
    std::vector<std::vector<Uuid>> made(threads);
    std::vector<std::thread> running;
    for (auto& ids : made) {
        running.emplace_back([&ids] {
            for (std::size_t i = 0; i < per_thread; ++i) ids.push_back(real_world().new_uuid());
        });
    }
    for (std::thread& thread : running) thread.join();
    std::set<Uuid> all;
    for (const auto& ids : made) all.insert(ids.begin(), ids.end());
    EXPECT_EQ(all.size(), threads * per_thread);
    for (const Uuid& id : all) ASSERT_EQ(id.version(), 4);
}

TEST(World, AForkedChildDoesNotRepeatItsParentsIds) {
    real_world().new_uuid();  // So that there is a block that both could go on with.
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    const pid_t child = ::fork();
    if (child == 0) {
        const Uuid id = real_world().new_uuid();
        const bool written = ::write(ends[1], id.bytes.data(), 16) == 16;
        ::_exit(written ? 0 : 1);
    }
    const Uuid ours = real_world().new_uuid();
    Uuid theirs;
    ASSERT_EQ(::read(ends[0], theirs.bytes.data(), 16), 16);
    ::waitpid(child, nullptr, 0);
    ::close(ends[0]);
    ::close(ends[1]);
    EXPECT_NE(ours, theirs);
}

TEST(World, RandomFillsAllOfWhatItIsGiven) {
    for (const std::size_t count : {1u, 7u, 1'000u, 5'000u, 20'000u}) {
        std::vector<std::uint8_t> bytes(count);
        std::vector<bool> touched(count);
        for (int i = 0; i < 16; ++i) {
            real_world().random(bytes);
            for (std::size_t at = 0; at < count; ++at) touched[at] = touched[at] || bytes[at] != 0;
        }
        EXPECT_EQ(std::count(touched.begin(), touched.end(), false), 0) << count;
    }
    EXPECT_NE(real_world().random_number(), real_world().random_number());
}

TEST(World, NamesTheBoot) {
    EXPECT_TRUE(Uuid::parse(real_world().boot_id()));
    EXPECT_EQ(real_world().boot_id(), real_world().boot_id());
}

}  // namespace
}  // namespace tidings::io
