#pragma once

#include <tidings/base/time.h>
#include <tidings/delivery/effect.h>
#include <tidings/delivery/step_loop.h>
#include <tidings/io/http.h>
#include <tidings/io/http_dependency.h>
#include <tidings/service/service.h>
#include <tidings/sim/world.h>
#include <tidings/testing/client.h>
#include <tidings/testing/faults.h>
#include <tidings/testing/verdict.h>
#include <tidings/testing/view.h>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace tidings::sim {

/// What an outside dependency answers over HTTP.
using AnswerHttp = std::function<io::HttpResponse(const io::HttpRequest&)>;

/// Makes a service with all that it needs, anew for each life of its process.
using MakeService = std::function<std::shared_ptr<Service>(io::World&)>;
/// Says what is wrong, or nothing.
using Check = std::function<std::optional<std::string>(const View&)>;
/// What an outside dependency does when it is asked for something that it has not answered yet;
/// it was first asked that of that subject so long ago.
using Answer = std::function<Result<EffectResult>(const EffectRequest&, Duration since)>;

/// Services under faults, on one thread, in virtual time: a seed decides everything.
///
///     sim::Simulation shop{seed, {.faults = sim::Faults::swarm()}};
///     shop.service("order-service", [] { return std::make_shared<OrderService>(); });
///     shop.service("payment-service", [&] {
///         return std::make_shared<PaymentService>(shop.port("gateway"));
///     });
///     shop.dependency("gateway", [](const EffectRequest&) { return Answered{"{}"}; });
///     shop.workload([](sim::Client& client) {
///         for (int i = 0; i < 20; ++i) client.post("order-service", "/orders", order(i));
///     });
///     shop.always("money captured = money of paid orders", [](const sim::View& view) { ... });
///     shop.eventually("every order is final", 1h, [](const sim::View& view) { ... });
///     EXPECT_TRUE(shop.run());
///
/// Each service is a process of its own, with its own database and its own connection to the logs
/// on one simulated disk, as services have that run as programs; it is the code that runs in
/// production. A run has two parts. Under faults, it goes until all calls are answered and all
/// services are at rest, or for `Options::lasts`. Then faults end, what is down is started, and
/// all must come to rest again.
///
/// When an invariant is broken the run ends there, and is made smaller: faults and calls are left
/// out as long as the same invariant is broken. What remains is drawn as a sequence diagram.
///
/// What holds without being asked for: every event is accounted for; a service that ended can be
/// started again; once faults are over, no component is stuck.
///
/// Guarantees
/// - Same seed, same code, same SQLite: the same run, to the last byte of every file.
/// - What calls back (services, workload, checks, dependencies) is called from the start in every
///   run. State that it keeps elsewhere makes runs differ; `MakeService` makes it anew.
///
/// Threads   One thread.
/// Lifetime  Ports and connections that it gave away must not be used after it is gone.
/// See       docs/guide/simulation.md, tests/sim/README.md (what each fault is)
class Simulation {
public:
    struct Options {
        Faults faults = Faults::none();
        /// So much virtual time under faults, at most.
        Duration lasts = 10min;
        /// All must be at rest so soon after the last fault.
        Duration settles_within = 1h;
        DiskProfile disk = DiskProfile::ordered;
        /// Invariants are looked at after so many polls; 1: after each.
        std::uint64_t check_every = 16;
        /// Who needs more polls than that is restless, and has failed.
        std::uint64_t polls_max = 3'000'000;
        /// Replays exactly this instead of drawing faults; the seed is the schedule's.
        std::optional<Schedule> schedule = {};
        /// How many runs, and polls in all of them, may be spent on making a failing run smaller.
        std::uint64_t shrink_runs_max = 400;
        std::uint64_t shrink_polls_max = 4'000'000;
    };
    /// How one service is run.
    struct ServiceOptions {
        /// Bounds of queues and groups. Unless given they are small and drawn from the seed, so
        /// that full ones are ordinary.
        std::optional<StepLoop::Options> limits = {};
        /// Of the logs of its domains. Small, so that logs roll, and still larger than any batch
        /// that a relay makes in a simulation.
        std::uint64_t segment_bytes_max = 512 * 1024;
        std::uint64_t retention_bytes_max = 0;  ///< Whole segments beyond it go; 0: no bound.
    };

    Simulation(std::uint64_t seed, Options options);
    ~Simulation();
    Simulation(Simulation&&) noexcept;
    Simulation& operator=(Simulation&&) noexcept;

    /// Adds a service. `make` takes nothing, or the `io::World&` of its process.
    template <class Make>
    void service(std::string name, Make make, ServiceOptions options) {
        if constexpr (std::invocable<Make&>) {
            add(
                std::move(name), [make = std::move(make)](io::World&) mutable { return make(); },
                std::move(options));
        } else {
            add(std::move(name), std::move(make), std::move(options));
        }
    }
    template <class Make>
    void service(std::string name, Make make) {
        service(std::move(name), std::move(make), ServiceOptions{});
    }
    /// Says what is asked of the services from outside. Several add up.
    void workload(std::function<void(Client&)> calls);

    /// Declares something outside that services use: slow, failing or hanging as faults have it.
    /// It does nothing twice for one idempotency key, and repeats its answer; `Pending` is no
    /// answer yet. The outside world survives every crash. `answer` takes the request, and, if it
    /// wants, how long ago that was asked first; it returns an answer or a Result.
    template <class Function>
    void dependency(std::string name, Function answer) {
        add(std::move(name),
            [answer = std::move(answer)](const EffectRequest& request,
                                         Duration since) mutable -> Result<EffectResult> {
                if constexpr (std::invocable<Function&, const EffectRequest&, Duration>) {
                    return as_result(answer(request, since));
                } else {
                    return as_result(answer(request));
                }
            });
    }
    /// Returns the way to a dependency, for `Service::effect`.
    std::shared_ptr<EffectPort> port(std::string dependency);
    /// Declares something outside that answers HTTP, under the same faults: what hangs answers
    /// after its caller's timeout, if at all. `make` makes what answers, anew for each run; it
    /// minds idempotency keys itself. What it did is in `View::effects`, each key once.
    void http_dependency(std::string name, std::function<AnswerHttp()> make);
    /// Returns the way to it.
    std::shared_ptr<io::HttpDependency> http(std::string dependency);
    /// Returns the way from one service to another's HTTP API.
    std::function<void(io::HttpRequest, io::HttpReply)> connection(std::string from,
                                                                   std::string to);

    /// Checks an invariant again and again while every service is up, after every `every` polls
    /// (0: `Options::check_every`).
    void always(std::string invariant, Check check, std::uint64_t every = 0);
    /// Checks an invariant when all is over.
    void at_end(std::string invariant, Check check);
    /// Checks that it comes true so soon after the last fault: a promise of liveness.
    void eventually(std::string invariant, Duration within, Check check);
    /// Checks that `dependency` has done each of its effects at most once for each subject,
    /// whatever keys it was asked with.
    void never_twice(std::string dependency);
    /// Checks that each service handles the events of a key in the order in which their owner
    /// committed them. Not for services with handlers that let later events pass.
    void order_per_key();
    /// Checks that every saga of `service` is over so soon after the last fault: completed or made
    /// good, and none of them left for somebody to look at.
    void sagas_end(std::string service, Duration within);

    /// Runs it, and what failed again and again until it is small. May be called more than once.
    Verdict run();
    /// Runs it once, without making it smaller.
    Verdict run_once();
    /// The same, and draws the whole of it, whether it failed or not.
    Verdict run_drawn();

private:
    static Result<EffectResult> as_result(Result<EffectResult> result) { return result; }
    static Result<EffectResult> as_result(EffectResult result) { return result; }
    void add(std::string name, MakeService make, ServiceOptions options);
    void add(std::string name, Answer answer);

    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace tidings::sim
