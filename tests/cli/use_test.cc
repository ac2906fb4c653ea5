/// How the command line is used, rightly and wrongly, and directories that are not ours.
#include "cli_testing.h"

#include <gtest/gtest.h>

namespace tidings::testing {
namespace {

Ran run(const std::string& arguments) {
    const DataDirectory somewhere;
    return somewhere.shell(tidings_program + " " + arguments);
}

TEST(CliUse, HelpHasExamplesAndChangesNothing) {
    for (const char* command :
         {"log", "tail", "publish", "outbox", "dead-letters", "dead-letters list",
          "dead-letters show", "status", "contract check"}) {
        const Ran ran = run(std::string{command} + " --help");
        EXPECT_EQ(ran.status, 0) << command;
        EXPECT_TRUE(ran.says("Examples:\n  tidings ")) << ran.out;
        EXPECT_TRUE(ran.says("--json")) << ran.out;
    }
    EXPECT_TRUE(run("--help").says("Exit status: 0 done, 1 failed, 2 wrong use, 3 problems"));
}

TEST(CliUse, WrongUseIsSaidWithAHint) {
    const auto wrong = [](const std::string& arguments, std::string_view error) {
        const Ran ran = run(arguments);
        EXPECT_EQ(ran.status, 2) << arguments;
        EXPECT_EQ(ran.out, "") << arguments;
        EXPECT_TRUE(ran.complains("error: ")) << ran.err;
        EXPECT_TRUE(ran.complains("hint: ")) << ran.err;
        EXPECT_TRUE(ran.complains(error)) << ran.err;
    };
    wrong("", "a subcommand is required");
    wrong("lgo", "hint: did you mean log?");
    wrong("dead-leters list", "hint: did you mean dead-letters?");
    wrong("dead-letters shwo 1", "hint: did you mean show?");
    wrong("destroy", "hint: there are: log, tail, publish");
    wrong("\"$(printf '\\033[31m')\"", "\\u");
    wrong("log --topik order", "hint: see tidings log --help");
    wrong("log --from yesterday", "neither an offset nor a time");
    wrong("log --from 7", "offset 7 needs a topic");
    wrong("log --type 'Order Created'", "error: ");
    wrong("log --count -1", "error: ");
    wrong("publish order.created", "DATA is required");
    wrong("publish ../../etc/passwd '{}'", "error: ");
    wrong("dead-letters show x", "error: ");
}

TEST(CliUse, RefusesDirectoriesThatAreNotOurs) {
    const DataDirectory data;
    for (const char* command : {"log", "log --verify", "tail", "outbox", "dead-letters", "status",
                                "publish order.created '{}'"}) {
        const Ran missing = data.tidings(command);
        EXPECT_EQ(missing.status, 1) << command;
        EXPECT_TRUE(missing.complains("error: no data directory at ")) << missing.err;
    }
    for (const char* mark :
         {"", "{", "[]", "{\"format\":\"x\"}", "{\"format\":99}", "\xff\x1b[31m"}) {
        data.write("tidings.json", mark);
        data.write("letter.txt", "a user's own");
        const auto before = data.contents();
        for (const char* command : {"log", "tail", "status", "publish order.created '{}'"}) {
            EXPECT_EQ(data.tidings(command).status, 1) << command << mark;
        }
        EXPECT_EQ(data.contents(), before);
    }
}

TEST(CliUse, GarbageInFilesIsAnErrorAndNoCrash) {
    const DataDirectory data{"stopped"};
    data.write("services/order-service.db", std::string(8192, '\x1b'));
    data.write("services/empty-service.db", "");
    data.write("services/Not A Service.db", "x");
    data.write("log/order/00000000000000000009.segment", "garbage");
    data.write("log/junk/00000000000000000000.segment", std::string(9000, '\xff'));
    data.write("log/Bad-Name/00000000000000000000.segment", "x");
    for (const char* command : {"outbox", "dead-letters", "status", "log", "log --verify"}) {
        const Ran ran = data.tidings(command);
        EXPECT_TRUE(ran.status == 1 || ran.status == 3) << command << ' ' << ran.status << ran.err;
    }
    const Ran status = data.tidings("status");
    EXPECT_TRUE(status.says("payment-service  unaccounted 0")) << "the others are shown";
    EXPECT_TRUE(status.complains("order-service.db")) << status.err;
    EXPECT_TRUE(data.tidings("log").says("payment/0"));
}

TEST(CliUse, NamesTheTopicOrServiceThatWasMeant) {
    const DataDirectory data{"stopped"};
    const Ran topic = data.tidings("log --topic ordr");
    EXPECT_EQ(topic.status, 1);
    EXPECT_TRUE(topic.complains("error: no topic \"ordr\" here\nhint: did you mean order?"));
    const Ran service = data.tidings("status --service payment");
    EXPECT_EQ(service.status, 1);
    EXPECT_TRUE(service.complains("did you mean payment-service?")) << service.err;
    EXPECT_EQ(data.tidings("tail --topic ../../etc").status, 1);
    EXPECT_EQ(data.tidings("outbox --service ../../etc/passwd").status, 1);
}

TEST(CliUse, StopsQuietlyWhenNobodyReads) {
    const DataDirectory data{"stopped"};
    const Ran ran = data.shell("bash -c '" + tidings_program + " log --data " + data.path() +
                               " | true; exit ${PIPESTATUS[0]}'");
    EXPECT_EQ(ran.status, 0);
    EXPECT_EQ(ran.err, "");
}

TEST(CliUse, SaysSoWhenTheOutputCannotBeWritten) {
    const DataDirectory data{"stopped"};
    const Ran ran = data.tidings("log > /dev/full");
    EXPECT_EQ(ran.status, 1);
    EXPECT_TRUE(ran.complains("error: cannot write the output: ")) << ran.err;
}

TEST(CliUse, ColoursOnlyTerminals) {
    const DataDirectory data{"stopped"};
    EXPECT_FALSE(data.tidings("status").says("\x1b"));
    const std::string on_terminal =
        "script -qec '" + tidings_program + " status --data " + data.path() + "' /dev/null";
    if (data.shell("script -qec true /dev/null").status != 0) {
        GTEST_SKIP() << "no terminal can be made here with script(1)";
    }
    const Ran coloured = data.shell(on_terminal);
    EXPECT_TRUE(coloured.says("\x1b[1mpayment-service")) << coloured.out;
    EXPECT_FALSE(data.shell("env NO_COLOR=1 " + on_terminal).says("\x1b"));
}

TEST(CliUse, ChecksContracts) {
    const DataDirectory data;
    const std::string contracts = CONTRACTS_DIRECTORY;
    const Ran good = data.shell(tidings_program + " contract check " + contracts);
    EXPECT_EQ(good.status, 0) << good.out << good.err;
    EXPECT_EQ(good.out, "2 contracts in order\n");
    ASSERT_EQ(data.shell("cp -r " + contracts + " " + data.path()).status, 0);
    data.write("order/create.v1.yaml", "event: order.create\n");
    const Ran bad = data.shell(tidings_program + " contract check " + data.path());
    EXPECT_EQ(bad.status, 3);
    EXPECT_TRUE(bad.says("order/create.v1.yaml:1:8: error: ")) << bad.out;
    const Ran json = data.shell(tidings_program + " contract check --json " + data.path());
    for (const std::string& line : json.lines()) EXPECT_TRUE(is_json(line)) << line;
    EXPECT_EQ(run("contract check /nowhere").status, 1);
}

}  // namespace
}  // namespace tidings::testing
