#include "delivery/effects.h"

#include "base/test_points.h"

namespace tidings {

namespace {

// Persistent: tidings_effect.state.
constexpr int asked = 1;
constexpr int taken = 2;
constexpr int gave_up_on = 3;

}  // namespace

std::vector<StoredEffect> Effects::open(StoreTransaction& tx) {
    added_.clear();
    last_position_ = tx.value<std::int64_t>("SELECT max(position) FROM tidings_effect").value_or(0);
    std::vector<StoredEffect> effects;
    Rows rows = tx.query(
        "SELECT idempotency_key, position, name, subject, request, correlation_id, attempts, due "
        "FROM tidings_effect WHERE state <> 3 ORDER BY position");
    while (rows.next()) {
        const Row row = rows.row();
        effects.push_back({{row.get<std::string>(2), row.get<std::string>(0),
                            row.get<std::string>(3), row.get<std::string>(4), row.get<int>(6) + 1},
                           row.get<std::string>(5),
                           row.integer(1),
                           row.get<std::optional<Timestamp>>(7)});
    }
    owed_ = static_cast<std::int64_t>(effects.size());
    open_ = tx.value<std::int64_t>("SELECT count(*) FROM tidings_effect").value_or(0);
    failed_ = open_ - owed_;
    begin_step();
    stored_ = step_;
    return effects;
}

void Effects::lose_group() {
    step_ = stored_;
    undo_step();
}

void Effects::undo_step() {
    if (added_.size() > step_.added) reached("effect.undone");
    if (!planted(Mistake::carries_out_undone_effects)) added_.resize(step_.added);
    if (planted(Mistake::miscounts_undone_effects)) return;
    open_ = step_.open;
    owed_ = step_.owed;
    failed_ = step_.failed;
}

void Effects::add(StoreTransaction& tx, std::string_view name, std::string_view subject,
                  std::string_view request, std::string_view correlation_id,
                  std::string_view causation_id) {
    StoredEffect effect;
    effect.request.name = name;
    // One cause may ask for one effect several times: the count within the step tells them apart.
    effect.request.idempotency_key = std::string{name} + ':' + std::string{causation_id} + ':' +
                                     std::to_string(added_.size() - step_.added);
    effect.request.subject = subject;
    effect.request.request = request;
    effect.correlation_id = correlation_id;
    effect.position = ++last_position_;
    tx.execute(
        "INSERT INTO tidings_effect (idempotency_key, position, state, name, subject, request, "
        "correlation_id, attempts, due, error) VALUES ($1, $2, $3, $4, $5, $6, $7, 0, NULL, '')",
        effect.request.idempotency_key, effect.position, asked, name, subject, request,
        correlation_id);
    added_.push_back(std::move(effect));
    ++open_;
    ++owed_;
}

bool Effects::close(StoreTransaction& tx, const StoredEffect& effect) {
    const std::int64_t closed = tx.execute("DELETE FROM tidings_effect WHERE idempotency_key = $1",
                                           effect.request.idempotency_key);
    open_ -= closed;
    owed_ -= closed;
    return closed == 1;
}

void Effects::put_off(StoreTransaction& tx, const StoredEffect& effect, Timestamp now,
                      std::string_view error, bool gave_up) {
    if (!effect.due) --owed_;
    if (gave_up) ++failed_;
    tx.execute(
        "UPDATE tidings_effect SET state = $1, attempts = $2, due = $3, error = $4, set_at = $5 "
        "WHERE idempotency_key = $6",
        gave_up ? gave_up_on : taken, effect.request.attempt, effect.due, error.substr(0, 2000),
        now, effect.request.idempotency_key);
}

std::vector<StoredEffect> Effects::committed() {
    stored_ = {0, open_, owed_, failed_};
    return std::exchange(added_, {});
}

}  // namespace tidings
