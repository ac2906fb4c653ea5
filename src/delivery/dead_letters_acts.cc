#include <tidings/base/text.h>
#include <tidings/delivery/dead_letters.h>
#include <tidings/model/json.h>

#include "base/test_points.h"
#include "delivery/dead_letter_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <utility>

namespace tidings {

namespace {

constexpr std::size_t error_bytes_max = 1000;

/// A small JSON object of what an act made of a letter.
std::string object(const std::function<void(json::Writer&)>& fill) {
    std::string out;
    json::Writer writer{out};
    writer.begin_object();
    fill(writer);
    writer.end_object();
    return out;
}

std::string failed_state(const DeadLetter& letter) {
    return object([&letter](json::Writer& writer) {
        writer.name("state");
        writer.text(letter.state);
        writer.name("attempts");
        writer.integer(letter.attempts);
        writer.name("errorCode");
        writer.integer(letter.error_code);
    });
}

/// Why there is no held event at a position, as far as the audit record tells.
Error nothing_at(StoreTransaction& tx, std::int64_t position) {
    Error error{ErrorCode::not_found, fmt::format("no held event at position {}", position),
                "see what there is: tidings dead-letters list --all"};
    Rows rows = tx.query(
        "SELECT act, who, at FROM tidings_audit WHERE position = $1 ORDER BY number DESC LIMIT 1",
        position);
    if (rows.next()) {
        const Row row = rows.row();
        error.message += fmt::format(" any more: {} by {} at {}", row.text(0), row.text(1),
                                     to_string(row.get<Timestamp>(2)));
    }
    return error;
}

void check_choice(const DeadLetterChoice& choice) {
    const int ways =
        (choice.positions.empty() ? 0 : 1) + (choice.group.empty() ? 0 : 1) + (choice.all ? 1 : 0);
    if (ways == 1) return;
    throw Failure{{ErrorCode::invalid_argument, "it is not clear which dead letters are meant",
                   "name positions, or a group, or all"}};
}

/// The positions that a choice means, the oldest first, and how many there are.
DeadLetterAct select(StoreTransaction& tx, const DeadLetterChoice& choice, std::size_t count_max,
                     std::int64_t after = 0) {
    check_choice(choice);
    DeadLetterAct act;
    if (!choice.positions.empty()) {
        std::vector<std::int64_t> wanted = choice.positions;
        std::sort(wanted.begin(), wanted.end());
        wanted.erase(std::unique(wanted.begin(), wanted.end()), wanted.end());
        for (const std::int64_t position : wanted) {
            const auto state = tx.value<std::int64_t>(
                "SELECT state FROM tidings_held WHERE position = $1", position);
            if (!state) throw Failure{nothing_at(tx, position)};
            if (*state != static_cast<std::int64_t>(HeldState::dead)) {
                ++act.already;
                continue;
            }
            ++act.chosen;
            if (act.positions.size() < count_max) act.positions.push_back(position);
        }
        return act;
    }
    std::string group;
    if (!choice.all) {
        group = full_group(tx, choice.group);
        // Nothing left of it is how a bulk act that is called again finds it.
        if (group.empty()) return act;
    }
    act.chosen = tx.value<std::int64_t>(
                       "SELECT count(*) FROM tidings_held WHERE state = 3 AND ($1 = '' OR "
                       "cause = $1) AND position > $2",
                       group, after)
                     .value_or(0);
    Rows rows = tx.query(
        "SELECT position FROM tidings_held WHERE state = 3 AND ($1 = '' OR cause = $1) "
        "AND position > $2 ORDER BY position LIMIT $3",
        group, after, count_max);
    while (rows.next()) act.positions.push_back(rows.row().integer(0));
    return act;
}

/// Who said what to whom, and when, stays: an edit changes what is said.
void check_unchanged(const DeadLetter& letter, const Envelope& event) {
    const auto keep = [](std::string_view field, std::string_view was, std::string_view is) {
        if (was.empty() || was == is) return;
        throw Failure{{ErrorCode::contract_violation,
                       fmt::format("field /{}: must stay {}, is {}", field, quote(was), quote(is)),
                       "only the data and its version can be edited"}};
    };
    keep("type", letter.headers.type, event.type);
    keep("source", letter.headers.source, event.source);
    const Result<Envelope> before = parse_envelope(letter.envelope);
    if (!before) return;  // What is broken may be mended.
    keep("correlationId", before->correlation_id, event.correlation_id);
    keep("timestamp", to_string(before->timestamp), to_string(event.timestamp));
}

/// The event that an edit asks for: a whole one, or what is there with other data.
Envelope wanted_event(const DeadLetter& letter, const DeadLetters::Edit& edit) {
    if (!edit.envelope.empty()) return parse_envelope(edit.envelope).value();
    const Result<Envelope> before = parse_envelope(letter.envelope);
    if (!before) {
        throw Failure{{ErrorCode::contract_violation,
                       "the event cannot be read: " + before.error().message,
                       "give the whole of it as it should have been"}};
    }
    Envelope event = *before;
    if (!edit.data.empty()) event.data = edit.data;
    if (!edit.data_version.empty()) {
        event.data_version = SchemaVersion::parse(edit.data_version).value();
    }
    return event;
}

Timestamp after(Timestamp first, double per_second, std::size_t count) {
    if (per_second <= 0) return first;
    const double ms = std::ceil(1000.0 * static_cast<double>(count) / per_second);
    return first + std::chrono::milliseconds{static_cast<std::int64_t>(ms)};
}

}  // namespace

DeadLetterAct DeadLetters::plan(const DeadLetterChoice& choice, std::size_t count_max) const {
    return select(tx_, choice, count_max);
}

DeadLetterAct DeadLetters::redrive(const DeadLetterChoice& choice, const Pace& pace,
                                   const Actor& actor, Timestamp now) {
    check_actor(actor, false);
    if (!(pace.per_second == 0 || (pace.per_second >= 0.001 && pace.per_second <= 1e6))) {
        throw Failure{{ErrorCode::invalid_argument,
                       fmt::format("{} letters a second is no rate", pace.per_second),
                       "give from 0.001 to 1000000, or 0 for all at once"}};
    }
    DeadLetterAct act = select(tx_, choice, pace.count_max, pace.after);
    const Timestamp first = std::max(now, pace.first_due);
    for (const std::int64_t position : act.positions) {
        const std::optional<DeadLetter> letter = find(position);
        const Timestamp due = after(first, pace.per_second, static_cast<std::size_t>(act.done));
        tx_.execute(
            "UPDATE tidings_held SET state = 1, due = $1, attempts_before = attempts "
            "WHERE position = $2",
            due, position);
        AuditEntry entry = audit_of(*letter, "redrive", choice.text(), actor, now);
        entry.before = failed_state(*letter);
        entry.after = object([due](json::Writer& writer) {
            writer.name("state");
            writer.text("scheduled");
            writer.name("due");
            writer.value(due);
        });
        write_audit(tx_, std::move(entry));
        ++act.done;
    }
    act.next_due = after(first, pace.per_second, static_cast<std::size_t>(act.done));
    if (act.remaining() > 0) reached("dead_letters.redriven_in_parts");
    if (act.already > 0) reached("dead_letters.redriven_again");
    return act;
}

DeadLetterAct DeadLetters::discard(const DeadLetterChoice& choice, std::size_t count_max,
                                   const Actor& actor, Timestamp now) {
    check_actor(actor, true);
    DeadLetterAct act = select(tx_, choice, count_max);
    if (act.already > 0) {
        throw Failure{{ErrorCode::conflict,
                       fmt::format("{} of them are no dead letters: they wait for a retry or "
                                   "behind another",
                                   act.already),
                       "only what was given up can be discarded"}};
    }
    for (const std::int64_t position : act.positions) {
        const std::optional<DeadLetter> letter = find(position);
        AuditEntry entry = audit_of(*letter, "discard", choice.text(), actor, now);
        entry.before = kept_whole(*letter);
        entry.after = R"({"state":"discarded"})";
        write_audit(tx_, std::move(entry));
        tx_.execute("DELETE FROM tidings_held WHERE position = $1", position);
        tx_.execute("DELETE FROM tidings_attempt WHERE position = $1", position);
        tx_.execute(
            "INSERT INTO tidings_position (topic, position, accepted, done, discarded) "
            "VALUES ($1, 0, 0, 0, 1) ON CONFLICT (topic) DO UPDATE SET discarded = discarded + 1",
            letter->topic);
        // What waited behind it goes on, as far as nothing else is in its way.
        Held::release_next(tx_, {letter->topic, letter->headers.key, letter->saga}, now);
        ++act.done;
    }
    return act;
}

DeadLetterAct DeadLetters::edit(const Edit& edit, const ContractCheck& check, const Actor& actor,
                                Timestamp now) {
    check_actor(actor, true);
    const std::optional<DeadLetter> letter = find(edit.position);
    if (!letter) throw Failure{nothing_at(tx_, edit.position)};
    if (letter->state != "dead") {
        throw Failure{{ErrorCode::conflict,
                       fmt::format("{} is {}, not dead", edit.position, letter->state),
                       "only a dead letter can be edited"}};
    }
    if (!edit.event_id.empty() && edit.event_id != letter->event_id) {
        throw Failure{
            {ErrorCode::conflict,
             fmt::format("{} was edited meanwhile: it is {} now", edit.position, letter->event_id),
             "look at it again: tidings dead-letters show"}};
    }
    Envelope event = wanted_event(*letter, edit);
    check_unchanged(*letter, event);
    if (const std::string key = check(event).value(); key != letter->headers.key) {
        throw Failure{
            {ErrorCode::conflict,
             fmt::format("its key would be {}, and is {}", quote(key), quote(letter->headers.key)),
             "its place among the events of its key is not the editor's to change; "
             "discard it, and have its owner publish the right one"}};
    }
    DeadLetterAct act;
    act.chosen = 1;
    act.positions = {edit.position};
    if (edit.check_only) return act;
    event.id = edit.new_id;
    std::string text;
    write_envelope(event, text);
    const std::string id = to_string(event.id);
    // The first original is the one that the log has.
    const std::string& original =
        letter->edited_from.empty() ? letter->event_id : letter->edited_from;
    tx_.execute(
        "UPDATE tidings_held SET envelope = $1, event_id = $2, edited_from = $3, "
        "correlation_id = $4, type = $5 WHERE position = $6",
        text, id, original, event.correlation_id, event.type, edit.position);
    AuditEntry entry = audit_of(*letter, "edit", std::to_string(edit.position), actor, now);
    entry.before = kept_whole(*letter);
    entry.after = object([&](json::Writer& writer) {
        writer.name("state");
        writer.text("dead");
        writer.name("envelope");
        writer.raw(text);
    });
    write_audit(tx_, std::move(entry));
    act.done = 1;
    act.event_id = id;
    return act;
}

DeadLetterAct DeadLetters::rehearsed(const DeadLetterChoice& choice, const RehearsalResult& result,
                                     const Actor& actor, Timestamp now) {
    check_actor(actor, false);
    check_choice(choice);
    AuditEntry entry;
    entry.at = now;
    entry.who = actor.who;
    entry.why = actor.why;
    entry.act = "rehearse";
    entry.chosen = choice.text();
    entry.before = "{}";
    entry.after = object([&result](json::Writer& writer) {
        if (!result.error.empty()) {
            writer.name("error");
            return writer.text(utf8(result.error.substr(0, error_bytes_max)));
        }
        writer.name("done");
        writer.integer(result.done);
        writer.name("failed");
        writer.integer(result.failed);
    });
    write_audit(tx_, std::move(entry));
    DeadLetterAct act;
    act.chosen = act.done = result.done + result.failed;
    return act;
}

}  // namespace tidings
