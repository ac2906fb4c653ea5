#include "delivery/timers.h"

#include "base/test_points.h"

namespace tidings {

void Timers::open(StoreTransaction& tx) {
    forget();
    if (planted(Mistake::timers_in_memory_only)) tx.execute("DELETE FROM tidings_timer");
    count_ = tx.value<std::int64_t>("SELECT count(*) FROM tidings_timer").value_or(0);
    begin_step();
}

void Timers::set(StoreTransaction& tx, const StoredTimer& timer, Timestamp now, Timestamp due,
                 std::string_view causation_id) {
    const auto known =
        tx.value<std::int64_t>("SELECT 1 FROM tidings_timer WHERE kind = $1 AND key = $2",
                               timer.timer.kind, timer.timer.key);
    if (known) reached("timer.moved");
    if (!known) ++count_;
    tx.execute(
        "INSERT INTO tidings_timer (kind, key, due, id, data, correlation_id, causation_id, "
        "attempts, set_at) VALUES ($1, $2, $3, $4, $5, $6, $7, 0, $8) "
        "ON CONFLICT (kind, key) DO UPDATE SET "
        "due = excluded.due, id = excluded.id, data = excluded.data, "
        "correlation_id = excluded.correlation_id, causation_id = excluded.causation_id, "
        "attempts = 0, set_at = excluded.set_at",
        timer.timer.kind, timer.timer.key, due, timer.id, timer.timer.data, timer.correlation_id,
        causation_id, now);
    succeeded(timer.timer);
    forget();
}

void Timers::cancel(StoreTransaction& tx, std::string_view kind, std::string_view key) {
    if (tx.execute("DELETE FROM tidings_timer WHERE kind = $1 AND key = $2", kind, key) == 0)
        return;
    reached("timer.taken_back");
    --count_;
    if (!failing_.empty()) failing_.erase({std::string{kind}, std::string{key}});
    forget();
}

void Timers::read_next_due(StoreTransaction& tx) {
    if (next_due_known_) return;
    next_due_ = tx.value<Timestamp>("SELECT min(due) FROM tidings_timer");
    next_due_known_ = true;
}

std::vector<StoredTimer> Timers::due(StoreTransaction& tx, Timestamp now, std::size_t count_max) {
    std::vector<StoredTimer> timers;
    Rows rows = tx.query(
        "SELECT kind, key, data, id, correlation_id, attempts FROM tidings_timer "
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
    if (planted(Mistake::timer_goes_off_twice) && timer.attempt == 1) {
        put_off(tx, timer, now, now + 1min);
        return true;
    }
    const std::int64_t taken =
        tx.execute("DELETE FROM tidings_timer WHERE kind = $1 AND key = $2 AND due <= $3",
                   timer.kind, timer.key, now);
    count_ -= taken;
    return taken == 1;
}

void Timers::put_off(StoreTransaction& tx, const DueTimer& timer, Timestamp now, Timestamp due) {
    tx.execute(
        "UPDATE tidings_timer SET due = $1, attempts = $2, set_at = $3 "
        "WHERE kind = $4 AND key = $5",
        due, timer.attempt, now, timer.kind, timer.key);
    forget();
}

void Timers::failed_for_long(const DueTimer& timer, const Error& error) {
    if (failing_.size() >= failing_max && !failing_.contains({timer.kind, timer.key})) return;
    failing_.insert_or_assign({timer.kind, timer.key}, error);
}

std::optional<Error> Timers::failing() const {
    if (failing_.empty()) return std::nullopt;
    const auto& [name, error] = *failing_.begin();
    return with_context(error,
                        "timer " + name.first + " of \"" + name.second + "\" has failed for long");
}

}  // namespace tidings
