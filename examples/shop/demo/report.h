#pragma once

#include <tidings/base/time.h>

#include "demo/accounts.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace shop {

/// What the run took; nothing of it goes into accounts or outcomes.
struct RunFigures {
    tidings::Duration elapsed{0};
    std::int64_t events = 0;  ///< Published by all services.
    std::int64_t steps = 0;
    std::int64_t orders = 0;  ///< Accepted in this run.
};

/// Returns the report of a finished run, for people.
std::string report(const Accounts& accounts, const std::vector<Invariant>& invariants,
                   const RunFigures& figures, std::optional<std::int64_t> stock);

}  // namespace shop
