#include <tidings/delivery/rehearsal.h>

#include "base/test_points.h"
#include "delivery/due_clock.h"
#include "delivery/row_changes.h"
#include "delivery/step_runner.h"

#include <algorithm>
#include <set>
#include <utility>

namespace tidings {

namespace {

/// Nothing is due then.
constexpr Timestamp never = Timestamp{std::chrono::milliseconds{std::int64_t{1} << 52}};
constexpr std::size_t due_max = 64;

/// Reads fields of a row that was kept as JSON.
std::string field_of(const std::string& row, std::string_view wanted) {
    json::Reader reader{row, {.bytes_max = 2 * Envelope::bytes_max}};
    std::string value;
    std::string_view name;
    reader.begin_object();
    while (reader.next_field(name)) {
        if (name == wanted && reader.kind() == json::Kind::string) value = reader.text();
    }
    return value;
}

/// Sorts what changed into rows of the service's own and what it asked for.
void sort_changes(std::vector<RowChange> changes, RehearsedEvent& event) {
    for (RowChange& change : changes) {
        const std::string& after = change.after;
        if (change.table == "tidings_outbox") {
            const Result<Envelope> envelope = parse_envelope(field_of(after, "envelope"));
            event.published.push_back({field_of(after, "type"), field_of(after, "key"),
                                       envelope ? envelope->data : std::string{"{}"}});
        } else if (change.table == "tidings_effect") {
            if (!change.before.empty()) continue;
            event.effects.push_back(
                {field_of(after, "name"), field_of(after, "subject"), field_of(after, "request")});
        } else if (change.table == "tidings_timer") {
            if (after.empty()) continue;
            event.timers.push_back(
                {field_of(after, "kind"), field_of(after, "key"), field_of(after, "data")});
        } else {
            event.rows.push_back(std::move(change));
        }
    }
}

/// One rehearsal: a step runner of its own on the scratch copy, and nobody behind it.
class Stage {
public:
    Stage(io::World& world, Store& scratch, const Handlers& handlers, const std::string& service,
          const std::vector<std::string>& domains)
        : scratch_(scratch),
          options_(make_options(service, domains)),
          clock_(world),
          runner_(world, scratch, handlers, options_, clock_) {}

    Rehearsal run(const DeadLetterChoice& choice, std::size_t count_max) {
        StoreTransaction& tx = scratch_.transaction();
        // What waits for a retry of its own is no part of it.
        tx.execute("UPDATE tidings_held SET due = $1 WHERE state = 1", never);
        Rehearsal rehearsal;
        rehearsal.service = options_.service;
        const DeadLetterAct meant = DeadLetters{tx}.redrive(choice, {.count_max = count_max},
                                                            {"rehearsal", ""}, Timestamp{});
        rehearsal.chosen = meant.chosen;
        rehearsal.is_whole = meant.remaining() == 0;
        meant_ = {meant.positions.begin(), meant.positions.end()};
        runner_.open(tx, topics_);
        RowChanges::watch(tx);
        while (true) {
            std::vector<HeldEvent> due = runner_.held.due(tx, clock_.now(), due_max);
            if (due.empty()) return rehearsal;
            for (HeldEvent& event : due) {
                if (rehearsal.events.size() == count_max) {
                    rehearsal.is_whole = false;
                    return rehearsal;
                }
                rehearsal.events.push_back(rehearse_one(std::move(event)));
            }
        }
    }

private:
    static StepLoop::Options make_options(const std::string& service,
                                          const std::vector<std::string>& domains) {
        StepLoop::Options options;
        options.service = service;
        options.domains = domains;
        return options;
    }

    RehearsedEvent rehearse_one(HeldEvent event) {
        StoreTransaction& tx = scratch_.transaction();
        RehearsedEvent result;
        result.position = event.position;
        result.type = event.headers.type;
        result.key = event.headers.key;
        result.was_parked = !meant_.contains(event.position);
        if (const Result<Envelope> envelope = parse_envelope(event.envelope)) {
            result.event_id = to_string(envelope->id);
        }
        Step step = RetryStep{nullptr, std::move(event)};
        runner_.run(step);
        sort_changes(RowChanges::take(tx), result);
        const std::optional<DeadLetter> left = DeadLetters{tx}.find(result.position);
        if (!left) {
            reached("rehearsal.would_succeed");
            return result;
        }
        reached("rehearsal.would_fail");
        result.failed = Error{static_cast<ErrorCode>(left->error_code), left->error, left->hint};
        // However it would be tried again, it is not here.
        tx.execute("UPDATE tidings_held SET due = $1 WHERE position = $2", never, result.position);
        return result;
    }

    Store& scratch_;
    StepLoop::Options options_;
    DueClock clock_;
    std::vector<std::unique_ptr<TopicState>> topics_;
    StepRunner runner_;
    std::set<std::int64_t> meant_;
};

}  // namespace

std::int64_t Rehearsal::failed() const noexcept {
    return std::count_if(events.begin(), events.end(),
                         [](const RehearsedEvent& event) { return event.failed.has_value(); });
}

Result<Rehearsal> rehearse(io::World& world, Store& scratch, const Handlers& handlers,
                           const std::string& service, const std::vector<std::string>& domains,
                           const DeadLetterChoice& choice, std::size_t count_max) {
    if (Result<void> begun = scratch.begin(); !begun) return std::move(begun).error();
    Result<Rehearsal> rehearsal = Rehearsal{};
    try {
        rehearsal = Stage{world, scratch, handlers, service, domains}.run(choice, count_max);
    } catch (const GroupLost& lost) {
        rehearsal = lost.error;
    } catch (const Failure& failure) {
        rehearsal = failure.error();
    }
    scratch.rollback();
    return rehearsal;
}

}  // namespace tidings
