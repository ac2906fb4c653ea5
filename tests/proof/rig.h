#pragma once

#include <tidings/base/time.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace tidings::proof {

/// A suite of the test plan as a program: reads how much of it is wanted, tells how far it is, and
/// ends with a verdict, in the lines that tools/proof.py reads.
///
///     Rig rig{"T6", argc, argv};
///     for (const State& state : states(rig.amount(100'000))) ...
///     rig.control("a database with synchronous=NORMAL", finds_loss(normal));
///     return rig.finish(fmt::format("{} states", done));
class Rig {
public:
    /// Reads the command line; leaves the process if it is wrong.
    Rig(std::string_view suite, int argc, char** argv);

    /// Returns the part of `each_change` that is wanted, at least `least`.
    std::int64_t amount(std::int64_t each_change, std::int64_t least = 1) const;
    std::uint64_t seed() const noexcept { return seed_; }
    double scale() const noexcept { return scale_; }

    /// Says on stderr how far it is, every few seconds at most.
    void progress(std::int64_t done, std::int64_t total, std::string_view of_what);
    /// States whether a fault of ours, planted in this run, was found.
    void control(std::string_view fault, bool caught);
    void figure(std::string_view name, std::string_view value);
    /// States what should not be. Only the first ones are printed; all are counted.
    void broken(std::string_view what);
    std::int64_t broken_count() const noexcept { return broken_; }
    /// Seconds since it began.
    double seconds() const;

    /// Prints the verdict and returns the process's status.
    int finish(std::string_view amount);

private:
    double scale_ = 1;
    std::uint64_t seed_ = 1;
    std::int64_t broken_ = 0;
    TimePoint began_;
    TimePoint told_;
};

}  // namespace tidings::proof
