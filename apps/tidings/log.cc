#include <tidings/base/text.h>

#include "commands.h"
#include "events.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

namespace tidings::cli {

namespace {

constexpr std::size_t no_bound = std::numeric_limits<std::size_t>::max();

Result<EventStream> open_stream(const Directory& directory, const EventQuery& query) {
    const Timestamp now = directory.world().now();
    const auto topics = directory.topics(query.topic);
    if (!topics) return topics.error();
    const LogPlace from = parse_place(query.from, now).value();
    EventStream stream;
    for (const std::string& name : *topics) {
        auto topic = TopicReader::open(directory, name, TopicReader::Sight::everything);
        if (!topic) return std::move(topic).error();
        if (auto started = topic->start(from, false); !started) {
            stream.drop(name, started.error());  // The other topics can still be read.
            continue;
        }
        topic->end(parse_place(query.to, now).value());
        stream.add(std::move(*topic));
    }
    return stream;
}

}  // namespace

int show_log(io::World& world, const std::string& data, const EventQuery& query, Console& console) {
    if (Result<void> asked = check_query(query, world.now()); !asked) {
        console.fail(asked.error());
        return Exit::wrong_use;
    }
    const auto directory = Directory::open(world, data);
    if (!directory) return console.fail(directory.error());
    auto stream = open_stream(*directory, query);
    if (!stream) return console.fail(stream.error());
    for (std::int64_t count = 0; !console.is_closed() && (!query.count || count < *query.count);
         ++count) {
        const auto event = stream->next(query, no_bound);
        if (!event) break;
        print_event(*event, query.full, console);
    }
    int code = Exit::success;
    for (Error error : stream->errors()) {
        if (error.code == ErrorCode::corruption) error.hint = "see all of it: tidings log --verify";
        code = console.fail(error);
    }
    return code;
}

}  // namespace tidings::cli
