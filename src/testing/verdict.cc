#include <tidings/store/sqlite.h>
#include <tidings/testing/verdict.h>

#include <fmt/format.h>

#include <ostream>

namespace tidings::sim {

namespace {

constexpr std::size_t lines_max = 40;  // Of a schedule: what is small is shown whole.

}  // namespace

std::string Verdict::text() const {
    const double hours = std::chrono::duration<double>(figures.took).count() / 3600;
    if (*this) {
        int faults = 0;
        for (const auto& [kind, count] : figures.faults) faults += count;
        return fmt::format("seed {}: every invariant holds; {} faults, {} events, {:.1f} h\n", seed,
                           faults, figures.events, hours);
    }
    std::string told = fmt::format("seed {} (SQLite {}) broke: {}\n  {}\n", seed, sqlite_version(),
                                   invariant, violation);
    if (runs == 0) return told;
    const auto calls_left = calls_before - schedule.skipped_calls.size();
    told += is_replayed
                ? fmt::format("{} of {} faults and {} of {} calls are left of it, after {} runs:\n",
                              schedule.incidents.size(), incidents_before, calls_left, calls_before,
                              runs)
                : fmt::format(
                      "its faults, replayed, do not break it again: something here "
                      "depends on more than the seed\n");
    const std::string lines = schedule.to_text();
    std::size_t line = 0;
    for (std::size_t begin = 0; begin < lines.size(); ++line) {
        const std::size_t end = lines.find('\n', begin);
        if (line == lines_max) {
            told += "  ... and the rest, as the schedule has it\n";
            break;
        }
        told += "  " + lines.substr(begin, end - begin) + '\n';
        begin = end + 1;
    }
    return told + '\n' + diagram;
}

std::ostream& operator<<(std::ostream& out, const Verdict& verdict) {
    return out << verdict.text();
}

}  // namespace tidings::sim
