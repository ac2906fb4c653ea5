#pragma once

#include <tidings/base/result.h>

#include <string>
#include <string_view>

namespace tidings {

/// Returns what messages of one cause have in common: quoted text, ids and numbers are replaced.
///
///     field /items/3/sku: "A-77" is unknown      ->  field /items/#/sku: "*" is unknown
///     order 00000000-0000-4000-8000-000000000042 ->  order <id>
std::string shape_of(std::string_view message);

/// Returns the name of a cause of dead letters, stable over time: 16 hexadecimal digits of what
/// failed, with which code and which shape of message.
std::string cause_of(std::string_view handler, ErrorCode code, std::string_view shape);

}  // namespace tidings
