#include "delivery/held.h"

#include <tidings/model/envelope.h>

#include "base/test_points.h"
#include "delivery/error_shape.h"

namespace tidings {

namespace {

using Kind = BlockedLanes::Kind;

/// Attempts whose errors are kept, beside the first one's.
constexpr int attempts_kept_max = 20;

/// The text of an error may quote what a foreign producer sent; a row keeps a bounded part of it.
std::string_view bounded(const std::string& text) { return std::string_view{text}.substr(0, 2000); }

void keep_attempt(StoreTransaction& tx, std::int64_t position, int attempt, const Error& error,
                  Timestamp now) {
    tx.execute(
        "INSERT INTO tidings_attempt (position, attempt, failed, error_code, error) "
        "VALUES ($1, $2, $3, $4, $5) ON CONFLICT (position, attempt) DO UPDATE SET "
        "failed = excluded.failed, error_code = excluded.error_code, error = excluded.error",
        position, attempt, now, static_cast<int>(error.code), bounded(error.message));
    if (attempt <= attempts_kept_max + 1) return;
    tx.execute("DELETE FROM tidings_attempt WHERE position = $1 AND attempt > 1 AND attempt <= $2",
               position, attempt - attempts_kept_max);
}

}  // namespace

void Held::open(StoreTransaction& tx) {
    lanes_.clear();
    counts_ = {};
    next_due_known_ = false;
    stored_position_ =
        tx.value<std::int64_t>("SELECT last_position FROM tidings_held_state WHERE id = 1")
            .value_or(0);
    last_position_ =
        std::max(stored_position_,
                 tx.value<std::int64_t>("SELECT max(position) FROM tidings_held").value_or(0));
    counts_.bytes =
        tx.value<std::int64_t>("SELECT bytes FROM tidings_held_state WHERE id = 1").value_or(0);
    {
        Rows rows = tx.query("SELECT state, count(*) FROM tidings_held GROUP BY state");
        while (rows.next()) {
            const std::int64_t count = rows.row().integer(1);
            switch (static_cast<HeldState>(rows.row().integer(0))) {
                case HeldState::scheduled:
                    counts_.scheduled = count;
                    break;
                case HeldState::parked:
                    counts_.parked = count;
                    break;
                case HeldState::dead:
                    counts_.dead = count;
                    break;
            }
        }
    }
    const auto read = [this](Rows rows, Kind kind) {
        while (rows.next()) {
            lanes_.add(kind, rows.row().text(0), rows.row().text(1), rows.row().integer(2));
        }
    };
    read(tx.query("SELECT topic, key, count(*) FROM tidings_held WHERE blocks = 1 "
                  "GROUP BY topic, key"),
         Kind::topic);
    read(tx.query("SELECT saga, key, count(*) FROM tidings_held WHERE saga <> '' AND blocks = 1 "
                  "GROUP BY saga, key"),
         Kind::saga);
}

bool Held::blocks(StoreTransaction& tx, const Lane& lane) const {
    if (lanes_.may_block(Kind::topic, lane.topic, lane.key) &&
        tx.value<std::int64_t>(
            "SELECT 1 FROM tidings_held WHERE topic = $1 AND key = $2 AND blocks = 1 LIMIT 1",
            lane.topic, lane.key)) {
        return true;
    }
    return lanes_.may_block(Kind::saga, lane.saga, lane.key) &&
           tx.value<std::int64_t>(
                 "SELECT 1 FROM tidings_held WHERE saga = $1 AND saga <> '' AND "
                 "key = $2 AND blocks = 1 LIMIT 1",
                 lane.saga, lane.key)
               .has_value();
}

void Held::insert(StoreTransaction& tx, HeldState state, const Lane& lane,
                  const DeliveredEvent& event, const HeldFailure* failure, Timestamp now,
                  Timestamp due) {
    const EventHeaders& headers = event.headers;
    const Error error = failure != nullptr ? failure->error : Error{};
    const std::string_view handler = failure != nullptr ? failure->handler : std::string_view{};
    bool blocks = failure == nullptr || failure->blocks;
    if (planted(Mistake::dead_letter_is_passed) && state == HeldState::dead) blocks = false;
    const std::string shape = shape_of(error.message);
    const Result<Envelope> read = parse_envelope(event.envelope);
    tx.execute(
        "INSERT INTO tidings_held (position, state, topic, key, type, source, epoch, sequence, "
        "causation_id, traceparent, envelope, attempts, due, error_code, error, first_failed, "
        "last_failed, handler, cause, shape, hint, event_id, correlation_id, log_offset, saga, "
        "blocks) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, "
        "$16, $17, $18, $19, $20, $21, $22, $23, $24, $25)",
        ++last_position_, static_cast<std::int64_t>(state), lane.topic, lane.key, headers.type,
        headers.source, to_string(headers.epoch), headers.sequence, headers.causation_id,
        headers.traceparent, event.envelope, failure != nullptr ? 1 : 0, due,
        failure != nullptr ? static_cast<int>(error.code) : 0, bounded(error.message), now, handler,
        failure != nullptr ? cause_of(handler, error.code, shape) : std::string{}, shape,
        error.hint, read ? to_string(read->id) : std::string{},
        read ? read->correlation_id : std::string{}, event.offset.value, lane.saga, blocks);
    counts_.bytes += static_cast<std::int64_t>(event.envelope.size());
    if (failure != nullptr) keep_attempt(tx, last_position_, 1, error, now);
    if (blocks) {
        lanes_.add(Kind::topic, lane.topic, lane.key);
        lanes_.add(Kind::saga, lane.saga, lane.key);
    }
    next_due_known_ = false;
}

void Held::hold_failed(StoreTransaction& tx, const Lane& lane, const DeliveredEvent& event,
                       const HeldFailure& failure, Timestamp now, std::optional<Timestamp> due) {
    insert(tx, due ? HeldState::scheduled : HeldState::dead, lane, event, &failure, now,
           due.value_or(Timestamp{}));
    ++(due ? counts_.scheduled : counts_.dead);
}

void Held::park(StoreTransaction& tx, const Lane& lane, const DeliveredEvent& event) {
    insert(tx, HeldState::parked, lane, event, nullptr, Timestamp{}, Timestamp{});
    ++counts_.parked;
}

void Held::read_next_due(StoreTransaction& tx) {
    if (knows_next_due()) return;
    next_due_ = tx.value<Timestamp>("SELECT min(due) FROM tidings_held WHERE state = 1");
    next_due_known_ = true;
}

std::vector<HeldEvent> Held::due(StoreTransaction& tx, Timestamp now, std::size_t count_max) {
    std::vector<HeldEvent> events;
    Rows rows = tx.query(
        "SELECT position, topic, key, type, source, epoch, sequence, causation_id, traceparent, "
        "envelope, attempts, attempts_before, handler, saga, blocks FROM tidings_held "
        "WHERE state = 1 AND due <= $1 ORDER BY due, position LIMIT $2",
        now, count_max);
    while (rows.next()) {
        const Row row = rows.row();
        HeldEvent event;
        event.position = row.integer(0);
        event.topic = row.get<std::string>(1);
        event.headers.key = row.get<std::string>(2);
        event.headers.type = row.get<std::string>(3);
        event.headers.source = row.get<std::string>(4);
        event.headers.epoch = Uuid::parse(row.text(5)).value();
        event.headers.sequence = row.get<Sequence>(6);
        event.headers.causation_id = row.get<std::string>(7);
        event.headers.traceparent = row.get<std::string>(8);
        event.envelope = row.get<std::string>(9);
        event.attempts = planted(Mistake::attempts_are_not_counted) ? 0 : row.get<int>(10);
        event.attempts_before = row.get<int>(11);
        event.handler = row.get<std::string>(12);
        event.saga = row.get<std::string>(13);
        event.blocks = row.get<bool>(14);
        events.push_back(std::move(event));
    }
    return events;
}

void Held::unblock(const Lane& lane) {
    lanes_.remove(Kind::topic, lane.topic, lane.key);
    lanes_.remove(Kind::saga, lane.saga, lane.key);
}

std::int64_t Held::release_next(StoreTransaction& tx, const Lane& lane, Timestamp now) {
    if (lane.key.empty()) return 0;
    // The first of each lane, unless its other lane has one before it.
    return tx.execute(
        "UPDATE tidings_held SET state = 1, due = $1 WHERE state = 2 AND position IN ("
        "(SELECT min(position) FROM tidings_held "
        " WHERE topic = $2 AND key = $3 AND blocks = 1), "
        "(SELECT min(position) FROM tidings_held "
        " WHERE saga = $4 AND saga <> '' AND key = $3 AND blocks = 1)) "
        "AND NOT EXISTS (SELECT 1 FROM tidings_held AS earlier WHERE "
        " earlier.topic = tidings_held.topic AND earlier.key = tidings_held.key "
        " AND earlier.blocks = 1 AND earlier.position < tidings_held.position) "
        "AND NOT EXISTS (SELECT 1 FROM tidings_held AS earlier WHERE "
        " earlier.saga = tidings_held.saga AND earlier.saga <> '' "
        " AND earlier.key = tidings_held.key AND earlier.blocks = 1 "
        " AND earlier.position < tidings_held.position)",
        now, lane.topic, lane.key, lane.saga);
}

void Held::release(StoreTransaction& tx, const Lane& lane, Timestamp now) {
    next_due_known_ = false;
    if (!lanes_.may_block(Kind::topic, lane.topic, lane.key) &&
        !lanes_.may_block(Kind::saga, lane.saga, lane.key)) {
        return;
    }
    if (planted(Mistake::parked_are_forgotten)) return;
    const std::int64_t released = release_next(tx, lane, now);
    if (released > 0) reached("retry.released_the_next_of_its_key");
    counts_.parked -= released;
    counts_.scheduled += released;
}

void Held::done(StoreTransaction& tx, const HeldEvent& event, Timestamp now) {
    tx.execute("DELETE FROM tidings_held WHERE position = $1", event.position);
    if (event.attempts > 0) {
        tx.execute("DELETE FROM tidings_attempt WHERE position = $1", event.position);
    }
    --counts_.scheduled;
    counts_.bytes -= static_cast<std::int64_t>(event.envelope.size());
    if (event.blocks) unblock(event.lane());
    release(tx, event.lane(), now);
}

void Held::failed_again(StoreTransaction& tx, const HeldEvent& event, const HeldFailure& failure,
                        Timestamp now, std::optional<Timestamp> due) {
    const Error& error = failure.error;
    const std::string shape = shape_of(error.message);
    tx.execute(
        "UPDATE tidings_held SET state = $1, attempts = attempts + 1, due = $2, error_code = $3, "
        "error = $4, last_failed = $5, "
        "first_failed = CASE WHEN first_failed = 0 THEN $5 ELSE first_failed END, handler = $6, "
        "cause = $7, shape = $8, hint = $9, blocks = $10 WHERE position = $11",
        static_cast<std::int64_t>(due ? HeldState::scheduled : HeldState::dead),
        due.value_or(Timestamp{}), static_cast<int>(error.code), bounded(error.message), now,
        failure.handler, cause_of(failure.handler, error.code, shape), shape, error.hint,
        failure.blocks, event.position);
    keep_attempt(tx, event.position, event.attempts + 1, error, now);
    next_due_known_ = false;
    if (!due) {
        --counts_.scheduled;
        ++counts_.dead;
    }
    if (event.blocks == failure.blocks) return;
    const Lane lane = event.lane();
    if (failure.blocks) {
        lanes_.add(Kind::topic, lane.topic, lane.key);
        lanes_.add(Kind::saga, lane.saga, lane.key);
        return;
    }
    unblock(lane);
    release(tx, lane, now);
}

void Held::put_off(StoreTransaction& tx, const HeldEvent& event, Timestamp due) {
    tx.execute("UPDATE tidings_held SET due = $1 WHERE position = $2", due, event.position);
    next_due_known_ = false;
}

void Held::before_commit(StoreTransaction& tx) {
    if (last_position_ == stored_position_) return;
    tx.execute(
        "INSERT INTO tidings_held_state (id, last_position) VALUES (1, $1) "
        "ON CONFLICT (id) DO UPDATE SET last_position = excluded.last_position",
        last_position_);
    stored_position_ = last_position_;
}

}  // namespace tidings
