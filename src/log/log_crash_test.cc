#include <tidings/sim/random.h>

#include "log/log_testing.h"

#include <algorithm>

namespace tidings::log {
namespace {

/// What a writer was told, as somebody outside remembers it.
struct Remembered {
    std::int64_t acknowledged = 0;  ///< Records below it must be there.
    std::int64_t tried = 0;         ///< Records from it on cannot be.
    std::int64_t retained_from = 0;
};

Options crash_options() {
    Options options;
    options.segment_bytes_max = 24 * 1024;
    options.retention_bytes_max = 60 * 1024;
    return options;
}

/// Appends, rolls and retains until the world stops.
void work(sim::SimWorld& world, std::uint64_t seed, Remembered& remembered) {
    sim::Random random = sim::Random{seed}.split("work");
    auto log = Log::open(world, log_directory, "order-service", crash_options());
    while (log && !world.is_stopped()) {
        const int count = 1 + static_cast<int>(random.below(3));
        remembered.tried = (*log)->next().value + count;
        const auto first = append(**log, count, 100 + random.below(6'000));
        if (!first) return;
        remembered.acknowledged = first->value + count;
        if (random.below(4) == 0) {
            const std::int64_t from = remembered.acknowledged - 5;
            if (from > 0) {
                remembered.retained_from = from;
                if (!(*log)->retain(Offset{from})) return;
            }
        }
    }
}

/// Returns how many bytes of `payload` stand in for its number, or fails.
void check_record(const Record& record) {
    const std::string expected = payload_of(record.offset.value, record.payload.size());
    EXPECT_EQ(record.payload, expected);
}

void check(sim::SimWorld& world, Remembered& remembered) {
    auto log = Log::open(world, log_directory, "order-service", crash_options());
    ASSERT_TRUE(log) << log.error().message;
    ASSERT_GE((*log)->next().value, remembered.acknowledged);
    ASSERT_LE((*log)->next().value, std::max(remembered.tried, remembered.acknowledged));
    ASSERT_LE((*log)->first().value, std::max<std::int64_t>(0, remembered.retained_from));
    auto reader = open_reader(world);
    std::int64_t at = (*log)->first().value;
    while (at < (*log)->next().value) {
        const auto records = reader->read(Offset{at}, 50, 1 << 20);
        ASSERT_TRUE(records) << records.error().message;
        ASSERT_FALSE(records->empty());
        for (const Record& record : *records) {
            ASSERT_EQ(record.offset.value, at++);
            check_record(record);
        }
    }
    remembered.acknowledged = (*log)->next().value;
    remembered.tried = remembered.acknowledged;
}

enum class End { kill, power_loss };

/// Ends the run after every single operation on the disk, and the one after it again.
void try_every_end(End first_end, End second_end, sim::DiskProfile profile) {
    for (std::uint64_t operations = 1; operations < 160; ++operations) {
        SCOPED_TRACE("ends after operation " + std::to_string(operations));
        sim::SimWorld world{operations, profile};
        Remembered remembered;
        std::uint64_t limit = operations;
        for (const End end : {first_end, second_end}) {
            world.stop_after(std::exchange(limit, operations % 23 + 1));
            work(world, operations, remembered);
            world.heal();
            if (end == End::kill) {
                world.kill();
            } else {
                world.crash();
            }
            check(world, remembered);
            if (testing::Test::HasFatalFailure()) return;
        }
    }
}

TEST(LogCrash, KilledAtAnyOperationItLosesNothing) {
    try_every_end(End::kill, End::kill, sim::DiskProfile::ordered);
}

TEST(LogCrash, WithoutPowerAfterAnyOperationItLosesNothing) {
    try_every_end(End::power_loss, End::power_loss, sim::DiskProfile::ordered);
}

TEST(LogCrash, WithoutPowerOnAStrictDiskItLosesNothing) {
    try_every_end(End::power_loss, End::power_loss, sim::DiskProfile::strict);
}

TEST(LogCrash, KilledAndThenWithoutPowerOnAStrictDiskItLosesNothing) {
    try_every_end(End::kill, End::power_loss, sim::DiskProfile::strict);
}

TEST(LogCrash, ANonDurableLogLosesAnEndAtMost) {
    for (std::uint64_t seed = 1; seed < 100; ++seed) {
        sim::SimWorld world{seed};
        Options options = crash_options();
        options.durable = false;
        auto log = open_log(world, options);
        for (int i = 0; i < 30; ++i) append(*log, 2, 500).value();
        log.reset();
        world.crash();
        log = open_log(world, options);
        ASSERT_NE(log, nullptr) << seed;
        EXPECT_LE(log->next(), Offset{60});
        EXPECT_EQ(read_all(*open_reader(world), 0, 500).value(), log->next().value);
    }
}

}  // namespace
}  // namespace tidings::log
