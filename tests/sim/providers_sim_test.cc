// The shop and its outside dependencies in virtual time: these are slow, fail, hang, refuse and go
// away as a seed says, and the machine loses power meanwhile.
#include <tidings/broker/log_broker.h>
#include <tidings/sim/scheduler.h>
#include <tidings/sim/world.h>

#include "base/test_points.h"
#include "demo/accounts.h"
#include "demo/intake.h"
#include "demo/platform.h"
#include "demo/providers.h"
#include "orders/generated.h"
#include "orders/outside.h"
#include "provider/provider.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace shop {
namespace {

using namespace tidings;

constexpr std::uint64_t orders = 60;

/// All services in one process of a simulated machine, and the dependencies outside of it.
class Outside : public ::testing::TestWithParam<std::uint64_t> {
protected:
    Outside() {
        // What waits waits for a dependency that is ill, and for nothing else.
        std::erase_if(book.orders,
                      [](const SourceOrder& order) { return order.story != Story::delivered; });
        outside = OutsideWorld{book};
        start();
    }
    ~Outside() override { stop(); }

    void start() {
        Providers providers;
        providers.world = &world.process("shop");
        providers.payments = dependency;
        providers.rates = dependency;
        providers.threads = 0;
        providers.breaker.pause = [this](Duration pause) { world.advance(pause); };
        Platform::Options options;
        options.to_orders = send();
        options.providers = providers;
        platform.emplace(outside, options);
        HostOptions host_options;
        host_options.data = "data";
        host = Host::open(world.process("shop"), host_options).value();
        for (Service* service : platform->services()) ASSERT_TRUE(host->add(*service));
        scheduler.emplace(world);
        for (io::Worker* worker : host->workers()) scheduler->add(*worker);
        if (intake) scheduler->add(*intake);
    }
    void stop() {
        scheduler.reset();
        host.reset();
        platform.reset();
    }
    SendRequest send() {
        return [this](io::HttpRequest request, io::HttpReply reply) {
            host->request(std::move(request), std::move(reply));
        };
    }
    void take_orders() {
        intake = std::make_unique<Intake>(world, book, Taken{}, send(),
                                          [this] { return host->is_quiet(); });
        scheduler->add(*intake);
        ASSERT_TRUE(scheduler->run_until([this] { return intake->is_done(); }, 1h));
    }
    /// Gives a dependency an illness of the seed's choice.
    void fall_ill(const std::string& of) {
        ProviderFaults faults;
        switch (random.below(6)) {
            case 0:
                faults.down = true;
                break;
            case 1:
                faults.hang = true;
                break;
            case 2:
                faults.latency = std::chrono::milliseconds{random.below(4000)};
                break;
            case 3:
                faults.fail_rate = static_cast<double>(random.below(101)) / 100;
                break;
            case 4:
                faults.busy = true;
                break;
            default:
                break;  // It is well.
        }
        provider.set_faults(of, faults);
    }
    void lose_power() {
        world.crash();
        stop();
        start();
    }
    bool is_over() const { return host->is_quiet() && host->status("order-service").timers == 0; }

    sim::SimWorld world{GetParam()};
    sim::Random random = world.stream("outside");
    OrderBook book = generate_orders(GetParam(), orders).value();
    OutsideWorld outside;
    Provider provider{world, outside, 4s};
    std::shared_ptr<SimulatedDependency> dependency =
        std::make_shared<SimulatedDependency>(provider, [this](Duration by) { world.advance(by); });
    std::optional<Platform> platform;
    std::unique_ptr<Host> host;
    std::optional<sim::Scheduler> scheduler;
    std::unique_ptr<Intake> intake;
};

TEST_P(Outside, NeverTakesMoneyTwiceHoweverIllItIs) {
    provider.set_faults("payments", {.down = true});
    take_orders();
    for (int illness = 0; illness < 12; ++illness) {
        for (const char* of : {"payments", "rates"}) fall_ill(of);
        if (random.chance(0.3)) lose_power();
        scheduler->run_for(std::chrono::seconds{random.below(60)});
    }
    for (const char* of : {"payments", "rates"}) provider.set_faults(of, {});
    EXPECT_TRUE(scheduler->run_until([this] { return is_over(); }, 1h)) << "it drains";

    const Ledger::Totals ledger = provider.totals();
    EXPECT_EQ(ledger.double_charges, 0);
    EXPECT_EQ(ledger.changed_repeats, 0);
    const Accounts accounts = read_accounts(*host);
    EXPECT_EQ(accounts.captured_cents, ledger.captured.cents);
    const auto all = static_cast<std::int64_t>(book.orders.size());
    EXPECT_EQ(ledger.charges, all);
    EXPECT_EQ(accounts.by_state.at("COMPLETED"), all) << "every order is final, and delivered";
    for (const Invariant& invariant : check_invariants(*host)) {
        EXPECT_TRUE(invariant.holds()) << invariant.rule;
    }
    for (const char* service : {"payment-service", "shipping-service"}) {
        EXPECT_EQ(host->status(service).effects_open, 0) << service;
    }
}

#ifdef TIDINGS_TEST_POINTS
TEST_P(Outside, WouldTakeItTwiceIfEachAttemptHadAKeyOfItsOwn) {
    plant(Mistake::new_key_per_attempt);
    provider.set_faults("payments", {.fail_rate = 0.8});  // Half of it after the deed.
    take_orders();
    scheduler->run_for(1min);
    provider.set_faults("payments", {});
    scheduler->run_until([this] { return is_over(); }, 1h);
    plant(Mistake::none);
    EXPECT_GT(provider.totals().double_charges, 0) << "what this looks for, it finds";
}
#endif

INSTANTIATE_TEST_SUITE_P(Seeds, Outside, ::testing::Range<std::uint64_t>(1, 13));

}  // namespace
}  // namespace shop
