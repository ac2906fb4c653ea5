// Many seeds at the same time, in processes of this same program.
#include "testing/seeds.h"

#include <tidings/io/children.h>
#include <tidings/io/world.h>
#include <tidings/testing/program.h>

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <string_view>
#include <utility>

namespace tidings::sim {
namespace {

constexpr Duration between_progress = 500ms;

std::string_view next_word(std::string_view& text) {
    const std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(word.size() + 1, text.size()));
    return word;
}

std::uint64_t number(std::string_view text) {
    std::uint64_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

/// Adds what a process printed of itself.
class Listener {
public:
    explicit Listener(SeedTotals& totals, std::size_t processes)
        : totals_(totals), texts_(processes) {}

    void hear(std::size_t process, std::string_view line) {
        const std::string_view what = next_word(line);
        if (what == "good" || what == "failed") {
            ++totals_.seeds;
            if (what == "failed") ++totals_.failed;
            hear_figures(line);
        } else if (what == "fault") {
            const std::string kind{next_word(line)};
            totals_.faults_by_kind[kind] += number(line);
            totals_.faults += number(line);
        } else if (what == "reached") {
            const std::string state{next_word(line)};
            totals_.reached[state] += number(line);
        } else if (what == "|") {
            texts_[process].append(line).append("\n");
        } else if (what == "told") {
            totals_.failures.push_back(std::exchange(texts_[process], {}));
        } else if (what == "scheduled") {
            totals_.schedules.push_back(std::exchange(texts_[process], {}));
        }
    }

private:
    void hear_figures(std::string_view line) {
        next_word(line);  // The seed.
        totals_.events += number(next_word(line));
        totals_.polls += number(next_word(line));
        totals_.checks += number(next_word(line));
        totals_.virtual_hours += static_cast<double>(number(next_word(line))) / 3'600'000;
        totals_.settled_seconds_max = std::max(totals_.settled_seconds_max,
                                               static_cast<double>(number(next_word(line))) / 1000);
    }

    SeedTotals& totals_;
    std::vector<std::string> texts_;
};

std::vector<std::string> command_of(const SeedRange& range, int job, int jobs) {
    std::vector<std::string> command{io::own_program()};
    command.insert(command.end(), range.own_arguments.begin(), range.own_arguments.end());
    const auto add = [&command](const char* name, const std::string& value) {
        command.emplace_back(name);
        command.push_back(value);
    };
    add("--part-of", std::to_string(jobs));
    add("--seed", std::to_string(range.first + static_cast<std::uint64_t>(job)));
    if (range.count > 0) {
        // Those from the first on in steps of `jobs`.
        const auto step = static_cast<std::uint64_t>(jobs);
        const auto index = static_cast<std::uint64_t>(job);
        const std::uint64_t count = range.count > index ? (range.count - index - 1) / step + 1 : 0;
        if (count == 0) return {};
        add("--seeds", std::to_string(count));
    }
    if (range.minutes) add("--minutes", fmt::format("{}", *range.minutes));
    if (!range.stops_at_failure) command.emplace_back("--keep-going");
    if (range.runs_twice) command.emplace_back("--twice");
    return command;
}

}  // namespace

Result<SeedTotals> run_seeds(const SeedRange& range,
                             const std::function<void(const SeedTotals&)>& progress) {
    io::World& world = io::real_world();
    const TimePoint began = world.monotonic();
    TimePoint told = began;
    SeedTotals totals;
    const int jobs = range.jobs > 0 ? range.jobs : io::cores();
    io::Children children;
    for (int job = 0; job < jobs; ++job) {
        const std::vector<std::string> command = command_of(range, job, jobs);
        if (command.empty()) continue;
        if (Result<void> started = children.start(command); !started) {
            return std::move(started).error();
        }
    }
    Listener listener{totals, static_cast<std::size_t>(jobs)};
    while (children.any_left()) {
        const auto line = children.next_line(between_progress);
        if (line) listener.hear(line->child, line->text);
        const TimePoint now = world.monotonic();
        totals.seconds = std::chrono::duration<double>(now - began).count();
        if (now - told >= between_progress) {
            told = now;
            progress(totals);
        }
        if (range.stops_at_failure && !totals.failures.empty()) return totals;
    }
    if (!children.all_succeeded() && totals.failed == 0) {
        return Error{ErrorCode::io_error, "a process that simulated some of the seeds has ended",
                     "what it said of itself stands above"};
    }
    return totals;
}

namespace {

void print_quoted(const std::string& text) {
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        fmt::print("| {}\n", std::string_view{text}.substr(begin, end - begin));
        begin = end + 1;
    }
}

}  // namespace

void print_part(const Verdict& verdict) {
    const RunFigures& figures = verdict.figures;
    const auto milliseconds = [](Duration duration) {
        return std::chrono::ceil<std::chrono::milliseconds>(duration).count();
    };
    for (const auto& [kind, count] : figures.faults) fmt::print("fault {} {}\n", kind, count);
    fmt::print("{} {} {} {} {} {} {}\n", verdict ? "good" : "failed", verdict.seed, figures.events,
               figures.polls, figures.checks, milliseconds(figures.took),
               milliseconds(figures.settled_after));
    if (!verdict) {
        print_quoted(verdict.schedule.to_text());
        fmt::print("scheduled\n");
        print_quoted(verdict.text());
        fmt::print("told\n");
    }
    std::fflush(stdout);
}

}  // namespace tidings::sim
