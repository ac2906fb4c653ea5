// Programs that run at the same time: what they print, and how they end.
#include <tidings/io/children.h>

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

namespace tidings::io {
namespace {

std::vector<std::string> shell(const std::string& script) { return {"/bin/sh", "-c", script}; }

std::vector<std::string> all_lines(Children& children) {
    std::vector<std::string> lines;
    while (children.any_left()) {
        if (auto line = children.next_line(10s)) {
            lines.push_back(std::to_string(line->child) + ' ' + line->text);
        }
    }
    return lines;
}

TEST(Children, HandOverWhatEachOfThemPrintsLineByLine) {
    Children children;
    ASSERT_TRUE(children.start(shell("echo one; echo two; printf rest")));
    ASSERT_TRUE(children.start(shell("echo other")));

    const std::vector<std::string> lines = all_lines(children);

    EXPECT_EQ((std::multiset<std::string>{lines.begin(), lines.end()}),
              (std::multiset<std::string>{"0 one", "0 two", "0 rest", "1 other"}));
    EXPECT_TRUE(children.all_succeeded());
}

TEST(Children, TellWhenOneOfThemFailed) {
    Children children;
    ASSERT_TRUE(children.start(shell("exit 0")));
    ASSERT_TRUE(children.start(shell("exit 3")));

    EXPECT_TRUE(all_lines(children).empty());
    EXPECT_FALSE(children.all_succeeded());
}

TEST(Children, ThatAreNoProgramCannotBeStarted) {
    Children children;
    const Result<void> started = children.start({"/nowhere/at/all"});

    ASSERT_FALSE(started);
    EXPECT_EQ(started.error().code, ErrorCode::io_error);
    EXPECT_FALSE(children.any_left());
}

TEST(Children, AreEndedWithTheObject) {
    Children children;
    ASSERT_TRUE(children.start(shell("echo begun; exec cat /dev/zero > /dev/null")));
    ASSERT_TRUE(children.next_line(10s));
    // The destructor waits for it: a test that hangs here has failed.
}

}  // namespace
}  // namespace tidings::io
