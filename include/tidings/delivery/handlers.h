#pragma once

#include <tidings/delivery/effect.h>
#include <tidings/delivery/handler_options.h>
#include <tidings/delivery/transaction.h>
#include <tidings/model/envelope.h>
#include <tidings/model/upcast.h>
#include <tidings/resilience/retry_policy.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace tidings {

/// A timer that went off.
struct DueTimer {
    std::string kind;
    std::string key;
    std::string data;
    int attempt = 1;
};

/// The outside world's answer to an effect.
struct EffectAnswer {
    std::string effect;
    std::string subject;
    std::string request;  ///< As it was asked.
    std::string answer;   ///< A JSON object.
};

/// A handler as those see it who run it: by which name it fails, and how it is tried again.
struct HandlerEntry {
    std::string name;  ///< The event type (`order.created v2`), `timer <kind>` or `effect <name>`.
    HandlerOptions options{};
    std::size_t number = 0;  ///< From 1, in the order of declaration; 0 is nobody's.
    /// The saga whose instances keep the order of this event type too; empty for none.
    std::string saga{};
};

/// One event type that a service handles: how to read it and whom to call.
class EventRoute {
public:
    virtual ~EventRoute() = default;
    /// Reads the payload, checking the contract. What was read lives until the next call.
    virtual Result<void> read(json::Reader& data) = 0;
    /// Returns the key of what was read.
    virtual std::string key() const = 0;
    /// Calls the handlers, in the order in which they were added, with what was read.
    virtual void handle(Transaction& tx) = 0;
    /// Calls them with `event`, a pointer to the route's own type.
    virtual void handle(const void* event, Transaction& tx) = 0;

    const HandlerEntry& entry() const noexcept { return newest_ ? newest_->entry_ : entry_; }
    /// The major version that it reads.
    int major() const noexcept { return major_; }

private:
    friend class Handlers;
    int major_ = 1;
    const EventRoute* newest_ = nullptr;  ///< Of an older major version: where its events end.
    HandlerEntry entry_;
};

/// All that a service reacts to: events, timers, answers of the outside world.
///
/// Handlers see one type, the newest. An event of an older major version is read by the contract of
/// that version and turned into the newest by the upcasters, so a service accepts every major that
/// its contracts have, and one that cannot does not compile.
///
/// Filled before the service starts and never changed after.
class Handlers {
public:
    /// Calls `handler` for each event of type E, once its step runs.
    template <Event E>
    void on(std::function<void(const E&, Transaction&)> handler) {
        static_assert(Newest<E>,
                      "handle the newest major version: events of older ones are upcast to it");
        route<E>(events_).add(std::move(handler));
    }
    /// The same, and how it is tried again. All handlers of an event type and major version are one
    /// step, so they have one set of options: the one given last.
    template <Event E>
    void on(std::function<void(const E&, Transaction&)> handler, HandlerOptions options) {
        on<E>(std::move(handler));
        set_options(E::name, std::move(options));
    }
    /// Calls `handler` when this service itself publishes an event of type E, in the same step.
    template <Event E>
    void on_published(std::function<void(const E&, Transaction&)> handler) {
        static_assert(Newest<E>, "a service publishes the newest major version of its events");
        route<E>(published_).add(std::move(handler));
    }
    /// A timer is never given up: after the attempts of its policy it goes on at the longest delay,
    /// and the service says so.
    void on_timer(std::string kind, std::function<void(const DueTimer&, Transaction&)> handler,
                  HandlerOptions options = {});
    /// Declares an effect: who carries it out, and what is done with the answer. It is never given
    /// up either, unless the outside world answers with what cannot pass by itself.
    void effect(std::string name, std::shared_ptr<EffectPort> port,
                std::function<void(const EffectAnswer&, Transaction&)> answered,
                HandlerOptions options = {});
    /// Sets how the handlers of an event type are tried again. Requires: it has some.
    void set_options(const EventName& name, HandlerOptions options);
    /// Has these event types keep their order for each key across their topics, as one: they
    /// belong to the instances of a saga. Sagas that share an event type share the order.
    void keep_order(const std::string& saga, const std::vector<EventName>& names);

    /// How failed steps are tried again whose handler has no policy of its own.
    RetryPolicy retry;

    /// Checks all policies. Errors: `invalid_argument`, naming the handler and the number.
    Result<void> check() const;
    const RetryPolicy& policy_of(const HandlerEntry& entry) const noexcept {
        return entry.options.retry ? *entry.options.retry : retry;
    }
    /// The entries of all handlers, by their numbers, which begin with 1.
    std::vector<const HandlerEntry*> entries() const;

    EventRoute* event_route(std::string_view type, int major) const;
    /// The one of the newest major version; nullptr if the type isn't handled.
    EventRoute* newest_route(std::string_view type) const;
    EventRoute* published_route(std::string_view type, int major) const;
    struct Timer {
        std::function<void(const DueTimer&, Transaction&)> handler;
        HandlerEntry entry;
    };
    const Timer* find_timer(std::string_view kind) const;
    struct Effect {
        std::shared_ptr<EffectPort> port;
        std::function<void(const EffectAnswer&, Transaction&)> answered;
        HandlerEntry entry;
    };
    const Effect* find_effect(std::string_view name) const;
    /// The names of all effects, sorted.
    std::vector<std::string> effect_names() const;
    /// The domains whose events are handled, sorted: the topics to subscribe to.
    std::vector<std::string> domains() const;
    /// The saga that keeps the order of events of `type`; empty for none.
    std::string_view saga_of(std::string_view type) const;
    /// The event types and major versions that are handled, by name. Lives as long as this.
    std::vector<EventName> events() const;
    /// Whether any major version of `type` is handled.
    bool handles(std::string_view type) const;

private:
    template <Event E>
    class TypedRoute : public EventRoute {
    public:
        void add(std::function<void(const E&, Transaction&)> handler) {
            handlers_.push_back(std::move(handler));
        }
        Result<void> read(json::Reader& data) override {
            event_ = E{};
            return read_data(data, event_);
        }
        std::string key() const override { return key_of(event_); }
        void handle(Transaction& tx) override { handle(&event_, tx); }
        void handle(const void* event, Transaction& tx) override {
            for (const auto& handler : handlers_) handler(*static_cast<const E*>(event), tx);
        }

    private:
        E event_{};
        std::vector<std::function<void(const E&, Transaction&)>> handlers_;
    };
    /// Reads an older major version of E, and hands on what the upcasters make of it.
    template <Event Older, Event E>
    class UpcastRoute : public EventRoute {
    public:
        explicit UpcastRoute(EventRoute& newest) : newest_route_(newest) {}
        Result<void> read(json::Reader& data) override {
            event_ = Older{};
            return read_data(data, event_);
        }
        std::string key() const override { return key_of(event_); }
        void handle(Transaction& tx) override { handle(&event_, tx); }
        void handle(const void* event, Transaction& tx) override {
            const E newest = upcast_to<E>(*static_cast<const Older*>(event)).value();
            newest_route_.handle(&newest, tx);
        }

    private:
        EventRoute& newest_route_;
        Older event_{};
    };
    /// By type, then by major version.
    using Routes = std::map<std::string, std::map<int, std::unique_ptr<EventRoute>>, std::less<>>;

    template <Event E>
    TypedRoute<E>& route(Routes& routes) {
        auto& slot = routes[std::string{E::name.value}][E::name.major];
        if (!slot) {
            slot = std::make_unique<TypedRoute<E>>();
            slot->major_ = E::name.major;
            slot->entry_.name = name_of(E::name);
            if (&routes == &events_) {
                slot->entry_.number = ++last_number_;
                add_older<E, E>(*slot);
            }
        }
        return static_cast<TypedRoute<E>&>(*slot);
    }
    /// Adds the routes of all major versions before `Than`, which lead to the one of `E`.
    template <Event Than, Event E>
    void add_older(EventRoute& newest) {
        if constexpr (Successor<Than>) {
            using Older = typename Than::Previous;
            auto& slot = events_[std::string{E::name.value}][Older::name.major];
            slot = std::make_unique<UpcastRoute<Older, E>>(newest);
            slot->major_ = Older::name.major;
            slot->newest_ = &newest;
            add_older<Older, E>(newest);
        }
    }
    /// `order.created`, and `order.created v2` for what is told apart from it.
    static std::string name_of(const EventName& name);
    static EventRoute* find(const Routes& routes, std::string_view type, int major);

    Routes events_;
    Routes published_;
    std::map<std::string, Timer, std::less<>> timers_;
    std::map<std::string, Effect, std::less<>> effects_;
    std::size_t last_number_ = 0;
};

}  // namespace tidings
