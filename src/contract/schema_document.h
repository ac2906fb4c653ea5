#pragma once

#include "contract/node.h"

#include <string_view>

namespace tidings::contract {

/// Reads a JSON Schema as `Schema::json` gives it, with all its definitions at the top: those of
/// other domains, `common#/$defs/Party`, become `#/$defs/CommonParty`. So who goes through it, and
/// generators of other languages, need to know one kind of reference.
Node read_schema_document(std::string_view json);

}  // namespace tidings::contract
