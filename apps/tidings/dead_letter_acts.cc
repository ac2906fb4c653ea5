#include <tidings/base/text.h>
#include <tidings/delivery/dead_letters_json.h>
#include <tidings/model/json.h>

#include "commands.h"
#include "dead_letter_targets.h"
#include "directory.h"
#include "door.h"
#include "person.h"

#include <fmt/format.h>

#include <utility>

namespace tidings::cli {

namespace {

/// One step of the service for each part; between two it does its other work.
constexpr std::size_t part_max = 500;

void print_plan(const std::string& act, const Target& target, const DeadLetterOptions& options,
                Console& console) {
    if (console.json()) {
        std::string out;
        json::Writer writer{out};
        writer.begin_object();
        writer.name("plan");
        writer.text(act);
        writer.name("service");
        writer.text(target.service);
        writer.name("chosen");
        writer.integer(target.chosen);
        writer.end_object();
        return console.line(json_line(out));
    }
    console.line(fmt::format("{} {} of {}:", act, counted(target.chosen, "dead letter"),
                             console.strong(target.service)));
    for (const DeadLetterGroup& group : target.groups) {
        console.line(fmt::format("  group {}: {} x {}  {}", group.id.substr(0, 8), group.count,
                                 printable(group.type, 128), error_name(group.error_code)));
        console.line("    such as: " + printable(group.error, 160));
    }
    if (act == "redrive" && options.per_second > 0 && target.chosen > 1) {
        console.line(fmt::format(
            "  at {:g} a second: {} in all", options.per_second,
            age(Timestamp{},
                Timestamp{std::chrono::milliseconds{static_cast<std::int64_t>(
                    1000.0 * static_cast<double>(target.chosen) / options.per_second)}})));
    }
}

void report(const std::string& act, const std::string& service, const DeadLetterAct& done,
            bool running, Console& console) {
    if (console.json()) {
        std::string out;
        json::Writer writer{out};
        write_json(writer, service, done);
        return console.line(json_line(out));
    }
    const std::string_view past = act == "redrive" ? "redriven" : "discarded";
    std::string text = fmt::format("{}: {} {}", service, past, counted(done.done, "dead letter"));
    if (done.already > 0) text += fmt::format("; {} waited for an attempt already", done.already);
    console.line(text);
    if (act == "redrive" && !running && done.done > 0) {
        console.line("  tried again once " + service + " runs");
    }
}

/// Does it, part by part. What was done stays done if a later part fails.
Result<DeadLetterAct> do_all(const std::string& act, Door& door, const DeadLetterOptions& options,
                             Progress& progress) {
    DeadLetterAct sum;
    DeadLetters::Pace pace{options.positions.empty() ? options.per_second : 0, {}, part_max, 0};
    const Actor actor{options.who, options.why};
    while (true) {
        auto part = act == "redrive" ? door.redrive(choice_of(options), pace, actor)
                                     : door.discard(choice_of(options), part_max, actor);
        if (!part) {
            Error error = part.error();
            if (sum.done > 0) {
                error.message += fmt::format(" (after {} were done)", sum.done);
                error.hint = "give the same command again; it goes on where it stopped";
            }
            return error;
        }
        sum.done += part->done;
        sum.already += part->already;
        sum.next_due = pace.first_due = part->next_due;
        sum.positions.insert(sum.positions.end(), part->positions.begin(), part->positions.end());
        sum.chosen = sum.done + part->remaining();
        progress.show(sum.done, sum.chosen);
        if (!part->positions.empty()) pace.after = part->positions.back();
        if (part->remaining() <= 0 || part->done == 0) return sum;
    }
}

}  // namespace

int act_on_dead_letters(io::World& world, const std::string& data, const std::string& act,
                        DeadLetterOptions options, Console& console) {
    if (const auto clear = check_choice(options); !clear) {
        console.fail(clear.error());
        return Exit::wrong_use;
    }
    if (const auto named = check_actor({options.who, options.why}, act == "discard"); !named) {
        console.fail(named.error());
        return Exit::wrong_use;
    }
    const auto directory = Directory::open(world, data);
    if (!directory) return console.fail(directory.error());
    const auto targets = find_targets(*directory, options);
    if (!targets) return console.fail(targets.error());

    const bool is_bulk = options.positions.empty();
    if (is_bulk || options.dry_run) {
        for (const Target& target : *targets) print_plan(act, target, options, console);
    }
    if (options.dry_run) {
        console.note("nothing was done");
        return Exit::success;
    }
    if (is_bulk && !options.yes) {
        if (!is_person()) {
            console.note("nothing was done; add --yes to do it");
            return Exit::success;
        }
        for (const Target& target : *targets) {
            if (!confirm(target.service, console)) {
                console.note("nothing was done");
                return Exit::failure;
            }
        }
    }
    for (const Target& target : *targets) {
        auto door = Door::open(*directory, target.service);
        if (!door) return console.fail(door.error());
        Progress progress{console};
        const auto done = do_all(act, **door, options, progress);
        progress.end();
        if (!done) return console.fail(done.error());
        report(act, target.service, *done, (*door)->is_running(), console);
    }
    return Exit::success;
}

}  // namespace tidings::cli
