#include <tidings/base/assert.h>
#include <tidings/sim/random.h>

#include <bit>

namespace tidings::sim {
namespace {

/// SplitMix64 (Steele, Lea, Flood): spreads a seed over a state.
std::uint64_t spread(std::uint64_t& state) {
    state += 0x9e3779b97f4a7c15;
    std::uint64_t z = state;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
}

/// FNV-1a. `std::hash` may differ from one library to the next.
std::uint64_t hash_of(std::string_view text) {
    std::uint64_t hash = 0xcbf29ce484222325;
    for (const char c : text) hash = (hash ^ static_cast<std::uint8_t>(c)) * 0x100000001b3;
    return hash;
}

}  // namespace

Random::Random(std::uint64_t seed) : seed_(seed) {
    for (std::uint64_t& word : state_) word = spread(seed);
}

Random Random::split(std::string_view purpose) const {
    std::uint64_t mixed = seed_ ^ hash_of(purpose);
    return Random{spread(mixed)};
}

std::uint64_t Random::next() noexcept {
    const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
    const std::uint64_t shifted = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= shifted;
    state_[3] = std::rotl(state_[3], 45);
    return result;
}

std::uint64_t Random::below(std::uint64_t bound) noexcept {
    TIDINGS_ASSERT(bound > 0);
    // Numbers under the threshold would make the first few of the range more likely.
    const std::uint64_t threshold = (0 - bound) % bound;
    std::uint64_t number = next();
    while (number < threshold) number = next();
    return number % bound;
}

bool Random::chance(double probability) noexcept {
    const double drawn = static_cast<double>(next() >> 11) * 0x1.0p-53;  // In [0, 1).
    return drawn < probability;
}

}  // namespace tidings::sim
