#pragma once

#include <tidings/broker/broker.h>
#include <tidings/delivery/step_loop.h>
#include <tidings/io/world.h>
#include <tidings/store/store.h>

#include "delivery/attempts.h"
#include "delivery/context.h"
#include "delivery/effects.h"
#include "delivery/held.h"
#include "delivery/inbox.h"
#include "delivery/outbox.h"
#include "delivery/step.h"
#include "delivery/step_telemetry.h"
#include "delivery/timers.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace tidings {

/// Runs steps inside the transaction that the step loop holds open: savepoints, the inbox, what
/// becomes of a step that fails. It is the one place that catches what handlers throw.
///
/// Threads   The step loop's.
class StepRunner {
public:
    StepRunner(io::World& world, Store& store, const Handlers& handlers,
               const StepLoop::Options& options);

    /// Reads the state from the tables: at start, and after a lost group. Throws Failure.
    void open(StoreTransaction& tx, std::vector<std::unique_ptr<TopicState>>& topics);

    /// Whether a handler here may want the event; what has no type wants looking at too.
    bool wants(const DeliveredEvent& event) const;
    /// Notes an event that nobody here handles, so that its source's numbers have no gap.
    void pass_over(TopicState& topic, const DeliveredEvent& event);

    /// Runs one step in a savepoint. Throws GroupLost; nothing else.
    void run(Step& step);
    /// Writes what the group changed in memory: counters, marks, positions. Throws GroupLost.
    void before_commit(std::vector<std::unique_ptr<TopicState>>& topics);

    Outbox outbox;
    Held held;
    Timers timers;
    Effects effects;
    Attempts attempts;

private:
    struct StepFailure {
        Error error;
        bool permanent;
    };

    void run_step(CommandStep& step);
    void run_step(EventStep& step);
    void run_step(RetryStep& step);
    void run_step(StoredTimer& timer);
    void run_step(EffectOutcome& outcome);
    void handle_answer(EffectOutcome& outcome, const std::string& answer);

    Transaction::Context context(std::string correlation_id, std::string causation_id);
    /// Runs `work` in a savepoint; returns why it failed, if it did, with the savepoint undone.
    std::optional<StepFailure> attempt(const std::function<void()>& work);
    /// Follows what a command did to held events past this.
    void read_held_again();
    /// Reads the envelope, finds the route and calls the handlers, in a savepoint.
    std::optional<StepFailure> handle(const EventHeaders& headers, std::string_view envelope);
    std::optional<Timestamp> next_attempt(const StepFailure& failure, int attempts_failed);
    /// Whether the event is new to this service; from now on it is not.
    bool take(TopicState& topic, const DeliveredEvent& event);

    io::World& world_;
    Store& store_;
    const Handlers& handlers_;
    const StepLoop::Options& options_;
    std::vector<std::unique_ptr<TopicState>>* topics_ = nullptr;
    Inbox inbox_;
    StepTelemetry telemetry_;
    bool attempt_failed_ = false;  ///< The last one.
};

}  // namespace tidings
