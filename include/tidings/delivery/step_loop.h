#pragma once

#include <tidings/broker/broker.h>
#include <tidings/contract/event_type.h>
#include <tidings/delivery/handlers.h>
#include <tidings/io/worker.h>
#include <tidings/io/world.h>
#include <tidings/resilience/circuit_breaker.h>
#include <tidings/store/store.h>
#include <tidings/telemetry/log.h>
#include <tidings/telemetry/metrics.h>

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tidings {

/// A request from outside the event flow: one step, answered after it is durable.
struct Command {
    std::string name;            ///< For the journal, e.g. `POST /orders`.
    std::string correlation_id;  ///< Empty: a new one.
    std::function<void(Transaction&)> run;
    /// Called once, on the step loop's thread, after the flush (or with why there was none).
    std::function<void(Result<void>)> answer;
    /// It changes events that are held (see DeadLetters): the loop looks at them anew.
    bool administers_held = false;
};

/// What a service's delivery looks like from outside, at one moment. Safe to ask from any thread.
struct DeliveryStatus {
    std::int64_t outbox_pending = 0;
    Duration outbox_age{0};  ///< Of the oldest event not yet published.
    std::int64_t scheduled = 0;
    std::int64_t parked = 0;
    std::int64_t dead = 0;
    std::int64_t discarded = 0;
    std::int64_t accepted = 0;
    std::int64_t done = 0;
    std::int64_t duplicates = 0;
    std::int64_t published = 0;
    std::int64_t steps = 0;
    std::int64_t groups = 0;
    std::int64_t effects_open = 0;  ///< Asked or to be asked, not answered.
    std::int64_t effects_owed = 0;  ///< Of these, to be asked now or at a known time.
    /// Of these, held back by their port, as by an open circuit.
    std::int64_t effects_put_off = 0;
    std::int64_t effects_failed = 0;  ///< Given up by their ports: they rest until somebody looks.
    std::int64_t timers = 0;
    std::int64_t timers_failing = 0;       ///< Whose handler has failed for long; they go on.
    std::int64_t held_bytes = 0;           ///< Of scheduled, parked and dead ones.
    std::int64_t retries_put_off = 0;      ///< For want of budget, since the start.
    std::int64_t sagas_need_operator = 0;  ///< Instances; the Host counts them.
    std::int64_t foreign_ids = 0;       ///< Of events that nobody numbers, kept to know them again.
    Timestamp foreign_forgotten_to{};   ///< Up to when such ids are forgotten; the epoch: none is.
    std::int64_t lag = 0;               ///< Events in the log and not yet looked at.
    Duration lag_age{0};                ///< Age of the oldest of them.
    std::int64_t commands_waiting = 0;  ///< Not answered yet.
    std::int64_t commands_shed = 0;     ///< Refused because others had waited too long.
    std::int64_t positions = 0;         ///< Of all topics, added up: moves as events are taken.
    std::int64_t effects_moved = 0;     ///< Times that the outside world was asked or answered.
    std::string effect_running;         ///< The effect that is asked for at this moment.
    Duration step_age{0};               ///< How long the watchdog has seen this step running.
    std::vector<Error> stalled;         ///< What has stood still while work waited.
    std::optional<Error> failed;        ///< Why the loop has stopped for good, or stands now.
    std::optional<Error> relay_error;   ///< Why the relay does not get on, at this moment.
    std::optional<Error> intake_error;  ///< Why events are not taken, at this moment.
    std::optional<Error> held_alarm;    ///< So much is held that somebody should act.
    std::optional<Error> retry_storm;   ///< A handler's retries are more than its budget.
    std::optional<Error> timer_error;   ///< Why one of the failing timers fails.
    std::vector<CircuitStatus> circuits{};  ///< Of its dependencies; the Host knows them.

    /// Events that were accepted and are in none of the states they can be in. Must be 0.
    std::int64_t unaccounted() const noexcept {
        return accepted - done - scheduled - parked - dead - discarded;
    }
    /// Whether nothing is queued, unpublished, being retried or owed by the outside world.
    bool is_quiet() const noexcept {
        return outbox_pending == 0 && scheduled == 0 && effects_owed == 0 && lag == 0 &&
               commands_waiting == 0;
    }
};

/// One service's writer: runs its steps in groups, each group one durable transaction.
///
/// Commands, events, due timers and answers of the outside world are all steps. Each runs in a
/// savepoint; what queued while the last group was being flushed is the next group. A caller gets
/// its answer, and the relay its events, only after the flush.
///
/// Guarantees
/// - After any crash a step has happened entirely or not at all, and each event once.
/// - Events of equal key are handled in order, also when one of them is being retried.
/// - A full outbox stops the intake of events and refuses commands; it counts as no attempt.
///
/// Limits    `Options`, every queue.
/// Threads   `poll()` by one thread; `submit()` and `status()` from any.
/// Lifetime  World, Store, Broker and Handlers must outlive it.
class StepLoop : public io::Worker {
public:
    /// What the watchdog takes for too long.
    struct WatchdogLimits {
        Duration stalled_after = 30s;  ///< Work waits and nothing moves: health turns red.
        Duration stuck_after = 10s;    ///< A handler does not return: health turns red.
        Duration end_after = 60s;      ///< And then the process ends itself. 0: it does not.
        /// Where the stuck step is put on record for the next start; empty: nowhere.
        std::string record;
    };

    struct Options {
        std::string service;               ///< The source of its events, e.g. `order-service`.
        std::vector<std::string> domains;  ///< The domains it owns and may publish.
        /// What is known of events: whose they are. An event of a domain that is in none of them
        /// may come from anybody. Must outlive the loop.
        std::span<const EventType* const> contracts;
        std::size_t group_steps_max = 1024;
        std::size_t commands_max = 1024;    ///< Commands that may wait.
        std::int64_t outbox_max = 100'000;  ///< Events that may wait for the relay.
        /// Requests to the outside world that may be owed; then as for a full outbox.
        std::int64_t effects_max = 100'000;
        /// Events that may be held, and bytes of them, before the service says so. These are no
        /// bounds: what is held is on disk, and more of it never stops what has other keys.
        std::int64_t held_alarm = 10'000;
        std::int64_t held_alarm_bytes = std::int64_t{256} << 20;
        /// How long the id of an event that nobody numbers is kept, and how many are. An event of
        /// before that is not run, for it may have been: it becomes a dead letter.
        Duration foreign_horizon = 24h * 30;
        std::int64_t foreign_ids_max = 1'000'000;
        /// A command is refused if its turn would come later, by how long the last ones took, or
        /// while another has waited for longer; 0: there is no such bound.
        Duration command_wait_max = 1s;
        /// A group takes about so long; slower steps make it smaller, so that nobody waits long.
        Duration group_time_max = 100ms;
        std::size_t step_events_max = 10'000;           ///< That one step may publish.
        std::size_t step_bytes_max = 16 * 1024 * 1024;  ///< Of these events, and of requests.
        WatchdogLimits watchdog;
        bool log_events = false;  ///< One journal line per event published and handled.
        Journal journal;
        Metrics* metrics = nullptr;  ///< Where to count; must outlive the loop.
    };

    /// Makes or upgrades the platform's tables in `store`, claims the topics, reads the state.
    static Result<std::unique_ptr<StepLoop>> open(io::World& world, Store& store, Broker& broker,
                                                  const Handlers& handlers, Options options);
    ~StepLoop() override;

    /// Queues a command. Errors: `unavailable` (the queue or the outbox is full, those in the queue
    /// have waited for too long, or the service is stopping); then `answer` is not called.
    Result<void> submit(Command command);

    TimePoint poll(TimePoint now) override;
    std::string_view name() const noexcept override;

    /// The workers that go with it: the relay, which publishes the outbox, and the one that carries
    /// out effects.
    io::Worker& relay() noexcept;
    io::Worker& effects() noexcept;
    /// The one that sees whether all of these move. It must have a thread of its own, as a handler
    /// that hangs holds on to the loop's; in a simulation, where none can, nobody need poll it.
    io::Worker& watchdog() noexcept;

    /// Takes nothing new for the reason given (the disk is full), or with nothing goes on: commands
    /// are refused, events and retries wait, nothing is published. What is done is still written
    /// down, and dead letters can be dealt with. Any thread.
    void hold_intake(const std::optional<Error>& why);
    /// Refuses new commands and takes no more events; what was taken is finished by `poll()`.
    void stop() noexcept;
    /// Whether `stop()` was called and nothing that was taken waits any more.
    bool is_stopped() const noexcept;

    DeliveryStatus status() const;
    /// When a command that was refused is worth another try, as far as can be told.
    Duration retry_after() const;

private:
    struct Impl;
    explicit StepLoop(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace tidings
