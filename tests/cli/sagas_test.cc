/// Sagas that need an operator at the command line: looked at and decided about, on stopped and on
/// running platforms.
#include "cli_testing.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace tidings::testing {
namespace {

/// A directory with two sagas that need an operator, because the bank is silent.
class CliSagas : public ::testing::Test {
protected:
    void SetUp() override {
        ::setenv("USER", "anna", 1);
        const Ran made = data.shell(SAGAS_PROGRAM " stopped " + data.path());
        ASSERT_EQ(made.status, 0) << made.err;
    }
    Ran sagas(const std::string& arguments) const { return data.tidings("sagas " + arguments); }
    /// Waits until an instance is so.
    Ran show_once(const std::string& key, const std::string& status) const {
        Ran shown;
        do {
            shown = sagas("show " + key + " --json");
        } while (field(shown.out, "status") != status);
        return shown;
    }

    const DataDirectory data;
};

TEST_F(CliSagas, ThatNeedAnOperatorAreListedAndChangeNothing) {
    const auto before = data.contents();
    const Ran ran = sagas("");
    EXPECT_EQ(ran.status, 0) << ran.err;
    EXPECT_TRUE(
        ran.says("order-service:\n  order.fulfilment  o-1  needs an operator  step 1 is "
                 "being undone  since "))
        << ran.out;
    EXPECT_TRUE(ran.says("  NO_ADDRESS\n")) << ran.out;
    EXPECT_TRUE(ran.says("2 sagas in 2 services need an operator\n")) << ran.out;
    EXPECT_FALSE(ran.says("o-3"));
    const Ran all = sagas("list --all --json");
    ASSERT_EQ(all.lines().size(), 3U) << all.out;
    for (const std::string& line : all.lines()) EXPECT_TRUE(is_json(line)) << line;
    EXPECT_EQ(field(all.lines()[2], "status"), "running");
    const Ran page = sagas("list --all --saga order.fulfilment --after o-1 --count 1");
    EXPECT_TRUE(page.says("o-2") && page.says("1 saga in 2 services\n")) << page.out;
    EXPECT_TRUE(sagas("list --after o-1").complains("it is not clear of which saga"));

    const Ran one = sagas("show o-1");
    EXPECT_TRUE(
        one.says("order-service: order.fulfilment o-1\n  status       needs an operator\n"
                 "  reason       NO_ADDRESS\n"))
        << one.out;
    EXPECT_TRUE(
        one.says("  step 1       being undone; its answer is awaited\n"
                 "  step 2       not done\n"
                 "  state        {\"orderId\":\"o-1\"}\n"))
        << one.out;
    const Ran none = sagas("show o-9");
    EXPECT_EQ(none.status, 1);
    EXPECT_TRUE(none.complains("error: no saga has an instance \"o-9\"\nhint: ")) << none.err;
    EXPECT_EQ(data.contents(), before);
}

TEST_F(CliSagas, OfARunningServiceGoOnOnceAnOperatorDecides) {
    Beside platform{SAGAS_PROGRAM " serve " + data.path()};
    ASSERT_EQ(platform.line(), "ready");
    EXPECT_TRUE(sagas("").says("step 1 (payment) is being undone")) << "its code has the names";

    const Ran silent = sagas("made-good o-1");
    EXPECT_EQ(silent.status, 2);
    EXPECT_TRUE(silent.complains("error: no reason is given\nhint: add --why")) << silent.err;
    EXPECT_TRUE(sagas("made-good o-1 --step 2 --why x")
                    .complains("has gone on meanwhile: step 1 is being undone, not 2"));
    const Ran good = sagas("made-good o-1 --why 'paid back by hand' --correlation flow-1");
    EXPECT_EQ(good.status, 0) << good.err;
    EXPECT_EQ(good.out,
              "order-service: order.fulfilment o-1: step 1 (payment) counts as made good; the saga "
              "is compensated now\n");
    const Ran again = sagas("made-good o-1 --why 'paid back by hand'");
    EXPECT_EQ(again.status, 1);
    EXPECT_TRUE(again.complains("waits for no compensation: it is compensated")) << again.err;
    Ran log;
    do {
        log = data.tidings("log --type order.cancelled --key o-1");
    } while (log.out.empty());
    EXPECT_TRUE(log.says("correlation=flow-1  {\"orderId\":\"o-1\",\"reason\":\"NO_ADDRESS\"}"))
        << log.out;

    const Ran asked = sagas("undo-again o-2 --json");
    EXPECT_EQ(field(asked.out, "status"), "compensating") << asked.out << asked.err;
    EXPECT_TRUE(show_once("o-2", "compensated").says("\"name\":\"payment\",\"is\":\"undone\""))
        << "the bank has paid back";
    EXPECT_TRUE(sagas("").says("0 sagas in 2 services need an operator\n"));

    const Ran audit = data.tidings("audit");
    EXPECT_TRUE(audit.says("order-service 2  undo-again  by anna  (order.fulfilment o-2 step 1)\n"))
        << audit.out;
    EXPECT_TRUE(
        audit.says("order-service 1  made-good  by anna  (order.fulfilment o-1 step 1)\n"
                   "    why: paid back by hand\n"))
        << audit.out;
    EXPECT_EQ(data.tidings("account").status, 0);
}

TEST_F(CliSagas, OfAStoppedServiceGoOnOnceItRuns) {
    const Ran good = sagas("made-good o-1 --why 'paid back by hand'");
    EXPECT_EQ(good.status, 0) << good.err;
    EXPECT_EQ(good.out,
              "order-service: order.fulfilment o-1: step 1 counts as made good once order-service "
              "runs\n");
    const Ran twice = sagas("undo-again o-1");
    EXPECT_EQ(twice.status, 1);
    EXPECT_TRUE(twice.complains("made-good 1 was decided about saga order.fulfilment \"o-1\""))
        << twice.err;
    EXPECT_EQ(sagas("undo-again o-2").status, 0);
    EXPECT_TRUE(sagas("").says("made-good 1 is decided, and done once the service runs"));
    EXPECT_TRUE(sagas("undo-again o-3").complains("waits for no compensation: it is running"));
    EXPECT_EQ(data.tidings("audit --json").lines().size(), 2U);

    Beside platform{SAGAS_PROGRAM " serve " + data.path()};
    ASSERT_EQ(platform.line(), "ready");
    show_once("o-1", "compensated");
    show_once("o-2", "compensated");
    EXPECT_EQ(data.tidings("audit --json").lines().size(), 2U) << "decided once";
    EXPECT_EQ(data.tidings("account").status, 0);
}

}  // namespace
}  // namespace tidings::testing
