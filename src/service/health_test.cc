#include "service/health.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>

namespace tidings {
namespace {

class Health : public ::testing::Test {
protected:
    Health() {
        view.data = "data";
        view.outbox_max = 1000;
        view.services.emplace_back("order-service", DeliveryStatus{});
    }
    DeliveryStatus& status() { return view.services.front().second; }
    void expect(int code, const std::string& word, const std::vector<std::string>& parts) {
        const io::HttpResponse ready = ready_response(view);
        const std::string all = status_response(view).body;
        EXPECT_EQ(ready.status, code) << ready.body;
        EXPECT_EQ(ready.headers.contains("retry-after"), code == 503);
        EXPECT_NE(ready.body.find("\"status\":\"" + word + '"'), std::string::npos) << ready.body;
        for (const std::string& part : parts) {
            EXPECT_NE(ready.body.find(part), std::string::npos) << part << " in " << ready.body;
            EXPECT_NE(all.find(part), std::string::npos) << part << " in " << all;
        }
    }
    HealthView view;
};

TEST_F(Health, OfAServiceThatIsAsItShouldBeSaysNothingElse) {
    const io::HttpResponse ready = ready_response(view);
    EXPECT_EQ(ready.status, 200);
    EXPECT_EQ(ready.body,
              R"({"services":[{"service":"order-service","status":"up"}],"ready":true})");
}

TEST_F(Health, NamesDamageAndHowToLookAtItAndTurnsNoServiceDown) {
    view.damages.push_back(
        {"order", {ErrorCode::corruption, "segment data/log/order/0.segment, byte 4096: damaged"}});
    const io::HttpResponse response = ready_response(view);
    EXPECT_EQ(response.status, 200);
    EXPECT_NE(response.body.find(R"("damagedLogs":[{"topic":"order","reason":"segment data/log/)"
                                 R"(order/0.segment, byte 4096: damaged","look":"tidings log)"),
              std::string::npos)
        << response.body;
}

TEST_F(Health, TellsOfAnOutboxBacklogLongBeforeTheOutboxIsFull) {
    status().outbox_pending = 7;
    status().outbox_age = 10s;
    expect(200, "up", {});
    status().outbox_age = 11s;
    expect(200, "degraded", {"7 events wait in the outbox, the oldest for 11 s", "tidings status"});
    status().outbox_age = 1s;
    status().outbox_pending = 800;
    expect(200, "degraded", {"800 events wait in the outbox, of at most 1000"});
}

TEST_F(Health, TellsOfLagByItsAge) {
    status().lag = 1'000'000;
    status().lag_age = 59s;
    expect(200, "up", {});
    status().lag_age = 61s;
    expect(200, "degraded", {"1000000 events are not taken yet, the oldest for 61 s"});
}

TEST_F(Health, NamesEveryReasonAndTheCommandThatLooksAtIt) {
    status().dead = 2;
    status().parked = 900;
    status().relay_error = {ErrorCode::unavailable, "the broker is away"};
    status().intake_error = {ErrorCode::limit_exceeded, "no more are taken"};
    status().held_alarm = {ErrorCode::limit_exceeded, "902 events wait", "look at them"};
    status().sagas_need_operator = 2;
    expect(200, "degraded",
           {"2 dead letters", "tidings dead-letters --data data --service order-service",
            "900 events are parked", "902 events wait", "look at them", "2 sagas wait for",
            "the broker is away", "no more are taken"});
    EXPECT_NE(ready_response(view).body.find("\"deadLetters\":2"), std::string::npos);
}

TEST_F(Health, IsRedWhileSomethingStandsStill) {
    status().stalled.push_back({ErrorCode::timeout, "the handler of order.created hangs", "gdb"});
    expect(503, "red", {"the handler of order.created hangs", "\"look\":\"gdb\""});
    status().failed = {ErrorCode::io_error, "a flush has failed"};
    expect(503, "down", {"\"reason\":\"a flush has failed\""});
}

TEST_F(Health, TellsOfADiskThatFillsAndIsRedWhenItIsFull) {
    view.disk = {DiskState::Level::low, {}, 0, Error{ErrorCode::limit_exceeded, "500 MiB left"}};
    EXPECT_EQ(ready_response(view).status, 200);
    EXPECT_NE(ready_response(view).body.find("500 MiB left"), std::string::npos);
    view.disk.level = DiskState::Level::full;
    EXPECT_EQ(ready_response(view).status, 503);
}

TEST_F(Health, NamesTheReaderThatKeepsALogFromShrinking) {
    TopicUsage log{"order", 850, 1000, "stock-service", Position{10}, Position{500}, 300};
    view.logs = {log};
    const std::string body = ready_response(view).body;
    EXPECT_NE(body.find("the log of order has 850 bytes of at most 1000; stock-service is 490 "
                        "events behind and keeps 300 bytes"),
              std::string::npos)
        << body;
    view.logs[0].bytes = 700;
    EXPECT_EQ(ready_response(view).body.find("the log of"), std::string::npos);
}

}  // namespace
}  // namespace tidings
