#pragma once

#include <tidings/delivery/effect.h>
#include <tidings/delivery/step_loop.h>
#include <tidings/service/service.h>
#include <tidings/testing/case_verdict.h>
#include <tidings/testing/cause.h>
#include <tidings/testing/expectation.h>

#include <concepts>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace tidings {

class Host;
namespace sim {
class SimWorld;
}  // namespace sim

/// Events that a flow holds back or repeats: those of a type, of one key or of any.
struct EventsOf {
    std::string type;
    std::string key{};  ///< Empty: any.
};

/// The events of type E; of one key only, if it is given.
template <Event E>
EventsOf events_of(std::string_view key = {}) {
    return {std::string{E::name.value}, std::string{key}};
}

/// Several services in a test, step by step, in virtual time: in which order events arrive, what
/// comes late, twice or never, who crashes when, and what stands then.
///
///     Flow flow;
///     flow.service("order-service", [] { return std::make_shared<OrderService>(); });
///     flow.service("payment-service", [] { return std::make_shared<PaymentService>(); });
///     flow.answers("gateway.charge", R"({"accepted": true})");
///
///     flow.hold("payment-service", events_of<order::Created>());
///     flow.call("order-service", command("POST", "/orders", an_order));
///     flow.pass(15min);                                  // nobody charged it in time
///     EXPECT_TRUE(flow.then(published(order::Cancelled{...})));
///     flow.release("payment-service");
///     EXPECT_TRUE(flow.then(published(payment::Refunded{...})));
///
/// Each service is a process with its own database and its own connection to the logs, on one
/// simulated disk, as services have that run as programs. After everything that a test does, the
/// services go on until they are at rest for the moment; only `pass` waits for what is due later.
///
/// Guarantees
/// - Same test, same seed: the same run.
/// - Order per key. What is held back holds back what shares its key and topic, for that consumer:
///   that is what brokers promise, and services build on it.
///
/// Threads   One thread.
class Flow {
public:
    /// Makes a service with all that it needs, anew for each life of its process.
    using MakeService = std::function<std::shared_ptr<Service>()>;
    /// What the outside world says to a request.
    using Answer = std::function<Result<EffectResult>(const EffectRequest&)>;

    explicit Flow(std::uint64_t seed = 1);
    ~Flow();
    Flow(Flow&&) noexcept;
    Flow& operator=(Flow&&) noexcept;

    /// Adds a service and starts it. `limits` are its bounds; its name and domains are filled in.
    void service(std::string name, MakeService make, StepLoop::Options limits = {});

    // The outside world. Whoever is asked for an effect that is not mentioned stays silent.
    /// Answers every request for `effect`, so long after it was asked for the first time.
    void answers(std::string_view effect, std::string_view json, Duration after = Duration{0});
    template <JsonModel M>
    void answers(std::string_view effect, const M& model, Duration after = Duration{0}) {
        std::string json;
        json::Writer writer{json};
        write_data(writer, model);
        answers(effect, json, after);
    }
    /// Has `answer` decide, each time that it is asked. It survives all crashes.
    void outside(std::string_view effect, Answer answer);
    /// Returns every request that was ever made for `effect`, in order, repeated ones included.
    const std::vector<EffectRequest>& asked(std::string_view effect) const;

    // What happens.
    /// A command or query. Returns its reply; status 0 if none comes within ten seconds.
    io::HttpResponse call(std::string_view service, const Cause& command);
    /// An event is published, by a service that is not part of the flow; or, if it is, by that one
    /// as a step of it.
    void publish(const Cause& event);
    template <Event E>
    void publish(const E& event) {
        publish(happened(event));
    }
    /// Holds events back from one consumer, from now on, as they come.
    void hold(std::string_view consumer, EventsOf events);
    /// Lets go what is held back from a consumer (of one type only, if given), and holds no more.
    void release(std::string_view consumer, std::string_view type = {});
    /// Hands a consumer once more what it was handed before.
    void repeat(std::string_view consumer, const EventsOf& events);
    /// Time goes by.
    void pass(Duration time);
    /// Ends a service's process, wherever it stands.
    void kill(std::string_view service);
    /// Starts it again.
    void start(std::string_view service);
    /// The machine loses power: every process ends, what was not flushed may be gone; all start
    /// again.
    void lose_power();
    /// The service cannot reach the broker, until `heal`.
    void cut_off(std::string_view service);
    /// What the service publishes arrives, and it is told that it did not, until `heal`.
    void lose_answers(std::string_view service);
    /// An operator redrives all dead letters of a service, or discards them.
    void redrive(std::string_view service);
    void discard(std::string_view service);
    /// Ends all that goes wrong: releases, reconnects and starts everything.
    void heal();

    /// Says whether all this is true. Events must have been published by anybody, in this order,
    /// since the beginning or since `forget()`; others may have been between. What concerns one
    /// service is said with `in("order-service", row(...))`. No service may have an event
    /// unaccounted for.
    template <std::same_as<Expectation>... Expectations>
    CaseVerdict then(const Expectations&... expectations) const {
        return judge({expectations...});
    }
    /// Says whether the flow is over: nothing is queued, retried, parked, dead or owed anywhere.
    CaseVerdict then_all_is_done() const;
    /// Forgets what was published so far, for the next `then`.
    void forget();

    /// Returns how many events of this type were published, redelivered ones not counted.
    template <Event E>
    std::size_t count() const {
        return published_data(E::name.value).size();
    }
    template <Event E>
    std::vector<E> published() const {
        std::vector<E> events;
        for (const std::string& data : published_data(E::name.value)) {
            json::Reader reader{data};
            read_data(reader, events.emplace_back()).value();
        }
        return events;
    }
    /// The running service. Requires: it is up.
    Host& host(std::string_view service) const;
    /// The world that all run in: for faults of its disk and clock. Its `kill` and `crash` are not
    /// for users of a flow.
    sim::SimWorld& world() const;
    /// Virtual time since the beginning.
    Duration elapsed() const;
    /// What happened so far, a line each, with its time.
    std::string story() const;

private:
    CaseVerdict judge(const std::vector<Expectation>& expectations) const;
    std::vector<std::string> published_data(std::string_view type) const;

    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace tidings
