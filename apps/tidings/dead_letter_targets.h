#pragma once

#include <tidings/base/result.h>
#include <tidings/delivery/dead_letters.h>

#include "dead_letter_options.h"
#include "directory.h"

#include <cstdint>
#include <string>
#include <vector>

namespace tidings::cli {

/// One service that an act concerns, and what it would be done to there.
struct Target {
    std::string service;
    std::int64_t chosen = 0;
    std::vector<DeadLetterGroup> groups;  ///< What is meant, by cause; none for named positions.
};

DeadLetterChoice choice_of(const DeadLetterOptions& options);

/// Errors: `invalid_argument` unless exactly one of positions, a group and all is given.
Result<void> check_choice(const DeadLetterOptions& options);

/// Finds the services that an act concerns. Positions are each service's own, so they must be
/// those of one. Errors: `not_found` (nothing of it is there), `invalid_argument` (positions that
/// are in several services), `io_error`.
Result<std::vector<Target>> find_targets(const Directory& directory,
                                         const DeadLetterOptions& options);

}  // namespace tidings::cli
