#pragma once

#include <tidings/model/json.h>

#include "contract/schema.h"

#include <functional>
#include <string>

namespace tidings::contract {

/// Where a definition of `$defs` is found in the document being written: the text of its `$ref`.
/// Called for each use of one; whoever asks writes the definition, too.
using ReferenceTo = std::function<std::string(const SchemaNode& definition)>;

/// Writes a schema as JSON Schema that other tools read: of the keywords, those that draft 7 and
/// 2020-12 have in common. `format: money` becomes the pattern that says the same.
///
/// The schema itself is written out, definitions within it as references.
void write_json_schema(json::Writer& writer, const SchemaNode& schema,
                       const ReferenceTo& reference_to);

}  // namespace tidings::contract
