#pragma once

#include <tidings/contract/contract.h>

#include <map>
#include <string>

namespace tidings {

/// Makes JSON Schema files of contracts for other languages, by path: for each event type and major
/// version `order/created.v1.schema.json`, the whole event in its envelope, and
/// `order/created.v1.data.schema.json`, its data alone.
///
/// They are the contracts' own schemas with `format: money`, which is none of the standard's, as
/// the pattern that says the same; each file stands by itself.
///
/// Source    JSON Schema, draft 2020-12
std::map<std::string, std::string> to_schema_files(const ContractSet& set);

}  // namespace tidings
