#pragma once

#include <tidings/delivery/dead_letters.h>
#include <tidings/model/json.h>

#include <string>
#include <string_view>

namespace tidings {

// Dead letters as JSON, the same from every door. What came from outside is made UTF-8.

/// Returns an error code's name; `none` for 0, and what a damaged row holds as `code 99`.
std::string error_name(std::int64_t code);

void write_json(json::Writer& writer, std::string_view service, const DeadLetter& letter);
void write_json(json::Writer& writer, std::string_view service, const DeadLetterGroup& group);
void write_json(json::Writer& writer, std::string_view service, const AuditEntry& entry);
void write_json(json::Writer& writer, std::string_view service, const DeadLetterAct& act);

/// Reads an act as it was written. Errors: `contract_violation`.
Result<DeadLetterAct> read_act(std::string_view json);

}  // namespace tidings
