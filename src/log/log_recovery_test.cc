#include "log/format.h"
#include "log/log_testing.h"
#include "log/page.h"

#include <algorithm>
#include <functional>

namespace tidings::log {
namespace {

/// As a power cut has it: no shared page of this boot tells how far the log had come.
void forget_progress(io::World& world) {
    auto page = ProgressPage::open(world, log_directory).value();
    page->clear();
}

/// Where the batches of a segment begin, and where the last one ends.
std::vector<std::uint64_t> batch_positions(std::string_view bytes) {
    std::vector<std::uint64_t> positions{block_bytes};
    while (positions.back() < bytes.size()) {
        const auto header = decode_batch_header(bytes.substr(positions.back()));
        if (!header) break;
        positions.push_back(positions.back() + header->file_bytes());
    }
    return positions;
}

/// A log of four batches in one segment, closed; its bytes, without the zeros behind them.
struct WrittenLog {
    explicit WrittenLog(std::uint64_t seed = 1) : world(seed) {
        auto log = open_log(world);
        for (const int count : {3, 1, 70, 2}) append(*log, count, 100).value();
        log.reset();
        path = segment_paths(world).at(0);
        bytes = read_bytes(world, path);
        positions = batch_positions(bytes);
        EXPECT_EQ(positions.size(), 5u);
        bytes.resize(positions.back());
    }

    sim::SimWorld world;
    std::string path;
    std::string bytes;
    std::vector<std::uint64_t> positions;
    static constexpr std::int64_t last_first = 74;
    static constexpr std::int64_t end = 76;
};

TEST(LogRecovery, CutsABatchThatWasCutAnywhere) {
    WrittenLog written;
    const std::uint64_t last = written.positions[3];
    const BatchHeader header = *decode_batch_header(std::string_view{written.bytes}.substr(last));
    const std::uint64_t whole = last + batch_header_bytes + header.body_bytes;
    for (std::uint64_t size = last; size <= written.bytes.size(); ++size) {
        write_bytes(written.world, written.path, written.bytes.substr(0, size));
        forget_progress(written.world);
        auto log = open_log(written.world);
        ASSERT_NE(log, nullptr);
        const bool kept = size >= whole;
        ASSERT_EQ(log->next().value, kept ? WrittenLog::end : WrittenLog::last_first) << size;
        ASSERT_EQ(log->recovery().bytes_cut, kept ? 0 : size - last) << size;
        ASSERT_EQ(log->recovery().note.empty(), kept || size == last) << log->recovery().note;
        if (size % 97 != 0) continue;
        append(*log, 2, 100).value();
        ASSERT_EQ(read_all(*open_reader(written.world), 0, 100).value(), log->next().value);
    }
}

TEST(LogRecovery, SaysWhereItCut) {
    WrittenLog written;
    written.bytes[written.positions[3] + 80] ^= 1;
    write_bytes(written.world, written.path, written.bytes);
    forget_progress(written.world);
    const Recovery recovery = open_log(written.world)->recovery();
    EXPECT_EQ(recovery.first, Offset{0});
    EXPECT_EQ(recovery.next.value, WrittenLog::last_first);
    EXPECT_EQ(recovery.bytes_cut, block_bytes);
    EXPECT_NE(recovery.note.find(written.path), std::string::npos) << recovery.note;
    EXPECT_NE(recovery.note.find(std::to_string(written.positions[3])), std::string::npos);
}

TEST(LogRecovery, WhatWasCutStaysGone) {
    WrittenLog written;
    const std::string intact = written.bytes;
    written.bytes[written.positions[3] + 80] ^= 1;
    write_bytes(written.world, written.path, written.bytes);
    forget_progress(written.world);
    open_log(written.world);
    const std::string after = read_bytes(written.world, written.path);
    EXPECT_EQ(after.substr(0, written.positions[3]), intact.substr(0, written.positions[3]));
    EXPECT_EQ(after.find_first_not_of('\0', written.positions[3]), std::string::npos);
}

/// Flips every bit of the batch at `index` that means something.
void for_each_flip(const WrittenLog& written, std::size_t index,
                   const std::function<void(const std::string&, std::uint64_t)>& check) {
    const std::uint64_t begin = written.positions[index];
    const BatchHeader header = *decode_batch_header(std::string_view{written.bytes}.substr(begin));
    const std::uint64_t used = batch_header_bytes + header.body_bytes;
    for (std::uint64_t at = 0; at < used; at += at < 160 ? 1 : 53) {
        for (const int mask : {0x01, 0x80}) {
            std::string damaged = written.bytes;
            damaged[begin + at] = static_cast<char>(damaged[begin + at] ^ mask);
            check(damaged, at);
        }
    }
}

TEST(LogRecovery, FindsEveryFlippedBitOfAnAcknowledgedBatchAndChangesNothing) {
    WrittenLog written;
    for (const std::size_t index : {0u, 1u, 2u}) {
        for_each_flip(written, index, [&](const std::string& damaged, std::uint64_t at) {
            write_bytes(written.world, written.path, damaged);
            forget_progress(written.world);
            const auto log = Log::open(written.world, log_directory, "order-service", {});
            ASSERT_FALSE(log) << "byte " << at;
            ASSERT_EQ(log.error().code, ErrorCode::corruption);
            const std::string place =
                written.path + ", byte " + std::to_string(written.positions[index]);
            ASSERT_NE(log.error().message.find(place), std::string::npos) << log.error().message;
            ASSERT_EQ(read_bytes(written.world, written.path), damaged);
        });
    }
}

TEST(LogRecovery, KnowsWithinOneBootThatEvenTheLastBatchWasAcknowledged) {
    WrittenLog written;
    for_each_flip(written, 3, [&](const std::string& damaged, std::uint64_t at) {
        write_bytes(written.world, written.path, damaged);
        const auto log = Log::open(written.world, log_directory, "order-service", {});
        ASSERT_FALSE(log) << "byte " << at;
        ASSERT_EQ(log.error().code, ErrorCode::corruption);
        ASSERT_NE(log.error().message.find("acknowledged up to 76"), std::string::npos);
    });
}

TEST(LogRecovery, AReaderNeverServesADamagedBatch) {
    WrittenLog written;
    open_log(written.world);  // So that the page speaks for this boot.
    for (const std::size_t index : {0u, 1u, 2u, 3u}) {
        for_each_flip(written, index, [&](const std::string& damaged, std::uint64_t at) {
            write_bytes(written.world, written.path, damaged);
            for (const auto mode :
                 {Reader::Unacknowledged::hidden, Reader::Unacknowledged::shown}) {
                auto reader = open_reader(written.world, mode);
                const auto end = read_all(*reader, 0, 100);
                if (mode == Reader::Unacknowledged::shown && index == 3) {
                    // Nobody but the page knows that this one was acknowledged.
                    ASSERT_TRUE(end) << end.error().message;
                    ASSERT_EQ(*end, WrittenLog::last_first);
                    continue;
                }
                ASSERT_FALSE(end) << "byte " << at;
                ASSERT_EQ(end.error().code, ErrorCode::corruption);
                const std::string place =
                    written.path + ", byte " + std::to_string(written.positions[index]);
                ASSERT_NE(end.error().message.find(place), std::string::npos)
                    << end.error().message;
            }
        });
    }
}

TEST(LogRecovery, FindsDamageInTheSegmentHeader) {
    WrittenLog written;
    for (std::size_t at = 0; at < segment_header_bytes; ++at) {
        std::string damaged = written.bytes;
        damaged[at] = static_cast<char>(damaged[at] ^ 0x10);
        write_bytes(written.world, written.path, damaged);
        const auto log = Log::open(written.world, log_directory, "order-service", {});
        ASSERT_FALSE(log) << at;
        const bool version = at == 4 || at == 5;
        ASSERT_EQ(log.error().code, version ? ErrorCode::unsupported : ErrorCode::corruption);
        ASSERT_NE(log.error().message.find(written.path), std::string::npos);
    }
}

TEST(LogRecovery, AMissingOrForeignMiddleSegmentIsCorruption) {
    sim::SimWorld world{1};
    Options options;
    options.segment_bytes_max = 16 * 1024;
    auto log = open_log(world, options);
    for (int i = 0; i < 12; ++i) append(*log, 1).value();
    const auto paths = segment_paths(world);
    ASSERT_GE(paths.size(), 3u);
    const std::string second = read_bytes(world, paths[1]);
    ASSERT_TRUE(world.files().remove(paths[1]));
    const auto gap = read_all(*open_reader(world), 0);
    ASSERT_FALSE(gap);
    EXPECT_EQ(gap.error().code, ErrorCode::corruption);

    // Right offsets, but the chain of checksums tells that it was not written after the first.
    sim::SimWorld other{2};
    auto other_log = open_log(other, options);
    for (int i = 0; i < 12; ++i) append(*other_log, 1).value();
    write_bytes(world, paths[1], read_bytes(other, segment_paths(other)[1]));
    const auto foreign = read_all(*open_reader(world), 0);
    ASSERT_FALSE(foreign);
    EXPECT_EQ(foreign.error().code, ErrorCode::corruption);
    EXPECT_FALSE(Log::open(world.process("x"), log_directory, "x", options));
    log.reset();
    const auto opened = Log::open(world, log_directory, "order-service", options);
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, ErrorCode::corruption);

    write_bytes(world, paths[1], second);
    EXPECT_EQ(read_all(*open_reader(world), 0).value(), 12);
}

TEST(LogRecovery, AStaleBatchInTheMiddleIsFoundByTheChain) {
    // Given two histories of one log that differ in their second batch
    sim::SimWorld world{1};
    auto log = open_log(world);
    append(*log, 1).value();
    log.reset();
    const std::string path = segment_paths(world)[0];
    const std::string common = read_bytes(world, path);
    append(*open_log(world), 1, 10).value();
    const std::string stale = read_bytes(world, path).substr(2 * block_bytes, block_bytes);
    write_bytes(world, path, common);
    forget_progress(world);
    log = open_log(world);
    append(*log, 1, 20).value();
    append(*log, 1).value();
    // When the batch of the one is put into the other, as a restored chunk would be
    std::string mixed = read_bytes(world, path);
    mixed.replace(2 * block_bytes, block_bytes, stale);
    write_bytes(world, path, mixed);
    // Then the batch after it does not fit
    const auto end = read_all(*open_reader(world), 2);
    const auto records = open_reader(world)->read(Offset{0}, 10, 1 << 20);
    ASSERT_TRUE(records);
    const auto rest = open_reader(world)->read(Offset{2}, 10, 1 << 20);
    ASSERT_FALSE(rest);
    EXPECT_EQ(rest.error().code, ErrorCode::corruption);
    EXPECT_FALSE(end);
}

TEST(LogRecovery, BytesOfAnEarlierUseOfTheFileAreNoBatches) {
    sim::SimWorld world{1};
    Options options;
    options.segment_bytes_max = 32 * 1024;
    options.retention_bytes_max = 1;
    auto log = open_log(world, options);
    for (int i = 0; i < 40; ++i) {
        append(*log, 1).value();
        log->retain(log->next()).value();
        if (i % 5 == 0) {
            // Nobody knows how far it had come, and the file is full of well-formed batches.
            world.crash();
            log = open_log(world, options);
            ASSERT_NE(log, nullptr);
            ASSERT_EQ(log->next(), Offset{i + 1});
            ASSERT_EQ(log->recovery().note, "");
        }
        ASSERT_EQ(read_all(*open_reader(world), log->first().value).value(), i + 1);
    }
}

TEST(LogRecovery, TheFirstFailedFlushIsFinal) {
    sim::SimWorld world{1};
    auto log = open_log(world);
    auto reader = open_reader(world);
    append(*log, 1).value();
    world.fail({.operation = sim::DiskOperation::flush, .nth = 1, .path_part = log_directory});
    const auto failed = append(*log, 1);
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().code, ErrorCode::io_error);
    // The disk is well again, but nobody knows what it holds.
    const auto again = append(*log, 1);
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error(), failed.error());
    EXPECT_EQ(log->next(), Offset{1});
    EXPECT_EQ(read_all(*reader, 0).value(), 1);
}

TEST(LogRecovery, WritesAgainWhatOnlyThePageCacheMayHold) {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        // Given a batch whose flush failed, so that the kernel takes its pages for clean
        sim::SimWorld world{seed};
        auto log = open_log(world);
        append(*log, 1).value();
        world.fail({.operation = sim::DiskOperation::flush, .path_part = log_directory});
        ASSERT_FALSE(append(*log, 1));
        // When the next writer finds it whole, goes on behind it, and the power fails
        log.reset();
        log = open_log(world);
        ASSERT_EQ(log->next(), Offset{2});
        append(*log, 1).value();
        log.reset();
        world.crash();
        // Then nothing that the next writer acknowledged is missing
        log = open_log(world);
        ASSERT_NE(log, nullptr);
        EXPECT_EQ(log->next(), Offset{3});
        EXPECT_EQ(read_all(*open_reader(world), 0).value(), 3);
    }
}

TEST(LogRecovery, AFailedWriteRefusesTheBatchAndTheNextOneTakesItsPlace) {
    sim::SimWorld world{1};
    auto log = open_log(world);
    append(*log, 1).value();
    world.fail({.operation = sim::DiskOperation::write, .nth = 1, .path_part = log_directory});
    ASSERT_FALSE(append(*log, 5, 3'000));
    EXPECT_EQ(append(*log, 2).value(), Offset{1});
    EXPECT_EQ(read_all(*open_reader(world), 0).value(), 3);
    log.reset();
    world.crash();
    EXPECT_EQ(open_log(world)->next(), Offset{3});
}

TEST(LogRecovery, AFullDiskRefusesBatchesUntilThereIsRoom) {
    sim::SimWorld world{1};
    Options options;
    options.segment_bytes_max = 64 * 1024;
    auto log = open_log(world, options);
    world.set_disk_bytes_max(300 * 1024);
    int appended = 0;
    Result<Offset> done = Offset{};
    while (done = append(*log, 1, 3'000)) ++appended;
    EXPECT_GT(appended, 20);
    EXPECT_EQ(done.error().code, ErrorCode::unavailable) << done.error().message;
    EXPECT_FALSE(append(*log, 1, 3'000));
    EXPECT_EQ(read_all(*open_reader(world), 0, 3'000).value(), appended);

    world.set_disk_bytes_max(600 * 1024);
    EXPECT_EQ(append(*log, 1, 3'000).value(), Offset{appended});
    log.reset();
    world.crash();
    EXPECT_EQ(open_log(world, options)->next(), Offset{appended + 1});
}

}  // namespace
}  // namespace tidings::log
