#pragma once

#include <tidings/contract/contract.h>

#include <cstddef>
#include <string>
#include <vector>

namespace tidings {

/// How large instances become where the schema leaves it open.
struct InstanceOptions {
    std::size_t items_max = 3;        ///< Of a list or map; more only if the schema wants more.
    std::size_t characters_max = 16;  ///< Of a text; more only if the schema wants more.
};

/// Data that breaks one rule of a schema, and where.
struct InvalidInstance {
    std::string json;
    std::string field;  ///< JSON pointer to what is wrong: `/items/0/quantity`; empty: the whole.
    std::string rule;   ///< The keyword that is broken: `minimum`, `required`, `format`, `type`.
    std::string what;   ///< What was done: `is 0, below the minimum`.
};

/// Returns the smallest data that keeps the schema: required fields only, null where it may be,
/// the shortest lists and texts, numbers at their lower bounds. The same for each call.
/// Errors: `unsupported`, naming the field for which no value was found, such as a text for an
/// unusual pattern (`examples` beside it help); `limit_exceeded` if it would be over 1 MiB.
///
/// See   maximal_instance, invalid_instances
Result<std::string> minimal_instance(const Schema& schema, const InstanceOptions& options = {});

/// Returns data with all that the schema knows: every field, nothing null, lists and texts as long
/// as they may be or as `options` allow, numbers at their upper bounds. Errors: as above.
Result<std::string> maximal_instance(const Schema& schema, const InstanceOptions& options = {});

/// Returns the maximal instance once for each rule at each place, broken in that rule: the schema
/// refuses every one of them. Of equal list items only the first is broken. Errors: as above.
Result<std::vector<InvalidInstance>> invalid_instances(const Schema& schema,
                                                       const InstanceOptions& options = {});

}  // namespace tidings
