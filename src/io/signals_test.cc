#include <tidings/io/signals.h>

#include <gtest/gtest.h>

#include <cerrno>
#include <signal.h>
#include <thread>
#include <unistd.h>

namespace tidings::io {
namespace {

TEST(Signals, AreRememberedInsteadOfEndingTheProcess) {
    for (const int number : {SIGTERM, SIGINT}) {
        Signals signals;
        EXPECT_FALSE(signals.requested());
        EXPECT_FALSE(signals.wait(1ms));
        ::kill(::getpid(), number);
        EXPECT_TRUE(signals.wait(Duration::max()));
        EXPECT_TRUE(signals.requested());
        EXPECT_TRUE(signals.wait(1h));
    }
}

TEST(Signals, TheEndCanBeAskedForFromWithin) {
    Signals signals;
    std::thread other{[&] { signals.request(); }};
    EXPECT_TRUE(signals.wait(1h));
    other.join();
}

TEST(Signals, ASecondTermIsHarmless) {
    Signals signals;
    signals.request();
    ASSERT_TRUE(signals.requested());
    signals.request();
    EXPECT_TRUE(signals.requested());
}

TEST(Signals, ASecondInterruptEndsTheProcess) {
    EXPECT_EXIT(
        {
            Signals signals;
            ::kill(::getpid(), SIGINT);
            if (signals.wait(1h)) ::kill(::getpid(), SIGINT);
        },
        testing::KilledBySignal(SIGINT), "");
}

TEST(Signals, AClosedPipeIsAnErrorAndNoDeath) {
    Signals signals;
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    ::close(ends[0]);
    EXPECT_EQ(::write(ends[1], "x", 1), -1);
    EXPECT_EQ(errno, EPIPE);
    ::close(ends[1]);
}

}  // namespace
}  // namespace tidings::io
