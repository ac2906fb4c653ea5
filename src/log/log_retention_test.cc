#include "log/log_testing.h"

namespace tidings::log {
namespace {

/// Each batch of one such record fills one of a segment's three blocks.
constexpr std::size_t record_bytes = 3'000;

Options tight() {
    Options options;
    options.segment_bytes_max = 16 * 1024;
    options.retention_bytes_max = 64 * 1024;
    return options;
}

TEST(LogRetention, RemovesTheOldestSegmentsBeyondTheBound) {
    sim::SimWorld world{1};
    auto log = open_log(world, tight());
    for (int i = 0; i < 30; ++i) append(*log, 1, record_bytes).value();
    EXPECT_EQ(segment_paths(world).size(), 10u);
    EXPECT_EQ(log->retain(log->next()).value(), 0u);
    EXPECT_EQ(segment_paths(world).size(), 4u);
    EXPECT_EQ(log->first(), Offset{18});
    EXPECT_EQ(read_all(*open_reader(world), 18, record_bytes).value(), 30);
    log.reset();
    EXPECT_EQ(open_log(world, tight())->first(), Offset{18});
}

TEST(LogRetention, NeverGoesPastWhatIsStillNeededAndSaysHowMuchThatIs) {
    sim::SimWorld world{1};
    auto log = open_log(world, tight());
    for (int i = 0; i < 30; ++i) append(*log, 1, record_bytes).value();
    EXPECT_EQ(log->retain(Offset{8}).value(), 4u * 16 * 1024);
    EXPECT_EQ(log->first(), Offset{6});
    EXPECT_EQ(read_all(*open_reader(world), 8, record_bytes).value(), 30);
    EXPECT_EQ(log->retain(Offset{0}).value(), 4u * 16 * 1024);
    EXPECT_EQ(log->first(), Offset{6});
}

TEST(LogRetention, RemovesWhatIsTooOld) {
    sim::SimWorld world{1};
    Options options;
    options.segment_bytes_max = 16 * 1024;
    options.retention_age_max = 1h;
    auto log = open_log(world, options);
    for (int i = 0; i < 30; ++i) {
        append(*log, 1, record_bytes).value();
        world.advance(10min);
    }
    log->retain(log->next()).value();
    // The youngest record of a removed segment is more than an hour old; of the oldest kept one
    // that is not so.
    const auto kept = open_reader(world)->read(log->first() + 2, 1, 1 << 20).value();
    ASSERT_EQ(kept.size(), 1u);
    EXPECT_LE(world.now() - kept[0].appended, 1h + 10min);
    EXPECT_EQ(log->first(), Offset{21});
}

TEST(LogRetention, AReaderBehindItIsToldWhatIsKept) {
    sim::SimWorld world{1};
    auto log = open_log(world, tight());
    append(*log, 1, record_bytes).value();
    auto reader = open_reader(world);
    ASSERT_EQ(reader->read(Offset{0}, 1, 1 << 20).value().size(), 1u);
    for (int i = 1; i < 30; ++i) append(*log, 1, record_bytes).value();
    log->retain(log->next()).value();
    for (const std::int64_t gone : {1, 5, 17}) {
        const auto read = reader->read(Offset{gone}, 10, 1 << 20);
        ASSERT_FALSE(read);
        EXPECT_EQ(read.error().code, ErrorCode::not_found);
        EXPECT_NE(read.error().message.find("keeps 18 on"), std::string::npos);
    }
    EXPECT_EQ(reader->first(), Offset{18});
    EXPECT_EQ(read_all(*reader, 18, record_bytes).value(), 30);
}

TEST(LogRetention, AReaderSurvivesThatItsSegmentIsUsedAgain) {
    sim::SimWorld world{1};
    Options options = tight();
    options.retention_bytes_max = 1;
    auto log = open_log(world.process("writer"), options);
    auto reader = open_reader(world.process("reader"));
    append(*log, 1, record_bytes).value();
    std::int64_t position = 0;
    for (int round = 0; round < 20; ++round) {
        // Given a reader that stands in the middle of a segment, or before the end of one
        const auto records = reader->read(Offset{position}, 1, 1 << 20).value();
        ASSERT_EQ(records.size(), 1u);
        // When that segment is freed, and written to again
        for (int i = 0; i < 5 + round % 4; ++i) {
            append(*log, 1, record_bytes).value();
            log->retain(log->next()).value();
        }
        // Then it serves nothing of the new use as the old, and finds its way
        const auto next = reader->read(Offset{position + 1}, 1, 1 << 20);
        ASSERT_FALSE(next);
        EXPECT_EQ(next.error().code, ErrorCode::not_found) << next.error().message;
        position = reader->first().value;
        ASSERT_EQ(read_all(*reader, position, record_bytes).value(), log->next().value);
        position = log->next().value - 1;
    }
}

TEST(LogRetention, UsesFreedFilesAgain) {
    sim::SimWorld world{1};
    Options options = tight();
    options.retention_bytes_max = 1;
    auto log = open_log(world, options);
    for (int i = 0; i < 300; ++i) {
        append(*log, 1, record_bytes).value();
        log->retain(log->next()).value();
    }
    EXPECT_LT(world.disk_bytes(), 5u * 16 * 1024 + 8 * 1024);
}

}  // namespace
}  // namespace tidings::log
