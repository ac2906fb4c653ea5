// The shop and its outside dependencies as processes: what becomes of orders while these are down,
// hang, are slow or fail, and when they are back.
#include "shop_api.h"

#include <memory>

namespace shop::testing {
namespace {

/// `shop provider`, which can be killed and started again with its ledger.
class ProviderAtWork {
public:
    explicit ProviderAtWork(std::string ledger) : ledger_(std::move(ledger)) { start(); }

    void start() {
        process_ = std::make_unique<Process>(std::vector<std::string>{
            shop_program, "provider", "--ledger", ledger_, "--port", std::to_string(port_)});
        port_ = process_->port();
        constexpr std::string_view lead = "faults and ledger at http://127.0.0.1:";
        ASSERT_TRUE(process_->says(lead)) << process_->err();
        const std::string said = process_->out();
        control_.emplace(std::atoi(said.c_str() + said.find(lead) + lead.size()));
    }
    void kill() { EXPECT_EQ(process_->end(SIGKILL), -SIGKILL); }
    void dial(const json& faults) {
        EXPECT_EQ(control_->send("POST", "/faults", faults.dump()).status, 200);
    }
    json ledger() { return control_->json("/ledger"); }
    int port() const noexcept { return port_; }

private:
    const std::string ledger_;
    int port_ = 0;
    std::unique_ptr<Process> process_;
    std::optional<Api> control_;
};

class Dependencies : public ShopApi {
protected:
    void SetUp() override {
        provider_ = std::make_unique<ProviderAtWork>(provider_directory_ / "ledger");
        ShopApi::SetUp();
        charges_before_ = provider().ledger().at("charges");
    }
    std::vector<std::string> more_arguments() override {
        return {"--provider-port", std::to_string(provider_->port())};
    }
    ProviderAtWork& provider() { return *provider_; }

    std::vector<std::string> place(int count) {
        std::vector<std::string> locations;
        for (int i = 0; i < count; ++i) {
            const HttpResponse answer =
                post("/orders", plain_order("order-" + std::to_string(++placed_)));
            EXPECT_EQ(answer.status, 202) << answer.body;
            locations.push_back(answer.headers.at("location"));
        }
        return locations;
    }
    void await_all(const std::vector<std::string>& locations, const std::string& status) {
        for (const std::string& location : locations) await(location, status);
    }
    json shipment_of(const std::string& order) {
        return api().json("/shipments" + order.substr(order.rfind('/')));
    }
    /// What /health/ready says of a service.
    json health(const std::string& service) {
        const HttpResponse answer = api().get("/health/ready");
        EXPECT_EQ(answer.status, 200) << "it goes on taking orders";
        const json body = json::parse(answer.body);
        for (const json& one : body.at("services")) {
            if (one.at("service") == service) return one;
        }
        return {};
    }
    bool await_circuit(const std::string& service, const std::string& state) {
        return eventually(
            [&] { return health(service).at("dependencies").at(0).at("circuit") == state; });
    }
    double metric(const std::string& name, const std::string& dependency) {
        const std::string text = api().get("/metrics").body;
        const std::size_t at = text.find(name + "{dependency=\"" + dependency + '"');
        if (at == std::string::npos) return -1;
        return std::stod(text.substr(text.find("} ", at) + 2));
    }
    /// Orders placed in a test were charged once each, and the circuit was open and is closed.
    void expect_paid_once() {
        const json ledger = provider().ledger();
        EXPECT_EQ(ledger.at("charges").get<int>(), charges_before_ + placed_) << ledger;
        EXPECT_EQ(ledger.at("doubleCharges"), 0) << ledger;
        EXPECT_EQ(ledger.at("changedRepeats"), 0) << ledger;
        EXPECT_GE(metric("tidings_circuit_opened_total", "payment-provider"), 1);
        EXPECT_TRUE(await_circuit("payment-service", "closed"));
        EXPECT_EQ(metric("tidings_circuit_state", "payment-provider"), 0);
        stop();
        expect_invariants(data());
    }
    /// An outage of the payment provider that `begin` begins and `end` ends.
    void outage(const std::function<void()>& begin, const std::function<void()>& end) {
        await_all(place(5), "COMPLETED");
        begin();
        const std::vector<std::string> waiting = place(20);
        await_all(waiting, "VALIDATED");
        ASSERT_TRUE(eventually(
            [&] { return metric("tidings_circuit_opened_total", "payment-provider") >= 1; }));
        ASSERT_TRUE(await_circuit("payment-service", "open"));
        const json payment = health("payment-service");
        EXPECT_EQ(payment.at("status"), "degraded") << payment;
        EXPECT_NE(payment.at("dependencies").at(0).at("reason"), "") << payment;
        EXPECT_GT(api().json("/status").at("payment-service").at("effectsOwed"), 0);
        for (const std::string& order : waiting) {
            EXPECT_NE(api().json(order).at("status"), "CANCELLED") << "it waits";
        }
        end();
        await_all(waiting, "COMPLETED");
        expect_paid_once();
    }

    int charges_before_ = 0;

private:
    const Directory provider_directory_;
    std::unique_ptr<ProviderAtWork> provider_;
    int placed_ = 0;
};

TEST_F(Dependencies, TakeOrdersToTheirEndWhenNothingIsWrong) {
    const std::vector<std::string> orders = place(10);
    await_all(orders, "COMPLETED");
    for (const std::string& order : orders) {
        const json shipment = shipment_of(order);
        EXPECT_EQ(shipment.at("rateIsFallback"), false) << shipment;
        EXPECT_EQ(shipment.at("rateSource"), "CARRIER") << shipment;
    }
    EXPECT_EQ(health("payment-service").at("status"), "up");
    EXPECT_EQ(metric("tidings_circuit_opened_total", "payment-provider"), 0);
}

TEST_F(Dependencies, LetOrdersWaitForAPaymentProviderThatIsKilledAndStartedAgain) {
    outage([this] { provider().kill(); }, [this] { provider().start(); });
}

TEST_F(Dependencies, LetOrdersWaitForOneThatIsDown) {
    outage(
        [this] {
            provider().dial({{"down", true}});
        },
        [this] {
            provider().dial({{"down", false}});
        });
}

TEST_F(Dependencies, ChargeOnceThoughTheProviderChargesAndNeverSaysSo) {
    outage(
        [this] {
            provider().dial({{"of", "payments"}, {"hang", true}});
        },
        [this] {
            const json ledger = provider().ledger();
            EXPECT_GT(ledger.at("charges").get<int>(), charges_before_ + 5)
                << "it has charged some of those that wait";
            provider().dial({{"of", "payments"}});
        });
}

TEST_F(Dependencies, LetOrdersWaitForOneThatIsTooSlow) {
    outage(
        [this] {
            provider().dial({{"of", "payments"}, {"latencyMs", 1000}});
        },
        [this] {
            provider().dial({{"of", "payments"}});
        });
}

TEST_F(Dependencies, LetOrdersWaitForOneThatFails) {
    outage(
        [this] {
            provider().dial({{"of", "payments"}, {"failRate", 1}});
        },
        [this] {
            provider().dial({{"of", "payments"}});
        });
}

TEST_F(Dependencies, ShipAtTheLastKnownRateWhileTheCarrierHangsAndSayThatItIsOne) {
    await_all(place(10), "COMPLETED");  // One for each zone.
    provider().dial({{"of", "rates"}, {"hang", true}});
    const std::vector<std::string> orders = place(20);
    await_all(orders, "COMPLETED");  // They do not wait for it.
    int last_known = 0;
    for (const std::string& order : orders) {
        const json shipment = shipment_of(order);
        EXPECT_EQ(shipment.at("rateIsFallback"), true) << shipment;
        last_known += shipment.at("rateSource") == "LAST_KNOWN" ? 1 : 0;
        EXPECT_EQ(shipment.at("rateSource") == "TARIFF", shipment.at("rate") == "50.00")
            << shipment;
    }
    EXPECT_GE(last_known, 10);
    EXPECT_EQ(health("shipping-service").at("status"), "degraded");
    EXPECT_GE(metric("tidings_circuit_opened_total", "carrier-rates"), 1);
    EXPECT_GE(metric("tidings_circuit_fallbacks_total", "carrier-rates"), 20);

    provider().dial({{"of", "rates"}});
    // A circuit finds out by the calls that come: without orders there is nobody to ask.
    EXPECT_TRUE(eventually([&] {
        const std::vector<std::string> again = place(1);
        await_all(again, "COMPLETED");
        const bool asked = shipment_of(again.front()).at("rateSource") == "CARRIER";
        return asked && health("shipping-service").at("status") == "up";
    })) << "the carrier is asked again once it is back: "
        << health("shipping-service");
}

TEST_F(Dependencies, GiveTheSameOutcomesAsTheDemosOwnPorts) {
    const Directory directory;
    const std::vector<std::string> orders{"--seed", "3", "--count", "40", "--outcomes"};
    std::vector<std::string> inside = orders;
    inside.push_back(directory / "inside.csv");
    std::vector<std::string> outside = orders;
    outside.insert(outside.end(), {directory / "outside.csv", "--providers"});
    EXPECT_EQ(run_demo(inside).status, 0);
    const Ran ran = run_demo(outside);
    EXPECT_EQ(ran.status, 0) << ran.out << ran.err;
    EXPECT_EQ(read_text(directory / "inside.csv"), read_text(directory / "outside.csv"));
    EXPECT_NE(ran.out.find("of an order charged before               0"), std::string::npos)
        << ran.out;
}

}  // namespace
}  // namespace shop::testing
