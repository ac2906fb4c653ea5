#include <tidings/base/text.h>
#include <tidings/delivery/dead_letters_json.h>
#include <tidings/delivery/rehearsal.h>
#include <tidings/io/program.h>
#include <tidings/model/json.h>

#include "commands.h"
#include "dead_letter_targets.h"
#include "directory.h"
#include "door.h"
#include "person.h"

#include <fmt/format.h>

#include <cstdio>
#include <map>
#include <sstream>
#include <utility>

namespace tidings::cli {

namespace {

constexpr std::size_t shown_max = 160;
constexpr std::size_t output_bytes_max = std::size_t{64} << 20;

std::string choice_text(const DeadLetterOptions& options) {
    if (options.all) return "all";
    if (!options.group.empty()) return "group=" + options.group;
    return fmt::format("{}", fmt::join(options.positions, ","));
}

/// Has the service's program rehearse. `--program` is a command as one types it; what it is given
/// beside that reaches it as it is.
Result<Rehearsal> rehearse_by(const DeadLetterOptions& options, const std::string& data,
                              std::string& text) {
    auto said = io::run_program(
        {"sh", "-c", options.program + " \"$@\"", "sh", "--data", data, "--rehearse",
         choice_text(options), "--rehearse-count", std::to_string(options.events_max)},
        output_bytes_max);
    if (!said) return std::move(said).error();
    std::istringstream errors{said->errors};
    for (std::string line; std::getline(errors, line);) {
        fmt::print(stderr, "{}\n", printable(line));
    }
    if (said->status != 0) {
        return Error{ErrorCode::unavailable, quote(options.program, 300) + " did not rehearse",
                     "its own words stand above; a program that ends in silence was taken down by "
                     "a handler: rehearse fewer to find the event"};
    }
    text = std::move(said->output);
    auto rehearsal = read_rehearsal(text);
    if (!rehearsal) return with_context(rehearsal.error(), "what the program printed");
    if (!options.service.empty() && rehearsal->service != options.service) {
        return Error{ErrorCode::invalid_argument,
                     fmt::format("{} runs {}, not {}", quote(options.program, 300),
                                 quote(rehearsal->service), options.service),
                     "give the program of that service"};
    }
    return rehearsal;
}

/// Puts a rehearsal on the audit record of the service, which is the program's own word where it
/// got that far.
Result<void> record(const Directory& directory, const std::vector<Target>& targets,
                    const DeadLetterOptions& options, const Result<Rehearsal>& rehearsal) {
    std::string service = targets.front().service;
    RehearsalResult result;
    if (rehearsal) {
        service = rehearsal->service;
        result.failed = rehearsal->failed();
        result.done = static_cast<std::int64_t>(rehearsal->events.size()) - result.failed;
    } else {
        result.error = rehearsal.error().message;
        if (targets.size() > 1) {
            return Error{ErrorCode::invalid_argument,
                         "the rehearsal is not on the audit record: it is not known of which "
                         "service it was",
                         "add --service"};
        }
    }
    auto door = Door::open(directory, service);
    if (!door) return with_context(door.error(), "the rehearsal is not on the audit record");
    const Actor actor{options.who, options.why};
    const auto done = (*door)->rehearsed(choice_of(options), result, actor);
    if (!done) return with_context(done.error(), "the rehearsal is not on the audit record");
    return {};
}

std::string cut(std::string_view text, bool full) {
    return full ? printable(text) : printable(text, shown_max);
}

void print_event(const RehearsedEvent& event, bool full, Console& console) {
    std::string line = fmt::format("  {:>6}  {}  key={}", event.position,
                                   printable(event.type, 128), printable(event.key, 128));
    if (event.was_parked) line += "  (parked behind it)";
    if (event.failed) {
        console.line(line + "  " + console.alarm("fails"));
        console.line(fmt::format("          {}: {}",
                                 error_name(static_cast<std::int64_t>(event.failed->code)),
                                 cut(event.failed->message, full)));
        return;
    }
    console.line(line + "  is done");
    for (const RowChange& row : event.rows) {
        const std::string table = printable(row.table, 64);
        if (row.before.empty()) {
            console.line(fmt::format("          + {}  {}", table, cut(row.after, full)));
        } else if (row.after.empty()) {
            console.line(fmt::format("          - {}  {}", table, cut(row.before, full)));
        } else {
            console.line(fmt::format("          - {}  {}", table, cut(row.before, full)));
            console.line(fmt::format("          + {}  {}", table, cut(row.after, full)));
        }
    }
    const auto print = [&](std::string_view what, const std::vector<Intention>& intentions) {
        for (const Intention& one : intentions) {
            console.line(fmt::format("          {} {}  {}  {}", what, printable(one.name, 128),
                                     printable(one.key, 128), cut(one.data, full)));
        }
    };
    print("publishes", event.published);
    print("asks", event.effects);
    print("sets timer", event.timers);
}

struct Sums {
    std::int64_t added = 0;
    std::int64_t changed = 0;
    std::int64_t removed = 0;
};

void print_text(const Rehearsal& rehearsal, const std::string& service, bool full,
                Console& console) {
    console.line(fmt::format("{}: rehearsed {}, of {} meant; nothing was changed",
                             console.strong(service),
                             counted(static_cast<std::int64_t>(rehearsal.events.size()), "event"),
                             counted(rehearsal.chosen, "dead letter")));
    std::map<std::string, Sums> tables;
    std::map<std::string, std::int64_t> published;
    std::int64_t asked = 0;
    for (const RehearsedEvent& event : rehearsal.events) {
        print_event(event, full, console);
        for (const RowChange& row : event.rows) {
            Sums& sums = tables[row.table];
            ++(row.before.empty() ? sums.added : row.after.empty() ? sums.removed : sums.changed);
        }
        for (const Intention& one : event.published) ++published[one.name];
        asked += static_cast<std::int64_t>(event.effects.size());
    }
    const std::int64_t failed = rehearsal.failed();
    const auto done = static_cast<std::int64_t>(rehearsal.events.size()) - failed;
    console.line(fmt::format("{} done, {} would fail", done, failed));
    for (const auto& [name, sums] : tables) {
        console.line(fmt::format("  table {}: {} added, {} changed, {} removed",
                                 printable(name, 64), sums.added, sums.changed, sums.removed));
    }
    for (const auto& [name, count] : published) {
        console.line(fmt::format("  {} would be published {}", printable(name, 128),
                                 count == 1 ? "once" : fmt::format("{} times", count)));
    }
    if (asked > 0) {
        console.line(fmt::format("  the outside world would be asked {}",
                                 asked == 1 ? "once" : fmt::format("{} times", asked)));
    }
    if (!rehearsal.is_whole) {
        console.line("  there are more: --count N rehearses them as well");
    }
}

}  // namespace

int rehearse_dead_letters(io::World& world, const std::string& data,
                          const DeadLetterOptions& options, Console& console) {
    for (const auto& asked :
         {check_choice(options), check_actor({options.who, options.why}, false)}) {
        if (asked) continue;
        console.fail(asked.error());
        return Exit::wrong_use;
    }
    const auto directory = Directory::open(world, data);
    if (!directory) return console.fail(directory.error());
    const auto targets = find_targets(*directory, options);
    if (!targets) return console.fail(targets.error());
    console.flush();
    std::string text;
    const auto rehearsal = rehearse_by(options, data, text);
    const auto recorded = record(*directory, *targets, options, rehearsal);
    if (!recorded) console.fail(recorded.error());
    if (!rehearsal) return console.fail(rehearsal.error());
    if (console.json()) {
        console.line(json_line(text));
    } else {
        print_text(*rehearsal, rehearsal->service, options.full, console);
    }
    if (!recorded) return Exit::failure;
    return rehearsal->failed() == 0 ? Exit::success : Exit::found_problems;
}

}  // namespace tidings::cli
