#include <tidings/base/text.h>
#include <tidings/delivery/dead_letters_json.h>
#include <tidings/delivery/rehearsal.h>
#include <tidings/model/json.h>

#include "commands.h"
#include "directory.h"
#include "person.h"

#include <fmt/format.h>

#include <array>
#include <cstdio>
#include <map>
#include <utility>

namespace tidings::cli {

namespace {

constexpr std::size_t shown_max = 160;

std::string choice_text(const DeadLetterOptions& options) {
    if (options.all) return "all";
    if (!options.group.empty()) return "group=" + options.group;
    return fmt::format("{}", fmt::join(options.positions, ","));
}

/// Quotes an argument for the shell.
std::string shell(std::string_view argument) {
    std::string text = "'";
    for (const char c : argument) {
        if (c == '\'') {
            text += "'\\''";
        } else {
            text += c;
        }
    }
    return text + '\'';
}

/// Runs the service's program and reads what it prints. It complains on stderr itself.
Result<std::string> run_program(const std::string& command) {
    std::FILE* pipe = ::popen(command.c_str(), "r");
    if (pipe == nullptr) return Error{ErrorCode::io_error, "cannot run " + quote(command, 300)};
    std::string text;
    std::array<char, 65536> buffer{};
    while (const std::size_t got = std::fread(buffer.data(), 1, buffer.size(), pipe)) {
        text.append(buffer.data(), got);
    }
    const int status = ::pclose(pipe);
    if (status == 0) return text;
    return Error{ErrorCode::unavailable, quote(command, 300) + " did not rehearse",
                 "its own words stand above; a program that ends in silence was taken down by a "
                 "handler: rehearse fewer to find the event"};
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
    const int ways = (options.positions.empty() ? 0 : 1) + (options.group.empty() ? 0 : 1) +
                     (options.all ? 1 : 0);
    if (ways != 1) {
        console.fail({ErrorCode::invalid_argument, "it is not clear which dead letters are meant",
                      "name positions, or --group G, or --all"});
        return Exit::wrong_use;
    }
    const auto directory = Directory::open(world, data);
    if (!directory) return console.fail(directory.error());
    console.flush();
    const auto text =
        run_program(fmt::format("{} --data {} --rehearse {} --rehearse-count {}", options.program,
                                shell(data), shell(choice_text(options)), options.events_max));
    if (!text) return console.fail(text.error());
    const auto rehearsal = read_rehearsal(*text);
    if (!rehearsal) {
        return console.fail(with_context(rehearsal.error(), "what the program printed"));
    }
    if (console.json()) {
        console.line(json_line(*text));
    } else {
        print_text(*rehearsal, rehearsal->service, options.full, console);
    }
    return rehearsal->failed() == 0 ? Exit::success : Exit::found_problems;
}

}  // namespace tidings::cli
