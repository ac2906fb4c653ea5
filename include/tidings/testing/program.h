#pragma once

#include <tidings/base/result.h>
#include <tidings/testing/simulation.h>

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace tidings::sim {

/// Makes a simulation of a seed, or one that replays a schedule (whose seed it then is).
using MakeSimulation =
    std::function<Simulation(std::uint64_t seed, const std::optional<Schedule>& schedule)>;

/// A program that simulates, from one seed or from many on all cores.
///
///     int main(int argc, char** argv) {
///         return sim::run_program(argc, argv, [](std::uint64_t seed, const auto& schedule) {
///             sim::Simulation shop{seed, {.faults = sim::Faults::swarm(), .schedule = schedule}};
///             ...
///             return shop;
///         });
///     }
///
/// Its command line (`--help` tells it): `--seed`, `--seeds`, `--minutes`, `--jobs`, `--schedule`,
/// `--html`, `--keep-going`, `--twice`. It prints a line of progress, and of the first seed that
/// fails the verdict, small; the page with the diagram and the schedule are written to files.
///
/// `own_arguments` are handed on to the processes that it starts, for a program that has options of
/// its own: it takes them off `arguments` first.
///
/// Returns the exit status: 0 if nothing failed, 1 if something did, 2 for a wrong command line.
int run_program(int argc, char** argv, const MakeSimulation& make);
int run_program(const std::vector<std::string>& arguments,
                const std::vector<std::string>& own_arguments, const MakeSimulation& make);

/// Which seeds are run by `run_seeds`, and how.
struct SeedRange {
    std::uint64_t first = 1;
    std::uint64_t count = 20;
    std::optional<double> minutes{};  ///< Ends it before, or, with `count` 0, alone.
    int jobs = 0;                     ///< Processes; 0: one for each core.
    bool stops_at_failure = true;
    bool runs_twice = false;  ///< Each seed; a run that differs from the first has failed.
    std::vector<std::string> own_arguments{};
};

/// What came of many seeds.
struct SeedTotals {
    std::uint64_t seeds = 0;
    std::uint64_t failed = 0;
    std::uint64_t events = 0;
    std::uint64_t polls = 0;
    std::uint64_t checks = 0;
    std::uint64_t faults = 0;
    double virtual_hours = 0;
    double settled_seconds_max = 0;  ///< The longest that a run took to rest after its last fault.
    double seconds = 0;              ///< Of real time.
    std::vector<std::string> failures{};   ///< Verdicts, as text.
    std::vector<std::string> schedules{};  ///< What is left of each, as text.
    std::map<std::string, std::uint64_t> faults_by_kind{};
    std::map<std::string, std::uint64_t> reached{};  ///< Named states, in a build that counts them.
};

/// Runs many seeds in processes of this same program, which must hand its command line to
/// `run_program`. `progress` hears from time to time how far it is. Errors: `io_error`.
Result<SeedTotals> run_seeds(const SeedRange& range,
                             const std::function<void(const SeedTotals&)>& progress);

}  // namespace tidings::sim
