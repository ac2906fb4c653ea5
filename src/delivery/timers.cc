#include "delivery/timers.h"

namespace tidings {

void Timers::open(StoreTransaction&) { forget(); }

void Timers::set(StoreTransaction& tx, std::string_view kind, std::string_view key, Timestamp due,
                 std::string_view data, std::string_view correlation_id,
                 std::string_view causation_id) {
    tx.execute(
        "INSERT INTO tidings_timer (kind, key, due, data, correlation_id, causation_id, attempts) "
        "VALUES ($1, $2, $3, $4, $5, $6, 0) ON CONFLICT (kind, key) DO UPDATE SET "
        "due = excluded.due, data = excluded.data, correlation_id = excluded.correlation_id, "
        "causation_id = excluded.causation_id, attempts = 0",
        kind, key, due, data, correlation_id, causation_id);
    forget();
}

void Timers::cancel(StoreTransaction& tx, std::string_view kind, std::string_view key) {
    if (tx.execute("DELETE FROM tidings_timer WHERE kind = $1 AND key = $2", kind, key) > 0) {
        forget();
    }
}

std::optional<Timestamp> Timers::next_due(StoreTransaction& tx) {
    if (!next_due_known_) {
        next_due_ = tx.value<Timestamp>("SELECT min(due) FROM tidings_timer");
        next_due_known_ = true;
    }
    return next_due_;
}

std::int64_t Timers::count(StoreTransaction& tx) {
    if (!count_known_) {
        count_ = tx.value<std::int64_t>("SELECT count(*) FROM tidings_timer").value_or(0);
        count_known_ = true;
    }
    return count_;
}

std::vector<StoredTimer> Timers::due(StoreTransaction& tx, Timestamp now, std::size_t count_max) {
    std::vector<StoredTimer> timers;
    Rows rows = tx.query(
        "SELECT kind, key, data, correlation_id, causation_id, attempts FROM tidings_timer "
        "WHERE due <= $1 ORDER BY due, kind, key LIMIT $2",
        now, count_max);
    while (rows.next()) {
        const Row row = rows.row();
        timers.push_back({{row.get<std::string>(0), row.get<std::string>(1),
                           row.get<std::string>(2), row.get<int>(5) + 1},
                          row.get<std::string>(3),
                          row.get<std::string>(4)});
    }
    return timers;
}

bool Timers::take(StoreTransaction& tx, const DueTimer& timer, Timestamp now) {
    forget();
    return tx.execute("DELETE FROM tidings_timer WHERE kind = $1 AND key = $2 AND due <= $3",
                      timer.kind, timer.key, now) == 1;
}

void Timers::put_off(StoreTransaction& tx, const DueTimer& timer, Timestamp due) {
    tx.execute(
        "UPDATE tidings_timer SET due = $1, attempts = $2 WHERE kind = $3 AND key = $4", due,
        timer.attempt, timer.kind, timer.key);
    forget();
}

}  // namespace tidings
