#pragma once

#include <tidings/base/result.h>

#include <string>
#include <string_view>

namespace tidings::cli {

/// Returns `json` with the value at `path` replaced or, in an object, added. `path` names fields
/// and array places between dots: `items.0.quantity`. `value` is JSON, or else a text.
/// Errors: `invalid_argument` (no such place), `contract_violation` (`json` is broken).
Result<std::string> with_value(std::string_view json, std::string_view path,
                               std::string_view value);

/// Returns one JSON document over several lines, for a person to change. Requires: it is valid.
std::string indented(std::string_view json);

/// Returns it on one line again, without spaces between its values.
std::string compacted(std::string_view json);

}  // namespace tidings::cli
