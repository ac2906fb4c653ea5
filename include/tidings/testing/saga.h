#pragma once

#include <tidings/saga/saga.h>
#include <tidings/testing/case_verdict.h>
#include <tidings/testing/cause.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tidings {

/// One saga instance in a test: what has happened to it, and what it answered last.
///
/// It runs the saga's rules alone: no broker, no database, no clock, no mock.
///
///     EXPECT_TRUE(given(fulfilment(), created, paid)
///                     .when(refused)
///                     .then(order::PaymentRevoked{.order_id = "o1"}));
///
/// What happens is an event, a `Cancellation`, a `DeadlineExceeded`, or that time has `passed`,
/// which a deadline may have too. The first must be the event that the saga starts with.
///
/// Threads   One thread.
class SagaCase {
public:
    explicit SagaCase(std::shared_ptr<const SagaDefinition> definition);

    /// Something happened; what the saga published before no longer counts.
    template <class Happening>
    SagaCase& when(const Happening& cause) {
        published_.clear();
        if constexpr (std::same_as<Happening, Cancellation>) {
            fail(saga_cancellation, &cause);
        } else if constexpr (std::same_as<Happening, DeadlineExceeded>) {
            fail(saga_deadline, &cause);
        } else if constexpr (std::same_as<Happening, Cause>) {
            pass(cause);
        } else {
            static_assert(Event<Happening>, "neither an event nor a failure of a saga");
            happen(Happening::name, &cause);
        }
        return *this;
    }

    /// Says whether exactly these events were published by what happened last, in this order.
    template <Event... Events>
    CaseVerdict then(const Events&... events) const {
        std::vector<PublishedEvent> expected;
        std::string wrong;
        (expect(erase(events), expected, wrong), ...);
        return compare(expected, std::move(wrong));
    }

    /// Says whether the instance now awaits this step, whose deadline passes so long from now.
    CaseVerdict then_awaits(std::string_view step, Duration deadline) const;
    /// Says whether the instance is over, or being undone, with this status.
    CaseVerdict then_is(SagaStatus status) const;

    /// Where the instance stands. Requires: it has begun.
    const SagaProgress& progress() const;

private:
    void happen(const EventName& name, const void* event);
    void fail(const EventName& on, const void* cause);
    void pass(const Cause& time);
    /// How long the awaited step may still take; nothing if no deadline is set.
    std::optional<Duration> left() const;
    std::string standing() const;
    static void expect(Result<PublishedEvent> event, std::vector<PublishedEvent>& expected,
                       std::string& wrong);
    CaseVerdict compare(const std::vector<PublishedEvent>& expected, std::string wrong) const;

    std::shared_ptr<const SagaDefinition> definition_;
    std::optional<SagaInstance> instance_;
    std::vector<PublishedEvent> published_;
    Duration waited_{0};     ///< For the awaited step's answer.
    std::string complaint_;  ///< Why the case itself makes no sense.
};

/// Begins a test: all that happened before, the starting event first.
template <SagaState State, class... History>
SagaCase given(const Saga<State>& saga, const History&... history) {
    SagaCase begun{saga.definition()};
    (begun.when(history), ...);
    return begun;
}

}  // namespace tidings
