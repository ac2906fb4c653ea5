/// Consumer groups at the command line: looked at, and forgotten where their service is gone.
#include "cli_testing.h"

#include <gtest/gtest.h>

namespace tidings::testing {
namespace {

/// A stopped platform, and a group whose service was taken away long ago.
class CliGroups : public ::testing::Test {
protected:
    void SetUp() override {
        const std::string groups = data.path() + "/log/order/groups/";
        ASSERT_EQ(data.shell("cp " + groups + "payment-service " + groups + "old-service").status,
                  0);
    }
    Ran groups(const std::string& arguments) const { return data.tidings("groups " + arguments); }

    const DataDirectory data{"stopped"};
};

TEST_F(CliGroups, AreListedWithHowFarBehindTheyAre) {
    const auto before = data.contents();
    const Ran ran = groups("");
    EXPECT_EQ(ran.status, 0) << ran.err;
    EXPECT_EQ(ran.out,
              "order:\n"
              "  old-service  position 7 of 7, 0 events behind  (no service of this name here)\n"
              "  payment-service  position 7 of 7, 0 events behind\n"
              "payment:\n"
              "  order-service  position 3 of 3, 0 events behind\n");
    const Ran json = groups("list --json --topic payment");
    EXPECT_EQ(json.out,
              "{\"topic\":\"payment\",\"group\":\"order-service\",\"position\":3,"
              "\"highWatermark\":3,\"service\":true}\n");
    EXPECT_EQ(data.contents(), before);
    data.damage("log/order/groups/old-service", 9);
    EXPECT_TRUE(groups("").says("old-service  position unknown: its file is damaged"));
}

TEST_F(CliGroups, OfAServiceThatIsGoneAreForgottenOnceSomebodySaysYes) {
    const Ran plan = groups("forget old-service");
    EXPECT_EQ(plan.status, 0);
    EXPECT_EQ(plan.out, "forget old-service at order: position 7 of 7, 0 events behind\n");
    EXPECT_TRUE(plan.complains("note: nothing was done; add --yes to do it")) << plan.err;
    EXPECT_TRUE(groups("").says("old-service"));
    const Ran done = groups("forget old-service --yes");
    EXPECT_EQ(done.status, 0) << done.err;
    EXPECT_TRUE(done.says("order: retention waits for old-service no more\n")) << done.out;
    EXPECT_FALSE(groups("").says("old-service"));
    const Ran again = groups("forget old-service --yes");
    EXPECT_EQ(again.status, 1);
    EXPECT_TRUE(again.complains("error: no group \"old-service\"\nhint: ")) << again.err;
    EXPECT_EQ(data.tidings("verify").status, 0);
}

TEST_F(CliGroups, OfAServiceThatRunsAreNotForgotten) {
    for (const char* mode : {" serve ", " mute "}) {
        Beside platform{platform_program + mode + data.path()};
        ASSERT_EQ(platform.line(), "ready");
        const Ran refused = groups("forget payment-service --yes");
        EXPECT_EQ(refused.status, 1);
        EXPECT_TRUE(refused.complains("payment-service runs and reads on\nhint: only")) << mode;
    }
    EXPECT_TRUE(groups("").says("payment-service"));
}

TEST_F(CliGroups, OfAServiceThatComesBackAreRegisteredWhereItStood) {
    const Ran done = groups("forget payment-service --yes");
    EXPECT_TRUE(done.says("  should it start again after it missed something, it takes nothing\n"))
        << done.out;
    EXPECT_FALSE(groups("").says("payment-service"));
    Beside platform{platform_program + " serve " + data.path()};
    ASSERT_EQ(platform.line(), "ready");
    EXPECT_TRUE(groups("").says("payment-service  position 7 of 7"));
}

}  // namespace
}  // namespace tidings::testing
