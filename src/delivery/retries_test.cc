// How failed steps are tried again: each handler by its own policy, all of them within a budget.
#include "delivery/delivery_testing.h"

#include <algorithm>
#include <map>
#include <stdexcept>

namespace tidings {
namespace {

using namespace testbench;
using Cities = std::vector<std::string>;

const Error down{ErrorCode::unavailable, "down"};

class Retries : public ::testing::Test {
protected:
    /// The bench's handler has these options.
    void use(HandlerOptions options) {
        bench.handlers.set_options(Opened::name, std::move(options));
    }
    Bench bench;
};

TEST_F(Retries, FollowTheHandlersOwnPolicy) {
    use({.retry = RetryPolicy{.attempts = 7, .initial_delay = 10s, .delay_max = 20s}});
    std::vector<TimePoint> tries;
    bench.on_opened = [&](const Opened&, Transaction&) {
        tries.push_back(bench.world.monotonic());
        throw Failure{down};
    };
    bench.start();
    bench.send(1, "first");
    bench.settle();
    ASSERT_EQ(tries.size(), 7U) << "and not the three of the service";
    EXPECT_GT(tries.back() - tries.front(), 5s);
    EXPECT_EQ(bench.status().dead, 1);
    EXPECT_EQ(bench.count("tidings_attempt"), 7);
}

struct Prices {
    void on(const Opened&, Transaction&) {}
};

TEST_F(Retries, AreDeclaredWithTheirHandler) {
    Handlers handlers;
    Prices prices;
    const auto on_opened = [&prices](const Opened& event, Transaction& tx) {
        prices.on(event, tx);
    };
    // [options]
    handlers.on<Opened>(
        on_opened,
        {.retry = RetryPolicy{.attempts = 20, .delay_max = 5min, .attempt_deadline = 2s},
         .is_worth_retrying = [](const Error& e) { return e.code != ErrorCode::conflict; },
         .budget = {.ratio = 0.1, .per_second = 10, .burst = 100},
         .order = KeyOrder::let_pass});
    // [/options]
    const HandlerEntry& entry = handlers.event_route("depot.opened", 2)->entry();
    EXPECT_EQ(handlers.policy_of(entry).attempts, 20);
    EXPECT_TRUE(handlers.check());
}

TEST_F(Retries, AreForgottenByNoRestart) {
    use({.retry = RetryPolicy{.attempts = 4, .initial_delay = 1min, .delay_max = 1min}});
    bench.on_opened = [](const Opened&, Transaction&) { throw Failure{down}; };
    bench.start();
    bench.send(1, "first");
    for (int i = 0; i < 4; ++i) {
        bench.run_for(1min);
        i % 2 == 0 ? bench.kill() : bench.crash();
    }
    bench.settle();
    EXPECT_EQ(bench.calls, 4) << "the attempts of before the restarts count";
    EXPECT_EQ(bench.status().dead, 1);
}

TEST_F(Retries, AreOfWhatTheHandlerFindsWorthIt) {
    use({.is_worth_retrying = [](const Error& e) { return e.code == ErrorCode::not_found; }});
    bench.on_opened = [](const Opened& event, Transaction&) {
        if (event.number == 1) throw Failure{{ErrorCode::not_found, "not yet"}};
        if (event.number == 2) throw Failure{down};
        throw Failure{{ErrorCode::not_found, "never"}, true};
    };
    bench.start();
    for (int i = 1; i <= 3; ++i) bench.send(i, "x");
    bench.settle();
    EXPECT_EQ(bench.calls, 3 + 1 + 1);
    EXPECT_EQ(bench.status().dead, 3);
}

TEST_F(Retries, AreAsTheCodeSaysWhenTheChoiceItselfThrows) {
    use({.is_worth_retrying = [](const Error&) -> bool { throw 7; }});
    bench.on_opened = [](const Opened&, Transaction&) { throw Failure{down}; };
    bench.start();
    bench.send(1, "x");
    bench.settle();
    EXPECT_EQ(bench.calls, 3);
    EXPECT_EQ(bench.status().dead, 1);
}

TEST_F(Retries, FollowAnAttemptThatTookTooLongAndLeaveNothingOfIt) {
    use({.retry = RetryPolicy{.attempts = 3, .attempt_deadline = 2s}});
    bench.on_opened = [this](const Opened& event, Transaction& tx) {
        tx.publish(Lost{.parcel_id = parcel_id(event.number)});
        bench.world.advance(bench.calls == 1 ? 2001ms : 2s);
    };
    bench.start();
    bench.send(1, "slow");
    bench.poll();
    EXPECT_TRUE(bench.handled().empty());
    EXPECT_EQ(bench.status().scheduled, 1);
    const auto reader = bench.store->reader().value();
    EXPECT_EQ(reader->value<std::string>("SELECT error FROM tidings_held"),
              "depot.opened v2 took 2001 ms, its deadline is 2000 ms");
    EXPECT_EQ(reader->value<int>("SELECT error_code FROM tidings_held"),
              static_cast<int>(ErrorCode::timeout));
    bench.settle();
    EXPECT_EQ(bench.handled(), Cities{"slow"});
    EXPECT_EQ(bench.published().size(), 1U);
}

TEST_F(Retries, GoOnWhateverAHandlerThrows) {
    bench.on_opened = [](const Opened& event, Transaction& tx) {
        switch (event.number) {
            case 1:
                throw 7;
            case 2:
                throw "text";
            case 3:
                throw std::bad_alloc{};
            case 4:
                throw std::runtime_error{std::string(100'000, 'x')};
            case 5:
                tx.execute("INSERT INTO nowhere (x) VALUES (1)");
                break;
            default:
                break;
        }
    };
    bench.start();
    for (int i = 1; i <= 6; ++i) bench.send(i, std::to_string(i));
    bench.settle();
    EXPECT_EQ(bench.handled(), Cities{"6"});
    EXPECT_EQ(bench.status().dead, 5);
    EXPECT_EQ(bench.status().unaccounted(), 0);
    EXPECT_FALSE(bench.status().failed);
    EXPECT_LE(bench.store->reader()
                  .value()
                  ->value<std::int64_t>("SELECT max(length(error)) FROM tidings_held")
                  .value(),
              2000);
}

TEST_F(Retries, GoOnAfterEventsOverTheLimits) {
    bench.start();
    const std::string deep = "{\"number\":1,\"city\":" + std::string(100'000, '[');
    bench.send_raw(bench.headers(1, ++bench.sequence), bench.envelope(deep));
    bench.send_raw(bench.headers(2, ++bench.sequence),
                   bench.opened(2, std::string(10, 'x')) + std::string(500'000, ' ') + "trailing");
    bench.send_raw(bench.headers(3, ++bench.sequence), std::string("\xFF\xFE", 2));
    bench.send(4, "fine");
    bench.settle();
    EXPECT_EQ(bench.handled(), Cities{"fine"});
    EXPECT_EQ(bench.status().dead, 3);
    EXPECT_EQ(bench.status().unaccounted(), 0);
}

TEST_F(Retries, StayWithinTheBudgetOfTheirHandlerWhileWhatItNeedsIsDown) {
    use({.retry = RetryPolicy{.attempts = 1'000'000, .initial_delay = 100ms, .delay_max = 10s},
         .budget = {.ratio = 0.1, .per_second = 5, .burst = 20}});
    bool is_down = true;
    std::map<std::int64_t, int> by_second;
    bench.on_opened = [&](const Opened&, Transaction&) {
        ++by_second[bench.world.monotonic().time_since_epoch() / 1s];
        if (is_down) throw Failure{down};
    };
    bench.start();
    constexpr int events = 400;
    for (int i = 1; i <= events; ++i) bench.send(i, std::to_string(i));
    bench.run_for(60s);
    EXPECT_LE(bench.calls, events + events / 10 + 20 + 5 * 60 + 1);
    EXPECT_GT(bench.calls, events + 200) << "but it does try";
    EXPECT_GT(bench.status().retries_put_off, 0);
    ASSERT_TRUE(bench.status().retry_storm);
    EXPECT_NE(bench.status().retry_storm->message.find("depot.opened"), std::string::npos);
    EXPECT_EQ(bench.status().dead, 0) << "what was put off was no attempt";
    int peak = 0;
    const std::int64_t second = bench.world.monotonic().time_since_epoch() / 1s;
    for (std::int64_t i = second - 40; i < second; ++i) peak = std::max(peak, by_second[i]);
    EXPECT_LE(peak, 2 * 5) << "no second has twice the mean";

    is_down = false;
    bench.run_for(25s);
    EXPECT_EQ(bench.status().done, events) << "what succeeds is no storm";
    bench.run_for(31s);
    EXPECT_FALSE(bench.status().retry_storm);
}

TEST_F(Retries, OfOneHandlerCostTheOthersNothing) {
    use({.retry = RetryPolicy{.attempts = 1'000, .delay_max = 1s},
         .budget = {.ratio = 0, .per_second = 0.001, .burst = 1}});
    int moves = 0;
    bench.handlers.on<Moved>([&](const Moved&, Transaction&) {
        if (++moves < 3) throw Failure{down};
    });
    bench.on_opened = [](const Opened&, Transaction&) { throw Failure{down}; };
    bench.start();
    for (int i = 1; i <= 5; ++i) bench.send(i, "x");
    bench.run_for(2s);
    EXPECT_LE(bench.calls, 5 + 1);
    bench.send_moved(9);
    bench.run_for(2s);
    EXPECT_EQ(bench.status().done, 1);
}

TEST_F(Retries, OfTimersFollowTheirPolicyAndAreNeverGivenUp) {
    int calls = 0;
    bool broken = true;
    bench.handlers.on_timer(
        "remind",
        [&](const DueTimer&, Transaction&) {
            ++calls;
            if (broken) throw Failure{{ErrorCode::not_found, "no such parcel"}};
        },
        {.retry = RetryPolicy{.attempts = 2, .initial_delay = 1s, .delay_max = 1s}});
    bench.start();
    ASSERT_TRUE(bench.submit([](Transaction& tx) { tx.set_timer("remind", "p1", 1min); }));
    bench.run_for(2min);
    EXPECT_GT(calls, 10);
    EXPECT_EQ(bench.status().timers, 1);
    EXPECT_EQ(bench.status().timers_failing, 1);
    ASSERT_TRUE(bench.status().timer_error);
    EXPECT_EQ(bench.status().timer_error->message,
              "timer remind of \"p1\" has failed for long: no such parcel");
    broken = false;
    bench.run_for(3s);
    EXPECT_EQ(bench.status().timers, 0);
    EXPECT_EQ(bench.status().timers_failing, 0);
}

TEST_F(Retries, OfEffectsAreAskedByTheirPolicyAndGivenUpOnlyWhereItIsPointless) {
    auto port = std::make_shared<TestPort>();
    port->answer = [](const EffectRequest& request) -> Result<EffectResult> {
        if (request.subject == "refused") return Error{ErrorCode::invalid_argument, "no"};
        return Error{ErrorCode::not_found, "not yet"};
    };
    bench.handlers.effect(
        "gateway.charge", port, [](const EffectAnswer&, Transaction&) {},
        {.retry = RetryPolicy{.initial_delay = 1s, .delay_max = 1s},
         .is_worth_retrying = [](const Error& e) { return e.code == ErrorCode::not_found; }});
    bench.start();
    for (const char* subject : {"refused", "late"}) {
        ASSERT_TRUE(bench.submit(
            [subject](Transaction& tx) { tx.request("gateway.charge", subject, "{}"); }));
    }
    bench.run_for(1min);
    EXPECT_GT(port->asked.size(), 60U);
    EXPECT_EQ(bench.status().effects_failed, 1);
    EXPECT_EQ(bench.status().effects_owed, 1);
    bench.kill();
    EXPECT_EQ(bench.status().effects_failed, 1);
}

TEST_F(Retries, AWrongPolicyIsRefusedAtTheStartByItsHandlersName) {
    use({.retry = RetryPolicy{.attempts = 0}});
    bench.log = open_log_broker(bench.world.process("machine"), "log").value();
    bench.store = open_sqlite(bench.world.process("machine"), "parcel.db").value();
    const auto loop = StepLoop::open(bench.world.process("machine"), *bench.store, *bench.log,
                                     bench.handlers, bench.options);
    ASSERT_FALSE(loop);
    EXPECT_EQ(loop.error().message,
              "parcel-service: depot.opened v2: attempts 0 of a retry policy is less than 1");
}

TEST_F(Retries, AndTimersWaitNoDayBecauseAClockWasSetBack) {
    int reminded = 0;
    bench.handlers.on_timer("remind", [&](const DueTimer&, Transaction&) { ++reminded; });
    use({.retry = RetryPolicy{.initial_delay = 10min, .delay_max = 10min}});
    bool is_down = true;
    bench.on_opened = [&](const Opened&, Transaction&) {
        if (is_down) throw Failure{down};
    };
    bench.start();
    ASSERT_TRUE(bench.submit([](Transaction& tx) { tx.set_timer("remind", "before", 1h); }));
    bench.send(1, "first");
    bench.run_for(1s);
    is_down = false;
    bench.world.jump_wall_clock(-24h);
    ASSERT_TRUE(bench.submit([](Transaction& tx) { tx.set_timer("remind", "after", 1h); }));
    bench.run_for(11min);
    EXPECT_EQ(bench.handled(), Cities{"first"});
    // The clock stays wrong over a restart.
    bench.kill();
    bench.run_for(48min);
    EXPECT_EQ(reminded, 0) << "nor did anything come early";
    bench.run_for(2min);
    EXPECT_EQ(reminded, 2);
}

TEST_F(Retries, AndTimersThatAreLongOverdueAreSpread) {
    std::vector<Duration> fired;
    TimePoint restarted{};
    bench.handlers.on_timer("remind", [&](const DueTimer&, Transaction&) {
        fired.push_back(bench.world.monotonic() - restarted);
    });
    bench.start();
    constexpr int count = 3'000;
    ASSERT_TRUE(bench.submit([](Transaction& tx) {
        for (int i = 0; i < count; ++i) tx.set_timer("remind", std::to_string(i), 1min);
    }));
    bench.poll();
    bench.drop();
    bench.world.advance(1h);
    bench.start();
    restarted = bench.world.monotonic();
    bench.run_for(5s);
    EXPECT_GT(fired.size(), 1'000U);
    EXPECT_LT(fired.size(), 2'000U);
    bench.run_for(6s);
    EXPECT_EQ(fired.size(), 3'000U);
    const auto in_first_second =
        std::count_if(fired.begin(), fired.end(), [](Duration at) { return at <= 1s; });
    EXPECT_LE(in_first_second, 2 * count / 10) << "no peak of twice the mean";
}

}  // namespace
}  // namespace tidings
