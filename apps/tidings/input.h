#pragma once

#include <tidings/base/result.h>
#include <tidings/io/world.h>

#include <string>
#include <string_view>

namespace tidings::cli {

/// Reads a JSON object from an argument: the text itself, `-` for stdin, `@file`. `what` names it
/// in errors. Errors: `contract_violation`, `limit_exceeded`, `not_found`, `io_error`.
Result<std::string> read_object(io::World& world, const std::string& argument,
                                std::string_view what);

/// Checks that a text is one JSON object, and returns it without what stands around it.
Result<std::string> check_object(std::string text, std::string_view what);

}  // namespace tidings::cli
