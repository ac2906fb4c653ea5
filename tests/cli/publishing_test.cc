/// tail and publish: what comes, and what may be put into a log.
#include <tidings/broker/log_broker.h>

#include "cli_testing.h"

#include <gtest/gtest.h>

#include <csignal>

namespace tidings::testing {
namespace {

constexpr const char* good = R"( publish order.created '{"orderId":"o-50","quantity":5}' )";

std::size_t count_of(const DataDirectory& data, const std::string& filter) {
    return data.tidings("log " + filter).lines().size();
}

TEST(CliTail, PrintsWhatIsThereAndGoesOnAsEventsCome) {
    const DataDirectory data{"stopped"};
    Beside tail{tidings_program + " tail --from 0 --count 12 --data " + data.path()};
    for (int i = 0; i < 10; ++i) EXPECT_NE(tail.line(), "");
    EXPECT_EQ(data.tidings(good).status, 0);
    EXPECT_NE(tail.line().find("order/7 "), std::string::npos);
    EXPECT_EQ(data.tidings(good).status, 0);
    EXPECT_NE(tail.line().find("order/8 "), std::string::npos);
    EXPECT_EQ(tail.line(), "");
    EXPECT_EQ(tail.wait(), 0);
}

TEST(CliTail, ShowsWhatRunningServicesPublish) {
    const DataDirectory data{"stopped"};
    Beside platform{platform_program + " serve " + data.path()};
    ASSERT_EQ(platform.line(), "ready");
    Beside tail{tidings_program + " tail --from 0 --key o-50 --json --data " + data.path()};
    EXPECT_EQ(data.tidings(good).status, 0);
    EXPECT_EQ(field(tail.line(), "type"), "order.created");
    EXPECT_EQ(field(tail.line(), "type"), "payment.completed");
    EXPECT_EQ(tail.end(SIGTERM), 0);
}

TEST(CliTail, FindsTopicsThatAppearLater) {
    const DataDirectory data{"stopped"};
    Beside tail{tidings_program + " tail --from 0 --count 11 --json --data " + data.path()};
    for (int i = 0; i < 10; ++i) EXPECT_NE(tail.line(), "");
    auto broker = open_log_broker(io::real_world(), data.path() + "/log").value();
    broker->claim(Topic{"late"}, "test").value();
    EventHeaders headers;
    headers.type = "late.come";
    const OutgoingEvent event{&headers, "{}"};
    ASSERT_TRUE(broker->publish(Topic{"late"}, {&event, 1}));
    EXPECT_EQ(field(tail.line(), "type"), "late.come");
}

TEST(CliTail, EndsWhenNobodyReads) {
    const DataDirectory data{"stopped"};
    const Ran ran = data.shell("bash -c '" + tidings_program + " tail --from 0 --data " +
                               data.path() + " | head -n 1; exit ${PIPESTATUS[0]}'");
    // Without a further event, which would tell it so.
    EXPECT_EQ(ran.status, 0) << ran.err;
    EXPECT_EQ(ran.err, "");
}

TEST(CliPublish, GoesThroughTheRunningOwner) {
    const DataDirectory data{"stopped"};
    Beside platform{platform_program + " serve " + data.path()};
    ASSERT_EQ(platform.line(), "ready");
    const Ran ran = data.tidings(good);
    EXPECT_EQ(ran.status, 0) << ran.err;
    EXPECT_EQ(ran.out, "published order.created, through order-service\n");
    Beside tail{tidings_program + " tail --from 0 --key o-50 --count 1 --json --data " +
                data.path()};
    const std::string line = tail.line();
    EXPECT_EQ(field(line, "source"), "order-service");
    EXPECT_NE(line.find("\"sequence\":8,"), std::string::npos) << line;
}

TEST(CliPublish, PassesTheCorrelationIdOn) {
    const DataDirectory data{"stopped"};
    Beside platform{platform_program + " serve " + data.path()};
    ASSERT_EQ(platform.line(), "ready");
    EXPECT_EQ(data.tidings(std::string{good} + " --correlation flow-9").status, 0);
    Beside tail{tidings_program + " tail --from 0 --correlation flow-9 --count 2 --json --data " +
                data.path()};
    EXPECT_EQ(field(tail.line(), "type"), "order.created");
    EXPECT_EQ(field(tail.line(), "type"), "payment.completed");
}

TEST(CliPublish, TellsWhyTheOwnerRefused) {
    const DataDirectory data{"stopped"};
    Beside platform{platform_program + " serve " + data.path()};
    ASSERT_EQ(platform.line(), "ready");
    const Ran ran = data.tidings(R"(publish order.created '{"orderId":"o-50","quantity":0}')");
    EXPECT_EQ(ran.status, 1);
    EXPECT_TRUE(ran.complains("error: order-service refused: 400 ")) << ran.err;
    EXPECT_TRUE(ran.complains("field /quantity: ")) << ran.err;
    EXPECT_EQ(data.tidings("publish order.unheard_of '{}'").status, 1);
    EXPECT_EQ(count_of(data, "--type order.created"), 7U);
}

TEST(CliPublish, WritesAsAForeignSourceWhereTheOwnerIsStopped) {
    for (const char* mode : {"stopped", "killed"}) {
        const DataDirectory data{mode};
        const Ran ran = data.tidings(std::string{good} + "--correlation flow-9");
        EXPECT_EQ(ran.status, 0) << ran.err;
        EXPECT_EQ(
            ran.out,
            "published order.created at offset 7, as foreign source tidings-cli (its owner is "
            "stopped)\n");
        const std::string line = data.tidings("log --json --topic order --from 7").lines().at(0);
        EXPECT_EQ(field(line, "key"), "o-50");
        EXPECT_EQ(field(line, "source"), "tidings-cli");
        EXPECT_EQ(field(line, "dataVersion"), "1.2.0");
        EXPECT_EQ(field(line, "correlationId"), "flow-9");
        EXPECT_EQ(field(line, "epoch"), "00000000-0000-0000-0000-000000000000");
        EXPECT_NE(line.find("\"sequence\":0,"), std::string::npos);
    }
}

TEST(CliPublish, IsHeardByConsumersThatStartLater) {
    const DataDirectory data{"stopped"};
    EXPECT_EQ(data.tidings(good).status, 0);
    Beside platform{platform_program + " serve " + data.path()};
    ASSERT_EQ(platform.line(), "ready");
    Beside tail{tidings_program +
                " tail --from 0 --key o-50 --type payment.completed --count 1 --json --data " +
                data.path()};
    EXPECT_EQ(field(tail.line(), "source"), "payment-service");
}

TEST(CliPublish, ReadsStdinAndFiles) {
    const DataDirectory data{"stopped"};
    data.write("event.json", R"( {"orderId": "o-60", "quantity": 1} )");
    EXPECT_EQ(data.tidings("publish order.created @" + data.path() + "/event.json").status, 0);
    EXPECT_EQ(data.tidings("publish order.created - < " + data.path() + "/event.json").status, 0);
    EXPECT_EQ(count_of(data, "--key o-60"), 2U);
    EXPECT_EQ(data.tidings("publish order.created @/nowhere").status, 1);
}

TEST(CliPublish, PublishesNothingThatBreaksItsContract) {
    const DataDirectory data{"stopped"};
    const auto before = data.contents();
    const auto refused = [&](const std::string& arguments, std::string_view why) {
        const Ran ran = data.tidings("publish " + arguments);
        EXPECT_EQ(ran.status, 1) << arguments;
        EXPECT_TRUE(ran.complains(why)) << arguments << '\n' << ran.err;
        EXPECT_EQ(data.contents(), before) << arguments;
    };
    refused(R"(order.created '{"orderId":"o-1"}')", "/quantity: is missing");
    refused(R"(order.created '{"orderId":"","quantity":1}')", "field /orderId: ");
    // As deep as data may be by itself, but the envelope is around it.
    const auto nested = [](std::size_t depth) {
        return R"(order.created '{"orderId":"o-1","quantity":1,"x":)" + std::string(depth, '[') +
               std::string(depth, ']') + "}'";
    };
    refused(nested(Envelope::depth_max - 1), "must not be nested deeper than 64");
    refused(R"(order.created '{"orderId":"a","quantity":1,"quantity":2}')", "error: the data: ");
    refused("order.created '[]'", "error: the data: ");
    refused("order.created '{'", "error: the data: ");
    refused("order.created ''", "error: the data: ");
    refused(R"(order.creatd '{"orderId":"a","quantity":1}')", "hint: did you mean order.created?");
    refused("order.created - < /dev/zero", "error: stdin has more than 1048576 bytes");
    refused(std::string{good}.substr(9) + " --correlation \"$(printf 'a\\033b')\"", "error: ");
}

TEST(CliPublish, ChecksOnlyOnADryRun) {
    const DataDirectory data{"stopped"};
    const auto before = data.contents();
    const Ran ran = data.tidings(std::string{good} + "--dry-run");
    EXPECT_EQ(ran.status, 0) << ran.err;
    EXPECT_TRUE(is_json(ran.out.substr(0, ran.out.size() - 1))) << ran.out;
    EXPECT_EQ(field(ran.out, "source"), "tidings-cli");
    EXPECT_EQ(data.contents(), before);
}

TEST(CliPublish, RefusesWithoutContracts) {
    const DataDirectory data{"stopped"};
    ASSERT_EQ(data.shell("rm " + data.path() + "/contracts.json").status, 0);
    const auto before = data.contents();
    const Ran ran = data.tidings(good);
    EXPECT_EQ(ran.status, 1);
    EXPECT_TRUE(
        ran.complains("order-service is not running, and the directory has no "
                      "contracts.json\nhint: start order-service"))
        << ran.err;
    data.write("contracts.json", "{\"contracts\": [{\"event\": 7}]}");
    EXPECT_EQ(data.tidings(good).status, 1);
    data.write("contracts.json", "\xff\x1b");
    EXPECT_EQ(data.tidings(good).status, 1);
    ASSERT_EQ(data.shell("rm " + data.path() + "/contracts.json").status, 0);
    EXPECT_EQ(data.contents(), before);
}

TEST(CliPublish, NeverWritesWhileSomebodyHoldsTheLogAndIsSilent) {
    const DataDirectory data{"stopped"};
    Beside platform{platform_program + " mute " + data.path()};
    ASSERT_EQ(platform.line(), "ready");
    for (const char* port : {"", "1\n", "65536\n", "-1", "\x1b[31m", "99999999999999999999999"}) {
        data.write("services/order-service.port", port);
        const Ran ran = data.tidings(good);
        EXPECT_EQ(ran.status, 1) << port;
        EXPECT_TRUE(ran.complains("order-service")) << ran.err;
        EXPECT_TRUE(ran.complains("does not answer, so nothing was published")) << ran.err;
    }
    EXPECT_EQ(count_of(data, "--type order.created"), 7U);
}

TEST(CliPublish, DoesNotTalkToAStrangerAtTheOwnersOldPort) {
    const DataDirectory here{"stopped"};
    const DataDirectory there{"stopped"};
    Beside stranger{platform_program + " serve " + there.path()};
    ASSERT_EQ(stranger.line(), "ready");
    // The other platform's port, left behind under the name of a service that it does not run.
    ASSERT_EQ(here.shell("cp " + there.path() + "/services/order-service.port " + here.path() +
                         "/services/payment-service.port")
                  .status,
              0);
    const Ran ran = here.tidings(R"(publish payment.completed '{"orderId":"o-70"}')");
    EXPECT_EQ(ran.status, 0) << ran.err;
    EXPECT_EQ(count_of(here, "--key o-70") + count_of(there, "--key o-70"), 1U);
}

}  // namespace
}  // namespace tidings::testing
