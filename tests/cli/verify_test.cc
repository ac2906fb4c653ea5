// `tidings verify`: a look through a whole data directory, which it leaves as it was.
#include "cli_testing.h"

#include <gtest/gtest.h>

#include <string>

namespace tidings::testing {
namespace {

constexpr const char* segment = "log/order/00000000000000000000.segment";

TEST(CliVerify, FindsNothingInWhatStoppedAndKilledServicesLeft) {
    for (const char* mode : {"stopped", "killed"}) {
        const DataDirectory data{mode};
        const auto before = data.contents();
        const Ran ran = data.tidings("verify");
        EXPECT_EQ(ran.status, 0) << ran.out << ran.err;
        EXPECT_TRUE(ran.says("log order: 7 events in 1 segment, offsets 0 to 7\n")) << ran.out;
        EXPECT_TRUE(ran.says("database of payment-service: ")) << ran.out;
        EXPECT_TRUE(ran.says("\nintact\n")) << ran.out;
        const Ran json = data.tidings("verify --json");
        ASSERT_EQ(json.lines().size(), 1U);
        EXPECT_TRUE(is_json(json.lines()[0])) << json.out;
        EXPECT_TRUE(json.says("\"clean\":true")) << json.out;
        EXPECT_EQ(data.contents(), before) << mode;
    }
}

TEST(CliVerify, FindsNothingBesideRunningServices) {
    const DataDirectory data{"stopped"};
    Beside platform{platform_program + " serve " + data.path()};
    ASSERT_EQ(platform.line(), "ready");
    const Ran ran = data.tidings("verify");
    EXPECT_EQ(ran.status, 0) << ran.out << ran.err;
}

TEST(CliVerify, NamesTheFileAndTheByteOfADamage) {
    const DataDirectory data{"stopped"};
    ASSERT_EQ(data.tidings(R"(publish order.created '{"orderId":"o-50","quantity":5}')").status, 0);
    data.damage(segment, 4096 + 200);
    data.damage("services/order-service.db", 3 * 4096 + 2000);
    const Ran ran = data.tidings("verify");
    EXPECT_EQ(ran.status, 3) << ran.out;
    EXPECT_TRUE(ran.says(std::string{"damage: "} + data.file("data/") + segment +
                         ", byte 4096: the batch of offset 0 is damaged"))
        << ran.out;
    EXPECT_TRUE(ran.says("services/order-service.db, byte 12288: ")) << ran.out;
    const Ran json = data.tidings("verify --json");
    EXPECT_TRUE(json.says("\"byte\":4096,")) << json.out;
    EXPECT_TRUE(json.says("\"clean\":false")) << json.out;
    for (const std::string& line : json.lines()) EXPECT_TRUE(is_json(line)) << line;
}

TEST(CliVerify, FindsALogThatLacksWhatWasPublished) {
    const DataDirectory data{"stopped"};
    // Nothing in the log itself tells its last batch, damaged, from one that was never finished.
    data.damage(segment, 4096 + 200);
    const Ran ran = data.tidings("verify");
    EXPECT_EQ(ran.status, 3) << ran.out;
    EXPECT_TRUE(ran.says("contradiction: " + data.file("data/log/order") +
                         ": it ends with event 0 of order-service, which has published 7"))
        << ran.out;
    EXPECT_TRUE(ran.says("payment-service has read up to 7, and it ends at 0")) << ran.out;
}

TEST(CliVerify, FindsADatabaseOfAnOlderMoment) {
    const DataDirectory data{"stopped"};
    ASSERT_EQ(data.shell("cp -r " + data.path() + " " + data.file("older")).status, 0);
    {
        Beside platform{platform_program + " killed " + data.path()};
        platform.wait();
    }
    const std::string database = data.path() + "/services/order-service.db";
    ASSERT_EQ(data.shell("rm " + database + " " + database + "-wal " + database + "-shm").status,
              0);
    const Ran without = data.tidings("verify");
    EXPECT_TRUE(without.says("note: ")) << without.out;
    EXPECT_TRUE(without.says("order-service has numbered events, and has no database here"))
        << without.out;
    ASSERT_EQ(data.shell("cp " + data.file("older/services/order-service.db ") + database).status,
              0);
    const Ran ran = data.tidings("verify");
    EXPECT_EQ(ran.status, 3) << ran.out;
    EXPECT_TRUE(ran.says("of order-service, whose database has given out no more than 7"))
        << ran.out;
}

TEST(CliVerify, TakesADirectoryByItsNameAlone) {
    const DataDirectory data{"stopped"};
    const Ran ran = data.shell(tidings_program + " verify " + data.path());
    EXPECT_EQ(ran.status, 0) << ran.out << ran.err;
    const Ran missing = data.shell(tidings_program + " verify " + data.file("none"));
    EXPECT_EQ(missing.status, 1);
    EXPECT_TRUE(missing.complains("error: no data directory at ")) << missing.err;
}

}  // namespace
}  // namespace tidings::testing
