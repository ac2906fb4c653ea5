#pragma once

#include <tidings/delivery/transaction.h>
#include <tidings/io/http.h>
#include <tidings/saga/stored_sagas.h>

#include <string>
#include <string_view>
#include <vector>

namespace tidings {

/// Returns the instances that a request asks for (`saga`, `key`, `all`, `after`, `count`), or the
/// one that it names with what it did not expect, and the names of all steps.
io::HttpResponse sagas_response(StoreTransaction& tx, const std::string& service,
                                const std::vector<SagaRunner*>& sagas,
                                const io::HttpRequest& request);

/// What an operator decides about an instance, as a request's body says it.
struct DecisionRequest {
    SagaDecision decision;
    Actor actor;
};

/// Reads `{"who":..., "why":..., "saga":..., "key":..., "step":...}`. Errors: `contract_violation`.
Result<DecisionRequest> read_decision_request(SagaAct act, std::string_view body);

/// Does what was decided, in the service's own step, and returns where the instance stands then.
io::HttpResponse decide(const DecisionRequest& asked, const std::string& service,
                        const std::vector<SagaRunner*>& sagas, Transaction& tx);

}  // namespace tidings
