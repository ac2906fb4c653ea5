// A log that an older build has written, and the services of today: order.created had its total in
// one currency, which nobody named, until version 2.
#include <tidings/broker/log_broker.h>
#include <tidings/io/world.h>
#include <tidings/model/envelope.h>

#include "contracts/order.h"
#include "shop_testing.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <memory>

namespace shop::testing {
namespace {

using namespace tidings;

std::string order_id(int number) {
    return "00000000-0000-4000-8000-00000000000" + std::to_string(number);
}

/// Writes what an order-service of before version 2 has left in its log.
void write_old_log(const std::string& data, int orders) {
    io::World& world = io::real_world();
    auto broker = open_log_broker(world, data + "/log").value();
    broker->claim(Topic{"order"}, "order-service").value();
    const Uuid epoch = world.new_uuid();
    for (int number = 1; number <= orders; ++number) {
        const order::v1::Created event{
            .order_id = order_id(number),
            .user_id = "user-1",
            .items = {{.product_id = "sku-7", .quantity = 1, .unit_price = Money{1990}}},
            .payments = {},
            .total = Money{1990}};
        Envelope envelope{world.new_uuid(),
                          "order.created",
                          "order-service",
                          {1, 0, 0},
                          world.now(),
                          "flow-" + std::to_string(number),
                          order::v1::to_text(event)};
        std::string text;
        write_envelope(envelope, text);
        EventHeaders headers;
        headers.type = "order.created";
        headers.key = event.order_id;
        headers.source = "order-service";
        headers.epoch = epoch;
        headers.sequence = Sequence{number};
        const OutgoingEvent outgoing{&headers, text};
        ASSERT_TRUE(broker->publish(Topic{"order"}, {&outgoing, 1}));
    }
}

class OldLog : public ::testing::Test {
protected:
    void start() {
        payments_ = std::make_unique<Process>(std::vector<std::string>{
            shop_program, "payment-service", "--data", data(), "--port", "0"});
        api_ = std::make_unique<Api>(payments_->port());
    }
    void stop() { EXPECT_EQ(payments_->end(SIGTERM), 0) << payments_->err(); }
    std::string data() const { return directory_ / "data"; }
    Api& api() { return *api_; }

private:
    const Directory directory_;
    std::unique_ptr<Process> payments_;
    std::unique_ptr<Api> api_;
};

TEST_F(OldLog, IsWorkedOffByTheServiceOfToday) {
    start();  // It makes the directory.
    stop();
    constexpr int orders = 5;
    write_old_log(data(), orders);
    start();
    for (int number = 1; number <= orders; ++number) {
        const std::string target = "/payments/" + order_id(number);
        EXPECT_TRUE(eventually([&] {
            const nlohmann::json payment = api().json(target);
            return !payment.is_null() && payment.at("status") == "CAPTURED";
        })) << target;
        EXPECT_EQ(api().json(target).at("amount"), "19.90");
    }
    stop();

    const Ran account = run({tidings_program, "account", "--data", data()});
    EXPECT_EQ(account.status, 0) << account.out << account.err;
    const Ran paid =
        run({tidings_program, "log", "--data", data(), "--type", "payment.completed", "--json"});
    EXPECT_EQ(std::count(paid.out.begin(), paid.out.end(), '\n'), orders) << paid.out;
}

}  // namespace
}  // namespace shop::testing
