#pragma once

#include "shop_testing.h"

#include <gtest/gtest.h>

#include <csignal>

namespace shop::testing {

using nlohmann::json;
using tidings::io::HttpResponse;

/// A shop that serves, with small real orders taken: of some of them the outside world leaves it
/// waiting.
class ShopApi : public ::testing::Test {
protected:
    void SetUp() override {
        write_small_orders(directory_ / "orders");
        start();
    }

    void start() {
        std::vector<std::string> arguments{"--data",  data(),   "--orders", directory_ / "orders",
                                           "--serve", "--port", "0"};
        for (std::string& more : more_arguments()) arguments.push_back(std::move(more));
        process_.emplace(demo_command(std::move(arguments)));
        ASSERT_TRUE(process_->says("\nserving; ")) << process_->out() << process_->err();
        api_.emplace(process_->port());
    }
    virtual std::vector<std::string> more_arguments() { return {}; }
    void stop() { EXPECT_EQ(process_->end(SIGTERM), 0) << process_->err(); }

    std::string data() const { return directory_ / "data"; }
    Process& process() { return *process_; }
    Api& api() { return *api_; }

    HttpResponse post(const std::string& target, const json& body,
                      const tidings::io::HttpHeaders& headers = {}) {
        return api().send("POST", target, body.dump(), headers);
    }
    json order_at(const HttpResponse& answer) { return api().json(answer.headers.at("location")); }
    /// Waits until an order has come to `status`.
    json await(const std::string& location, const std::string& status) {
        json order;
        EXPECT_TRUE(eventually([&] {
            order = api().json(location);
            return !order.is_null() && order.at("status") == status;
        })) << location
            << " is not " << status << ": " << order.dump(2);
        return order;
    }
    /// Waits until no service has anything to do.
    json await_quiet() {
        json status;
        EXPECT_TRUE(eventually([&] {
            status = api().json("/status");
            bool quiet = !status.is_null();
            for (const auto& [name, service] : status.items()) {
                quiet = quiet && service.at("quiet") == true;
            }
            return quiet && api().json("/status") == status;
        })) << status.dump(2);
        return status;
    }

private:
    const Directory directory_;
    std::optional<Process> process_;
    std::optional<Api> api_;
};

inline json order(const std::string& reference, json items, json payments) {
    json made{{"userId", "anna"}, {"items", std::move(items)}, {"payments", std::move(payments)}};
    if (!reference.empty()) made["reference"] = reference;
    return made;
}

inline json item(const std::string& product, int quantity) {
    return {{"productId", product},
            {"quantity", quantity},
            {"unitPrice", "19.90"},
            {"freight", "5.00"}};
}

inline json payment(const std::string& type, int installments, const std::string& amount) {
    return {{"type", type}, {"installments", installments}, {"amount", amount}};
}

inline json plain_order(const std::string& reference) {
    return order(reference, {item("p1", 1)}, {payment("boleto", 1, "24.90")});
}

}  // namespace shop::testing
