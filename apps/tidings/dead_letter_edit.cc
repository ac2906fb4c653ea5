#include <tidings/base/text.h>
#include <tidings/delivery/dead_letters_json.h>
#include <tidings/io/file.h>
#include <tidings/io/program.h>
#include <tidings/model/json.h>

#include "commands.h"
#include "directory.h"
#include "door.h"
#include "input.h"
#include "json_edit.h"
#include "person.h"

#include <fmt/format.h>

#include <optional>
#include <utility>

namespace tidings::cli {

namespace {

struct Found {
    std::string service;
    DeadLetter letter;
};

/// Finds the letter to edit: at its position, in one service.
Result<Found> find(const Directory& directory, const DeadLetterOptions& options) {
    const auto services = directory.services(options.service);
    if (!services) return services.error();
    const std::int64_t position = options.positions.front();
    std::vector<Found> found;
    for (const std::string& name : *services) {
        const auto read = directory.read(name, [&](StoreTransaction& tx) {
            if (auto letter = DeadLetters{tx}.find(position)) {
                found.push_back({name, std::move(*letter)});
            }
        });
        if (!read) return read.error();
    }
    if (found.empty()) {
        return Error{ErrorCode::not_found, fmt::format("no held event at position {}", position),
                     "see what there is: tidings dead-letters list"};
    }
    if (found.size() > 1) {
        return Error{ErrorCode::invalid_argument,
                     fmt::format("there is a position {} in more than one service", position),
                     fmt::format("add --service: {} or {}", found[0].service, found[1].service)};
    }
    return std::move(found.front());
}

/// Has a person change a text with the editor of their choice, in a file that only they can read.
Result<std::string> edited_by_person(io::World& world, const std::string& editor,
                                     const std::string& directory, const std::string& text) {
    if (editor.empty()) {
        return Error{ErrorCode::invalid_argument, "nothing says what to change",
                     "give --set path=value or --new-data @FILE, or set EDITOR"};
    }
    const std::string path =
        fmt::format("{}/tidings-{}.json", directory, to_string(world.new_uuid()));
    io::FileSystem& files = world.files();
    {
        auto file = files.open(path, io::OpenMode::create_new);
        if (!file) return file.error();
        if (auto written = (*file)->write_at(0, text + "\n"); !written) return written.error();
    }
    // EDITOR is a command as one types it, with options of its own.
    const auto status = io::run_at_terminal({"sh", "-c", editor + " \"$@\"", "sh", path});
    auto changed = io::read_file(files, path, Envelope::bytes_max);
    (void)files.remove(path);
    if (!status) return status.error();
    if (*status != 0) {
        return Error{ErrorCode::cancelled, fmt::format("{} ended with an error", editor),
                     "nothing was changed"};
    }
    return changed;
}

/// The data as it shall be: as given, or what is there with some values set, or edited by hand.
Result<std::string> wanted_data(io::World& world, const DeadLetterOptions& options,
                                const DeadLetter& letter) {
    if (!options.data.empty()) return read_object(world, options.data, "the data");
    const Result<Envelope> event = parse_envelope(letter.envelope);
    if (!event) {
        return Error{event.error().code, "the event cannot be read: " + event.error().message,
                     "give the whole of it as it should have been: --envelope @FILE"};
    }
    if (options.set.empty()) {
        auto changed =
            edited_by_person(world, options.editor, options.temporary, indented(event->data));
        if (!changed) return changed;
        return check_object(std::move(*changed), "the data");
    }
    std::string data = event->data;
    for (const std::string& assignment : options.set) {
        const std::size_t equals = assignment.find('=');
        if (equals == std::string::npos || equals == 0) {
            return Error{ErrorCode::invalid_argument,
                         fmt::format("{} sets nothing", quote(assignment)),
                         "write --set path=value, such as --set items.0.quantity=2"};
        }
        const std::string_view text = assignment;
        auto made = with_value(data, text.substr(0, equals), text.substr(equals + 1));
        if (!made) return made;
        data = std::move(*made);
    }
    return data;
}

void report(const Found& found, const DeadLetters::Edit& edit, const DeadLetterAct& act,
            bool redriven, Console& console) {
    if (console.json()) {
        std::string out;
        json::Writer writer{out};
        write_json(writer, found.service, act);
        return console.line(json_line(out));
    }
    const auto event = parse_envelope(found.letter.envelope);
    if (event && !edit.data.empty()) {
        console.line("  was " + printable(event->data));
        console.line("  is  " + printable(edit.data));
    }
    if (edit.check_only) return console.note("it keeps its contract; nothing was changed");
    console.line(fmt::format("{}: edited {}; it is event {} now", found.service,
                             found.letter.position, act.event_id));
    if (redriven) return console.line("  and redriven");
    console.line(
        fmt::format("  it rests until it is redriven: tidings dead-letters redrive {} "
                    "--service {}",
                    found.letter.position, found.service));
}

}  // namespace

int edit_dead_letter(io::World& world, const std::string& data, DeadLetterOptions options,
                     Console& console) {
    if (const auto named = check_actor({options.who, options.why}, !options.dry_run); !named) {
        console.fail(named.error());
        return Exit::wrong_use;
    }
    if (options.why.empty()) options.why = "a check";  // Of a dry run, which is not kept.
    const auto directory = Directory::open(world, data);
    if (!directory) return console.fail(directory.error());
    const auto found = find(*directory, options);
    if (!found) return console.fail(found.error());

    DeadLetters::Edit edit;
    edit.position = found->letter.position;
    edit.event_id = found->letter.event_id;
    edit.check_only = options.dry_run;
    auto wanted = options.envelope.empty() ? wanted_data(world, options, found->letter)
                                           : read_object(world, options.envelope, "the event");
    if (!wanted) return console.fail(wanted.error());
    (options.envelope.empty() ? edit.data : edit.envelope) = compacted(*wanted);
    if (const auto before = parse_envelope(found->letter.envelope);
        before && before->data == edit.data) {
        console.note("nothing was changed");
        return Exit::success;
    }
    auto door = Door::open(*directory, found->service);
    if (!door) return console.fail(door.error());
    const Actor actor{options.who, options.why};
    const auto act = (*door)->edit(edit, actor);
    if (!act) return console.fail(act.error());
    const bool redrives = options.then_redrive && !options.dry_run;
    if (redrives) {
        DeadLetterChoice choice;
        choice.positions = options.positions;
        if (const auto done = (*door)->redrive(choice, {}, actor); !done) {
            return console.fail(done.error());
        }
    }
    report(*found, edit, *act, redrives, console);
    return Exit::success;
}

}  // namespace tidings::cli
