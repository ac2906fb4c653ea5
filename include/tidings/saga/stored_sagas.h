#pragma once

#include <tidings/delivery/dead_letters.h>
#include <tidings/model/json.h>
#include <tidings/saga/definition.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tidings {

/// What an operator decides about an instance whose compensation has not come.
enum class SagaAct : std::uint8_t {
    made_good,   ///< Somebody has made the step good by hand: the saga goes on.
    undo_again,  ///< The event that undoes the step is stated once more.
};

/// Returns `made-good`, `undo-again`.
std::string_view to_string(SagaAct act) noexcept;
/// Returns `running`, `compensating`, `completed`, `compensated`, `needs_operator`.
std::string_view to_string(SagaStatus status) noexcept;

/// An act on one instance.
struct SagaDecision {
    SagaAct act = SagaAct::made_good;
    std::string saga;
    std::string key;
    /// The step, counted from 1, that who decides has seen being undone; 0: whichever is.
    std::size_t step = 0;
};

/// An event that an instance heard of and that changed nothing of it.
struct UnexpectedEvent {
    Timestamp at;
    std::string type;
    std::string event_id;
};

/// One instance as its row tells it.
struct StoredSaga {
    std::string saga;
    std::string key;
    SagaProgress progress;
    Timestamp started{};
    Timestamp updated{};
    std::string state;  ///< JSON.
    std::string waits;  ///< An act that is done once the service runs; empty for none.
    // Known of a single one only:
    std::vector<UnexpectedEvent> unexpected;  ///< The last ones.
};

/// The names of a service's saga steps, by saga: known where the service runs.
using SagaStepNames = std::map<std::string, std::vector<std::string>, std::less<>>;

/// The saga instances of one service, in whatever transaction it is given: the one core behind HTTP
/// and the command line, as `DeadLetters` is of dead letters.
///
/// Looking needs a transaction that reads. What an operator decides is done by the service's own
/// code (`SagaRunner::decide`); on a service that is stopped it is kept as a timer that goes off
/// once it runs.
///
/// Threads   The transaction's.
/// Errors    Throws Failure: `not_found`, `conflict`, `invalid_argument`.
class StoredSagas {
public:
    explicit StoredSagas(StoreTransaction& tx) noexcept : tx_(tx) {}

    struct Query {
        std::string saga{};            ///< Empty: any.
        std::string key{};             ///< Empty: any.
        bool all = false;              ///< Not only those that need an operator.
        std::string after{};           ///< Keys beyond this one. Requires: `saga` is given.
        std::int64_t count_max = 100;  ///< 0: no bound.
    };
    std::vector<StoredSaga> list(const Query& query) const;
    /// One with what it did not expect. Throws Failure with `not_found`.
    StoredSaga find(const std::string& saga, const std::string& key) const;

    /// Keeps a decision for a service that is stopped, and its line on the audit record. Throws
    /// Failure with `conflict` if another one waits, or if the step is not being undone (any more).
    /// `id` is a new one, and `correlation_id` that of what the decision causes.
    StoredSaga decide_later(const SagaDecision& decision, const Actor& actor, Timestamp now,
                            const std::string& id, const std::string& correlation_id);

private:
    StoreTransaction& tx_;
};

/// Writes one as an object; its steps with their names, where these are known.
void write_json(json::Writer& writer, std::string_view service, const StoredSaga& saga,
                const SagaStepNames& names);

}  // namespace tidings
