#include <tidings/io/signals.h>
#include <tidings/log/log.h>

#include "commands.h"
#include "events.h"

#include <memory>

namespace tidings::cli {

namespace {

/// Events printed before the bell and the end are looked at again.
constexpr std::size_t batch_max = 512;
/// How soon the log of a domain that has published nothing before is found.
constexpr Duration topics_every = 1s;

/// Prints events as they come, until it has printed enough or is told to stop.
class Tail final : public io::Worker {
public:
    Tail(const Directory& directory, const EventQuery& query, Console& console,
         io::Signals& signals)
        : directory_(directory), query_(query), console_(console), signals_(signals) {}

    /// Opens what is there already.
    Result<void> open() {
        auto doorbell = log::Doorbell::open(directory_.world(), directory_.logs());
        if (!doorbell) return std::move(doorbell).error();
        doorbell_ = std::move(*doorbell);
        const auto from = parse_place(query_.from, directory_.world().now());
        if (!from) return from.error();
        from_ = *from;
        const auto topics = directory_.topics(query_.topic);
        if (!topics) return topics.error();
        for (const std::string& name : *topics) {
            if (auto added = add(name, true); !added) return added;
        }
        return {};
    }

    TimePoint poll(TimePoint now) override {
        if (done_) return when_woken;
        if (now >= look_at_) look_for_topics(now);
        stream_.look_again();
        for (std::size_t i = 0; i < batch_max && !is_enough(); ++i) {
            const auto event = stream_.next(query_, batch_max);
            if (!event) break;
            print_event(*event, query_.full, console_);
            ++count_;
        }
        console_.flush();
        for (; reported_ < stream_.errors().size(); ++reported_) {
            console_.fail(stream_.errors()[reported_]);
        }
        if (is_enough()) {
            done_ = true;
            signals_.request();
            return when_woken;
        }
        return stream_.is_at_end() ? look_at_ : now;
    }

    std::string_view name() const noexcept override { return "tail"; }
    /// Requires: no thread polls it any more.
    bool has_failed() const { return reported_ > 0; }

private:
    bool is_enough() const {
        return console_.is_closed() || (query_.count && count_ >= *query_.count);
    }

    Result<void> add(const std::string& name, bool at_start) {
        auto topic = TopicReader::open(directory_, name, TopicReader::Sight::acknowledged);
        if (!topic) return std::move(topic).error();
        // Rung from here on: nothing is missed between the first look and the first wait.
        doorbell_->watch(name, wakeup());
        if (auto started = topic->start(from_, at_start); !started) return started;
        stream_.add(std::move(*topic));
        return {};
    }

    void look_for_topics(TimePoint now) {
        look_at_ = query_.topic.empty() ? now + topics_every : when_woken;
        const auto topics = directory_.topics(query_.topic);
        if (!topics) return;
        for (const std::string& name : *topics) {
            if (stream_.has(name)) continue;
            if (auto added = add(name, false); !added) stream_.drop(name, added.error());
        }
    }

    const Directory& directory_;
    const EventQuery& query_;
    Console& console_;
    io::Signals& signals_;
    std::unique_ptr<log::Doorbell> doorbell_;
    LogPlace from_;
    EventStream stream_;
    TimePoint look_at_{};
    std::int64_t count_ = 0;
    std::size_t reported_ = 0;
    bool done_ = false;
};

}  // namespace

int tail(io::World& world, const std::string& data, const EventQuery& query, Console& console) {
    if (Result<void> asked = check_query(query, world.now()); !asked) {
        console.fail(asked.error());
        return Exit::wrong_use;
    }
    io::Signals signals;
    const auto directory = Directory::open(world, data);
    if (!directory) return console.fail(directory.error());
    Tail worker{*directory, query, console, signals};
    if (auto opened = worker.open(); !opened) return console.fail(opened.error());
    io::Runner runner;
    runner.start(worker);
    // With no event to write, a closed pipe is noticed only by asking.
    while (!signals.wait(1s) && !Console::is_abandoned()) {
    }
    runner.stop();
    return worker.has_failed() ? Exit::failure : Exit::success;
}

}  // namespace tidings::cli
