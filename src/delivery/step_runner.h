#pragma once

#include <tidings/broker/broker.h>
#include <tidings/delivery/step_loop.h>
#include <tidings/io/world.h>
#include <tidings/store/store.h>

#include "delivery/attempts.h"
#include "delivery/context.h"
#include "delivery/due_clock.h"
#include "delivery/effects.h"
#include "delivery/held.h"
#include "delivery/inbox.h"
#include "delivery/outbox.h"
#include "delivery/step.h"
#include "delivery/step_telemetry.h"
#include "delivery/timers.h"

#include <functional>
#include <map>
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
               const StepLoop::Options& options, DueClock& clock);

    /// Reads the state from the tables: at start, and after a lost group. Throws Failure.
    void open(StoreTransaction& tx, std::vector<std::unique_ptr<TopicState>>& topics);

    /// Whether a handler here may want the event; what has no type wants looking at too.
    bool wants(const DeliveredEvent& event) const;
    /// Notes an event that nobody here handles, so that its source's numbers have no gap.
    void pass_over(TopicState& topic, const DeliveredEvent& event);
    /// Whether it is of a newer major version than is known, and one that is follows it.
    bool is_known_by_downcast(const DeliveredEvent& event) const;

    /// Runs one step in a savepoint. Throws GroupLost; nothing else.
    void run(Step& step);
    /// Writes what the group changed in memory: counters, marks, positions. Throws GroupLost.
    void before_commit(std::vector<std::unique_ptr<TopicState>>& topics);

    /// What became of events of topics that no handler wants any more.
    struct Totals {
        std::int64_t accepted = 0;
        std::int64_t done = 0;
        std::int64_t discarded = 0;
    };
    const Totals& of_other_topics() const noexcept { return others_; }
    const Inbox& inbox() const noexcept { return inbox_; }
    /// Retries that were put off because their handler had no budget left, since the start.
    std::int64_t retries_put_off() const noexcept { return retries_put_off_; }
    /// The handler whose retries are more than its budget, and until when that is to be said.
    std::optional<Error> retry_storm() const;
    TimePoint retry_storm_until() const noexcept { return storm_until_; }

    Outbox outbox;
    Held held;
    Timers timers;
    Effects effects;
    Attempts attempts;

private:
    struct StepFailure {
        Error error;
        bool final = false;  ///< Whoever failed says that trying again is pointless.
    };
    /// What came of handing an event to its handlers.
    struct Handled {
        EventRoute* route = nullptr;  ///< Null if there is none for it.
        std::optional<StepFailure> failed;
        bool at_contract = false;  ///< It failed before a handler was come to.
    };

    void run_step(CommandStep& step);
    void run_step(EventStep& step);
    void run_step(RetryStep& step);
    void run_step(StoredTimer& timer);
    void run_step(EffectOutcome& outcome);
    void handle_answer(EffectOutcome& outcome, const HandlerEntry& entry,
                       const std::string& answer);
    Duration wait_to_ask_again(const EffectOutcome& outcome, const HandlerEntry& entry);

    Transaction::Context context(std::string correlation_id, std::string causation_id);
    /// Runs `work` in a savepoint; returns why it failed, if it did, with the savepoint undone.
    std::optional<StepFailure> attempt(const std::function<void()>& work);
    /// Follows what a command did to held events past this.
    void read_held_again();
    void read_other_topics(StoreTransaction& tx);
    /// The same for a handler, which may have a deadline for it.
    std::optional<StepFailure> attempt(const HandlerEntry& entry,
                                       const std::function<void()>& work);
    /// Reads the envelope, finds the route and calls the handlers, in a savepoint.
    Handled handle(const EventHeaders& headers, std::string_view envelope);
    /// Reads an envelope with the route of its type and version, if there is one.
    struct ReadEvent {
        EventRoute* route = nullptr;
        Result<Envelope> event;
    };
    ReadEvent read(const EventHeaders& headers, std::string_view envelope) const;
    /// Why an event that can be read is still none that its contract has; nothing if it is one.
    std::optional<Error> refuse(const EventHeaders& headers, const Envelope& event,
                                const EventRoute* route) const;
    /// Who failed, as the held event says it: the handler, or the contract and why.
    std::string name_of_failed(const Handled& handled, const EventHeaders& headers);
    bool is_worth_retrying(const StepFailure& failure, const HandlerEntry& entry) const;
    /// How long to wait before the next attempt; nothing if there is to be none.
    std::optional<Duration> wait_after(const StepFailure& failure, const HandlerEntry& entry,
                                       int attempts_failed);
    /// Takes a retry out of the handler's budget. Returns how long to put it off if there is none.
    std::optional<Duration> over_budget(const HandlerEntry& entry, std::int64_t waiting);
    HandlerBudget& budget_of(const HandlerEntry& entry);
    void add_budgets();  // For the handlers that have none yet.

    /// Whether the event is new to this service; from now on it is not.
    Taken take(TopicState& topic, const DeliveredEvent& event);
    /// The key of an event that travels without, read from its data.
    std::string read_key(const DeliveredEvent& event) const;
    /// Holds an event that failed at once.
    void hold(EventStep& step, const Handled& handled);
    void hold_unknown_duplicate(EventStep& step);
    void count_done(const RetryStep& step);

    io::World& world_;
    Store& store_;
    const Handlers& handlers_;
    const StepLoop::Options& options_;
    std::vector<std::unique_ptr<TopicState>>* topics_ = nullptr;
    DueClock& clock_;
    Inbox inbox_;
    StepTelemetry telemetry_;
    bool attempt_failed_ = false;         ///< The last one.
    std::vector<HandlerBudget> budgets_;  ///< By the numbers of the handlers.
    std::map<std::string_view, const HandlerEntry*> entries_;
    std::map<std::string_view, std::string_view> owners_;  ///< Of domains, by the contracts.
    Totals others_;
    std::int64_t retries_put_off_ = 0;
    std::string stormy_handler_;
    TimePoint storm_until_{};
};

}  // namespace tidings
