#include <tidings/io/program.h>

#include <gtest/gtest.h>

namespace tidings::io {
namespace {

constexpr std::size_t some = 1 << 20;

TEST(Program, TellsWhatItSaidAndHowItEnded) {
    const auto said = run_program({"sh", "-c", "echo out; echo err >&2; exit 7"}, some);
    ASSERT_TRUE(said) << said.error().message;
    EXPECT_EQ(said->status, 7);
    EXPECT_EQ(said->output, "out\n");
    EXPECT_EQ(said->errors, "err\n");
}

TEST(Program, PassesArgumentsAsTheyAre) {
    EXPECT_EQ(run_program({"echo", "a b", "$HOME", "*"}, some).value().output, "a b $HOME *\n");
}

TEST(Program, HasNoInput) { EXPECT_EQ(run_program({"cat"}, some).value().output, ""); }

TEST(Program, ReadsMoreThanAPipeHolds) {
    const auto said = run_program({"head", "-c", "300000", "/dev/zero"}, some);
    ASSERT_TRUE(said);
    EXPECT_EQ(said->output.size(), 300'000U);
}

TEST(Program, IsEndedWhenItSaysTooMuch) {
    const auto said = run_program({"cat", "/dev/zero"}, 1000);
    ASSERT_FALSE(said);
    EXPECT_EQ(said.error().code, ErrorCode::limit_exceeded);
}

TEST(Program, ThatDoesNotExistIsSaidSo) {
    const auto said = run_program({"no-such-program-of-tidings"}, some);
    ASSERT_FALSE(said);
    EXPECT_EQ(said.error().code, ErrorCode::not_found);
}

TEST(Program, AtTheTerminalIsToldByItsStatus) {
    EXPECT_EQ(run_at_terminal({"sh", "-c", "exit 3"}).value(), 3);
    EXPECT_EQ(run_at_terminal({"no-such-program-of-tidings"}).error().code, ErrorCode::not_found);
}

TEST(Program, AtTheTerminalIsTheOnlyOneThatIsInterrupted) {
    // As the key does it, which interrupts all of a terminal's foreground: child and parent.
    EXPECT_EQ(run_at_terminal({"sh", "-c", "kill -INT $PPID; kill -INT $$"}).value(), 128 + 2);
}

TEST(Program, KilledBySignalHasTheShellsStatus) {
    EXPECT_EQ(run_program({"sh", "-c", "kill -9 $$"}, some).value().status, 128 + 9);
}

}  // namespace
}  // namespace tidings::io
