#pragma once

#include <tidings/delivery/dead_letters.h>
#include <tidings/delivery/handlers.h>
#include <tidings/io/world.h>
#include <tidings/model/json.h>
#include <tidings/store/store.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tidings {

/// What an event would do to one row.
struct RowChange {
    std::string table;
    std::string before;  ///< The row as a JSON object; empty if it would be new.
    std::string after;   ///< Empty if it would be gone.
};

/// Something that a handler would ask for: an event to publish, a request to the outside world, a
/// timer to set.
struct Intention {
    std::string name;  ///< The event's type, the effect's name, the timer's kind.
    std::string key;   ///< The event's key, the effect's subject, the timer's key.
    std::string data;  ///< JSON.
};

/// What would become of one event.
struct RehearsedEvent {
    std::int64_t position = 0;
    std::string type;
    std::string key;
    std::string event_id;
    bool was_parked = false;        ///< It waited behind one that was meant.
    std::optional<Error> failed{};  ///< Why it would fail again; nothing else is then known of it.
    std::vector<RowChange> rows{};
    std::vector<Intention> published{};
    std::vector<Intention> effects{};
    std::vector<Intention> timers{};
};

/// What would happen if dead letters were redriven now, to the build that was asked.
struct Rehearsal {
    std::string service;
    std::int64_t chosen = 0;  ///< Dead letters that are meant.
    std::vector<RehearsedEvent> events;
    bool is_whole = true;  ///< Whether all of them, and what waits behind them, were rehearsed.

    std::int64_t failed() const noexcept;
};

/// Hands dead letters, and what waits behind them, to the handlers in a scratch copy of the
/// service's database.
///
/// No relay publishes what is in the copy's outbox and nobody carries its effects out, so nothing
/// leaves it; it is rolled back at the end and is to be thrown away. What handlers reach past their
/// transaction (a file, a variable of their object) is not held back: they run as they are.
///
/// Requires: `scratch` is nobody else's, has the service's tables, and no transaction is open.
/// Limits    At most `count_max` events.
/// Threads   That on which the handlers run: in a running service the step loop's, in a command.
/// Errors    `not_found`, `conflict` and `invalid_argument` as DeadLetters; `io_error`.
Result<Rehearsal> rehearse(io::World& world, Store& scratch, const Handlers& handlers,
                           const std::string& service, const std::vector<std::string>& domains,
                           const DeadLetterChoice& choice, std::size_t count_max);

void write_json(json::Writer& writer, const Rehearsal& rehearsal);
/// Reads one as it was written. Errors: `contract_violation`.
Result<Rehearsal> read_rehearsal(std::string_view json);

}  // namespace tidings
