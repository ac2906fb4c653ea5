#include "log/log_testing.h"

namespace tidings::log {
namespace {

Options small_segments() {
    Options options;
    options.segment_bytes_max = 16 * 1024;
    return options;
}

TEST(Log, GivesBackWhatWasAppended) {
    sim::SimWorld world{1};
    auto log = open_log(world);
    auto reader = open_reader(world);

    EXPECT_EQ(append(*log, 3).value(), Offset{0});
    EXPECT_EQ(append(*log, 1).value(), Offset{3});

    const auto records = reader->read(Offset{0}, 100, 1 << 20).value();
    ASSERT_EQ(records.size(), 4u);
    EXPECT_EQ(records[3].offset, Offset{3});
    EXPECT_EQ(records[3].headers, "h");
    EXPECT_EQ(records[3].payload, payload_of(3));
    EXPECT_EQ(records[3].appended, world.now());
    EXPECT_EQ(reader->high_watermark(), Offset{4});
    EXPECT_EQ(log->next(), Offset{4});
}

TEST(Log, KeepsEmptyHeadersAndPayloads) {
    sim::SimWorld world{1};
    auto log = open_log(world);
    const NewRecord nothing{"", ""};
    ASSERT_TRUE(log->append({&nothing, 1}));

    const auto records = open_reader(world)->read(Offset{0}, 100, 1 << 20).value();
    ASSERT_EQ(records.size(), 1u);
    EXPECT_EQ(records[0].headers, "");
    EXPECT_EQ(records[0].payload, "");
}

TEST(Log, AppendingNothingChangesNothing) {
    sim::SimWorld world{1};
    auto log = open_log(world);
    EXPECT_EQ(log->append({}).value(), Offset{0});
    EXPECT_EQ(log->next(), Offset{0});
}

TEST(Log, GoesOnWhereItStopped) {
    sim::SimWorld world{1};
    append(*open_log(world), 5).value();

    auto log = open_log(world);
    EXPECT_EQ(log->recovery().next, Offset{5});
    EXPECT_EQ(log->recovery().bytes_cut, 0u);
    EXPECT_EQ(log->recovery().note, "");
    append(*log, 2).value();
    EXPECT_EQ(read_all(*open_reader(world), 0).value(), 7);
}

TEST(Log, RollsToNewSegmentsAndReadsAcrossThem) {
    sim::SimWorld world{1};
    auto log = open_log(world, small_segments());
    auto reader = open_reader(world);
    for (int i = 0; i < 20; ++i) append(*log, 3).value();

    EXPECT_GT(segment_paths(world).size(), 5u);
    EXPECT_EQ(read_all(*reader, 0).value(), 60);
    EXPECT_EQ(read_all(*open_reader(world), 31, 0, 2).value(), 60);
    log.reset();
    EXPECT_EQ(open_log(world, small_segments())->next(), Offset{60});
}

TEST(Log, ReadsFromAnyOffset) {
    sim::SimWorld world{1};
    auto log = open_log(world, small_segments());
    for (int i = 1; i <= 12; ++i) append(*log, i).value();
    auto reader = open_reader(world);
    for (std::int64_t from = log->next().value - 1; from >= 0; --from) {
        const auto records = reader->read(Offset{from}, 1, 1).value();
        ASSERT_EQ(records.size(), 1u);
        EXPECT_EQ(records[0].offset, Offset{from});
        EXPECT_EQ(records[0].payload, payload_of(from));
    }
}

TEST(Log, KeepsToTheBoundsOfARead) {
    sim::SimWorld world{1};
    auto log = open_log(world);
    append(*log, 50, 1000).value();
    auto reader = open_reader(world);
    EXPECT_EQ(reader->read(Offset{0}, 7, 1 << 20).value().size(), 7u);
    EXPECT_EQ(reader->read(Offset{0}, 0, 1 << 20).value().size(), 0u);
    // A record that is larger than the bound is given alone, or nobody could get past it.
    EXPECT_EQ(reader->read(Offset{0}, 100, 1).value().size(), 1u);
    EXPECT_EQ(reader->read(Offset{0}, 100, 10'000).value().size(), 10u);
}

TEST(Log, ReadsBatchesLargerThanTheReadersBuffer) {
    sim::SimWorld world{1};
    auto log = open_log(world);
    for (int i = 0; i < 6; ++i) append(*log, 40, 10'000).value();
    EXPECT_EQ(read_all(*open_reader(world), 0, 10'000).value(), 240);
}

TEST(Log, RefusesABatchLargerThanASegment) {
    sim::SimWorld world{1};
    auto log = open_log(world, small_segments());
    const auto refused = append(*log, 2, 8'000);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::limit_exceeded);
    EXPECT_EQ(append(*log, 1, 8'000).value(), Offset{0});
    EXPECT_EQ(log->next(), Offset{1});
}

TEST(Log, RefusesASecondWriterAndSaysWhoIsTheFirst) {
    sim::SimWorld world{1};
    auto log = open_log(world.process("order-service"));
    const auto second = Log::open(world.process("other"), log_directory, "tidings-cli", Options{});
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, ErrorCode::unavailable);
    EXPECT_NE(second.error().message.find("order-service"), std::string::npos);

    log.reset();
    EXPECT_TRUE(Log::open(world.process("other"), log_directory, "tidings-cli", Options{}));
}

TEST(Log, AppendTimesNeverFallThoughTheClockDoes) {
    sim::SimWorld world{1};
    auto log = open_log(world);
    append(*log, 1).value();
    const Timestamp before = world.now();
    world.jump_wall_clock(-24h);
    append(*log, 1).value();
    log.reset();
    append(*open_log(world), 1).value();
    for (const Record& record : open_reader(world)->read(Offset{0}, 10, 1 << 20).value()) {
        EXPECT_GE(record.appended, before);
    }
}

TEST(Reader, SeesAnEmptyLogWhereThereIsNone) {
    sim::SimWorld world{1};
    auto reader = open_reader(world);
    EXPECT_TRUE(reader->read(Offset{0}, 10, 1000).value().empty());
    EXPECT_EQ(reader->high_watermark(), Offset{0});
    EXPECT_EQ(reader->first(), Offset{0});
    EXPECT_EQ(reader->find(world.now()).value(), Offset{0});

    auto log = open_log(world);
    append(*log, 2).value();
    EXPECT_EQ(read_all(*reader, 0).value(), 2);
}

TEST(Reader, FollowsAWriterInAnotherProcess) {
    sim::SimWorld world{1};
    auto log = open_log(world.process("writer"), small_segments());
    auto reader = open_reader(world.process("reader"));
    std::int64_t position = 0;
    for (int i = 0; i < 30; ++i) {
        append(*log, 1 + i % 3).value();
        position = read_all(*reader, position).value();
        EXPECT_EQ(position, log->next().value);
        EXPECT_EQ(reader->high_watermark(), log->next());
    }
}

TEST(Reader, StandsAtTheEndWithoutReadingWhatIsOld) {
    sim::SimWorld world{1};
    auto log = open_log(world);
    for (int i = 0; i < 100; ++i) append(*log, 1).value();
    auto reader = open_reader(world);
    EXPECT_TRUE(reader->read(Offset{100}, 10, 1000).value().empty());
    // Whatever is wrong with the old part does not concern one who wants the new.
    std::string bytes = read_bytes(world, segment_paths(world)[0]);
    bytes[block_bytes * 3 + 70] ^= 1;
    write_bytes(world, segment_paths(world)[0], bytes);
    append(*log, 1).value();
    EXPECT_EQ(read_all(*reader, 100).value(), 101);
}

TEST(Reader, SaysThatTheLogWentBack) {
    sim::SimWorld world{1};
    auto log = open_log(world);
    append(*log, 3).value();
    const auto records = open_reader(world)->read(Offset{9}, 10, 1000);
    ASSERT_FALSE(records);
    EXPECT_EQ(records.error().code, ErrorCode::invalid_argument);
    EXPECT_NE(records.error().message.find("went back from 9 to 3"), std::string::npos);
}

TEST(Reader, FindsByTime) {
    sim::SimWorld world{1};
    auto log = open_log(world, small_segments());
    const Timestamp start = world.now();
    for (int i = 0; i < 40; ++i) {
        append(*log, 2).value();
        world.advance(1s);
    }
    auto reader = open_reader(world);
    EXPECT_EQ(reader->find(start - 1h).value(), Offset{0});
    for (int i = 0; i < 40; ++i) {
        EXPECT_EQ(reader->find(start + i * 1s).value(), Offset{2 * i});
        EXPECT_EQ(reader->find(start + i * 1s + 1ms).value(), Offset{2 * i + 2});
    }
    EXPECT_EQ(reader->find(world.now()).value(), Offset{80});
    EXPECT_EQ(read_all(*reader, reader->find(start + 20s).value().value).value(), 80);
}

TEST(Reader, WaitsAfterTheMachineWasStartedUntilAWriterHasBeen) {
    sim::SimWorld world{1};
    append(*open_log(world), 3).value();
    world.crash();

    auto reader = open_reader(world);
    EXPECT_TRUE(reader->read(Offset{0}, 10, 1000).value().empty());
    EXPECT_TRUE(reader->read(Offset{3}, 10, 1000).value().empty());
    auto tool = open_reader(world, Reader::Unacknowledged::shown);
    EXPECT_EQ(read_all(*tool, 0).value(), 3);
    EXPECT_EQ(tool->high_watermark(), Offset{3});

    auto log = open_log(world);
    EXPECT_EQ(read_all(*reader, 0).value(), 3);
}

TEST(Reader, AToolThatReadsChangesNothing) {
    sim::SimWorld world{1};
    append(*open_log(world, small_segments()), 3).value();
    world.crash();
    const std::uint64_t before = world.digest();
    auto tool = open_reader(world, Reader::Unacknowledged::shown);
    EXPECT_EQ(read_all(*tool, 0).value(), 3);
    EXPECT_EQ(tool->first(), Offset{0});
    EXPECT_EQ(world.digest(), before);
}

}  // namespace
}  // namespace tidings::log
