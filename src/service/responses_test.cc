#include "service/responses.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace tidings {
namespace {

const std::vector<std::pair<std::string, DeliveryStatus>> one_service{{"order-service", {}}};

TEST(ReadyResponse, SaysNothingOfLogsThatAreWhole) {
    const io::HttpResponse response = ready_response(one_service, {});
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.body.find("damagedLogs"), std::string::npos);
}

TEST(ReadyResponse, NamesDamageAndHowToLookAtItAndTurnsNoServiceDown) {
    const LogDamage damage{
        "order", {ErrorCode::corruption, "segment data/log/order/0.segment, byte 4096: damaged"}};
    const io::HttpResponse response = ready_response(one_service, {&damage, 1});
    EXPECT_EQ(response.status, 200);
    EXPECT_NE(response.body.find(R"("damagedLogs":[{"topic":"order","reason":"segment data/log/)"
                                 R"(order/0.segment, byte 4096: damaged","look":"tidings log)"),
              std::string::npos)
        << response.body;
}

}  // namespace
}  // namespace tidings
