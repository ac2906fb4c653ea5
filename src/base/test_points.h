#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tidings {

/// Mistakes that a test build can make on purpose, one at a time, to show that the simulator finds
/// them. Each is a switch at the place where an author could really have made it.
enum class Mistake : std::uint8_t {
    none,
};

/// A state that a run has come through, and how often.
struct ReachedState {
    std::string name;
    std::uint64_t count = 0;
};

// A build with tests has the switches and the counts (TIDINGS_TEST_POINTS, see TidingsModules);
// in any other build both are nothing, and the compiler removes what they guard.
#ifdef TIDINGS_TEST_POINTS

/// Whether `mistake` is being made. A place that makes it reads
///
///     if (planted(Mistake::relay_marks_first)) mark(entries);
[[nodiscard]] bool planted(Mistake mistake) noexcept;
/// Makes `mistake` from now on, and no other.
void plant(Mistake mistake) noexcept;

/// Notes that the run has come through a state worth coming through, named as its area and what is
/// so: `relay.died_before_marking`. `name` is a literal.
///
/// Threads   Any.
void reached(const char* name) noexcept;
/// Returns all states that were reached in this process so far, by name.
std::vector<ReachedState> reached_states();
/// Forgets them.
void forget_reached_states();

#else

[[nodiscard]] constexpr bool planted(Mistake) noexcept { return false; }
constexpr void reached(const char*) noexcept {}

#endif

}  // namespace tidings
