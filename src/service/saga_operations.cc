#include "service/saga_operations.h"

#include <tidings/base/text.h>
#include <tidings/model/json.h>

#include "service/operation_requests.h"

#include <algorithm>
#include <utility>

namespace tidings {

namespace {

SagaStepNames names_of(const std::vector<SagaRunner*>& sagas) {
    SagaStepNames names;
    for (const SagaRunner* saga : sagas) {
        std::vector<std::string>& steps = names[saga->definition().name];
        for (const SagaStep& step : saga->definition().steps) steps.push_back(step.name);
    }
    return names;
}

std::string text_in(const io::HttpRequest& request, const std::string& name) {
    const auto found = request.query.find(name);
    return found == request.query.end() ? std::string{} : found->second;
}

void write_names(json::Writer& writer, const SagaStepNames& names) {
    writer.begin_object();
    for (const auto& [saga, steps] : names) {
        writer.name(saga);
        writer.begin_array();
        for (const std::string& step : steps) writer.text(utf8(step));
        writer.end_array();
    }
    writer.end_object();
}

}  // namespace

io::HttpResponse sagas_response(StoreTransaction& tx, const std::string& service,
                                const std::vector<SagaRunner*>& sagas,
                                const io::HttpRequest& request) {
    StoredSagas::Query query;
    query.saga = text_in(request, "saga");
    query.key = text_in(request, "key");
    query.after = text_in(request, "after");
    query.all = number_in(request, "all", 0) != 0;
    query.count_max = std::clamp<std::int64_t>(number_in(request, "count", 100), 1, 1000);
    const StoredSagas stored{tx};
    const bool is_one = !query.saga.empty() && !query.key.empty();
    const std::vector<StoredSaga> found =
        is_one ? std::vector{stored.find(query.saga, query.key)} : stored.list(query);
    const SagaStepNames names = names_of(sagas);
    io::HttpResponse response;
    json::Writer writer{response.body};
    writer.begin_object();
    writer.name("sagas");
    writer.begin_array();
    for (const StoredSaga& saga : found) write_json(writer, service, saga, names);
    writer.end_array();
    writer.name("steps");
    write_names(writer, names);
    writer.end_object();
    return response;
}

Result<DecisionRequest> read_decision_request(SagaAct act, std::string_view body) {
    DecisionRequest asked;
    asked.decision.act = act;
    json::Reader reader{body};
    std::string_view name;
    reader.begin_object();
    while (reader.next_field(name)) {
        if (name == "who") {
            asked.actor.who = reader.text();
        } else if (name == "why") {
            asked.actor.why = reader.text();
        } else if (name == "saga") {
            asked.decision.saga = reader.text();
        } else if (name == "key") {
            asked.decision.key = reader.text();
        } else if (name == "step") {
            const std::int64_t step = reader.integer();
            if (step < 1) reader.fail("must be at least 1");
            asked.decision.step = static_cast<std::size_t>(std::max<std::int64_t>(step, 0));
        } else {
            reader.fail("is not known here");
        }
    }
    if (asked.actor.who.empty()) reader.missing("who");
    if (asked.decision.saga.empty()) reader.missing("saga");
    if (asked.decision.key.empty()) reader.missing("key");
    if (Result<void> read = reader.finish(); !read) return std::move(read).error();
    return asked;
}

io::HttpResponse decide(const DecisionRequest& asked, const std::string& service,
                        const std::vector<SagaRunner*>& sagas, Transaction& tx) {
    const SagaDecision& decision = asked.decision;
    const auto runner = std::find_if(sagas.begin(), sagas.end(), [&](const SagaRunner* saga) {
        return saga->definition().name == decision.saga;
    });
    if (runner == sagas.end()) {
        throw Failure{{ErrorCode::not_found, service + " has no saga " + quote(decision.saga)}};
    }
    (*runner)->decide(decision, asked.actor, tx);
    io::HttpResponse response;
    json::Writer writer{response.body};
    write_json(writer, service, StoredSagas{tx.store()}.find(decision.saga, decision.key),
               names_of(sagas));
    return response;
}

}  // namespace tidings
