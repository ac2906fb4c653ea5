// The shop as seven processes on one data directory, which reach each other through the log alone.
#include "demo/one_service.h"
#include "demo/requests.h"
#include "orders/expected.h"
#include "orders/generated.h"
#include "orders/outside.h"
#include "shop_testing.h"

#include <gtest/gtest.h>

#include <csignal>
#include <memory>

namespace shop::testing {
namespace {

constexpr std::uint64_t seed = 21;
constexpr std::uint64_t count = 60;

/// The state in which an order of that outcome rests.
std::string state_of(const std::string& outcome) {
    const std::map<std::string, std::string> open{{"PAYMENT_PENDING", "VALIDATED"},
                                                  {"INVENTORY_PENDING", "PAID"},
                                                  {"SHIPPING_PENDING", "RESERVED"}};
    if (open.contains(outcome)) return open.at(outcome);
    if (outcome == "COMPLETED" || outcome == "REJECTED" || outcome == "IN_TRANSIT") return outcome;
    return "CANCELLED";
}

bool is_late(const SourceOrder& order) {
    return order.story == Story::payment_late || order.story == Story::found_late ||
           order.story == Story::picked_up_late;
}

class Processes : public ::testing::Test {
protected:
    /// Starts the seven.
    void start(const OrderBook& book, bool short_deadlines) {
        write_text(directory_ / "stories.csv", OutsideWorld{book}.write());
        short_deadlines_ = short_deadlines;
        for (const std::string& name : service_names()) start(name);
        for (const std::string& name : service_names()) ASSERT_NE(running_.at(name)->port(), 0);
    }
    void start(const std::string& name) {
        running_[name] = std::make_unique<Process>(command(name));
    }
    std::vector<std::string> command(const std::string& name) const {
        std::vector<std::string> words{shop_program, name, "--data",    data(),
                                       "--port",     "0",  "--stories", directory_ / "stories.csv"};
        if (short_deadlines_) words.emplace_back("--short-deadlines");
        return words;
    }
    std::string data() const { return directory_ / "data"; }
    Process& process(const std::string& name) { return *running_.at(name); }

    /// The API of a service, found as every client finds it.
    Api api(const std::string& name) const {
        return Api{std::atoi(read_text(data() + "/services/" + name + ".port").c_str())};
    }
    void import(const OrderBook& book) const {
        Api users = api("user-service");
        for (const SourceUser& user : book.users) {
            const nlohmann::json body{
                {"userId", user.id}, {"email", email_of(user.id)}, {"phone", phone_of(user.id)}};
            ASSERT_EQ(users.send("POST", "/users", body.dump()).status, 202);
        }
        Api products = api("product-service");
        Api inventory = api("inventory-service");
        for (const SourceProduct& product : book.products) {
            const nlohmann::json body{{"productId", product.id}};
            ASSERT_EQ(products.send("POST", "/products", body.dump()).status, 202);
            const nlohmann::json stock{{"quantity", product.units.value_or(0)},
                                       {"unlimited", !product.units}};
            ASSERT_EQ(inventory.send("PUT", "/stock/" + product.id, stock.dump()).status, 200);
        }
    }
    void expect_states(const std::vector<OrderAccount>& expected) const {
        Api orders = api("order-service");
        for (const OrderAccount& account : expected) {
            const std::string state = state_of(account.outcome);
            EXPECT_TRUE(eventually([&] { return orders.status_of(account.reference) == state; }))
                << account.reference << " is " << orders.status_of(account.reference) << ", not "
                << state;
        }
    }
    bool is_quiet() const {
        for (const auto& [name, process] : running_) {
            const nlohmann::json status = api(name).json("/status");
            if (status.is_null() || status.at(name).at("quiet") != true) return false;
        }
        return true;
    }
    /// Stops the seven, and lets `shop demo` look at what they left: the directory is the same.
    void expect_accounts(const std::vector<OrderAccount>& expected) {
        EXPECT_TRUE(eventually([this] { return is_quiet(); }));
        for (const auto& [name, process] : running_) {
            EXPECT_EQ(process->end(SIGTERM), 0) << name << ": " << process->err();
            EXPECT_FALSE(std::filesystem::exists(data() + "/services/" + name + ".port")) << name;
        }
        expect_invariants(data());
        EXPECT_EQ(outcomes_csv(accounts_of(data()).orders), outcomes_csv(expected));
    }

private:
    const Directory directory_;
    bool short_deadlines_ = false;
    std::map<std::string, std::unique_ptr<Process>> running_;
};

TEST_F(Processes, BringEveryOrderToItsEnd) {
    const OrderBook book = generate_orders(seed, count).value();
    start(book, true);
    import(book);
    ASSERT_TRUE(eventually([this] { return is_quiet(); }));
    Api orders = api("order-service");
    for (const SourceOrder& order : book.orders) {
        ASSERT_EQ(orders.send("POST", "/orders", order_request(order).body).status, 202);
    }
    const std::vector<OrderAccount> expected = expected_accounts(book, Deadlines::on);
    expect_states(expected);
    expect_accounts(expected);
}

TEST_F(Processes, GoOnWhereAKilledOneWasWhenItIsStartedAgain) {
    OrderBook book = generate_orders(seed, count).value();
    // With deadlines of days those that are answered late are not at rest while the test runs.
    std::erase_if(book.orders, is_late);
    start(book, false);
    import(book);
    ASSERT_TRUE(eventually([this] { return is_quiet(); }));
    const std::vector<std::string> victims = service_names();
    const std::size_t part = book.orders.size() / (victims.size() + 1) + 1;
    for (std::size_t i = 0; i < book.orders.size(); ++i) {
        if (i > 0 && i % part == 0) {
            const std::string& victim = victims.at(i / part - 1);
            EXPECT_EQ(process(victim).end(SIGKILL), -SIGKILL);
            start(victim);
            ASSERT_NE(process(victim).port(), 0);
        }
        Api orders = api("order-service");
        ASSERT_EQ(orders.send("POST", "/orders", order_request(book.orders[i]).body).status, 202);
    }
    const std::vector<OrderAccount> expected = expected_accounts(book, Deadlines::off);
    expect_states(expected);
    expect_accounts(expected);
}

TEST_F(Processes, RefuseASecondOneOfTheSameService) {
    const OrderBook book = generate_orders(seed, 1).value();
    start(book, false);
    for (const std::string& name : service_names()) {
        const Ran second = run(command(name));
        EXPECT_EQ(second.status, 1) << second.out;
        EXPECT_EQ(second.err.rfind("error: " + name, 0), 0u) << second.err;
        const std::string holder = ", process " + std::to_string(process(name).id()) + '"';
        EXPECT_NE(second.err.find(holder), std::string::npos) << second.err;
        EXPECT_NE(second.err.find("hint: "), std::string::npos) << second.err;
        EXPECT_EQ(api(name).get("/health/ready").status, 200) << "the first is not disturbed";
    }
    const Ran demo = run_demo({"--data", data()});
    EXPECT_EQ(demo.status, 1) << demo.out;
    EXPECT_NE(demo.err.find("is locked by"), std::string::npos) << demo.err;
}

}  // namespace
}  // namespace shop::testing
