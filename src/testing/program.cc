#include <tidings/io/file.h>
#include <tidings/io/world.h>
#include <tidings/store/sqlite.h>
#include <tidings/testing/program.h>

#include "base/test_points.h"
#include "testing/seeds.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <cstdio>
#include <unistd.h>
#include <utility>

namespace tidings::sim {
namespace {

constexpr std::uint64_t seeds_default = 20;

struct Wanted {
    std::optional<std::uint64_t> seed;
    std::optional<std::uint64_t> seeds;
    std::optional<double> minutes;
    std::string schedule;
    std::string html = "simulation.html";
    int jobs = 0;
    int part_of = 0;  ///< Whether it is one of so many that share the seeds.
    bool keeps_going = false;
    bool runs_twice = false;
    bool shows_reached = false;
    bool as_is = false;
};

std::uint64_t first_seed(const Wanted& wanted) {
    // Who gives nothing but a time wants seeds that nobody has seen yet.
    const bool unseen = wanted.minutes && !wanted.seeds;
    return wanted.seed.value_or(unseen ? io::real_world().random_number() % 1'000'000'000 : 1);
}

int fail(const Error& error) {
    fmt::print(stderr, "error: {}\n", error.message);
    if (!error.hint.empty()) fmt::print(stderr, "hint: {}\n", error.hint);
    return 2;
}

void print_figures(const Verdict& verdict) {
    const RunFigures& figures = verdict.figures;
    fmt::print("Faults\n");
    for (const auto& [kind, count] : figures.faults) fmt::print("  {:<32}{:>10}\n", kind, count);
    const double hours = std::chrono::duration<double>(figures.took).count() / 3600;
    fmt::print("Run\n  {:<32}{:>10}\n  {:<32}{:>10}\n  {:<32}{:>10}\n  {:<32}{:>10}\n", "polls",
               figures.polls, "events handed over", figures.events, "calls answered", figures.calls,
               "looks at invariants", figures.checks);
    fmt::print("  {:<32}{:>10.1f} h\n  {:<32}{:016x}\n  {:<32}{:016x}\n", "virtual time", hours,
               "digest of all files", figures.digest, "trace of all polls", figures.trace);
}

/// Keeps what shows a failure again.
void keep(const Verdict& verdict, const std::string& html) {
    io::FileSystem& files = io::real_world().files();
    const std::string schedule = html.substr(0, html.rfind('.')) + ".schedule";
    const auto kept = io::replace_file(files, html, verdict.html);
    const auto also = io::replace_file(files, schedule, verdict.schedule.to_text());
    if (kept && also) {
        fmt::print("the page is {}; again: --schedule {}\n", html, schedule);
    } else {
        fmt::print("the page could not be written to {}\n", html);
    }
}

/// One run, told at length.
int run_one(Simulation simulation, const Wanted& wanted) {
    const Verdict verdict = wanted.as_is ? simulation.run_drawn() : simulation.run();
    for (const std::string& line : verdict.story) fmt::print("{}\n", line);
    print_figures(verdict);
    fmt::print("\n{}", verdict.text());
    if (!verdict || wanted.as_is) keep(verdict, wanted.html);
    return verdict ? 0 : 1;
}

int replay(const Wanted& wanted, const MakeSimulation& make) {
    const auto text = io::read_file(io::real_world().files(), wanted.schedule);
    if (!text) return fail(text.error());
    const auto schedule = Schedule::parse(*text);
    if (!schedule) return fail(with_context(schedule.error(), wanted.schedule));
    return run_one(make(schedule->seed, *schedule), wanted);
}

/// Says in the verdict if a second run from the same seed is another one.
void run_again(Simulation simulation, Verdict& verdict) {
    const Verdict again = simulation.run_once();
    if (again.figures.digest == verdict.figures.digest &&
        again.figures.trace == verdict.figures.trace && again.story == verdict.story) {
        return;
    }
    verdict.invariant = "the same seed is the same run";
    verdict.violation =
        fmt::format("files {:016x} and {:016x}, polls {:016x} and {:016x}", verdict.figures.digest,
                    again.figures.digest, verdict.figures.trace, again.figures.trace);
}

/// A part of many seeds, for the process that has the whole.
int run_part(const Wanted& wanted, const MakeSimulation& make) {
    io::World& world = io::real_world();
    const TimePoint began = world.monotonic();
    std::uint64_t done = 0;
    int failed = 0;
    const auto goes_on = [&] {
        if (failed > 0 && !wanted.keeps_going) return false;
        if (wanted.seeds && done >= *wanted.seeds) return false;
        const double seconds = std::chrono::duration<double>(world.monotonic() - began).count();
        return !wanted.minutes || seconds < *wanted.minutes * 60;
    };
    for (std::uint64_t seed = *wanted.seed; goes_on();
         seed += static_cast<std::uint64_t>(wanted.part_of), ++done) {
        // Making small takes time; who keeps going counts, and looks at one seed after the other.
        Simulation simulation = make(seed, std::nullopt);
        Verdict verdict = wanted.keeps_going ? simulation.run_once() : simulation.run();
        if (verdict && wanted.runs_twice) run_again(make(seed, std::nullopt), verdict);
        if (!verdict) ++failed;
        print_part(verdict);
    }
#ifdef TIDINGS_TEST_POINTS
    for (const ReachedState& state : reached_states()) {
        fmt::print("reached {} {}\n", state.name, state.count);
    }
#endif
    return failed == 0 ? 0 : 1;
}

/// A line that is written over on a terminal, and now and then one of its own elsewhere.
void print_progress(const SeedTotals& totals) {
    static const bool is_terminal = isatty(STDERR_FILENO) == 1;
    static double told = 0;
    constexpr double seconds_between = 10;
    if (!is_terminal && totals.seconds - told < seconds_between) return;
    told = totals.seconds;
    fmt::print(stderr, "{}{} seeds, {} failed, {:.1f} M events, {:.0f} s {}",
               is_terminal ? "\r" : "", totals.seeds, totals.failed,
               static_cast<double>(totals.events) / 1e6, totals.seconds, is_terminal ? "" : "\n");
}

void print_totals(const SeedTotals& totals, const Wanted& wanted) {
    fmt::print(stderr, "\r");
    for (const std::string& failure : totals.failures) fmt::print("{}\n", failure);
    for (const auto& [kind, count] : totals.faults_by_kind)
        fmt::print("  {:<32}{:>12}\n", kind, count);
    if (wanted.shows_reached) {
        for (const auto& [state, count] : totals.reached)
            fmt::print("  {:<48}{:>12}\n", state, count);
    }
    const double seconds = std::max(totals.seconds, 0.001);
    fmt::print(
        "{} seeds in {:.1f} s: {} failed; {} faults, {} events ({:.0f}/s), {} polls, {} looks "
        "at invariants, {:.0f} h of virtual time; at rest {:.0f} s after the last fault at "
        "most; SQLite {}\n",
        totals.seeds, totals.seconds, totals.failed, totals.faults, totals.events,
        static_cast<double>(totals.events) / seconds, totals.polls, totals.checks,
        totals.virtual_hours, totals.settled_seconds_max, sqlite_version());
}

int run_many(const Wanted& wanted, const std::vector<std::string>& own_arguments,
             const MakeSimulation& make) {
    SeedRange range;
    range.first = first_seed(wanted);
    range.count = wanted.seeds.value_or(wanted.minutes ? 0 : seeds_default);
    range.minutes = wanted.minutes;
    range.jobs = wanted.jobs;
    range.stops_at_failure = !wanted.keeps_going;
    range.runs_twice = wanted.runs_twice;
    range.own_arguments = own_arguments;
    const Result<SeedTotals> totals = run_seeds(range, print_progress);
    if (!totals) return fail(totals.error());
    print_totals(*totals, wanted);
    if (totals->failed == 0) return 0;
    if (!totals->failures.empty() && !wanted.keeps_going) {
        // The page is made here: it is too much to be handed from one process to another.
        const auto schedule = Schedule::parse(totals->schedules.front());
        if (schedule) keep(make(schedule->seed, *schedule).run(), wanted.html);
    }
    return 1;
}

}  // namespace

int run_program(const std::vector<std::string>& arguments,
                const std::vector<std::string>& own_arguments, const MakeSimulation& make) {
    CLI::App app{
        "Simulates services on one thread, in virtual time, under faults from a seed.\n"
        "  --seed 7          one seed, told at length\n"
        "  --seeds 1000      a thousand, on all cores\n"
        "  --minutes 10      as many new ones as fit\n"
        "  --schedule FILE   exactly the faults and calls of that file"};
    Wanted wanted;
    app.add_option("--seed", wanted.seed, "the seed, or the first of many (default 1)");
    app.add_option("--seeds,--count", wanted.seeds, "how many seeds");
    app.add_option("--minutes", wanted.minutes, "seeds until so much time is over")
        ->check(CLI::PositiveNumber);
    app.add_option("--jobs", wanted.jobs, "processes at a time (default: one for each core)");
    app.add_option("--schedule", wanted.schedule, "replays a schedule");
    app.add_option("--html", wanted.html,
                   "where the page of a failure goes; the schedule beside it")
        ->capture_default_str();
    app.add_flag("--keep-going", wanted.keeps_going, "does not stop at a seed that fails");
    app.add_flag("--as-is", wanted.as_is,
                 "draws the whole run of --seed, and makes nothing smaller");
    app.add_flag("--twice", wanted.runs_twice, "runs each seed twice, and compares");
    app.add_flag("--reached", wanted.shows_reached, "shows which named states were come through");
    app.add_option("--part-of", wanted.part_of)->group("");
    std::vector<std::string> words{arguments.rbegin(), arguments.rend()};
    try {
        app.parse(words);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : 2;
    }
    if (wanted.part_of > 0) return run_part(wanted, make);
    if (!wanted.schedule.empty()) return replay(wanted, make);
    if (wanted.seed && !wanted.seeds && !wanted.minutes) {
        return run_one(make(*wanted.seed, std::nullopt), wanted);
    }
    return run_many(wanted, own_arguments, make);
}

int run_program(int argc, char** argv, const MakeSimulation& make) {
    return run_program(std::vector<std::string>{argv + 1, argv + argc}, {}, make);
}

}  // namespace tidings::sim
