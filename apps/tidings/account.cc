#include <tidings/broker/log_broker.h>
#include <tidings/delivery/accounting.h>
#include <tidings/delivery/dead_letters.h>
#include <tidings/io/signals.h>
#include <tidings/model/json.h>

#include "commands.h"
#include "directory.h"

#include <fmt/format.h>

#include <utility>

namespace tidings::cli {

namespace {

constexpr Duration look_every = 2s;
constexpr std::size_t name_bytes_shown = 128;

/// One service's books, of one moment each.
struct Books {
    std::string service;
    std::vector<TopicAccount> topics;
    std::vector<DiscardedEvents> discarded;
    std::vector<UnaccountedEvent> astray;  ///< Events that cannot be accounted for.

    std::int64_t unaccounted() const { return tidings::unaccounted(topics); }
    bool is_closed() const { return unaccounted() == 0 && astray.empty(); }
};

Result<Books> read_books(const Directory& directory, const std::string& service,
                         const AccountOptions& options, Broker* logs) {
    Books books;
    books.service = service;
    const auto count_max = static_cast<std::size_t>(options.count);
    const auto read = directory.read(service, [&](StoreTransaction& tx) {
        books.topics = account(tx);
        books.discarded = DeadLetters{tx}.discarded();
        books.astray = unaccounted_events(tx, count_max);
        if (logs == nullptr) return;
        for (const TopicAccount& topic : books.topics) {
            auto skipped = skipped_events(tx, *logs, topic.topic, count_max);
            books.astray.insert(books.astray.end(), skipped.begin(), skipped.end());
        }
    });
    if (!read) return read.error();
    return books;
}

void print_json(const Books& books, Console& console) {
    std::string out;
    json::Writer writer{out};
    const auto number = [&writer](std::string_view name, std::int64_t value) {
        writer.name(name);
        writer.integer(value);
    };
    const auto text = [&writer](std::string_view name, std::string_view value) {
        writer.name(name);
        writer.text(utf8(value));
    };
    writer.begin_object();
    text("service", books.service);
    number("unaccounted", books.unaccounted());
    writer.name("topics");
    writer.begin_array();
    for (const TopicAccount& topic : books.topics) {
        writer.begin_object();
        text("topic", topic.topic);
        number("position", topic.position);
        number("accepted", topic.accepted);
        number("done", topic.done);
        number("pending", topic.pending);
        number("scheduled", topic.scheduled);
        number("parked", topic.parked);
        number("dead", topic.dead);
        number("discarded", topic.discarded);
        number("unaccounted", topic.unaccounted());
        writer.end_object();
    }
    writer.end_array();
    writer.name("discardedBy");
    writer.begin_array();
    for (const DiscardedEvents& events : books.discarded) {
        writer.begin_object();
        text("topic", events.topic);
        text("who", events.who);
        text("why", events.why);
        number("count", events.count);
        writer.end_object();
    }
    writer.end_array();
    writer.name("astray");
    writer.begin_array();
    for (const UnaccountedEvent& event : books.astray) {
        writer.begin_object();
        text("topic", event.topic);
        text("source", event.source);
        number("sequence", event.sequence);
        number("place", event.place);
        text("type", event.type);
        text("key", event.key);
        text("what", event.what);
        writer.end_object();
    }
    writer.end_array();
    writer.end_object();
    console.line(json_line(out));
}

void print_astray(const UnaccountedEvent& event, Console& console) {
    std::string name = printable(event.topic.empty() ? "outbox" : event.topic, name_bytes_shown);
    if (event.sequence > 0) name += fmt::format(" sequence {}", event.sequence);
    if (!event.source.empty()) name += " of " + printable(event.source, name_bytes_shown);
    if (!event.type.empty()) {
        name += fmt::format("  {}  key={}", printable(event.type, name_bytes_shown),
                            printable(event.key, name_bytes_shown));
    }
    console.line(fmt::format("  {} {} (at {})", console.alarm("astray:"), name, event.place));
    console.line("    " + printable(event.what));
}

void print_text(const Books& books, Console& console) {
    const std::string verdict = fmt::format("unaccounted {}", books.unaccounted());
    console.line(fmt::format("{}  {}", console.strong(books.service),
                             books.unaccounted() == 0 ? verdict : console.alarm(verdict)));
    for (const TopicAccount& topic : books.topics) {
        console.line(fmt::format(
            "  {}: accepted {} = done {} + pending {} + scheduled {} + parked {} + dead {} + "
            "discarded {}",
            printable(topic.topic, name_bytes_shown), topic.accepted, topic.done, topic.pending,
            topic.scheduled, topic.parked, topic.dead, topic.discarded));
        if (topic.unaccounted() != 0) {
            console.line(fmt::format("    {} {} of them in no state that there is",
                                     console.alarm("unaccounted:"), topic.unaccounted()));
        }
    }
    for (const DiscardedEvents& events : books.discarded) {
        console.line(fmt::format("  discarded {} of {} by {}: {}", events.count,
                                 printable(events.topic, name_bytes_shown),
                                 printable(events.who, name_bytes_shown),
                                 printable(events.why, 200)));
    }
    for (const UnaccountedEvent& event : books.astray) print_astray(event, console);
}

struct Sums {
    std::int64_t accepted = 0;
    std::int64_t unaccounted = 0;
    std::int64_t astray = 0;
};

int look(const Directory& directory, const std::vector<std::string>& services,
         const AccountOptions& options, Broker* logs, Console& console) {
    bool failed = false;
    Sums sums;
    for (const std::string& name : services) {
        const auto books = read_books(directory, name, options, logs);
        if (!books) {
            console.fail(books.error());
            failed = true;
            continue;
        }
        for (const TopicAccount& topic : books->topics) sums.accepted += topic.accepted;
        sums.unaccounted += books->unaccounted();
        sums.astray += static_cast<std::int64_t>(books->astray.size());
        console.json() ? print_json(*books, console) : print_text(*books, console);
    }
    if (!console.json()) {
        console.line(fmt::format("{} accepted by {}; unaccounted {}, astray {}",
                                 counted(sums.accepted, "event"),
                                 counted(static_cast<std::int64_t>(services.size()), "service"),
                                 sums.unaccounted, sums.astray));
    }
    if (failed) return Exit::failure;
    return sums.unaccounted == 0 && sums.astray == 0 ? Exit::success : Exit::found_problems;
}

}  // namespace

int show_account(io::World& world, const std::string& data, const AccountOptions& options,
                 Console& console) {
    io::Signals signals;
    const auto directory = Directory::open(world, data);
    if (!directory) return console.fail(directory.error());
    const auto services = directory->services(options.service);
    if (!services) return console.fail(services.error());
    std::unique_ptr<Broker> logs;
    if (options.logs) {
        auto broker = open_log_broker(world, directory->logs());
        if (!broker) return console.fail(broker.error());
        logs = std::move(*broker);
    }
    while (true) {
        const int code = look(*directory, *services, options, logs.get(), console);
        if (!options.watch) return code;
        console.flush();
        if (console.is_closed() || Console::is_abandoned() || signals.wait(look_every)) {
            return code;
        }
        if (!console.json()) console.line("");
    }
}

}  // namespace tidings::cli
