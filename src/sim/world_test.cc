#include <tidings/sim/world.h>

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace tidings::sim {
namespace {

std::unique_ptr<io::File> make(io::World& world, const std::string& path) {
    auto file = world.files().open(path, io::OpenMode::create);
    EXPECT_TRUE(file) << file.error().message;
    return std::move(*file);
}

std::string content(io::World& world, const std::string& path) {
    auto file = world.files().open(path, io::OpenMode::read);
    if (!file) return "missing";
    std::string bytes(static_cast<std::size_t>(*(*file)->size()), '?');
    EXPECT_EQ(*(*file)->read_at(0, bytes), bytes.size());
    return bytes;
}

void write(io::File& file, std::uint64_t offset, std::string_view bytes) {
    const auto written = file.write_at(offset, bytes);
    EXPECT_TRUE(written) << written.error().message;
}

TEST(SimWorld, MovesItsClocksOnlyWhenTold) {
    SimWorld world{1};
    const Timestamp wall = world.now();
    const TimePoint monotonic = world.monotonic();
    EXPECT_EQ(to_string(wall), "2026-01-01T00:00:00.000Z");
    EXPECT_EQ(world.now(), wall);
    world.advance(1500us);
    EXPECT_EQ(world.now() - wall, 1ms);
    EXPECT_EQ(world.process("a").monotonic() - monotonic, 1500us);
    world.jump_wall_clock(-24h);
    EXPECT_EQ(world.now() - wall, 1ms - 24h);
    EXPECT_EQ(world.monotonic() - monotonic, 1500us);
}

TEST(SimWorld, DrawsTheSameNumbersForASeedAndOthersForEachProcess) {
    SimWorld one{1};
    SimWorld same{1};
    SimWorld other{2};
    const Uuid id = one.process("order").new_uuid();
    static_cast<void>(same.process("payment").new_uuid());
    EXPECT_EQ(same.process("order").new_uuid(), id);
    EXPECT_EQ(id.version(), 4);
    EXPECT_NE(one.process("order").new_uuid(), id);
    EXPECT_NE(one.process("payment").new_uuid(), id);
    EXPECT_NE(other.process("order").new_uuid(), id);
}

TEST(SimWorld, KeepsFilesAsADiskDoes) {
    SimWorld world{1};
    auto file = make(world, "a");
    const std::string long_text(10'000, 'x');
    write(*file, 3, long_text);
    EXPECT_EQ(content(world, "a"), std::string(3, '\0') + long_text);
    ASSERT_TRUE(file->truncate(5));
    ASSERT_TRUE(file->truncate(7));
    EXPECT_EQ(content(world, "a"), std::string("\0\0\0xx\0\0", 7));
    char byte = 0;
    EXPECT_EQ(*file->read_at(7, {&byte, 1}), 0u);
}

TEST(SimWorld, OpensMakesListsRenamesAndRemovesByName) {
    SimWorld world{1};
    io::FileSystem& files = world.files();
    EXPECT_EQ(files.open("a", io::OpenMode::read).error().code, ErrorCode::not_found);
    EXPECT_EQ(files.open("a", io::OpenMode::write).error().code, ErrorCode::not_found);
    EXPECT_EQ(files.open("no/a", io::OpenMode::create).error().code, ErrorCode::not_found);
    EXPECT_EQ(files.list("no").error().code, ErrorCode::not_found);
    ASSERT_TRUE(files.make_directory("/data/log"));
    ASSERT_TRUE(files.make_directory("/data/log/"));
    auto open = make(world, "/data//log/b");
    write(*open, 0, "b");
    make(world, "/data/log/a");
    EXPECT_EQ(files.open("/data/log/a", io::OpenMode::create_new).error().code,
              ErrorCode::already_exists);
    EXPECT_EQ(*files.list("/data"), (std::vector<std::string>{"log"}));
    EXPECT_EQ(*files.list("/data/log/"), (std::vector<std::string>{"a", "b"}));
    ASSERT_TRUE(files.rename("/data/log/b", "/data/log/a"));
    EXPECT_EQ(content(world, "/data/log/a"), "b");
    ASSERT_TRUE(files.remove("/data/log/a"));
    EXPECT_EQ(files.remove("/data/log/a").error().code, ErrorCode::not_found);
    write(*open, 1, "c");  // Who has it open keeps it.
    EXPECT_TRUE(files.list("/data/log")->empty());
}

TEST(SimWorld, KeepsAllThatWasWrittenWhenAProcessIsKilled) {
    SimWorld world{1};
    auto file = make(world.process("order"), "a");
    auto others = make(world.process("payment"), "b");
    write(*file, 0, "written, not flushed");
    world.kill("order");
    EXPECT_EQ(content(world, "a"), "written, not flushed");
    EXPECT_EQ(file->write_at(0, "late").error().code, ErrorCode::io_error);
    EXPECT_EQ(file->flush().error().code, ErrorCode::io_error);
    write(*others, 0, "alive");
    write(*make(world.process("order"), "a"), 0, "W");
}

TEST(SimWorld, FreesTheLocksOfAKilledProcessAndNoOthers) {
    SimWorld world{1};
    auto lock = world.process("order").files().lock("a.lock", "order-service");
    ASSERT_TRUE(lock);
    const auto refused = world.process("payment").files().lock("a.lock", "payment-service");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::unavailable);
    EXPECT_EQ(refused.error().message, "a.lock is locked by order-service");
    world.kill("payment");
    EXPECT_FALSE(world.process("payment").files().lock("a.lock", "payment-service"));
    world.kill("order");
    auto taken = world.process("payment").files().lock("a.lock", "payment-service");
    ASSERT_TRUE(taken);
    *lock = nullptr;  // What the dead one held must not free what the living one holds.
    EXPECT_FALSE(world.process("order").files().lock("a.lock", "order-service"));
    *taken = nullptr;
    EXPECT_TRUE(world.process("order").files().lock("a.lock", "order-service"));
}

TEST(SimWorld, SharesPagesUntilPowerIsLost) {
    SimWorld world{1};
    auto page = world.process("order").files().share("page");
    auto same = world.process("payment").files().share("page");
    ASSERT_TRUE(page && same);
    (*page)->words()[3] = 7;
    (*page)->wake();
    EXPECT_EQ((*same)->words()[3], 7u);
    EXPECT_EQ((*same)->wakes(), 1u);
    const std::string boot = world.boot_id();
    world.kill();
    EXPECT_EQ((*world.files().share("page"))->words()[3], 7u);
    EXPECT_EQ(world.boot_id(), boot);
    world.crash();
    EXPECT_EQ((*world.files().share("page"))->words()[3], 0u);
    EXPECT_NE(world.boot_id(), boot);
}

TEST(SimWorld, KeepsWhatWasFlushedWhenPowerIsLostAndMayLoseTheRest) {
    std::set<std::string> seen;
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
        SimWorld world{seed};
        auto file = make(world, "a");
        write(*file, 0, std::string(1024, 'o'));
        ASSERT_TRUE(file->flush());
        write(*file, 0, std::string(1024, 'n'));
        write(*file, 8192, "more");
        world.crash();
        const std::string after = content(world, "a");
        ASSERT_TRUE(after.size() == 1024 || after.size() == 8196) << after.size();
        for (std::size_t start = 0; start < 1024; start += 512) {
            const std::string sector = after.substr(start, 512);
            ASSERT_EQ(sector, std::string(512, sector[0])) << "a sector is never torn itself";
        }
        seen.insert({after[0], after[512]});
    }
    EXPECT_EQ(seen, (std::set<std::string>{"oo", "on", "no", "nn"}));
}

TEST(SimWorld, HasAFileWholeOrCutAfterACutThatWasNotFlushed) {
    const std::string before(20'000, 'a');
    const std::string after(6'000, 'b');
    int whole = 0;
    for (std::uint64_t seed = 0; seed < 100; ++seed) {
        SimWorld world{seed};
        auto file = make(world, "a");
        write(*file, 0, before);
        ASSERT_TRUE(file->flush());
        ASSERT_TRUE(file->truncate(5'000));
        write(*file, 5'000, after);
        world.crash();

        const std::string left = content(world, "a");
        if (left == before) {
            ++whole;
            continue;
        }
        EXPECT_EQ(left.substr(0, 4'096), before.substr(0, 4'096));
        EXPECT_TRUE(left.size() == 5'000 || left.size() == 11'000) << left.size();
        EXPECT_EQ(left.find('a', 5'000), std::string::npos);
    }
    EXPECT_GT(whole, 20);
    EXPECT_LT(whole, 80);
}

TEST(SimWorld, LosesNewNamesUnderTheStrictProfileUnlessTheDirectoryWasFlushed) {
    int lost = 0;
    for (std::uint64_t seed = 0; seed < 100; ++seed) {
        for (const bool flushed : {false, true}) {
            SimWorld world{seed, DiskProfile::strict};
            auto file = make(world, "a");
            write(*file, 0, "x");
            ASSERT_TRUE(file->flush());
            if (flushed) {
                ASSERT_TRUE(world.files().flush_directory("."));
            }
            world.crash();
            if (content(world, "a") == "missing") {
                ASSERT_FALSE(flushed);
                ++lost;
            }
        }
    }
    EXPECT_GT(lost, 30);
    EXPECT_LT(lost, 70);
}

TEST(SimWorld, HasTheOldNameOrTheNewOneAfterARenameThatWasNotFlushed) {
    std::set<std::vector<std::string>> seen;
    for (std::uint64_t seed = 0; seed < 50; ++seed) {
        SimWorld world{seed, DiskProfile::strict};
        ASSERT_TRUE(make(world, "temporary")->flush());
        ASSERT_TRUE(world.files().flush_directory("."));
        ASSERT_TRUE(world.files().rename("temporary", "final"));
        world.crash();
        seen.insert(*world.files().list("."));
    }
    EXPECT_EQ(seen, (std::set<std::vector<std::string>>{{"final"}, {"temporary"}}));
}

TEST(SimWorld, FailsTheOperationItWasToldTo) {
    SimWorld world{1};
    auto log = make(world, "log");
    auto db = make(world, "db");
    world.fail({DiskOperation::write, 2, "log"});
    write(*log, 0, "a");
    write(*db, 0, "b");
    EXPECT_EQ(log->write_at(1, "c").error().code, ErrorCode::io_error);
    write(*log, 1, "d");
    world.fail({.operation = DiskOperation::read, .for_ever = true});
    char byte = 0;
    EXPECT_FALSE(log->read_at(0, {&byte, 1}));
    EXPECT_FALSE(db->read_at(0, {&byte, 1}));
    world.heal();
    EXPECT_TRUE(log->read_at(0, {&byte, 1}));
}

TEST(SimWorld, NeverMakesDurableWhatAFailedFlushTookForClean) {
    bool lost = false;
    for (std::uint64_t seed = 0; seed < 50; ++seed) {
        SimWorld world{seed};
        auto file = make(world, "a");
        write(*file, 0, "old");
        ASSERT_TRUE(file->flush());
        write(*file, 0, "new");
        world.fail({DiskOperation::flush});
        ASSERT_FALSE(file->flush());
        ASSERT_TRUE(file->flush()) << "a second flush lies, as Linux does";
        EXPECT_EQ(content(world, "a"), "new");
        world.crash();
        lost = lost || content(world, "a") == "old";
    }
    EXPECT_TRUE(lost);
}

TEST(SimWorld, RefusesToGrowBeyondAFullDisk) {
    SimWorld world{1};
    auto file = make(world, "a");
    world.set_disk_bytes_max(10);
    write(*file, 0, "0123456789");
    EXPECT_EQ(file->write_at(10, "x").error().code, ErrorCode::limit_exceeded);
    write(*file, 0, "overwrites");
}

TEST(SimWorld, StopsEverybodyAfterSoManyOperations) {
    SimWorld world{1};
    auto file = make(world, "a");
    const std::uint64_t before = world.operations();
    world.stop_after(2);
    write(*file, 0, "1");
    EXPECT_FALSE(world.is_stopped());
    write(*file, 1, "2");
    EXPECT_TRUE(world.is_stopped());
    EXPECT_FALSE(file->write_at(2, "3"));
    EXPECT_FALSE(world.files().open("b", io::OpenMode::create));
    EXPECT_EQ(world.operations() - before, 2u);
    world.kill();
    EXPECT_EQ(content(world, "a"), "12");
}

TEST(SimWorld, TellsEqualDisksFromUnequalOnes) {
    SimWorld one{1};
    SimWorld other{2};
    for (SimWorld* world : {&one, &other}) write(*make(*world, "a"), 4096, "content");
    EXPECT_EQ(one.digest(), other.digest());
    write(*make(other, "a"), 4096, "Content");
    EXPECT_NE(one.digest(), other.digest());
}

}  // namespace
}  // namespace tidings::sim
