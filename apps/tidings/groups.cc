#include <tidings/base/text.h>
#include <tidings/broker/log_groups.h>
#include <tidings/log/log.h>
#include <tidings/model/json.h>
#include <tidings/store/sqlite.h>

#include "commands.h"
#include "directory.h"
#include "owner.h"
#include "person.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace tidings::cli {

namespace {

/// A group at one topic.
struct Registered {
    std::string topic;
    LogGroup group;
    std::int64_t high_watermark = 0;
    bool has_database = false;  ///< Of a service of its name.

    std::int64_t behind() const {
        return high_watermark - group.position.value_or(Position{}).value;
    }
};

Result<std::vector<Registered>> find(const Directory& directory, const GroupOptions& options) {
    const auto topics = directory.topics(options.topic);
    if (!topics) return topics.error();
    const auto services = directory.services();
    if (!services) return services.error();
    std::vector<Registered> found;
    for (const std::string& topic : *topics) {
        auto groups = log_groups(directory.world().files(), directory.log(topic));
        if (!groups) return std::move(groups).error();
        auto reader = log::Reader::open(directory.world(), directory.log(topic),
                                        log::Reader::Unacknowledged::shown);
        if (!reader) return std::move(reader).error();
        for (LogGroup& group : *groups) {
            if (!options.group.empty() && group.name != options.group) continue;
            const bool has_database =
                std::find(services->begin(), services->end(), group.name) != services->end();
            found.push_back(
                {topic, std::move(group), (*reader)->high_watermark().value, has_database});
        }
    }
    return found;
}

std::string position_text(const Registered& one) {
    if (!one.group.position) return "position unknown: its file is damaged";
    return fmt::format("position {} of {}, {} behind", one.group.position->value,
                       one.high_watermark, counted(one.behind(), "event"));
}

void print(const Registered& one, Console& console) {
    if (!console.json()) {
        std::string line =
            fmt::format("  {}  {}", console.strong(one.group.name), position_text(one));
        if (!one.has_database) line += "  (no service of this name here)";
        return console.line(line);
    }
    std::string out;
    json::Writer writer{out};
    writer.begin_object();
    writer.name("topic");
    writer.text(one.topic);
    writer.name("group");
    writer.text(one.group.name);
    writer.name("position");
    one.group.position ? writer.integer(one.group.position->value) : writer.null();
    writer.name("highWatermark");
    writer.integer(one.high_watermark);
    writer.name("service");
    writer.boolean(one.has_database);
    writer.end_object();
    console.line(json_line(out));
}

/// Refuses a group whose service runs.
Result<void> check_stopped(const Directory& directory, const std::string& group) {
    const Error runs_here{ErrorCode::conflict, group + " runs and reads on",
                          "only a group that is gone for good can be forgotten"};
    if (const auto port = directory.port(group); port && runs(*port, group)) return runs_here;
    // Who does not answer may yet hold the database.
    SqliteOptions options;
    options.holder = "tidings, which looks whether it runs";
    auto store = open_sqlite(directory.world(), directory.database(group), options);
    if (!store) {
        return store.error().code == ErrorCode::unavailable ? runs_here : store.error();
    }
    return (*store)->close();
}

}  // namespace

int list_groups(io::World& world, const std::string& data, const GroupOptions& options,
                Console& console) {
    const auto directory = Directory::open(world, data);
    if (!directory) return console.fail(directory.error());
    const auto found = find(*directory, options);
    if (!found) return console.fail(found.error());
    std::string topic;
    for (const Registered& one : *found) {
        if (one.topic != topic && !console.json()) console.line(one.topic + ":");
        topic = one.topic;
        print(one, console);
    }
    if (found->empty() && !console.json()) console.line("nobody reads here yet");
    return Exit::success;
}

int forget_group(io::World& world, const std::string& data, const GroupOptions& options,
                 Console& console) {
    const auto directory = Directory::open(world, data);
    if (!directory) return console.fail(directory.error());
    const auto found = find(*directory, options);
    if (!found) return console.fail(found.error());
    if (found->empty()) {
        return console.fail({ErrorCode::not_found, fmt::format("no group {}", quote(options.group)),
                             "see which there are: tidings groups"});
    }
    const bool has_database = found->front().has_database;
    if (has_database) {
        if (const auto stopped = check_stopped(*directory, options.group); !stopped) {
            return console.fail(stopped.error());
        }
    }
    if (!console.json()) {
        for (const Registered& one : *found) {
            console.line(
                fmt::format("forget {} at {}: {}", one.group.name, one.topic, position_text(one)));
        }
        if (has_database) {
            console.line("  should it start again after it missed something, it takes nothing");
        }
    }
    if (!options.yes) {
        if (!is_person()) {
            console.note("nothing was done; add --yes to do it");
            return Exit::success;
        }
        if (!confirm(options.group, console)) {
            console.note("nothing was done");
            return Exit::failure;
        }
    }
    for (const Registered& one : *found) {
        const auto forgotten =
            forget_log_group(world.files(), directory->log(one.topic), {one.group.name});
        if (!forgotten) return console.fail(forgotten.error());
        if (console.json()) {
            print(one, console);
        } else {
            console.line(
                fmt::format("{}: retention waits for {} no more", one.topic, one.group.name));
        }
    }
    return Exit::success;
}

}  // namespace tidings::cli
