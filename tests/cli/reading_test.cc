/// Commands that look: log, outbox, dead-letters, status. They change nothing.
#include <tidings/broker/log_broker.h>
#include <tidings/store/sqlite.h>

#include "cli_testing.h"

#include <gtest/gtest.h>

#include <array>

namespace tidings::testing {
namespace {

/// Puts something that no service of ours would write into a log.
void publish_raw(const DataDirectory& data, const EventHeaders& headers, std::string_view payload) {
    auto broker = open_log_broker(io::real_world(), data.path() + "/log").value();
    const Topic topic{"junk"};
    broker->claim(topic, "test").value();
    const OutgoingEvent event{&headers, payload};
    ASSERT_TRUE(broker->publish(topic, {&event, 1}));
}

void change_database(const DataDirectory& data, const std::string& service, std::string_view sql) {
    auto store =
        open_sqlite(io::real_world(), data.path() + "/services/" + service + ".db").value();
    store->begin().value();
    store->transaction().execute(sql);
    store->commit().value();
    store->close().value();
}

bool has_control_characters(const std::string& text) {
    for (const char c : text) {
        if ((static_cast<unsigned char>(c) < 0x20 && c != '\n') || c == 0x7F) return true;
    }
    return text.find("\u202e") != std::string::npos;
}

TEST(CliLog, PrintsTheEventsOfAllTopicsByTime) {
    const DataDirectory data{"stopped"};
    const Ran ran = data.tidings("log");
    ASSERT_EQ(ran.status, 0) << ran.err;
    ASSERT_EQ(ran.lines().size(), 10U) << ran.out;
    EXPECT_NE(ran.lines()[1].find("order/1         order.created                 key=o-2  "
                                  "source=order-service  correlation="),
              std::string::npos)
        << ran.lines()[1];
    EXPECT_TRUE(ran.says(R"({"orderId":"o-2","quantity":2,"note":"ring twice"})"));
    EXPECT_NE(ran.lines()[7].find("payment/0 "), std::string::npos);
}

TEST(CliLog, ChoosesByTopicTypeKeyCorrelationAndCount) {
    const DataDirectory data{"stopped"};
    EXPECT_EQ(data.tidings("log --topic payment").lines().size(), 3U);
    EXPECT_EQ(data.tidings("log --type order.created").lines().size(), 7U);
    EXPECT_EQ(data.tidings("log --type order.cancelled").lines().size(), 0U);
    EXPECT_EQ(data.tidings("log --key later-1").lines().size(), 2U);
    EXPECT_EQ(data.tidings("log --count 4").lines().size(), 4U);
    EXPECT_EQ(data.tidings("log --count 0").lines().size(), 0U);
    const std::string line = data.tidings("log --json --key o-1 --count 1").lines().at(0);
    const std::string correlation = field(line, "correlationId");
    EXPECT_EQ(data.tidings("log --correlation " + correlation).lines().size(), 2U);
}

TEST(CliLog, StartsAndStopsAtOffsetsAndTimes) {
    const DataDirectory data{"stopped"};
    EXPECT_EQ(data.tidings("log --topic order --from 5").lines().size(), 2U);
    EXPECT_EQ(data.tidings("log --topic order --from 2 --to 5").lines().size(), 3U);
    EXPECT_EQ(data.tidings("log --topic order --from 900").lines().size(), 0U);
    EXPECT_EQ(data.tidings("log --from 0").lines().size(), 10U);
    EXPECT_EQ(data.tidings("log --from 1h").lines().size(), 10U);
    EXPECT_EQ(data.tidings("log --to 2020-01-01T00:00:00Z").lines().size(), 0U);
    EXPECT_EQ(data.tidings("log --from 2020-01-01T00:00:00Z").lines().size(), 10U);
    const std::string paid = data.tidings("log --json --topic payment --count 1").lines().at(0);
    EXPECT_EQ(data.tidings("log --from " + field(paid, "appended")).lines().size(), 3U);
}

TEST(CliLog, GivesProgramsOneJsonObjectPerLine) {
    const DataDirectory data{"stopped"};
    const Ran ran = data.tidings("log --json");
    ASSERT_EQ(ran.lines().size(), 10U);
    for (const std::string& line : ran.lines()) EXPECT_TRUE(is_json(line)) << line;
    EXPECT_EQ(field(ran.lines()[1], "key"), "o-2");
    EXPECT_EQ(field(ran.lines()[1], "dataVersion"), "1.2.0");
    EXPECT_EQ(field(ran.lines()[8], "causationId"), field(ran.lines()[1], "id"));
}

TEST(CliLog, ShowsTheWholeEnvelopeWhenAsked) {
    const DataDirectory data{"stopped"};
    const Ran ran = data.tidings("log --full --key o-1 --topic order");
    EXPECT_TRUE(ran.says("  sequence     1\n")) << ran.out;
    EXPECT_TRUE(ran.says("  envelope     {\"id\":\"")) << ran.out;
}

TEST(CliLog, PrintsHostileEventsWithoutControlCharacters) {
    const DataDirectory data{"stopped"};
    EventHeaders headers;
    headers.type = "junk.made";
    headers.key = "\x1b]0;owned\x07\u202e";
    headers.source =
        "\x9b"
        "31m\xff";
    publish_raw(data, headers, "\x1b[2J{\"id\": 7\xff\n not json");
    publish_raw(data, {}, "");
    publish_raw(data, {},
                R"({"id":"5f1cbb4e-3f8e-4c2d-9a51-7a0f2f6f1d11","type":"junk.made","source":"x",)"
                "\n\t\"dataVersion\":\"1.0.0\",\"timestamp\":\"2026-11-23T10:00:00Z\","
                "\"correlationId\":\"a\",\"data\":{\"rtl\":\"\u202e\x7f\"}}");
    for (const char* format : {"", " --json", " --full"}) {
        const Ran ran = data.tidings(std::string{"log"} + format);
        EXPECT_EQ(ran.status, 0) << ran.err;
        EXPECT_FALSE(has_control_characters(ran.out)) << format;
        EXPECT_TRUE(ran.says("broken")) << ran.out;
        EXPECT_TRUE(ran.says("\\u202e")) << ran.out;
    }
    const Ran json = data.tidings("log --json --topic junk");
    ASSERT_EQ(json.lines().size(), 3U);
    for (const std::string& line : json.lines()) EXPECT_TRUE(is_json(line)) << line;
}

TEST(CliLog, VerifiesEveryBatchOfEverySegment) {
    const DataDirectory data{"stopped"};
    const std::string segment = "log/order/00000000000000000000.segment";
    const Ran intact = data.tidings("log --verify");
    EXPECT_EQ(intact.status, 0) << intact.out;
    EXPECT_TRUE(intact.says("order: intact; 7 events in 1 segment, offsets 0 to 7\n"))
        << intact.out;
    // The second batch says that the first one was acknowledged.
    ASSERT_EQ(data.tidings(R"(publish order.created '{"orderId":"o-50","quantity":5}')").status, 0);
    data.damage(segment, 4096 + 200);
    const Ran damaged = data.tidings("log --verify --topic order");
    EXPECT_EQ(damaged.status, 3) << damaged.out;
    EXPECT_TRUE(
        damaged.says("00000000000000000000.segment, byte 4096: the batch of offset 0 is "
                     "damaged, but was acknowledged"))
        << damaged.out;
    data.damage(segment, 20);  // The header of the segment: found whatever follows it.
    const Ran worse = data.tidings("log --verify");
    EXPECT_EQ(worse.status, 3) << worse.out;
    EXPECT_TRUE(worse.says("order: damaged")) << worse.out;
    EXPECT_TRUE(worse.says("00000000000000000000.segment, byte 0")) << worse.out;
    EXPECT_TRUE(worse.says("payment: intact")) << worse.out;
    EXPECT_EQ(data.tidings("log --verify --json").status, 3);
    const Ran log = data.tidings("log");
    EXPECT_EQ(log.status, 1);
    EXPECT_TRUE(log.complains("hint: see all of it: tidings log --verify")) << log.err;
    EXPECT_TRUE(log.says("payment/0")) << "the other topics can be read";
}

TEST(CliOutbox, ShowsWhatAKilledServiceHadNotPublished) {
    const DataDirectory data{"killed"};
    const Ran ran = data.tidings("outbox --service order-service");
    EXPECT_EQ(ran.status, 0) << ran.err;
    EXPECT_TRUE(ran.says("order-service: 2 waiting, the oldest for ")) << ran.out;
    EXPECT_TRUE(ran.says("order/8  order.created  key=o-8  waits ")) << ran.out;
    EXPECT_TRUE(ran.says("2 waiting events in 1 service\n")) << ran.out;
    const Ran few = data.tidings("outbox --service order-service --count 1");
    EXPECT_TRUE(few.says("and 1 more (--count 0 shows all)")) << few.out;
    const Ran json = data.tidings("outbox --service order-service --json");
    ASSERT_EQ(json.lines().size(), 2U);
    EXPECT_TRUE(is_json(json.lines()[0]));
    EXPECT_EQ(field(json.lines()[1], "key"), "o-9");
}

TEST(CliStatus, AccountsForEveryEvent) {
    for (const char* mode : {"stopped", "killed"}) {
        const DataDirectory data{mode};
        const Ran ran = data.tidings("status");
        EXPECT_EQ(ran.status, 0) << ran.err;
        EXPECT_TRUE(
            ran.says("payment-service  unaccounted 0\n  accepted 7 = done 3 + scheduled 1 "
                     "+ parked 1 + dead 2 + discarded 0\n"))
            << ran.out;
        EXPECT_TRUE(ran.says("  topic order: position 7 of 7\n")) << ran.out;
    }
}

TEST(CliStatus, ExitsWithThreeIfAnEventIsUnaccounted) {
    const DataDirectory data{"stopped"};
    change_database(data, "payment-service",
                    "UPDATE tidings_position SET accepted = accepted + 2, position = position - 1");
    const Ran ran = data.tidings("status --json --service payment-service");
    EXPECT_EQ(ran.status, 3) << ran.out;
    EXPECT_TRUE(ran.says("\"unaccounted\":2")) << ran.out;
    EXPECT_TRUE(ran.says("\"lag\":1,")) << ran.out;
}

TEST(CliStatus, IsNotUpsetByAbsurdRows) {
    const DataDirectory data{"stopped"};
    change_database(data, "payment-service",
                    "UPDATE tidings_position SET accepted = 9223372036854775807, "
                    "position = -9223372036854775807 - 1, topic = '../../etc' || char(27)");
    change_database(data, "payment-service",
                    "UPDATE tidings_held SET state = 9, error_code = -4, first_failed = "
                    "9223372036854775807, envelope = x'ff1b00', position = position - 10");
    for (const char* command : {"status", "dead-letters list --all", "dead-letters show -9",
                                "dead-letters show -9 --json", "outbox", "status --json"}) {
        const Ran ran = data.tidings(command);
        EXPECT_GE(ran.status, 0) << command;
        EXPECT_FALSE(has_control_characters(ran.out)) << command << ran.out;
    }
}

TEST(Cli, ReadsWithoutChangingAnythingOnDisk) {
    constexpr std::array commands{"log",           "log --full --json",
                                  "log --verify",  "log --topic order --from 3",
                                  "outbox",        "dead-letters list --all",
                                  "status --json", "dead-letters show 1",
                                  "status",        "publish order.created '{}' --dry-run"};
    for (const char* mode : {"stopped", "killed"}) {
        const DataDirectory data{mode};
        const auto before = data.contents();
        ASSERT_GE(before.size(), 10U);
        for (const char* command : commands) {
            EXPECT_GE(data.tidings(command).status, 0) << command;
            EXPECT_EQ(data.contents(), before) << mode << ": " << command;
        }
    }
}

TEST(Cli, ReadsBesideRunningServices) {
    const DataDirectory data{"stopped"};
    Beside platform{platform_program + " serve " + data.path()};
    ASSERT_EQ(platform.line(), "ready");
    for (const char* command : {"log", "log --verify", "outbox", "dead-letters", "status"}) {
        const Ran ran = data.tidings(command);
        EXPECT_EQ(ran.status, 0) << command << ran.err;
    }
}

}  // namespace
}  // namespace tidings::testing
