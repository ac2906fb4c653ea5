#include "delivery/held.h"

#include "base/test_points.h"

namespace tidings {

namespace {

constexpr std::string_view columns =
    "SELECT position, topic, key, type, source, epoch, sequence, causation_id, traceparent, "
    "envelope, attempts FROM tidings_held WHERE state = 1 AND due <= $1 ORDER BY due, position "
    "LIMIT $2";

std::string slot(const std::string& topic, const std::string& key) { return topic + '\0' + key; }

/// The text of an error may quote what a foreign producer sent; a row keeps a bounded part of it.
std::string_view bounded(const std::string& text) { return std::string_view{text}.substr(0, 2000); }

}  // namespace

void Held::open(StoreTransaction& tx) {
    blocked_.clear();
    counts_ = {};
    next_due_known_ = false;
    last_position_ = tx.value<std::int64_t>("SELECT max(position) FROM tidings_held").value_or(0);
    Rows rows = tx.query("SELECT state, topic, key, count(*) FROM tidings_held GROUP BY 1, 2, 3");
    while (rows.next()) {
        const Row row = rows.row();
        const std::int64_t count = row.integer(3);
        switch (static_cast<HeldState>(row.integer(0))) {
            case HeldState::scheduled:
                counts_.scheduled += count;
                break;
            case HeldState::parked:
                counts_.parked += count;
                break;
            case HeldState::dead:
                counts_.dead += count;
                break;
        }
        const std::string key = row.get<std::string>(2);
        if (!key.empty()) blocked_[slot(row.get<std::string>(1), key)] += count;
    }
}

bool Held::blocks(const std::string& topic, const std::string& key) const {
    return !blocked_.empty() && !key.empty() && blocked_.contains(slot(topic, key));
}

void Held::insert(StoreTransaction& tx, HeldState state, const std::string& topic,
                  const EventHeaders& headers, std::string_view envelope, int attempts,
                  Timestamp due, const Error& error, Timestamp now) {
    const bool failed = state != HeldState::parked;
    tx.execute(
        "INSERT INTO tidings_held (position, state, topic, key, type, source, epoch, sequence, "
        "causation_id, traceparent, envelope, attempts, due, error_code, error, first_failed, "
        "last_failed) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, "
        "$16, $16)",
        ++last_position_, static_cast<std::int64_t>(state), topic, headers.key, headers.type,
        headers.source, to_string(headers.epoch), headers.sequence, headers.causation_id,
        headers.traceparent, envelope, attempts, due, failed ? static_cast<int>(error.code) : 0,
        bounded(error.message), failed ? now : Timestamp{});
    next_due_known_ = false;
    if (planted(Mistake::dead_letter_is_passed) && state == HeldState::dead) return;
    if (!headers.key.empty()) ++blocked_[slot(topic, headers.key)];
}

void Held::hold_failed(StoreTransaction& tx, const std::string& topic, const EventHeaders& headers,
                       std::string_view envelope, const Error& error, Timestamp now,
                       std::optional<Timestamp> due) {
    insert(tx, due ? HeldState::scheduled : HeldState::dead, topic, headers, envelope, 1,
           due.value_or(Timestamp{}), error, now);
    ++(due ? counts_.scheduled : counts_.dead);
}

void Held::park(StoreTransaction& tx, const std::string& topic, const EventHeaders& headers,
                std::string_view envelope, Timestamp now) {
    insert(tx, HeldState::parked, topic, headers, envelope, 0, Timestamp{}, Error{}, now);
    ++counts_.parked;
}

void Held::read_next_due(StoreTransaction& tx) {
    if (knows_next_due()) return;
    next_due_ = tx.value<Timestamp>("SELECT min(due) FROM tidings_held WHERE state = 1");
    next_due_known_ = true;
}

std::vector<HeldEvent> Held::due(StoreTransaction& tx, Timestamp now, std::size_t count_max) {
    std::vector<HeldEvent> events;
    Rows rows = tx.query(columns, now, count_max);
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
        events.push_back(std::move(event));
    }
    return events;
}

void Held::done(StoreTransaction& tx, const HeldEvent& event, Timestamp now) {
    tx.execute("DELETE FROM tidings_held WHERE position = $1", event.position);
    --counts_.scheduled;
    next_due_known_ = false;
    const auto blocked = blocked_.find(slot(event.topic, event.headers.key));
    if (blocked == blocked_.end()) return;
    if (--blocked->second == 0) {
        blocked_.erase(blocked);
        return;
    }
    if (planted(Mistake::parked_are_forgotten)) return;
    const auto next = tx.value<std::int64_t>(
        "SELECT min(position) FROM tidings_held WHERE topic = $1 AND key = $2", event.topic,
        event.headers.key);
    const std::int64_t released = tx.execute(
        "UPDATE tidings_held SET state = 1, due = $1 WHERE position = $2 AND state = 2", now, next);
    if (released > 0) reached("retry.released_the_next_of_its_key");
    counts_.parked -= released;
    counts_.scheduled += released;
}

void Held::failed_again(StoreTransaction& tx, const HeldEvent& event, const Error& error,
                        Timestamp now, std::optional<Timestamp> due) {
    tx.execute(
        "UPDATE tidings_held SET state = $1, attempts = attempts + 1, due = $2, error_code = $3, "
        "error = $4, last_failed = $5, "
        "first_failed = CASE WHEN first_failed = 0 THEN $5 ELSE first_failed END "
        "WHERE position = $6",
        static_cast<std::int64_t>(due ? HeldState::scheduled : HeldState::dead),
        due.value_or(Timestamp{}), static_cast<int>(error.code), bounded(error.message), now,
        event.position);
    next_due_known_ = false;
    if (due) return;
    --counts_.scheduled;
    ++counts_.dead;
}

}  // namespace tidings
