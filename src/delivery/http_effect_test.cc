// Effects on an HTTP dependency that is well, refuses, fails, hangs and comes back; in virtual
// time.
#include <tidings/delivery/circuit_port.h>
#include <tidings/delivery/effect_threads.h>
#include <tidings/delivery/http_effect_port.h>

#include "delivery/delivery_testing.h"

#include <condition_variable>
#include <map>

namespace tidings::testbench {
namespace {

using io::HttpResponse;

/// Stands in for a provider: answers as it is told, after as long as it is told.
class Provider final : public io::HttpDependency {
public:
    explicit Provider(sim::SimWorld& world) : world_(world) {}

    Result<HttpResponse> send(const io::HttpRequest& request, Duration timeout) override {
        ++requests;
        sent = request;
        ++by_key[request.headers.at("idempotency-key")];
        if (latency >= timeout) {
            world_.advance(timeout);
            return Error{ErrorCode::timeout, "no answer in time"};
        }
        world_.advance(latency);
        if (is_down) return Error{ErrorCode::unavailable, "connection refused"};
        return answer;
    }

    HttpResponse answer{.body = R"({"ok":true})"};
    Duration latency = 1ms;
    bool is_down = false;
    int requests = 0;
    io::HttpRequest sent;
    std::map<std::string, int> by_key;

private:
    sim::SimWorld& world_;
};

class HttpEffects : public ::testing::Test {
protected:
    HttpEffects() {
        CircuitBreaker::Options options;
        options.dependency = "provider";
        options.retry.attempts = 1;
        breaker = std::make_shared<CircuitBreaker>(bench.world, options);
        port = std::make_shared<HttpEffectPort>(bench.world, provider, breaker);
        const auto take = [this](const EffectAnswer& answer, Transaction&) {
            ++answered[answer.subject];
            last_answer = answer.answer;
        };
        bench.handlers.effect("gateway.charge", port, take);
        bench.handlers.effect("mail.send", mailer, take);
        bench.start();
    }
    /// A port that always answers at once.
    struct Mailer final : EffectPort {
        Result<EffectResult> perform(const EffectRequest&) override {
            return EffectResult{Answered{"{}"}};
        }
    };

    void ask(const std::string& subject, const char* effect = "gateway.charge") {
        ASSERT_TRUE(
            bench.submit([=](Transaction& tx) { tx.request(effect, subject, R"({"amount":1})"); }));
    }
    Result<EffectResult> perform() {
        return port->perform({"gateway.charge", "key-1", "o1", R"({"amount":1})", 1});
    }
    std::string stored(const std::string& column) {
        return bench.store->reader()
            .value()
            ->value<std::string>("SELECT CAST(" + column + " AS TEXT) FROM tidings_effect")
            .value_or("none");
    }

    Bench bench;
    std::shared_ptr<Provider> provider = std::make_shared<Provider>(bench.world);
    std::shared_ptr<Mailer> mailer = std::make_shared<Mailer>();
    std::shared_ptr<CircuitBreaker> breaker;
    std::shared_ptr<HttpEffectPort> port;
    std::map<std::string, int> answered;
    std::string last_answer;
};

TEST_F(HttpEffects, ArePostedWithTheirIdempotencyKey) {
    ask("o1");
    bench.settle();
    EXPECT_EQ(provider->sent.method, "POST");
    EXPECT_EQ(provider->sent.target, "/gateway/charge");
    EXPECT_EQ(provider->sent.body, R"({"amount":1})");
    EXPECT_EQ(provider->by_key.size(), 1U);
    EXPECT_EQ(provider->by_key.begin()->first.rfind("gateway.charge:", 0), 0U);
    EXPECT_EQ(last_answer, R"({"ok":true})");
    EXPECT_EQ(bench.status().effects_open, 0);
}

TEST_F(HttpEffects, AreReadByTheStatusOfTheAnswer) {
    const auto answer = [this](int status, const std::string& retry_after = {}) {
        provider->answer.status = status;
        provider->answer.headers.clear();
        if (!retry_after.empty()) provider->answer.headers["retry-after"] = retry_after;
        return perform();
    };
    EXPECT_TRUE(std::holds_alternative<Answered>(*answer(200)));
    EXPECT_TRUE(std::holds_alternative<Answered>(*answer(201)));
    EXPECT_EQ(std::get<Pending>(*answer(202, "3")).ask_again, 3s);
    EXPECT_EQ(std::get<Pending>(*answer(202, "259200")).ask_again, 72h) << "it has its reasons";
    EXPECT_EQ(std::get<Pending>(*answer(202)).ask_again, std::nullopt);
    for (const int status : {301, 400, 401, 404, 409, 422}) {
        const auto refused = answer(status, "3");
        ASSERT_FALSE(refused) << status;
        EXPECT_FALSE(is_retryable(refused.error().code)) << status;
        EXPECT_EQ(refused.error().message,
                  "provider answers gateway.charge with " + std::to_string(status));
    }
    EXPECT_EQ(breaker->status().state, CircuitState::closed) << "it does its part";
    for (const int status : {408, 429, 500, 502, 503, 504}) {
        const auto failed = answer(status, status == 500 ? "soon" : "");
        ASSERT_FALSE(failed) << status;
        EXPECT_TRUE(is_retryable(failed.error().code)) << status;
    }
}

TEST_F(HttpEffects, HonourRetryAfterWithinABoundAndNeverTogether) {
    provider->answer = {.status = 429, .headers = {{"retry-after", "10"}}};
    const Duration first = std::get<PutOff>(*perform()).after;
    const Duration second = std::get<PutOff>(*perform()).after;
    EXPECT_GE(first, 10s);
    EXPECT_LE(first, 15s);
    EXPECT_NE(first, second);
    provider->answer.headers["retry-after"] = "99999999";
    EXPECT_LE(std::get<PutOff>(*perform()).after, HttpEffectPort::retry_after_max * 3 / 2);
}

TEST_F(HttpEffects, CountATimeoutAndABrokenAnswerAsFailures) {
    provider->latency = 1h;
    EXPECT_EQ(perform().error().code, ErrorCode::timeout);
    provider->latency = 1ms;
    provider->is_down = true;
    EXPECT_EQ(perform().error().code, ErrorCode::unavailable);
    EXPECT_EQ(perform().error().message, "provider: connection refused");
}

TEST_F(HttpEffects, ArePutOffByAnOpenCircuitWithoutBeingCharged) {
    provider->is_down = true;
    for (int i = 0; i < 20; ++i) (void)perform();
    ASSERT_EQ(breaker->status().state, CircuitState::open);
    const int before = provider->requests;
    ask("o1");
    bench.poll();
    const std::int64_t steps = bench.status().steps;
    for (int i = 0; i < 5; ++i) bench.poll();
    EXPECT_EQ(provider->requests, before) << "nothing is sent";
    EXPECT_EQ(bench.status().steps, steps) << "nothing is written either";
    EXPECT_EQ(stored("attempts"), "0");
    EXPECT_EQ(bench.status().effects_put_off, 1);
    EXPECT_EQ(bench.status().effects_owed, 1) << "it is not forgotten";
    provider->is_down = false;
    bench.settle();
    EXPECT_EQ(answered["o1"], 1);
    EXPECT_EQ(bench.status().effects_put_off, 0);
}

TEST_F(HttpEffects, DoNotHoldUpEffectsOnAnotherDependency) {
    provider->is_down = true;
    for (int i = 0; i < 100; ++i) ask("o" + std::to_string(i));
    bench.run_for(2s);
    ASSERT_EQ(breaker->status().state, CircuitState::open);
    ask("letter", "mail.send");
    bench.run_for(10ms);
    EXPECT_EQ(answered["letter"], 1);
}

TEST_F(HttpEffects, MakeNoStormWhileTheDependencyIsDownAndDrainOnceWhenItIsBack) {
    constexpr int orders = 400;
    provider->is_down = true;
    for (int i = 0; i < orders; ++i) ask("o" + std::to_string(i));
    bench.run_for(5min);
    EXPECT_LT(provider->requests, 40) << "ten to open it, and a probe now and then";
    EXPECT_EQ(bench.status().effects_owed, orders);
    provider->is_down = false;
    bench.settle(10min);
    EXPECT_EQ(bench.status().effects_open, 0);
    EXPECT_EQ(answered.size(), static_cast<std::size_t>(orders));
    for (const auto& [subject, count] : answered) EXPECT_EQ(count, 1) << subject;
    EXPECT_EQ(provider->by_key.size(), static_cast<std::size_t>(orders));
    EXPECT_LT(provider->requests, orders + 40);
}

TEST_F(HttpEffects, KeepWhatWasPutOffAcrossACrash) {
    provider->is_down = true;
    for (int i = 0; i < 30; ++i) ask("o" + std::to_string(i));
    bench.run_for(1min);
    bench.crash();
    EXPECT_EQ(bench.status().effects_owed, 30);
    provider->is_down = false;
    bench.settle();
    EXPECT_EQ(answered.size(), 30U);
}

TEST_F(HttpEffects, ArePutOffByTheMonotonicClock) {
    provider->is_down = true;
    for (int i = 0; i < 20; ++i) (void)perform();
    ask("o1");
    bench.poll();
    provider->is_down = false;
    bench.world.jump_wall_clock(-24h);
    bench.settle(1min);
    EXPECT_EQ(answered["o1"], 1) << "a clock that is set back does not make it wait for a day";
}

TEST_F(HttpEffects, OfAnyOtherPortCanGoThroughACircuitToo) {
    /// Fails as it is told.
    struct Flaky final : EffectPort {
        Result<EffectResult> perform(const EffectRequest&) override {
            ++asked;
            if (failure) return *failure;
            return EffectResult{Answered{"{}"}};
        }
        std::optional<Error> failure;
        int asked = 0;
    };
    const auto flaky = std::make_shared<Flaky>();
    const auto guarded = through_circuit(flaky, breaker);
    const EffectRequest request{"mail.send", "key", "o1", "{}", 1};
    EXPECT_TRUE(std::holds_alternative<Answered>(*guarded->perform(request)));
    flaky->failure = {ErrorCode::invalid_argument, "no such address"};
    for (int i = 0; i < 20; ++i) EXPECT_FALSE(guarded->perform(request));
    EXPECT_EQ(breaker->status().state, CircuitState::closed);
    flaky->failure = {ErrorCode::timeout, "no answer"};
    for (int i = 0; i < 50; ++i) (void)guarded->perform(request);
    EXPECT_EQ(breaker->status().state, CircuitState::open);
    const int before = flaky->asked;
    EXPECT_TRUE(std::holds_alternative<PutOff>(*guarded->perform(request)));
    EXPECT_EQ(flaky->asked, before);
}

// ---------------------------------------------------------------------------------------- threads

/// A port that hangs until it is let go.
class Hanging final : public EffectPort {
public:
    Result<EffectResult> perform(const EffectRequest&) override {
        std::unique_lock lock{mutex_};
        ++under_way_;
        changed_.notify_all();
        changed_.wait(lock, [this] { return let_go_; });
        return EffectResult{Answered{"{}"}};
    }
    void await_under_way(int count) {
        std::unique_lock lock{mutex_};
        changed_.wait(lock, [&] { return under_way_ >= count; });
    }
    void let_go() {
        const std::lock_guard lock{mutex_};
        let_go_ = true;
        changed_.notify_all();
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    int under_way_ = 0;
    bool let_go_ = false;
};

class ThreadedEffects : public ::testing::Test {
protected:
    /// A port that answers at once, on the service's own thread.
    struct Mailer final : EffectPort {
        Result<EffectResult> perform(const EffectRequest&) override {
            return EffectResult{Answered{"{}"}};
        }
    };

    ThreadedEffects() {
        const auto take = [this](const EffectAnswer& answer, Transaction&) {
            ++answered[answer.subject];
        };
        bench.handlers.effect("gateway.charge", threaded, take);
        bench.handlers.effect("mail.send", std::make_shared<Mailer>(), take);
        bench.start();
    }
    void ask(const std::string& subject, const char* effect = "gateway.charge") {
        ASSERT_TRUE(bench.submit([=](Transaction& tx) { tx.request(effect, subject, "{}"); }));
        bench.poll();
        bench.poll();
    }

    Bench bench;
    std::shared_ptr<Hanging> hanging = std::make_shared<Hanging>();
    std::shared_ptr<EffectPort> threaded = on_own_threads(hanging, 2);
    std::map<std::string, int> answered;
};

TEST_F(ThreadedEffects, DoNotHoldTheServicesThreadWhileTheDependencyHangs) {
    ask("o1");
    ask("o2");
    ask("o3");
    hanging->await_under_way(2);
    ask("letter", "mail.send");
    bench.poll();
    EXPECT_EQ(answered, (std::map<std::string, int>{{"letter", 1}})) << "others are not held up";
    EXPECT_EQ(bench.status().effects_owed, 3);
    hanging->let_go();
    hanging->await_under_way(3);
    while (bench.status().effects_owed > 0) bench.poll();
    EXPECT_EQ(answered,
              (std::map<std::string, int>{{"letter", 1}, {"o1", 1}, {"o2", 1}, {"o3", 1}}));
}

TEST_F(ThreadedEffects, HaveNoEffectWhenTheyAreAnsweredAfterTheServicesEnd) {
    ask("o1");
    hanging->await_under_way(1);
    bench.drop();
    hanging->let_go();
    bench.start();
    while (bench.status().effects_owed > 0) bench.poll();
    EXPECT_EQ(answered["o1"], 1) << "it was asked again with the same key";
}

}  // namespace
}  // namespace tidings::testbench
