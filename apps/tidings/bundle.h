#pragma once

#include <tidings/base/result.h>
#include <tidings/contract/contract.h>
#include <tidings/model/envelope.h>

#include "directory.h"

#include <string>

namespace tidings::cli {

/// Returns the contracts that the directory carries, if it does.
Result<ContractSet> read_contracts(const Directory& directory);

/// Returns the partition key: the contract's key field, which is a required one.
Result<std::string> key_in(const std::string& data, const std::string& field);

/// Checks an event's data by the contract of its type and version, and returns its partition key.
/// Errors: `contract_violation`; `unsupported` if the set has no such contract.
Result<std::string> check_by(const ContractSet& contracts, const Envelope& event);

}  // namespace tidings::cli
