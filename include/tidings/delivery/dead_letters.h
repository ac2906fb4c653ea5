#pragma once

#include <tidings/base/result.h>
#include <tidings/base/time.h>
#include <tidings/base/uuid.h>
#include <tidings/model/envelope.h>
#include <tidings/store/store.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tidings {

/// Who does something to dead letters, and why: it is kept with what was done.
struct Actor {
    std::string who;
    std::string why;
};

/// One attempt at an event that came to nothing.
struct FailedAttempt {
    int attempt = 0;
    Timestamp failed;
    std::int64_t error_code = 0;  ///< An ErrorCode, unless the row is damaged.
    std::string error;
};

/// An event that a service keeps because it could not be done: a dead letter, or one that waits for
/// a retry or behind another.
struct DeadLetter {
    std::int64_t position = 0;  ///< Its number in the service, in the order of arrival.
    std::string state;          ///< `dead`, `scheduled`, `parked`.
    std::string topic;
    EventHeaders headers;
    std::string envelope;        ///< As it was taken, or as it was edited; may be broken.
    std::string event_id;        ///< Empty if the envelope cannot be read.
    std::string correlation_id;  ///< The same.
    std::string edited_from;     ///< The id that the log has, if it was edited.
    std::optional<std::int64_t> log_offset;
    std::string handler;  ///< Who failed; empty where no handler was come to.
    std::string group;    ///< Its cause: handler, error code and shape of the message.
    std::string saga;     ///< Whose instance `key` it belongs to; empty for none.
    int attempts = 0;
    std::int64_t error_code = 0;  ///< An ErrorCode; 0 for none.
    std::string error;
    std::string hint;
    Timestamp first_failed{};  ///< 0 for never.
    Timestamp last_failed{};
    Timestamp due{};  ///< Of the next attempt, where it is scheduled.
    // Known of a single one only:
    std::vector<FailedAttempt> history;  ///< The first attempt and the last ones.
    std::int64_t parked_behind = 0;      ///< Events of its key that wait for it.
};

/// Dead letters that have one cause.
struct DeadLetterGroup {
    std::string id;  ///< Stable over time; a beginning that no other has does for a choice.
    std::string type;
    std::string handler;
    std::int64_t error_code = 0;
    std::string shape;  ///< What their messages have in common.
    std::int64_t count = 0;
    Timestamp first_failed{};
    Timestamp last_failed{};
    std::string error;  ///< Of the last one of them.
    std::string hint;
};

/// Which dead letters are meant. One of the three is set.
struct DeadLetterChoice {
    std::vector<std::int64_t> positions;
    std::string group;  ///< Its id, or the beginning of it.
    bool all = false;

    /// As the audit record names it: `3`, `group 5e1f`, `all`.
    std::string text() const;
    /// Reads `3` or `3,5,8`, `group=5e1f`, `all`. Errors: `invalid_argument`.
    static Result<DeadLetterChoice> parse(std::string_view text);
};

/// A part of a list.
struct DeadLetterPage {
    std::vector<DeadLetter> letters;
    std::int64_t count = 0;            ///< How many there are in all.
    std::optional<std::int64_t> next;  ///< Ask with this as `after` for what comes next.
};

/// What an act did, or would do.
struct DeadLetterAct {
    std::int64_t chosen = 0;              ///< Dead letters that were meant and are there.
    std::int64_t done = 0;                ///< Of these, what it was done to: at most `count_max`.
    std::int64_t already = 0;             ///< Named ones that wait for an attempt already.
    std::vector<std::int64_t> positions;  ///< What it was done to.
    Timestamp next_due{};                 ///< When the next one would be due, at the rate given.
    std::string event_id;                 ///< Of the event that an edit made.

    std::int64_t remaining() const noexcept { return chosen - done; }
};

/// What came of a rehearsal.
struct RehearsalResult {
    std::int64_t done = 0;    ///< Events that would be done,
    std::int64_t failed = 0;  ///< and that would fail again.
    std::string error{};      ///< Why there was none; empty if there was.
};

/// One line of the audit record.
struct AuditEntry {
    std::int64_t number = 0;  ///< Grows by one with each.
    Timestamp at;
    std::string who;
    std::string why;
    std::string act;     ///< `redrive`, `edit`, `discard`, `rehearse`.
    std::string chosen;  ///< What was asked for: `3`, `group 5e1f`, `all`.
    std::int64_t position = 0;
    std::string topic;
    std::string type;
    std::string key;
    std::string event_id;
    std::string before;  ///< JSON: what it was; of an edit or a discard the whole event.
    std::string after;   ///< JSON: what it became.
};

/// Events of one topic that one person discarded for one reason.
struct DiscardedEvents {
    std::string topic;
    std::string who;
    std::string why;
    std::int64_t count = 0;
};

/// Reads an event's data by its contract and returns the partition key, as whoever may accept an
/// edited event does. Errors: `contract_violation`, `unsupported` (no such contract is known).
using ContractCheck = std::function<Result<std::string>(const Envelope&)>;

/// The dead letters of one service, in whatever transaction it is given: the one core behind HTTP
/// and the command line, for a service that runs and for one that is stopped.
///
///     service.command("POST", "/again", [](const Request&, Transaction& tx) {
///         DeadLetters letters{tx.store()};
///         for (const DeadLetterGroup& group : letters.groups()) ...
///
/// Looking needs a transaction that reads. Acting needs the service's own: in a running one a
/// `Command` with `administers_held`, else the opened store, whose lock keeps the service out.
///
/// Guarantees
/// - On the record. Each act writes, in the same transaction, who did what to which event, why, and
///   what it was before. An act without its record, or the reverse, cannot be.
/// - Idempotent. What is redriven is no dead letter any more: redriving it again does nothing.
/// - Resumable. A bulk act takes the oldest `count_max` that are left; after a kill the next call
///   goes on.
/// - In order. A redriven event keeps its place before those of its key that wait behind it. Those
///   behind a discarded one go on in their order.
/// - Nothing is lost. The audit record keeps an event as it was before an edit, and one discarded.
///
/// Limits    `count_max` letters for each call: a step's transaction stays short.
/// Threads   The transaction's.
/// Errors    Throws Failure: `not_found`, `conflict`, `invalid_argument`, `contract_violation`.
class DeadLetters {
public:
    explicit DeadLetters(StoreTransaction& tx) noexcept : tx_(tx) {}

    std::int64_t count() const;
    /// The largest group first.
    std::vector<DeadLetterGroup> groups() const;
    struct Query {
        std::string group{};           ///< Empty: any.
        bool all_held = false;         ///< Also what is scheduled or parked.
        std::int64_t after = 0;        ///< Positions beyond this one.
        std::int64_t count_max = 100;  ///< 0: no bound.
    };
    DeadLetterPage list(const Query& query) const;
    /// One with its history; nothing if there is none at this position.
    std::optional<DeadLetter> find(std::int64_t position) const;
    /// What an act would be done to; changes nothing.
    DeadLetterAct plan(const DeadLetterChoice& choice, std::size_t count_max = 1000) const;

    struct Pace {
        double per_second = 0;  ///< 0: all at once.
        Timestamp first_due{};  ///< Of the first one; in the past: now.
        std::size_t count_max = 1000;
        /// Only positions beyond this one, of a group or of all: what fails again at once is dead
        /// again, and must not come round in the next part.
        std::int64_t after = 0;
    };
    /// Makes dead letters due again, one after the other at the pace given, with all attempts anew.
    DeadLetterAct redrive(const DeadLetterChoice& choice, const Pace& pace, const Actor& actor,
                          Timestamp now);
    /// Gives dead letters up for good. Requires a reason.
    DeadLetterAct discard(const DeadLetterChoice& choice, std::size_t count_max, const Actor& actor,
                          Timestamp now);

    struct Edit {
        std::int64_t position = 0;
        std::string envelope{};      ///< The whole event as it shall be; its id is not read. Or:
        std::string data{};          ///< Only its data,
        std::string data_version{};  ///< or the version that the data keeps.
        std::string event_id{};      ///< That the editor saw; empty for whichever.
        bool check_only = false;     ///< Says whether it would be taken, and changes nothing.
        Uuid new_id{};
    };
    /// Puts a changed event in the place of a dead letter, under a new id and linked to what it
    /// was. It stays dead until it is redriven. Type, source, correlation id and key must stay: who
    /// said what to whom is not the editor's to change. Requires a reason.
    DeadLetterAct edit(const Edit& edit, const ContractCheck& check, const Actor& actor,
                       Timestamp now);

    /// Writes down that somebody rehearsed dead letters, and what came of it. Their payloads were
    /// read and handlers of some build were run; no event was changed.
    DeadLetterAct rehearsed(const DeadLetterChoice& choice, const RehearsalResult& result,
                            const Actor& actor, Timestamp now);
    /// The audit record, newest first, from before `before` on (0: from the end).
    std::vector<AuditEntry> audit(std::int64_t before, std::int64_t count_max) const;
    /// What was discarded, by topic, by whom and why, as the record has it; at most a hundred.
    std::vector<DiscardedEvents> discarded() const;

private:
    StoreTransaction& tx_;
};

/// Brings the platform's own tables of a service up to date, as its start would do.
/// Errors: `unsupported` if a newer version wrote them.
Result<void> migrate_delivery(Store& store);

/// Checks that dead letters in a stopped service's database can be acted upon as its tables are,
/// without bringing them up to date: the build that wrote them goes on as if it had done so itself.
/// Errors: `unsupported` (a newer version wrote them, or one of before there was an audit record).
Result<void> check_delivery(Store& store);

}  // namespace tidings
