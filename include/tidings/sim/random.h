#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace tidings::sim {

/// Numbers drawn from a seed (xoshiro256**): equal seeds give equal numbers, on every machine.
///
/// A part of a simulation takes a stream of its own with `split`, so that one more draw in one part
/// does not change what all the others draw.
///
///     Random random{seed};
///     Random crashes = random.split("crashes");
///     if (crashes.chance(0.01)) world.crash();
///
/// Threads   One thread at a time.
class Random {
public:
    explicit Random(std::uint64_t seed);

    /// Returns the stream for `purpose`: a function of the seed and the name alone, not of what
    /// was drawn before.
    Random split(std::string_view purpose) const;
    std::uint64_t seed() const noexcept { return seed_; }

    std::uint64_t next() noexcept;
    /// Returns a number from 0 to `bound` - 1. Requires: `bound` > 0.
    std::uint64_t below(std::uint64_t bound) noexcept;
    /// Returns true with `probability`: never at 0, always at 1.
    bool chance(double probability) noexcept;

private:
    std::uint64_t seed_;
    std::array<std::uint64_t, 4> state_{};
};

}  // namespace tidings::sim
