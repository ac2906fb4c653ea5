#pragma once

#include "mistakes.h"

#include <cstdint>
#include <string>

namespace market {

/// How a planted mistake was looked for.
struct Search {
    std::uint64_t seeds = 0;  ///< That were tried, up to the one that showed it.
    std::string invariant;    ///< What showed it; empty if nothing did.
};

/// Makes the mistake in a process of its own and simulates the market from the seed `first` on, at
/// most as many seeds as are stated for it. That process may well end by one of the code's own
/// assertions: then that is what has shown it.
Search search(const Planted& planted, std::uint64_t first);

}  // namespace market
