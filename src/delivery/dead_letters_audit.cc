#include <tidings/base/text.h>
#include <tidings/delivery/dead_letters.h>
#include <tidings/model/json.h>

#include "delivery/dead_letter_rows.h"

#include <fmt/format.h>

#include <utility>

namespace tidings {

namespace {

constexpr std::size_t actor_bytes_max = 1000;

std::string hex(std::string_view bytes) {
    std::string out;
    out.reserve(2 * bytes.size());
    for (const char byte : bytes) {
        out += fmt::format("{:02x}", static_cast<unsigned char>(byte));
    }
    return out;
}

}  // namespace

void check_actor(const Actor& actor, bool needs_reason) {
    if (actor.who.empty()) {
        throw Failure{{ErrorCode::invalid_argument, "nobody says who does it",
                       "give who; it is kept on the audit record"}};
    }
    if (needs_reason && actor.why.empty()) {
        throw Failure{{ErrorCode::invalid_argument, "nobody says why",
                       "give a reason; it is kept on the audit record"}};
    }
    if (actor.who.size() > actor_bytes_max || actor.why.size() > actor_bytes_max) {
        throw Failure{{ErrorCode::limit_exceeded,
                       fmt::format("who and why have at most {} bytes each", actor_bytes_max)}};
    }
}

std::string kept_whole(const DeadLetter& letter) {
    std::string out;
    json::Writer writer{out};
    const auto text = [&writer](std::string_view name, std::string_view value) {
        if (value.empty()) return;
        writer.name(name);
        writer.text(value);
    };
    const auto number = [&writer](std::string_view name, std::int64_t value) {
        writer.name(name);
        writer.integer(value);
    };
    writer.begin_object();
    text("state", letter.state);
    number("attempts", letter.attempts);
    number("errorCode", letter.error_code);
    text("error", utf8(letter.error));
    text("source", utf8(letter.headers.source));
    if (!letter.headers.epoch.is_nil()) text("epoch", to_string(letter.headers.epoch));
    number("sequence", letter.headers.sequence.value);
    text("causationId", utf8(letter.headers.causation_id));
    text("traceparent", utf8(letter.headers.traceparent));
    text("editedFrom", letter.edited_from);
    if (letter.log_offset) number("logOffset", *letter.log_offset);
    if (parse_envelope(letter.envelope)) {
        writer.name("envelope");
        writer.raw(letter.envelope);
    } else {
        // Whatever it is, as it is: two hexadecimal digits for each byte.
        writer.name("bytes");
        writer.text(hex(letter.envelope));
    }
    writer.end_object();
    return out;
}

AuditEntry audit_of(const DeadLetter& letter, std::string_view act, std::string chosen,
                    const Actor& actor, Timestamp now) {
    AuditEntry entry;
    entry.at = now;
    entry.who = actor.who;
    entry.why = actor.why;
    entry.act = act;
    entry.chosen = std::move(chosen);
    entry.position = letter.position;
    entry.topic = letter.topic;
    entry.type = letter.headers.type;
    entry.key = letter.headers.key;
    entry.event_id = letter.event_id;
    return entry;
}

void write_audit(StoreTransaction& tx, AuditEntry entry) {
    // Lines are never taken away, so the next number is new.
    entry.number = tx.value<std::int64_t>("SELECT max(number) FROM tidings_audit").value_or(0) + 1;
    tx.execute(
        "INSERT INTO tidings_audit (number, at, who, why, act, chosen, position, topic, type, key, "
        "event_id, before_act, after_act) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, "
        "$12, $13)",
        entry.number, entry.at, entry.who, entry.why, entry.act, entry.chosen, entry.position,
        entry.topic, entry.type, entry.key, entry.event_id, entry.before, entry.after);
}

std::vector<AuditEntry> DeadLetters::audit(std::int64_t before, std::int64_t count_max) const {
    std::vector<AuditEntry> entries;
    Rows rows = tx_.query(
        "SELECT number, at, who, why, act, chosen, position, topic, type, key, event_id, "
        "before_act, after_act FROM tidings_audit WHERE number < $1 OR $1 = 0 "
        "ORDER BY number DESC LIMIT $2",
        before, count_max == 0 ? std::int64_t{-1} : count_max);
    while (rows.next()) {
        const Row row = rows.row();
        AuditEntry entry;
        entry.number = row.integer(0);
        entry.at = row.get<Timestamp>(1);
        entry.who = row.get<std::string>(2);
        entry.why = row.get<std::string>(3);
        entry.act = row.get<std::string>(4);
        entry.chosen = row.get<std::string>(5);
        entry.position = row.integer(6);
        entry.topic = row.get<std::string>(7);
        entry.type = row.get<std::string>(8);
        entry.key = row.get<std::string>(9);
        entry.event_id = row.get<std::string>(10);
        entry.before = row.get<std::string>(11);
        entry.after = row.get<std::string>(12);
        entries.push_back(std::move(entry));
    }
    return entries;
}

std::vector<DiscardedEvents> DeadLetters::discarded() const {
    std::vector<DiscardedEvents> events;
    Rows rows = tx_.query(
        "SELECT topic, who, why, count(*) FROM tidings_audit WHERE act = 'discard' "
        "GROUP BY topic, who, why ORDER BY topic, count(*) DESC, who, why LIMIT 100");
    while (rows.next()) {
        const Row row = rows.row();
        events.push_back({row.get<std::string>(0), row.get<std::string>(1), row.get<std::string>(2),
                          row.integer(3)});
    }
    return events;
}

}  // namespace tidings
