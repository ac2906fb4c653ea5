#pragma once

#include <tidings/delivery/handlers.h>
#include <tidings/delivery/transaction.h>
#include <tidings/model/upcast.h>
#include <tidings/saga/definition.h>

#include <concepts>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace tidings {

/// A step's answer did not come in time.
struct DeadlineExceeded {
    std::string step;
    std::string reason = "DEADLINE_EXCEEDED";
};

/// Somebody asked for the saga to be given up: see `SagaHandle::cancel`.
struct Cancellation {
    std::string reason = "CANCELLED_BY_CUSTOMER";
};

namespace detail {

template <class F>
struct Callable : Callable<decltype(&F::operator())> {};
template <class C, class R, class First>
struct Callable<R (C::*)(First) const> {
    using Result = R;
    using first = std::decay_t<First>;
};
template <class C, class R, class First, class Second>
struct Callable<R (C::*)(First, Second) const> {
    using Result = R;
    using first = std::decay_t<First>;
    using second = std::decay_t<Second>;
};

template <Event E>
SagaEvent saga_event() {
    return {E::name,
            [](const void* event) {
                std::string data;
                json::Writer writer{data};
                write_data(writer, *static_cast<const E*>(event));
                return data;
            },
            [](std::string_view data, int major) -> Result<std::shared_ptr<const void>> {
                Result<E> event = read_any_major<E>(data, major);
                if (!event) return std::move(event).error();
                return std::shared_ptr<const void>{std::make_shared<E>(std::move(*event))};
            }};
}

}  // namespace detail

/// What a saga keeps between its events: a generated struct, stored as JSON.
template <class S>
concept SagaState = std::default_initializable<S> && std::copyable<S> &&
    requires(const S& state, S& read, json::Writer& writer, json::Reader& reader) {
    write_data(writer, state);
    { read_data(reader, read) } -> std::same_as<Result<void>>;
};

/// A business transaction over several services: steps that await an answer, each with a deadline
/// and with what makes it good again.
///
///     Saga<Fulfilment> fulfilment() {
///         return saga<Fulfilment>("order.fulfilment")
///             .start([](const order::Created& e) { return Fulfilment{.order_id = e.order_id}; })
///             .step("payment", 15min, [](Fulfilment& state, const payment::Completed&) {
///                 return order::PaymentCompleted{.order_id = state.order_id};
///             })
///             .undo<payment::Refunded>([](const Fulfilment& state) {
///                 return order::PaymentRevoked{.order_id = state.order_id};
///             })
///             .fail_on<payment::Failed, Cancellation, DeadlineExceeded>(
///                 [](const Fulfilment& state, const auto& failure) {
///                     return order::Cancelled{state.order_id, failure.reason};
///                 });
///     }
///
/// Guarantees
/// - Its state is rows of the service's database: it moves in the step that handles the event.
/// - After a failure, what was done is undone one at a time, in reverse order, each waiting for its
///   answer; only then the failure's event is published.
/// - An answer that comes early waits for its step; one that comes after the saga was given up is
///   undone too, also when the saga is over.
/// - It ends: completed, compensated, or in need of an operator. Nothing waits for ever unheard of,
///   unless a deadline of zero says so.
/// - Instances are told apart by the contracts' key: equal keys are one instance.
template <SagaState State>
class Saga {
public:
    explicit Saga(std::string name) {
        definition_ = std::make_shared<SagaDefinition>();
        definition_->name = std::move(name);
        definition_->write_state = [](const void* state, std::string& out) {
            json::Writer writer{out};
            write_data(writer, *static_cast<const State*>(state));
        };
        definition_->read_state = [](std::string_view text) -> Result<std::shared_ptr<void>> {
            auto state = std::make_shared<State>();
            json::Reader reader{text};
            if (Result<void> read = read_data(reader, *state); !read) return read.error();
            return std::shared_ptr<void>{std::move(state)};
        };
        definition_->copy_state = [](const void* state) -> std::shared_ptr<void> {
            return std::make_shared<State>(*static_cast<const State*>(state));
        };
    }

    /// An instance begins with an event: of this service, when it publishes it, in the same step.
    template <class F>
    Saga&& start(F make) && {
        using E = typename detail::Callable<F>::first;
        definition_->start = detail::saga_event<E>();
        definition_->make = [make](const void* event) -> std::shared_ptr<void> {
            return std::make_shared<State>(make(*static_cast<const E*>(event)));
        };
        definition_->hooks.push_back([](Handlers& handlers, SagaRunner& runner, bool own) {
            auto started = [&runner](const E& event, Transaction& tx) {
                runner.started(key_of(event), &event, tx);
            };
            own ? handlers.on_published<E>(started) : handlers.on<E>(started);
        });
        return std::move(*this);
    }

    /// Awaits an answer for at most `deadline`; then changes the state and may state an event.
    template <class F>
    Saga&& step(std::string name, Duration deadline, F done) && {
        using E = typename detail::Callable<F>::second;
        SagaStep step;
        step.name = std::move(name);
        step.deadline = deadline;
        step.answer = detail::saga_event<E>();
        step.done = [done](void* state, const void* event) -> std::optional<PublishedEvent> {
            State& typed = *static_cast<State*>(state);
            const E& answer = *static_cast<const E*>(event);
            if constexpr (std::is_void_v<typename detail::Callable<F>::Result>) {
                done(typed, answer);
                return std::nullopt;
            } else {
                return erase(done(typed, answer)).value();
            }
        };
        if constexpr (!std::is_void_v<typename detail::Callable<F>::Result>) {
            step.states = detail::Callable<F>::Result::name;
        }
        definition_->steps.push_back(std::move(step));
        hook<E>();
        return std::move(*this);
    }

    /// What makes the step before good again: the event to state, and the answers that end it. One
    /// of them is awaited for at most `deadline`; then the instance needs an operator, who is told
    /// of it by the service's health. An answer that comes later still is used.
    template <Event... Answers, class F>
    Saga&& undo(F state_event, Duration deadline = 24h) && {
        static_assert(sizeof...(Answers) > 0, "name the events that say that the step is undone");
        SagaStep& step = definition_->steps.back();
        step.undo = [state_event](const void* state) {
            return erase(state_event(*static_cast<const State*>(state))).value();
        };
        step.undo_states = std::invoke_result_t<F, const State&>::name;
        step.undo_deadline = deadline;
        (step.undone_by.push_back(Answers::name), ...);
        (hook<Answers>(), ...);
        return std::move(*this);
    }

    /// What gives the saga up: events, `Cancellation`, `DeadlineExceeded`. The event that `ended`
    /// returns is published once everything done is undone.
    template <class... Failures, class F>
    Saga&& fail_on(F ended) && {
        (add_failure<Failures>(ended), ...);
        return std::move(*this);
    }

    /// Is told, in the same transaction, whenever an instance has moved.
    Saga&& observe(std::function<void(const State&, const SagaProgress&, Transaction&)> moved) && {
        definition_->observe = [moved = std::move(moved)](const void* state,
                                                          const SagaProgress& progress,
                                                          Transaction& tx) {
            moved(*static_cast<const State*>(state), progress, tx);
        };
        return std::move(*this);
    }

    const std::shared_ptr<SagaDefinition>& definition() const noexcept { return definition_; }

private:
    template <Event E>
    void hook() {
        for (const EventName& name : definition_->hooked) {
            if (name == E::name) return;
        }
        definition_->hooked.push_back(E::name);
        definition_->hooks.push_back([](Handlers& handlers, SagaRunner& runner, bool) {
            handlers.on<E>([&runner](const E& event, Transaction& tx) {
                runner.happened(E::name, key_of(event), &event, tx);
            });
        });
    }

    template <class Failed, class F>
    void add_failure(F ended) {
        using Ended = std::invoke_result_t<F, const State&, const Failed&>;
        SagaFailure failure;
        if constexpr (Event<Failed>) {
            failure.on = Failed::name;
            hook<Failed>();
        } else if constexpr (std::same_as<Failed, Cancellation>) {
            failure.on = saga_cancellation;
        } else {
            static_assert(std::same_as<Failed, DeadlineExceeded>, "not a failure of a saga");
            failure.on = saga_deadline;
        }
        failure.name = Ended::name;
        failure.read = [](std::string_view data, int major) -> Result<PublishedEvent> {
            const Result<Ended> event = read_any_major<Ended>(data, major);
            if (!event) return event.error();
            return erase(*event);
        };
        failure.ended = [ended](const void* state, const void* cause) {
            const Ended event =
                ended(*static_cast<const State*>(state), *static_cast<const Failed*>(cause));
            SagaFailure::End end{erase(event).value(), {}};
            if constexpr (requires { std::string{event.reason}; }) {
                end.reason = event.reason;
            } else if constexpr (requires { std::string{*event.reason}; }) {
                if (event.reason) end.reason = *event.reason;
            }
            return end;
        };
        definition_->failures.push_back(std::move(failure));
    }

    std::shared_ptr<SagaDefinition> definition_;
};

/// Begins to declare a saga. The name is persistent: running instances are found by it.
template <SagaState State>
Saga<State> saga(std::string name) {
    return Saga<State>{std::move(name)};
}

}  // namespace tidings
