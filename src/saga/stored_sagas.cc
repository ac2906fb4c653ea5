#include <tidings/base/text.h>
#include <tidings/saga/stored_sagas.h>

#include "saga/decisions.h"

#include <fmt/format.h>

#include <utility>

namespace tidings {

namespace {

// One statement for each, so that each finds its index.
constexpr std::string_view columns =
    "SELECT s.saga, s.key, s.status, s.steps, s.reason, s.started, s.updated, s.state, "
    "coalesce(t.data, '') FROM tidings_saga AS s LEFT JOIN tidings_timer AS t "
    "ON t.kind = 'saga-decision:' || s.saga AND t.key = s.key WHERE ";
constexpr std::string_view needing_operator = "s.status = 5 AND ";
constexpr std::string_view page =
    "($1 = '' OR s.saga = $1) AND ($2 = '' OR s.key = $2) AND ($3 = '' OR s.key > $3) "
    "ORDER BY s.saga, s.key LIMIT $4";
constexpr std::string_view one_of_them = "s.saga = $1 AND s.key = $2";

bool has_sagas(StoreTransaction& tx) {
    return tx.value<std::int64_t>(
                 "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name IN "
                 "('tidings_saga', 'tidings_saga_unexpected')")
               .value_or(0) == 2;
}

StoredSaga read_saga(const Row& row) {
    StoredSaga saga;
    saga.saga = row.get<std::string>(0);
    saga.key = row.get<std::string>(1);
    saga.progress.status = static_cast<SagaStatus>(row.integer(2));
    for (const char state : row.text(3)) {
        saga.progress.steps.push_back(static_cast<SagaStepState>(state));
    }
    saga.progress.reason = row.get<std::string>(4);
    saga.started = row.get<Timestamp>(5);
    saga.updated = row.get<Timestamp>(6);
    saga.state = row.get<std::string>(7);
    saga.waits = row.get<std::string>(8);
    return saga;
}

std::string_view name_of(SagaStepState state) {
    switch (state) {
        case SagaStepState::waiting:
            return "waiting";
        case SagaStepState::done:
            return "done";
        case SagaStepState::undoing:
            return "undoing";
        case SagaStepState::undone:
            return "undone";
    }
    return "unknown";
}

void write_text(json::Writer& writer, std::string_view name, std::string_view text) {
    writer.name(name);
    writer.text(utf8(text));
}

bool is_json(std::string_view text) {
    json::Reader reader{text};
    reader.skip();
    return static_cast<bool>(reader.finish());
}

}  // namespace

std::vector<StoredSaga> StoredSagas::list(const Query& query) const {
    if (!query.after.empty() && query.saga.empty()) {
        throw Failure{{ErrorCode::invalid_argument, "it is not clear of which saga the keys are",
                       "give the saga's name beside after"}};
    }
    std::vector<StoredSaga> sagas;
    if (!has_sagas(tx_)) return sagas;
    const std::string sql =
        fmt::format("{}{}{}", columns, query.all ? std::string_view{} : needing_operator, page);
    Rows rows = tx_.query(sql, query.saga, query.key, query.after,
                          query.count_max == 0 ? std::int64_t{-1} : query.count_max);
    while (rows.next()) sagas.push_back(read_saga(rows.row()));
    return sagas;
}

StoredSaga StoredSagas::find(const std::string& saga, const std::string& key) const {
    const Error none{ErrorCode::not_found,
                     fmt::format("saga {} has no instance {}", quote(saga), quote(key)),
                     "see which there are: tidings sagas list --all"};
    if (!has_sagas(tx_)) throw Failure{none};
    StoredSaga one;
    {
        Rows found = tx_.query(fmt::format("{}{}", columns, one_of_them), saga, key);
        if (!found.next()) throw Failure{none};
        one = read_saga(found.row());
    }
    Rows rows = tx_.query(
        "SELECT at, type, event_id FROM tidings_saga_unexpected WHERE saga = $1 AND key = $2 "
        "ORDER BY number",
        saga, key);
    while (rows.next()) {
        const Row row = rows.row();
        one.unexpected.push_back(
            {row.get<Timestamp>(0), row.get<std::string>(1), row.get<std::string>(2)});
    }
    return one;
}

StoredSaga StoredSagas::decide_later(const SagaDecision& decision, const Actor& actor,
                                     Timestamp now, const std::string& id,
                                     const std::string& correlation_id) {
    StoredSaga saga = find(decision.saga, decision.key);
    const std::size_t step = check_decision(decision, saga.progress, actor);
    if (!saga.waits.empty()) {
        throw Failure{{ErrorCode::conflict,
                       fmt::format("{} was decided about saga {} {} already", saga.waits,
                                   decision.saga, quote(decision.key)),
                       "it is done once the service runs; see tidings audit"}};
    }
    saga.waits = write_decision(decision.act, step);
    tx_.execute(
        "INSERT INTO tidings_timer (kind, key, due, id, data, correlation_id, causation_id, "
        "attempts, set_at) VALUES ($1, $2, $3, $4, $5, $6, '', 0, $3)",
        decision_timer_kind(decision.saga), decision.key, now, id, saga.waits, correlation_id);
    record_decision(tx_, decision, step, actor, now, saga.progress, nullptr);
    return saga;
}

void write_json(json::Writer& writer, std::string_view service, const StoredSaga& saga,
                const SagaStepNames& names) {
    writer.begin_object();
    write_text(writer, "service", service);
    write_text(writer, "saga", saga.saga);
    write_text(writer, "key", saga.key);
    write_text(writer, "status", to_string(saga.progress.status));
    write_text(writer, "reason", saga.progress.reason);
    writer.name("started");
    writer.value(saga.started);
    writer.name("updated");
    writer.value(saga.updated);
    if (!saga.waits.empty()) write_text(writer, "waits", saga.waits);
    const auto known = names.find(saga.saga);
    writer.name("steps");
    writer.begin_array();
    for (std::size_t i = 0; i < saga.progress.steps.size(); ++i) {
        writer.begin_object();
        writer.name("step");
        writer.integer(static_cast<std::int64_t>(i) + 1);
        if (known != names.end() && i < known->second.size()) {
            write_text(writer, "name", known->second[i]);
        }
        write_text(writer, "is", name_of(saga.progress.steps[i]));
        writer.end_object();
    }
    writer.end_array();
    writer.name("state");
    is_json(saga.state) ? writer.raw(saga.state) : writer.text(utf8(saga.state));
    writer.name("unexpected");
    writer.begin_array();
    for (const UnexpectedEvent& event : saga.unexpected) {
        writer.begin_object();
        writer.name("at");
        writer.value(event.at);
        write_text(writer, "type", event.type);
        write_text(writer, "eventId", event.event_id);
        writer.end_object();
    }
    writer.end_array();
    writer.end_object();
}

}  // namespace tidings
