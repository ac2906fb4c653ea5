#pragma once

#include <tidings/base/time.h>
#include <tidings/testing/faults.h>

#include <cstdint>
#include <iosfwd>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace tidings::sim {

/// What a simulated run came through, in figures.
struct RunFigures {
    std::uint64_t polls = 0;   ///< Of workers.
    std::uint64_t events = 0;  ///< Handed over to consumers, repeated ones included.
    std::uint64_t calls = 0;   ///< Requests of the workload that were answered.
    std::uint64_t checks = 0;  ///< How often an invariant was looked at.
    Duration took{0};          ///< Virtual time.
    /// From the end of the last fault until nothing was under way between services.
    Duration settled_after{0};
    std::int64_t duplicates = 0;        ///< Events that came again, and had no effect.
    std::map<std::string, int> faults;  ///< How often each kind was there.
    std::uint64_t digest = 0;           ///< Of every file at the end.
    std::uint64_t trace = 0;            ///< Of who was polled when.
};

/// Whether a simulated run kept every promise, and if not, which one, and how it came to that.
///
/// Works with GoogleTest (`EXPECT_TRUE(shop.run())` shows the text) and Catch2 (`REQUIRE(...)`)
/// alike, and needs neither.
class [[nodiscard]] Verdict {
public:
    explicit operator bool() const noexcept { return invariant.empty(); }

    std::uint64_t seed = 0;
    std::string invariant{};           ///< The one that was broken; empty if none was.
    std::string violation{};           ///< What was there instead.
    RunFigures figures{};              ///< Of the run from the seed.
    std::vector<std::string> story{};  ///< Of that run: faults and journal lines, with their times.

    // Of a run that failed, made as small as it would go:
    Schedule schedule{};               ///< What is left of faults and calls; replays.
    std::uint64_t runs = 0;            ///< How many runs that took.
    std::size_t incidents_before = 0;  ///< Faults of the run from the seed.
    std::uint64_t calls_before = 0;    ///< Calls of its workload that may be left out.
    bool is_replayed = true;           ///< Whether what remains breaks the same invariant.
    std::string diagram{};             ///< What happened, as a sequence diagram for the terminal.
    std::string html{};                ///< The same as a page that needs nothing else.

    /// Returns all of it, to be printed: how to see it again, the invariant, the faults, the
    /// diagram. In one line if all is well.
    std::string text() const;

    /// Becomes `::testing::AssertionResult`, so that the text is shown.
    template <class Assertion>
    requires requires(Assertion& made) {
        made.failure_message();
        made << std::string{};
    }
    operator Assertion() const {  // NOLINT: implicit, for that is how EXPECT_TRUE takes it
        Assertion made{static_cast<bool>(*this)};
        made << text();
        return made;
    }
};

std::ostream& operator<<(std::ostream& out, const Verdict& verdict);

}  // namespace tidings::sim
