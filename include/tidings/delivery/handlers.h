#pragma once

#include <tidings/delivery/effect.h>
#include <tidings/delivery/transaction.h>
#include <tidings/model/envelope.h>
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

/// One event type that a service handles: how to read it and whom to call.
class EventRoute {
public:
    virtual ~EventRoute() = default;
    /// Reads the payload, checking the contract. What was read lives until the next call.
    virtual Result<void> read(json::Reader& data) = 0;
    /// Calls the handlers, in the order in which they were added, with what was read.
    virtual void handle(Transaction& tx) = 0;
    /// Calls them with `event`, a pointer to the route's own type.
    virtual void handle(const void* event, Transaction& tx) = 0;
};

/// All that a service reacts to: events, timers, answers of the outside world.
///
/// Filled before the service starts and never changed after.
class Handlers {
public:
    /// Calls `handler` for each event of type E, once its step runs.
    template <Event E>
    void on(std::function<void(const E&, Transaction&)> handler) {
        route<E>(events_).add(std::move(handler));
    }
    /// Calls `handler` when this service itself publishes an event of type E, in the same step.
    template <Event E>
    void on_published(std::function<void(const E&, Transaction&)> handler) {
        route<E>(published_).add(std::move(handler));
    }
    void on_timer(std::string kind, std::function<void(const DueTimer&, Transaction&)> handler);
    /// Declares an effect: who carries it out, and what is done with the answer.
    void effect(std::string name, std::shared_ptr<EffectPort> port,
                std::function<void(const EffectAnswer&, Transaction&)> answered);

    /// How failed steps are tried again.
    RetryPolicy retry;

    EventRoute* event_route(std::string_view type, int major) const;
    EventRoute* published_route(std::string_view type, int major) const;
    const std::function<void(const DueTimer&, Transaction&)>* timer(std::string_view kind) const;
    struct Effect {
        std::shared_ptr<EffectPort> port;
        std::function<void(const EffectAnswer&, Transaction&)> answered;
    };
    const Effect* find_effect(std::string_view name) const;
    /// The names of all effects, sorted.
    std::vector<std::string> effect_names() const;
    /// The domains whose events are handled, sorted: the topics to subscribe to.
    std::vector<std::string> domains() const;
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
        void handle(Transaction& tx) override { handle(&event_, tx); }
        void handle(const void* event, Transaction& tx) override {
            for (const auto& handler : handlers_) handler(*static_cast<const E*>(event), tx);
        }

    private:
        E event_{};
        std::vector<std::function<void(const E&, Transaction&)>> handlers_;
    };
    /// By type, then by major version.
    using Routes = std::map<std::string, std::map<int, std::unique_ptr<EventRoute>>, std::less<>>;

    template <Event E>
    TypedRoute<E>& route(Routes& routes) {
        auto& slot = routes[std::string{E::name.value}][E::name.major];
        if (!slot) slot = std::make_unique<TypedRoute<E>>();
        return static_cast<TypedRoute<E>&>(*slot);
    }
    static EventRoute* find(const Routes& routes, std::string_view type, int major);

    Routes events_;
    Routes published_;
    std::map<std::string, std::function<void(const DueTimer&, Transaction&)>, std::less<>> timers_;
    std::map<std::string, Effect, std::less<>> effects_;
};

}  // namespace tidings
