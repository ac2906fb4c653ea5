#pragma once

#include <tidings/contract/compatibility.h>

#include "contract/schema.h"

#include <vector>

namespace tidings::contract {

/// Finds what differs between two schemas, from their root down. `field` is where they stand.
std::vector<ContractChange> compare_schemas(const SchemaNode& before, const SchemaNode& after);

}  // namespace tidings::contract
