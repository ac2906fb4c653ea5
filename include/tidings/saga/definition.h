#pragma once

#include <tidings/delivery/transaction.h>
#include <tidings/model/event.h>
#include <tidings/model/service_outline.h>

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tidings {

class Handlers;
class SagaRunner;
struct Actor;
struct DueTimer;
struct SagaDecision;

/// How far an instance has come.
enum class SagaStatus : std::uint8_t {  // Values are persistent.
    running = 1,                        ///< Awaits the answer of a step.
    compensating = 2,                   ///< Given up; what was done is being undone.
    completed = 3,                      ///< Every step was done.
    compensated = 4,                    ///< Given up, and nothing done is left.
    needs_operator = 5,                 ///< Given up; what undoes a step has not come in time.
};

/// Where one step of an instance stands.
enum class SagaStepState : char {  // Values are persistent.
    waiting = '.',
    done = 'd',
    undoing = 'u',  ///< The event that undoes it is stated; its answer is awaited.
    undone = 'x',
};

/// Where an instance stands, for whoever follows it.
struct SagaProgress {
    SagaStatus status = SagaStatus::running;
    std::vector<SagaStepState> steps;
    std::string reason;  ///< Why it was given up.

    /// The step whose answer is awaited: the number of those done while it runs.
    std::size_t awaited() const noexcept;
    /// The step whose compensation is awaited, if one is.
    std::optional<std::size_t> undoing() const noexcept;
    bool was_done(std::size_t step) const { return steps.at(step) != SagaStepState::waiting; }
};

/// An event type with its type erased: written to be kept, read to be used.
struct SagaEvent {
    EventName name;
    std::function<std::string(const void* event)> write;
    /// Reads data of this or an older major version.
    std::function<Result<std::shared_ptr<const void>>(std::string_view data, int major)> read;
};

/// One saga step with its types erased.
struct SagaStep {
    std::string name;
    Duration deadline{0};  ///< Zero: none.
    SagaEvent answer;
    std::function<std::optional<PublishedEvent>(void* state, const void* event)> done;
    std::optional<EventName> states;                        ///< The event that `done` makes.
    std::function<PublishedEvent(const void* state)> undo;  ///< Empty: nothing to undo.
    std::optional<EventName> undo_states;                   ///< The event that `undo` makes.
    std::vector<EventName> undone_by;
    Duration undo_deadline{0};  ///< How long `undone_by` may take; zero: for ever.
};

/// The names under which a cancellation and a passed deadline are looked up among the failures.
inline constexpr EventName saga_cancellation{"tidings.cancellation_requested", 0};
inline constexpr EventName saga_deadline{"tidings.deadline_exceeded", 0};

/// What gives a saga up, and the event that ends it then.
struct SagaFailure {
    EventName on;
    EventName name;  ///< Of the event that `ended` makes.
    /// Reads what was kept of it by this or an earlier build, of whose major version it is.
    std::function<Result<PublishedEvent>(std::string_view data, int major)> read;
    struct End {
        PublishedEvent event;
        std::string reason;  ///< The event's own `reason`, if it has one.
    };
    std::function<End(const void* state, const void* cause)> ended;
};

/// A saga with its types erased: what `Saga<State>` declares and `SagaRunner` runs.
struct SagaDefinition {
    std::string name;
    SagaEvent start;
    std::function<std::shared_ptr<void>(const void* event)> make;
    std::function<void(const void* state, std::string& out)> write_state;
    std::function<Result<std::shared_ptr<void>>(std::string_view text)> read_state;
    std::function<std::shared_ptr<void>(const void* state)> copy_state;
    std::vector<SagaStep> steps;
    std::vector<SagaFailure> failures;
    std::function<void(const void* state, const SagaProgress&, Transaction&)> observe;

    std::vector<EventName> hooked;  ///< Event types that a handler was asked for.
    std::vector<std::function<void(Handlers&, SagaRunner&, bool own)>> hooks;

    /// Checks that it can run: a start, at least one step, a failure for each deadline.
    /// Errors: `invalid_argument`.
    Result<void> check() const;
};

/// One instance of a saga, in memory.
struct SagaInstance {
    struct Early {
        std::string type;
        int major = 1;
        std::string data;
    };

    std::shared_ptr<void> state;
    SagaProgress progress;
    std::vector<Early> early;             ///< Answers that came before their step.
    std::optional<PublishedEvent> ended;  ///< To be published once all is undone.
};

/// What an event did to an instance.
struct SagaReaction {
    bool moved = false;  ///< Something changed that must be kept.
    std::vector<PublishedEvent> publish;
};

/// The saga's rules, pure: no database, no clock. Each pair of state and event has a result.
class SagaLogic {
public:
    explicit SagaLogic(const SagaDefinition& definition) : definition_(definition) {}

    SagaInstance start(const void* event) const;
    /// An event of type `name` happened.
    SagaReaction happened(SagaInstance& instance, const EventName& name, const void* event) const;
    /// A failure that is no event happened: `saga_cancellation` or `saga_deadline`.
    SagaReaction failed(SagaInstance& instance, const EventName& on, const void* cause) const;
    /// What undoes a step has not come in time: somebody has to look. It may come yet.
    SagaReaction undo_is_overdue(SagaInstance& instance) const;
    /// Somebody has made the step good that is being undone: the compensation goes on.
    SagaReaction made_good(SagaInstance& instance) const;
    /// The event that undoes the step is stated once more.
    SagaReaction undo_again(SagaInstance& instance) const;

private:
    void answered(SagaInstance& instance, std::size_t step, const void* event,
                  SagaReaction& reaction) const;
    bool undone(SagaInstance& instance, const EventName& name) const;
    void take_early(SagaInstance& instance, SagaReaction& reaction) const;
    void compensate(SagaInstance& instance, SagaReaction& reaction) const;

    const SagaDefinition& definition_;
};

/// Runs the instances of one saga in a service: rows, deadlines as durable timers.
///
/// Threads   The service's step loop.
/// Lifetime  As long as the Handlers it was added to.
class SagaRunner {
public:
    explicit SagaRunner(std::shared_ptr<const SagaDefinition> definition);

    /// Adds what the saga reacts to. `own`: its first event is one of this service.
    void add_to(Handlers& handlers, bool own);
    /// Sets another deadline for a step; zero takes it off. Before the service starts.
    /// Errors: `not_found` (no such step; names those there are).
    Result<void> set_deadline(std::string_view step, Duration deadline);

    void started(const std::string& key, const void* event, Transaction& tx);
    void happened(const EventName& name, const std::string& key, const void* event,
                  Transaction& tx);
    /// Sets another time for the compensation of a step; zero: it may take for ever. Before the
    /// service starts. Errors: `not_found` (no such step; names those there are).
    Result<void> set_undo_deadline(std::string_view step, Duration deadline);

    /// Gives an instance up because somebody asked for it. Returns where it stands then; nothing
    /// if there is no such instance. One that is over, or given up already, stays as it is.
    std::optional<SagaProgress> cancel(const std::string& key, std::string_view reason,
                                       Transaction& tx);

    /// Says that somebody has made good, by hand, the step whose compensation is awaited: an
    /// instance that needs an operator goes on. Returns where it stands then; nothing if there is
    /// no such instance. Where no compensation is awaited, nothing changes.
    std::optional<SagaProgress> made_good(const std::string& key, Transaction& tx);
    /// States the event once more that undoes that step, and waits as long again. Its consumers
    /// take it for a new event, so what they do must bear being asked twice.
    std::optional<SagaProgress> undo_again(const std::string& key, Transaction& tx);
    /// Does one of these two as an operator decides it, and puts it on the audit record: see
    /// `StoredSagas`. Throws Failure: `not_found`, `conflict` (the step is not being undone),
    /// `invalid_argument` (nobody says who decides, or why).
    SagaProgress decide(const SagaDecision& decision, const Actor& actor, Transaction& tx);

    const SagaDefinition& definition() const noexcept { return *definition_; }
    /// How the saga goes, for whoever draws it.
    SagaOutline outline() const;

private:
    /// What an instance waits for and how long, as its timer is named: a step's answer (`2`), what
    /// undoes a step (`undo 2`), or nothing.
    struct Wait {
        std::string name;
        Duration deadline{0};
        bool operator==(const Wait&) const = default;
    };
    Wait wait_of(const SagaProgress& progress) const;
    std::optional<std::size_t> find_step(std::string_view step) const;
    void note_unexpected(const EventName& name, const std::string& key, Transaction& tx);
    Error no_such_step(std::string_view step) const;
    std::optional<SagaProgress> change(
        const std::string& key, Transaction& tx,
        const std::function<SagaReaction(SagaInstance& instance)>& change);
    void deadline_passed(const DueTimer& timer, Transaction& tx);
    void decided_before(const DueTimer& timer, Transaction& tx);
    std::optional<SagaInstance> load(StoreTransaction& tx, const std::string& key) const;
    void keep(const std::string& key, SagaInstance& instance, const SagaReaction& reaction,
              const Wait& before, Transaction& tx);

    std::shared_ptr<const SagaDefinition> definition_;
    SagaLogic logic_;
    std::vector<Duration> deadlines_;
    std::vector<Duration> undo_deadlines_;
    std::string timer_kind_;
    bool started_here_ = false;
};

/// Returns how many instances, of all sagas of a service, need an operator. Throws Failure.
std::int64_t sagas_needing_operator(StoreTransaction& tx);

/// The saga tables in a service's database.
std::span<const Migration> saga_migrations();

}  // namespace tidings
