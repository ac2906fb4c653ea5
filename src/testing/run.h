#pragma once

#include <tidings/sim/scheduler.h>
#include <tidings/sim/world.h>
#include <tidings/testing/view.h>

#include "testing/callers.h"
#include "testing/definition.h"
#include "testing/dependencies.h"
#include "testing/handled_order.h"
#include "testing/injector.h"
#include "testing/process.h"
#include "testing/story.h"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tidings::sim {

/// What a run is made of beside its definition.
struct Plan {
    std::uint64_t seed = 0;
    const Schedule* schedule = nullptr;  ///< Exactly these faults and calls; null: drawn.
    bool keeps_all = false;              ///< Whether what passes between services is kept.
    /// What has broken nothing so far breaks nothing.
    Duration until = Duration::max();
};

/// What came of a run.
struct RunResult {
    std::string invariant{};  ///< The one that was broken first; empty if none was.
    std::string violation{};
    RunFigures figures{};
    std::vector<Incident> incidents{};
    std::vector<std::uint64_t> spare_calls{};  ///< Numbers of those that may be skipped.
    std::vector<Happening> happenings{};
    std::size_t before_rest = 0;  ///< So many of them came before the last rest.
    std::vector<std::string> story{};
};

/// One run of a simulation, from an empty disk to its end.
class Run final : public View {
public:
    Run(Definition& definition, const Plan& plan);
    ~Run() override;

    /// Requires: called once.
    RunResult execute();

    // What invariants see.
    Duration elapsed() const override { return world_->monotonic() - began_; }
    std::vector<std::string> services() const override;
    DeliveryStatus status(std::string_view service) const override;
    StoreTransaction& read(std::string_view service) const override;
    Host& host(std::string_view service) const override;
    const std::vector<CallAnswer>& answers() const override { return callers_->answers(); }
    const std::vector<DependencyEffect>& effects(std::string_view dependency) const override {
        return dependencies_->effects(dependency);
    }

    // What its parts see.
    /// Whether services are to tell of each event that they handle.
    bool watches_order() const noexcept { return definition_.order_per_key; }
    /// Whether all services are up, and nothing is under way between them.
    bool is_at_rest() const { return all_up() && all_quiet(); }
    SimWorld& world() const noexcept { return *world_; }
    TimePoint began() const noexcept { return began_; }
    const std::vector<std::unique_ptr<SimulatedProcess>>& processes() const { return processes_; }
    const std::vector<std::string>& dependency_names() const { return dependency_names_; }
    /// The process of that name, or nothing.
    SimulatedProcess* find(std::string_view name) const;
    /// Sends a request from `from`, whose process must be alive if it is one.
    void request(const std::string& from, const std::string& to, io::HttpRequest request,
                 io::HttpReply reply);
    /// Asks a dependency for `port()`, from the process that is being polled.
    Result<EffectResult> perform(const std::string& dependency, const EffectRequest& request);
    /// The same for `http()`.
    Result<io::HttpResponse> send(const std::string& dependency, const io::HttpRequest& request,
                                  Duration timeout) {
        return dependencies_->send(dependency, request, timeout);
    }
    bool caller_is_dead() const { return polled_ != nullptr && polled_->is_dead(); }

    void add_worker(io::Worker& worker, SimulatedProcess& process);
    void remove_worker(io::Worker& worker);

    /// Calls `act` so much later, unless it is forgotten before.
    void later(Duration pause, std::function<void()> act);
    void forget_later();
    /// Ends a service, and starts it again so much later.
    void end_service(SimulatedProcess& process, std::string_view how,
                     std::chrono::milliseconds pause);
    void start_later(SimulatedProcess& process, Duration pause);
    void begin_on_dependency(const Incident& incident);

    DeliveryFault fault_of_delivery(const std::string& service, int life, const Topic& topic,
                                    const DeliveredEvent& event);
    bool loses_answer(const std::string& service, int life, const Topic& topic, Offset first);
    bool loses_reply(std::uint64_t call, int attempt);

    void tell_rest() { story_.rest(); }
    void tell_fault(std::string_view at, std::string text);
    void tell_journal(const std::string& service, std::string_view line);
    void tell_call(std::uint64_t call, int attempt, const std::string& service,
                   const io::HttpRequest& request);
    void tell_reply(const std::string& service, std::uint64_t call,
                    const io::HttpResponse& response);
    void tell_event(const Topic& topic, const DeliveredEvent& event, const std::string& service);
    void tell_published(const std::string& service, const Topic& topic, Offset first,
                        std::span<const OutgoingEvent> events);
    void tell_effect(const std::string& dependency, const EffectRequest& request);
    void tell_http(const std::string& dependency, const io::HttpRequest& request,
                   const Result<io::HttpResponse>& response);
    void tell_effect_answer(const std::string& dependency, const EffectRequest& request,
                            const Result<EffectResult>& result);

private:
    class Later;
    struct Promise {
        const Definition::OneCheck* check;
        bool is_kept = false;
    };

    void start_all();
    void start(SimulatedProcess& process);
    void go_on(Duration limit);
    bool look_around();
    void check_always();
    void check_accounting();
    void check_tables();
    void check_dependencies();
    void check_one(const Definition::OneCheck& check);
    void check_promises(bool is_over);
    void check_end();
    /// Restarts what says of itself that it will not go on, as a supervisor does. Returns whether
    /// there was any.
    bool supervise();
    void heal();
    bool is_over() const;
    bool all_up() const;
    bool all_quiet() const;
    bool is_settled() const;
    std::string unrest() const;
    void violated(const std::string& invariant, const std::string& what);
    bool is_given_up() const { return elapsed() > plan_.until; }
    bool is_violated() const noexcept { return !result_.invariant.empty(); }
    void finish();

    Definition& definition_;
    const Plan plan_;
    std::unique_ptr<SimWorld> world_;
    Random random_;
    Scheduler scheduler_;
    const TimePoint began_;
    Story story_;
    std::unique_ptr<Later> later_;
    std::vector<std::string> dependency_names_;
    std::unique_ptr<Dependencies> dependencies_;
    std::unique_ptr<Callers> callers_;
    std::vector<std::unique_ptr<SimulatedProcess>> processes_;
    std::unique_ptr<Injector> injector_;
    std::map<const io::Worker*, SimulatedProcess*> workers_;  // Looked up, never walked through.
    SimulatedProcess* polled_ = nullptr;
    HandledOrder order_;
    std::vector<Promise> promises_;
    TimePoint healed_at_{};
    bool settled_ = false;  // At rest since the last fault, be it for a moment.
    TimePoint promises_checked_at_{};
    std::uint64_t looks_ = 0;
    std::uint64_t starts_in_vain_ = 0;
    RunResult result_;
};

}  // namespace tidings::sim
