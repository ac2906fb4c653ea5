#pragma once

#include "base/test_points.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace market {

/// A mistake that can be planted, and within how many seeds the simulated market shows it.
struct Planted {
    tidings::Mistake mistake;
    std::string_view name;
    std::uint64_t seeds_max;
};

inline constexpr std::size_t mistakes_count =
    static_cast<std::size_t>(tidings::Mistake::decides_from_memory);

/// So many seeds are simulated without a mistake, from each first one: all that most mistakes need.
inline constexpr std::uint64_t good_seeds = 50;

/// All of them, in the order of `Mistake`.
extern const std::array<Planted, mistakes_count> mistakes;

}  // namespace market
