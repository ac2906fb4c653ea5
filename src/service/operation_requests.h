#pragma once

#include <tidings/delivery/dead_letters.h>
#include <tidings/io/http.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace tidings {

/// What the body of an act on dead letters asks for.
struct ActRequest {
    Actor actor;
    DeadLetterChoice choice;
    DeadLetters::Pace pace;
    DeadLetters::Edit edit;
    RehearsalResult rehearsal;
    bool dry_run = false;
};

/// Reads `{"who":..., "why":..., "positions":[...] | "group":... | "all":true, "perSecond":...,
/// "firstDue":..., "max":..., "dryRun":...}`, or for an edit `"position"`, `"eventId"` and
/// `"data"`, `"dataVersion"` or `"envelope"`, or of a rehearsal `"done"` and `"failed"` or
/// `"error"`. Errors: `contract_violation`.
Result<ActRequest> read_act_request(std::string_view body);

/// Returns a number of the query, `otherwise` if it is not there. Throws Failure with
/// `invalid_argument` if it is none.
std::int64_t number_in(const io::HttpRequest& request, const std::string& name,
                       std::int64_t otherwise);

}  // namespace tidings
