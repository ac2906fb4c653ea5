#pragma once

#include <tidings/model/event.h>
#include <tidings/model/json.h>
#include <tidings/model/published_event.h>
#include <tidings/store/store.h>

#include <optional>
#include <string>
#include <string_view>

namespace tidings {

/// The one atomic unit of a service: what a handler, a command or a timer changes.
///
/// Domain rows, events to publish, timers and requests to the outside world commit together with
/// the record that the cause was handled, or not at all. A handler gets it, uses it and returns; it
/// never commits, and keeps no reference to it.
///
///     void on(const product::ValidationCompleted& event, Transaction& tx) {
///         Order placed = orders_.get(tx, event.order_id);
///         placed.status = event.is_valid ? Status::validated : Status::rejected;
///         orders_.put(tx, placed.id, placed);
///         tx.publish(order::Created{.order_id = placed.id});
///     }
///
/// Guarantees
/// - Atomic, together with the inbox mark of the event being handled.
/// - What is published carries the correlation id of the cause, and its id as causation id.
/// - A handler that throws leaves nothing behind; the event is tried again or dead-lettered.
///
/// Threads   The service's step loop only.
/// Errors    Members throw `Failure`; let it pass.
class Transaction {
public:
    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;

    /// Puts `event` into the outbox; it is published once the transaction has committed.
    /// If the contract of the major version before it says `downcast`, the event of that version
    /// follows it, with an id of its own; each consumer takes one of both.
    /// Throws Failure with `contract_violation` if it breaks its contract or its domain is not
    /// this service's own.
    template <Event E>
    void publish(const E& event) {
        publish(erase(event).value());
        if (handled_here(E::name)) handle_here(E::name, &event);
    }
    /// The same for an event whose type is erased. Handlers of the same service that asked for
    /// events as they are published (`Handlers::on_published`) are not told of it.
    void publish(const PublishedEvent& event);

    /// A new UUID version 4, as text.
    std::string new_id();
    /// When the cause happened: the event's own time, or now for commands, timers and answers.
    Timestamp time() const noexcept;
    /// The business transaction that this step belongs to.
    std::string_view correlation_id() const noexcept;
    /// The id of the event, command, timer or effect being handled.
    std::string_view causation_id() const noexcept;

    /// Sets (or moves) the durable timer `kind`/`key` to go off `after` from now.
    void set_timer(std::string_view kind, std::string_view key, Duration after,
                   std::string_view data = "{}");
    /// Takes a timer back; none there is fine.
    void cancel_timer(std::string_view kind, std::string_view key);

    /// Asks the outside world for `effect` with `request` (a JSON object), after the commit. The
    /// idempotency key is derived from the cause; `subject` (such as an order's id) is what the
    /// answer's handler gets back. See `Handlers::effect`.
    void request(std::string_view effect, std::string_view subject, std::string_view request);

    /// The database's side, for SQL on the service's own tables.
    StoreTransaction& store() noexcept;
    template <class... Args>
    std::int64_t execute(std::string_view sql, const Args&... args) {
        return store().execute(sql, args...);
    }
    template <class... Args>
    Rows query(std::string_view sql, const Args&... args) {
        return store().query(sql, args...);
    }
    template <class T, class... Args>
    std::optional<T> value(std::string_view sql, const Args&... args) {
        return store().value<T>(sql, args...);
    }

    /// How the machinery makes one. Not for users.
    struct Context;
    explicit Transaction(Context& context) noexcept : context_(context) {}

private:
    /// The same for one event of those that are cast down from one, or that one.
    void publish(const PublishedEvent& event, int downcast, int downcasts_left);
    bool handled_here(const EventName& name) const noexcept;
    void handle_here(const EventName& name, const void* event);

    Context& context_;
};

}  // namespace tidings
