/// Dead letters and the account at the command line: looked at and dealt with, on stopped and on
/// running platforms.
#include <tidings/store/sqlite.h>

#include "cli_testing.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace tidings::testing {
namespace {

void change(const DataDirectory& data, std::string_view sql) {
    auto store =
        open_sqlite(io::real_world(), data.path() + "/services/payment-service.db").value();
    store->begin().value();
    store->transaction().execute(sql);
    store->commit().value();
    store->close().value();
}

/// A directory with two dead letters, one event that is retried tomorrow, and one parked behind it.
class CliDeadLetters : public ::testing::Test {
protected:
    void SetUp() override { ::setenv("USER", "anna", 1); }

    Ran letters(const std::string& arguments) const {
        return data.tidings("dead-letters " + arguments);
    }
    /// The groups' ids, whole, in the order of their first letters.
    std::string group_of(int position) const {
        return field(letters("show " + std::to_string(position) + " --json").out, "group");
    }
    std::string status() const {
        const Ran ran = data.tidings("status --service payment-service");
        EXPECT_EQ(ran.status, 0) << "nothing is unaccounted: " << ran.out;
        return ran.out;
    }
    bool is_so(const std::string& text) const { return status().find(text) != std::string::npos; }

    const DataDirectory data{"stopped"};
};

TEST_F(CliDeadLetters, AreListedByCauseAndOneByOne) {
    const Ran ran = letters("");
    EXPECT_EQ(ran.status, 0) << ran.err;
    EXPECT_TRUE(ran.says("payment-service:\n  group ")) << ran.out;
    EXPECT_TRUE(ran.says(": 1 x order.created  invalid_argument  first 20")) << ran.out;
    EXPECT_TRUE(
        ran.says("     1  dead       order.created  key=bad-1  attempts=1  "
                 "invalid_argument: the card was refused: \\u001b[31mred\\u202e\n"))
        << ran.out;
    EXPECT_TRUE(ran.says("2 dead letters in 2 services\n")) << ran.out;
    EXPECT_FALSE(ran.says("later-1"));
    EXPECT_EQ(ran.out.find('\x1b'), std::string::npos);
    EXPECT_EQ(ran.out.find("\u202e"), std::string::npos);
}

TEST_F(CliDeadLetters, AreListedInPagesAndByGroup) {
    const Ran first = letters("list --count 1");
    EXPECT_TRUE(first.says("key=bad-1")) << first.out;
    EXPECT_FALSE(first.says("key=bad-2"));
    EXPECT_TRUE(first.says("and more (--after 1 shows them, --count 0 all)")) << first.out;
    const Ran second = letters("list --count 1 --after 1");
    EXPECT_TRUE(second.says("key=bad-2")) << second.out;
    EXPECT_FALSE(second.says("and more"));
    const Ran group = letters("list --json --group " + group_of(2).substr(0, 8));
    ASSERT_EQ(group.lines().size(), 1U);
    EXPECT_EQ(field(group.lines()[0], "key"), "bad-2");
}

TEST_F(CliDeadLetters, CanShowWhatIsScheduledAndParked) {
    const Ran ran = letters("list --all");
    EXPECT_TRUE(
        ran.says("scheduled  order.created  key=later-1  attempts=1  unavailable: the "
                 "gateway is closed  next 20"))
        << ran.out;
    EXPECT_TRUE(ran.says("parked     order.created  key=later-1\n")) << ran.out;
    const Ran json = letters("--all --json");
    ASSERT_EQ(json.lines().size(), 4U);
    for (const std::string& line : json.lines()) EXPECT_TRUE(is_json(line)) << line;
}

TEST_F(CliDeadLetters, ShowEverythingOfOne) {
    const Ran ran = letters("show 1 --service payment-service");
    EXPECT_EQ(ran.status, 0) << ran.err;
    EXPECT_TRUE(ran.says("  key          bad-1\n")) << ran.out;
    EXPECT_TRUE(ran.says("  envelope     {\"id\":\"")) << ran.out;
    EXPECT_TRUE(ran.says("  sequence     3\n")) << ran.out;
    EXPECT_TRUE(ran.says("  attempts     1\n    1          20")) << ran.out;
    EXPECT_TRUE(letters("show 3").says("  behind it    1 parked event\n"));
    const Ran none = letters("show 99");
    EXPECT_EQ(none.status, 1);
    EXPECT_TRUE(none.complains("error: no held event at position 99\nhint: ")) << none.err;
}

TEST_F(CliDeadLetters, OfAStoppedServiceAreRedrivenOnceAndDiscardedWithAReason) {
    const Ran redriven = letters("redrive 1");
    EXPECT_EQ(redriven.status, 0) << redriven.err;
    EXPECT_EQ(redriven.out,
              "payment-service: redriven 1 dead letter\n"
              "  tried again once payment-service runs\n");
    EXPECT_TRUE(letters("redrive 1").says("redriven 0 dead letters; 1 waited for an attempt "));
    EXPECT_TRUE(is_so("scheduled 2 + parked 1 + dead 1 + discarded 0"));

    const Ran silent = letters("discard 2");
    EXPECT_EQ(silent.status, 2);
    EXPECT_TRUE(silent.complains("error: no reason is given\nhint: add --why")) << silent.err;
    EXPECT_EQ(letters("discard 2 --why 'a test order'").status, 0);
    EXPECT_TRUE(is_so("scheduled 2 + parked 1 + dead 0 + discarded 1"));

    const Ran audit = data.tidings("audit");
    ASSERT_EQ(audit.lines().size(), 4U) << audit.out;
    EXPECT_NE(audit.lines()[0].find("payment-service 2  discard  by anna  2  order.created  "
                                    "key=bad-2"),
              std::string::npos)
        << audit.out;
    EXPECT_EQ(audit.lines()[1], "    why: a test order");
    EXPECT_NE(audit.lines()[2].find("\"orderId\":\"bad-2\""), std::string::npos)
        << "the event is kept: " << audit.out;
    EXPECT_NE(audit.lines()[3].find("redrive  by anna  1"), std::string::npos) << audit.out;
    for (const std::string& line : data.tidings("audit --json").lines()) {
        EXPECT_TRUE(is_json(line)) << line;
    }

    // What was redriven is tried once the service runs, and fails for its old reason.
    Beside platform{platform_program + " serve " + data.path()};
    ASSERT_EQ(platform.line(), "ready");
    Ran tried;
    do {
        tried = letters("show 1 --json");
    } while (field(tried.out, "state") == "scheduled");
    EXPECT_EQ(field(tried.out, "state"), "dead");
    EXPECT_TRUE(tried.says("\"attempts\":2")) << tried.out;
}

TEST_F(CliDeadLetters, InBulkShowAPlanAndWaitForAYes) {
    const Ran plan = letters("redrive --all --rate 2");
    EXPECT_EQ(plan.status, 0);
    EXPECT_TRUE(plan.says("redrive 2 dead letters of payment-service:\n  group ")) << plan.out;
    EXPECT_TRUE(plan.says("  at 2 a second: 1s in all\n")) << plan.out;
    EXPECT_TRUE(plan.complains("note: nothing was done; add --yes to do it")) << plan.err;
    EXPECT_TRUE(is_so("dead 2 "));
    const std::string group = group_of(1).substr(0, 6);
    const Ran one = letters("discard --group " + group + " --why 'test orders' --yes");
    EXPECT_EQ(one.status, 0) << one.err;
    EXPECT_TRUE(one.says("payment-service: discarded 1 dead letter\n")) << one.out;
    const Ran gone = letters("discard --group " + group + " --why 'test orders' --yes");
    EXPECT_EQ(gone.status, 1);
    EXPECT_TRUE(gone.complains("no dead letters of a group")) << gone.err;
    EXPECT_TRUE(is_so("dead 1 + discarded 1"));
    EXPECT_TRUE(letters("redrive --all --yes --json").says("\"done\":1"));
    EXPECT_EQ(letters("redrive --all --yes").status, 1) << "there are none any more";
}

TEST_F(CliDeadLetters, AreDealtWithThroughARunningService) {
    Beside platform{platform_program + " serve " + data.path()};
    ASSERT_EQ(platform.line(), "ready");
    const Ran edited = letters("edit 1 --set note=fine --why 'a typing error' --redrive");
    EXPECT_EQ(edited.status, 0) << edited.err;
    EXPECT_TRUE(edited.says("  is  {\"orderId\":\"bad-1\",\"quantity\":1,\"note\":\"fine\"}\n"))
        << edited.out;
    EXPECT_TRUE(edited.says("payment-service: edited 1; it is event ")) << edited.out;
    Ran tried;
    do {
        tried = letters("show 1 --json");
    } while (field(tried.out, "state") == "scheduled");
    EXPECT_EQ(field(tried.out, "error"), "the card was refused: fine");
    EXPECT_NE(field(tried.out, "editedFrom"), field(tried.out, "eventId"));
    const Ran discarded = letters("discard --all --why 'test orders' --yes");
    EXPECT_EQ(discarded.out.substr(discarded.out.find("payment-service: ")),
              "payment-service: discarded 2 dead letters\n");
    EXPECT_TRUE(is_so("dead 0 + discarded 2"));
    EXPECT_EQ(data.tidings("audit --json").lines().size(), 4U);
}

TEST_F(CliDeadLetters, InBulkAreRedrivenOnceThoughTheyFailAgain) {
    Beside platform{platform_program + " serve " + data.path()};
    ASSERT_EQ(platform.line(), "ready");
    const Ran ran = letters("redrive --all --rate 0 --yes");
    EXPECT_EQ(ran.status, 0) << ran.err;
    EXPECT_TRUE(ran.says("payment-service: redriven 2 dead letters\n")) << ran.out;
    EXPECT_EQ(data.tidings("audit --json").lines().size(), 2U);
}

TEST_F(CliDeadLetters, AreEditedByTheirContract) {
    const Ran wrong = letters("edit 1 --set quantity=0 --why x");
    EXPECT_EQ(wrong.status, 1);
    EXPECT_TRUE(wrong.complains("order.created 1.2.0: field /quantity: must be at least 1, is 0"))
        << wrong.err;
    const Ran moved = letters("edit 1 --set orderId=o-7 --why x");
    EXPECT_TRUE(moved.complains("its key would be \"o-7\", and is \"bad-1\"\nhint: ")) << moved.err;
    EXPECT_TRUE(letters("edit 1 --set quantity --why x").complains("\"quantity\" sets nothing"));
    EXPECT_TRUE(letters("edit 1 --set a.b=1 --why x").complains("no place \"a\" there"));
    EXPECT_TRUE(letters("edit 1 --new-data '[]' --why x").complains("must be an object"));
    EXPECT_EQ(letters("edit 1 --set quantity=2").status, 2) << "no reason";
    const Ran checked = letters("edit 1 --set quantity=2 --dry-run");
    EXPECT_EQ(checked.status, 0) << checked.err;
    EXPECT_TRUE(checked.complains("nothing was changed")) << checked.err;
    EXPECT_TRUE(data.tidings("audit").says("nothing was done to a dead letter or a saga yet"));
    EXPECT_EQ(letters("edit 3 --set quantity=2 --why x").status, 1) << "it is scheduled";
}

TEST_F(CliDeadLetters, AreEditedInTheEditorOfOnesChoice) {
    ::setenv("EDITOR", "sed -i 's/\"quantity\": 1/\"quantity\": 5/'", 1);
    ::unsetenv("VISUAL");
    const Ran edited = letters("edit 2 --why 'a typing error'");
    EXPECT_EQ(edited.status, 0) << edited.err;
    EXPECT_TRUE(edited.says("  is  {\"orderId\":\"bad-2\",\"quantity\":5")) << edited.out;
    EXPECT_TRUE(letters("edit 2 --why 'again'").complains("note: nothing was changed"));
    ::setenv("EDITOR", "false", 1);
    EXPECT_TRUE(letters("edit 2 --why 'again'").complains("false ended with an error"));
    ::unsetenv("EDITOR");
    EXPECT_TRUE(letters("edit 2 --why 'again'").complains("nothing says what to change"));
}

TEST_F(CliDeadLetters, TellWhatIsWrongWithACommand) {
    EXPECT_TRUE(letters("redriv 1").complains("did you mean redrive?"));
    EXPECT_EQ(letters("redrive").status, 2);
    EXPECT_EQ(letters("redrive 1 --all").status, 2);
    EXPECT_EQ(letters("redrive --all --rate -1").status, 2);
    EXPECT_TRUE(letters("redrive 99").complains("no held event at position 99\nhint: "));
    EXPECT_TRUE(letters("discard 4 --why x").complains("no dead letters: they wait"));
    EXPECT_TRUE(letters("redrive 1 --service paiment-service").complains("did you mean payment"));
    ::unsetenv("USER");
    ::unsetenv("LOGNAME");
    const Ran nobody = letters("redrive 1");
    EXPECT_EQ(nobody.status, 2);
    EXPECT_TRUE(nobody.complains("it is not known who does it\nhint: add --who")) << nobody.err;
    EXPECT_EQ(letters("redrive 1 --who ben").status, 0);
}

TEST_F(CliDeadLetters, AreDealtWithInTheTablesOfAnOlderBuildWhichStayAsTheyAre) {
    const auto version = [this] {
        const auto tx = read_sqlite(data.path() + "/services/payment-service.db").value();
        return tx->value<int>(
            "SELECT max(version) FROM tidings_migrations WHERE component = 'tidings'");
    };
    const auto forget_above = [this](int last) {
        change(data, "DELETE FROM tidings_migrations WHERE component = 'tidings' AND version > " +
                         std::to_string(last));
    };
    for (const char* trigger : {"added", "removed", "edited"}) {
        change(data, std::string{"DROP TRIGGER tidings_held_"} + trigger);
    }
    change(data, "DROP TABLE tidings_clock");
    change(data, "DROP TABLE tidings_held_state");
    forget_above(5);
    EXPECT_EQ(letters("redrive 1").status, 0);
    EXPECT_EQ(letters("edit 2 --set note=fine --why 'a typing error'").status, 0);
    EXPECT_EQ(letters("discard 2 --why 'a test order'").status, 0);
    EXPECT_EQ(version(), 5) << "an older build can go on";

    forget_above(4);
    EXPECT_TRUE(letters("redrive 1").complains("of before there was an audit record\nhint: start"));
    EXPECT_EQ(version(), 4);
    change(data,
           "UPDATE tidings_migrations SET version = 99 WHERE component = 'tidings' AND "
           "version = 4");
    EXPECT_TRUE(letters("redrive 1").complains("payment-service: its tables have version 99"));
}

TEST_F(CliDeadLetters, AreLeftAloneWhereSomebodyHoldsThemAndDoesNotAnswer) {
    Beside platform{platform_program + " mute " + data.path()};
    ASSERT_EQ(platform.line(), "ready");
    const Ran refused = letters("redrive 1");
    EXPECT_EQ(refused.status, 1);
    EXPECT_TRUE(refused.complains("payment-service runs but does not answer")) << refused.err;
    EXPECT_TRUE(is_so("dead 2 "));
}

// ------------------------------------------------------------------------------------- rehearsals

TEST_F(CliDeadLetters, AreRehearsedByTheNextBuildAndNothingChanges) {
    const auto before = data.contents();
    const Ran ran = letters("rehearse --all --program " PAYMENTS_PROGRAM);
    EXPECT_EQ(ran.status, 3) << "one would fail: " << ran.err;
    EXPECT_EQ(ran.out,
              "payment-service: rehearsed 2 events, of 2 dead letters meant; nothing was changed\n"
              "       1  order.created  key=bad-1  is done\n"
              "          + captured  {\"order_id\":\"bad-1\",\"quantity\":1}\n"
              "          publishes payment.completed  bad-1  {\"orderId\":\"bad-1\"}\n"
              "       2  order.created  key=bad-2  fails\n"
              "          invalid_argument: the card is still refused\n"
              "1 done, 1 would fail\n"
              "  table captured: 1 added, 0 changed, 0 removed\n"
              "  payment.completed would be published once\n");
    EXPECT_EQ(data.contents().size(), before.size() + 1) << "an empty directory for copies";
    const Ran audit = data.tidings("audit --service payment-service");
    ASSERT_EQ(audit.lines().size(), 2U) << audit.out;
    EXPECT_TRUE(audit.says("payment-service 1  rehearse  by anna  (all)\n")) << audit.out;
    EXPECT_EQ(audit.lines()[1], R"(    came of it: {"done":1,"failed":1})");
    EXPECT_TRUE(is_so("dead 2 + discarded 0"));
    const Ran json = letters("rehearse 1 --json --program " PAYMENTS_PROGRAM);
    EXPECT_EQ(json.status, 0) << json.err;
    EXPECT_TRUE(is_json(json.out));
    EXPECT_TRUE(json.says("\"chosen\":1,\"failed\":0,\"whole\":true"));
}

TEST_F(CliDeadLetters, AreRehearsedBesideTheRunningService) {
    Beside platform{platform_program + " serve " + data.path()};
    ASSERT_EQ(platform.line(), "ready");
    const std::string group = group_of(1).substr(0, 8);
    const Ran ran = letters("rehearse --group " + group +
                            " --why 'the next build' --program " PAYMENTS_PROGRAM);
    EXPECT_EQ(ran.status, 0) << ran.err;
    EXPECT_TRUE(ran.says("rehearsed 1 event, of 1 dead letter meant")) << ran.out;
    EXPECT_TRUE(is_so("dead 2 + discarded 0"));
    EXPECT_TRUE(letters("rehearse 99 --program " PAYMENTS_PROGRAM)
                    .complains("error: no held event at position 99"));
    EXPECT_TRUE(letters("rehearse 1 --program /bin/false").complains("did not rehearse"));
    EXPECT_TRUE(letters("rehearse 1 --program 'echo ['").complains("what the program printed"));
    EXPECT_EQ(letters("rehearse 1").status, 2) << "no program";
    const Ran audit = data.tidings("audit");
    EXPECT_TRUE(audit.says("payment-service 1  rehearse  by anna  (group " + group +
                           ")\n    why: the next build\n"
                           "    came of it: {\"done\":1,\"failed\":0}\n"))
        << audit.out;
    EXPECT_TRUE(
        audit.says("payment-service 2  rehearse  by anna  (1)\n"
                   "    came of it: {\"error\":\"\\\"/bin/false\\\" did not rehearse\"}\n"))
        << audit.out;
    EXPECT_EQ(data.tidings("audit --json").lines().size(), 3U) << "position 99 was never there";
}

TEST_F(CliDeadLetters, AreRehearsedByTheProgramOfTheirService) {
    const Ran other =
        letters(R"(rehearse 1 --service payment-service --program "echo '{\"service\":\"x\"}' #")");
    EXPECT_EQ(other.status, 1);
    EXPECT_TRUE(other.complains("runs \"x\", not payment-service")) << other.err;
    ::unsetenv("USER");
    ::unsetenv("LOGNAME");
    const Ran nobody = letters("rehearse 1 --program " PAYMENTS_PROGRAM);
    EXPECT_EQ(nobody.status, 2);
    EXPECT_TRUE(nobody.complains("it is not known who does it")) << nobody.err;
}

TEST_F(CliDeadLetters, AreNotRehearsedInSecret) {
    Beside platform{platform_program + " mute " + data.path()};
    ASSERT_EQ(platform.line(), "ready");
    const Ran ran = letters("rehearse 1 --program " PAYMENTS_PROGRAM);
    EXPECT_EQ(ran.status, 1);
    EXPECT_TRUE(ran.complains("error: the rehearsal is not on the audit record: ")) << ran.err;
}

// ---------------------------------------------------------------------------------------- account

TEST(CliAccount, ClosesTheBooksOfEveryService) {
    for (const char* mode : {"stopped", "killed"}) {
        const DataDirectory data{mode};
        const auto before = data.contents();
        const Ran ran = data.tidings("account --logs");
        EXPECT_EQ(ran.status, 0) << ran.out << ran.err;
        EXPECT_TRUE(
            ran.says("payment-service  unaccounted 0\n  order: accepted 7 = done 3 + "
                     "pending 0 + scheduled 1 + parked 1 + dead 2 + discarded 0\n"))
            << ran.out;
        EXPECT_TRUE(ran.says("10 events accepted by 2 services; unaccounted 0, astray 0\n"))
            << ran.out;
        EXPECT_EQ(data.contents(), before) << "nothing is changed on disk";
    }
}

TEST(CliAccount, SaysByWhomAndWhyEventsWereDiscarded) {
    const DataDirectory data{"stopped"};
    ASSERT_EQ(data.tidings("dead-letters discard 1 2 --who anna --why 'test orders'").status, 0);
    const Ran ran = data.shell(tidings_program + " account " + data.path());
    EXPECT_EQ(ran.status, 0) << ran.err;
    EXPECT_TRUE(ran.says("dead 0 + discarded 2\n  discarded 2 of order by anna: test orders\n"))
        << ran.out;
    const Ran json = data.tidings("account --json --service payment-service");
    ASSERT_EQ(json.lines().size(), 1U);
    EXPECT_TRUE(is_json(json.lines()[0]));
    EXPECT_EQ(field(json.out, "who"), "anna");
}

TEST(CliAccount, NamesWhatItCannotAccountFor) {
    const DataDirectory data{"stopped"};
    change(data, "UPDATE tidings_position SET accepted = accepted + 1");
    change(data, "UPDATE tidings_held SET sequence = 900 WHERE position = 2");
    const Ran ran = data.tidings("account --service payment-service");
    EXPECT_EQ(ran.status, 3);
    EXPECT_TRUE(ran.says("payment-service  unaccounted 1\n")) << ran.out;
    EXPECT_TRUE(ran.says("unaccounted: 1 of them in no state that there is")) << ran.out;
    EXPECT_TRUE(
        ran.says("astray: order sequence 900 of order-service  order.created  key=bad-2 "
                 "(at 2)\n    it is held, and the inbox does not know it"))
        << ran.out;
    const Ran json = data.tidings("account --json --service payment-service");
    EXPECT_EQ(json.status, 3);
    EXPECT_TRUE(json.says("\"unaccounted\":1,")) << json.out;
    EXPECT_EQ(field(json.out, "source"), "order-service");
}

TEST(CliAccount, WatchesARunningPlatformUntilItIsTold) {
    const DataDirectory data{"stopped"};
    Beside platform{platform_program + " serve " + data.path()};
    ASSERT_EQ(platform.line(), "ready");
    Beside watch{tidings_program + " account --watch --json --data " + data.path()};
    EXPECT_TRUE(is_json(watch.line()));
    EXPECT_TRUE(is_json(watch.line()));
    EXPECT_EQ(watch.end(15), 0);
}

}  // namespace
}  // namespace tidings::testing
