#include <tidings/io/file.h>
#include <tidings/io/world.h>

#include "io/posix.h"
#include "io/temporary_directory.h"

#include <gtest/gtest.h>

#include <atomic>
#include <fcntl.h>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

namespace tidings::io {
namespace {

mode_t rights_of(const std::string& path) {
    struct stat status {};
    EXPECT_EQ(::lstat(path.c_str(), &status), 0);
    return status.st_mode & 0777;
}

class Files : public testing::Test {
protected:
    FileSystem& files = real_world().files();
    TemporaryDirectory directory;

    std::unique_ptr<File> open(const std::string& name, OpenMode mode) {
        return files.open(directory / name, mode).value();
    }
};

TEST_F(Files, ReadsBackWhatWasWrittenAtAnyOffset) {
    const auto file = open("a", OpenMode::create_new);
    ASSERT_TRUE(file->write_at(5, "world"));
    ASSERT_TRUE(file->write_at(0, "hello"));
    ASSERT_TRUE(file->flush());
    char text[32];
    EXPECT_EQ(file->read_at(0, text).value(), 10u);
    EXPECT_EQ(std::string_view(text, 10), "helloworld");
    EXPECT_EQ(file->read_at(8, text).value(), 2u);
    EXPECT_EQ(file->read_at(100, text).value(), 0u);
    ASSERT_TRUE(file->truncate(3));
    EXPECT_EQ(file->size().value(), 3u);
}

TEST_F(Files, OpenModesSayWhatMustExist) {
    EXPECT_EQ(files.open(directory / "a", OpenMode::read).error().code, ErrorCode::not_found);
    EXPECT_EQ(files.open(directory / "a", OpenMode::write).error().code, ErrorCode::not_found);
    open("a", OpenMode::create);
    open("a", OpenMode::create);
    open("a", OpenMode::write);
    EXPECT_EQ(files.open(directory / "a", OpenMode::create_new).error().code,
              ErrorCode::already_exists);
    EXPECT_EQ(open("a", OpenMode::read)->write_at(0, "x").error().code, ErrorCode::io_error);
}

TEST_F(Files, AreForTheirOwnerAlone) {
    open("a", OpenMode::create);
    ASSERT_TRUE(files.make_directory(directory / "b/c"));
    ASSERT_TRUE(files.lock(directory / "lock", "me"));
    ASSERT_TRUE(files.share(directory / "page"));
    EXPECT_EQ(rights_of(directory / "a"), 0600u);
    EXPECT_EQ(rights_of(directory / "lock"), 0600u);
    EXPECT_EQ(rights_of(directory / "page"), 0600u);
    EXPECT_EQ(rights_of(directory / "b"), 0700u);
    EXPECT_EQ(rights_of(directory / "b/c"), 0700u);
}

TEST_F(Files, PlantedLinksAreNotFollowed) {
    ASSERT_TRUE(replace_file(files, directory / "victim", "precious"));
    ASSERT_TRUE(files.make_directory(directory / "home"));
    ASSERT_EQ(::symlink((directory / "victim").c_str(), (directory / "link").c_str()), 0);
    ASSERT_EQ(::symlink((directory / "home").c_str(), (directory / "door").c_str()), 0);

    EXPECT_FALSE(files.open(directory / "link", OpenMode::read));
    EXPECT_FALSE(files.open(directory / "link", OpenMode::create));
    EXPECT_FALSE(files.lock(directory / "link", "me"));
    EXPECT_FALSE(files.share(directory / "link"));
    EXPECT_FALSE(files.list(directory / "door"));
    EXPECT_FALSE(files.list(directory / "door/"));
    EXPECT_FALSE(files.make_directory(directory / "door"));
    EXPECT_FALSE(files.make_directory(directory / "door/"));
    ASSERT_TRUE(replace_file(files, directory / "link", "other"));
    EXPECT_EQ(read_file(files, directory / "victim").value(), "precious");
}

TEST_F(Files, WhatIsNoRegularFileIsRefusedWithoutWaitingForIt) {
    ASSERT_EQ(::mkfifo((directory / "pipe").c_str(), 0600), 0);
    EXPECT_EQ(files.open(directory / "pipe", OpenMode::read).error().code,
              ErrorCode::invalid_argument);
    EXPECT_FALSE(files.open(directory.path(), OpenMode::read));
    EXPECT_EQ(files.open(std::string{"a\0b", 3}, OpenMode::create).error().code,
              ErrorCode::invalid_argument);
}

TEST_F(Files, AreNotInheritedByProgramsThatAreStarted) {
    const auto before = open("a", OpenMode::create);
    for (int number = 3; number < 256; ++number) {
        char target[512];
        const std::string link = "/proc/self/fd/" + std::to_string(number);
        const ssize_t length = ::readlink(link.c_str(), target, sizeof target);
        if (length < 0) continue;
        const std::string path(target, static_cast<std::size_t>(length));
        if (path.find(directory.path()) == std::string::npos) continue;
        EXPECT_NE(::fcntl(number, F_GETFD) & FD_CLOEXEC, 0) << path;
    }
}

TEST_F(Files, DirectoriesAreListedInOrderAndRenamed) {
    for (const char* name : {"b", "a", "c"}) open(name, OpenMode::create);
    ASSERT_TRUE(files.rename(directory / "c", directory / "d"));
    ASSERT_TRUE(files.remove(directory / "b"));
    ASSERT_TRUE(files.flush_directory(directory.path()));
    EXPECT_EQ(files.list(directory.path()).value(), (std::vector<std::string>{"a", "d"}));
    EXPECT_EQ(files.list(directory / "none").error().code, ErrorCode::not_found);
    EXPECT_EQ(files.remove(directory / "none").error().code, ErrorCode::not_found);
    EXPECT_EQ(files.rename(directory / "none", directory / "x").error().code, ErrorCode::not_found);
    EXPECT_EQ(files.make_directory(directory / "a").error().code, ErrorCode::already_exists);
    EXPECT_FALSE(files.make_directory(directory / "a/b"));
    EXPECT_TRUE(files.make_directory(directory.path() + "/"));
}

TEST_F(Files, ALockSaysWhoHoldsItAndEndsWithItsHolder) {
    auto first = files.lock(directory / "lock", "order-service, process 7");
    ASSERT_TRUE(first);
    const auto second = files.lock(directory / "lock", "somebody else");
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, ErrorCode::unavailable);
    EXPECT_NE(second.error().message.find("\"order-service, process 7\""), std::string::npos);
    EXPECT_FALSE(second.error().hint.empty());
    EXPECT_TRUE(is_locked(directory / "lock"));

    *first = nullptr;
    EXPECT_FALSE(is_locked(directory / "lock"));
    EXPECT_FALSE(is_locked(directory / "none"));
    EXPECT_TRUE(files.lock(directory / "lock", "somebody else"));
}

TEST_F(Files, ReplacingAFileLeavesOldOrNewAndNoRest) {
    ASSERT_TRUE(replace_file(files, directory / "a", "old and longer"));
    ASSERT_TRUE(replace_file(files, directory / "a", "new"));
    EXPECT_EQ(read_file(files, directory / "a").value(), "new");

    // Given what a crash in the middle left behind, when the file is replaced, then it works.
    open("a.tmp", OpenMode::create)->write_at(0, "half of somethi").value();
    ASSERT_TRUE(replace_file(files, directory / "a", ""));
    EXPECT_EQ(read_file(files, directory / "a").value(), "");
    EXPECT_EQ(files.list(directory.path()).value(), std::vector<std::string>{"a"});

    EXPECT_FALSE(replace_file(files, directory / "none/a", "x"));
}

TEST_F(Files, ReadingAWholeFileIsBounded) {
    ASSERT_TRUE(replace_file(files, directory / "a", "12345"));
    EXPECT_EQ(read_file(files, directory / "a", 5).value(), "12345");
    EXPECT_EQ(read_file(files, directory / "a", 4).error().code, ErrorCode::limit_exceeded);
    EXPECT_EQ(read_file(files, directory / "b").error().code, ErrorCode::not_found);
}

TEST(ParentDirectory, IsWhereThePathsLastNameLives) {
    EXPECT_EQ(parent_directory("/data/a"), "/data");
    EXPECT_EQ(parent_directory("/a"), "/");
    EXPECT_EQ(parent_directory("a"), ".");
}

TEST_F(Files, ASharedPageIsOneForAllWhoMapIt) {
    const auto one = files.share(directory / "page").value();
    const auto other = files.share(directory / "page").value();
    for (const auto& word : one->words()) EXPECT_EQ(word.load(), 0u);
    one->words()[63].store(42);
    EXPECT_EQ(other->words()[63].load(), 42u);
    const std::uint32_t seen = other->wakes();
    one->wake();
    EXPECT_EQ(other->wakes(), seen + 1);
    other->wait(seen, 1h);  // Returns at once: it was woken since.
}

TEST_F(Files, AWaiterOnASharedPageIsWoken) {
    const auto one = files.share(directory / "page").value();
    const auto other = files.share(directory / "page").value();
    constexpr std::uint64_t rounds = 2'000;
    std::thread reader{[&] {
        for (std::uint64_t next = 1; next <= rounds; ++next) {
            for (;;) {
                const std::uint32_t seen = other->wakes();
                if (other->words()[0].load() >= next) break;
                other->wait(seen, 1h);
            }
            other->words()[1].store(next);
            other->wake();
        }
    }};
    for (std::uint64_t next = 1; next <= rounds; ++next) {
        one->words()[0].store(next);
        one->wake();
        for (;;) {
            const std::uint32_t seen = one->wakes();
            if (one->words()[1].load() == next) break;
            one->wait(seen, 1h);
        }
    }
    reader.join();
}

TEST_F(Files, AWaitOnASharedPageEndsWithItsTimeout) {
    const auto page = files.share(directory / "page").value();
    const TimePoint before = real_world().monotonic();
    page->wait(page->wakes(), 2ms);
    EXPECT_GE(real_world().monotonic() - before, 2ms);
    page->wait(page->wakes(), -1ms);
}

}  // namespace
}  // namespace tidings::io
