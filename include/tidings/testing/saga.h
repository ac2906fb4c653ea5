#pragma once

#include <tidings/saga/saga.h>

#include <iosfwd>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tidings {

/// Whether a saga did what its test expects, and if not, what it did instead.
///
/// Works with GoogleTest (`EXPECT_TRUE(...)` shows the difference) and Catch2 (`REQUIRE(...)`)
/// alike, and needs neither.
class [[nodiscard]] SagaVerdict {
public:
    /// An empty `difference` stands for success.
    explicit SagaVerdict(std::string difference) : difference_(std::move(difference)) {}

    explicit operator bool() const noexcept { return difference_.empty(); }
    /// What was expected and what happened; empty if these are the same.
    const std::string& difference() const noexcept { return difference_; }

    /// Becomes `::testing::AssertionResult`, so that its message is shown.
    template <class Assertion>
    requires requires(Assertion& made) {
        made.failure_message();
        made << std::string{};
    }
    operator Assertion() const {  // NOLINT: implicit, for that is how EXPECT_TRUE takes it
        Assertion made{difference_.empty()};
        made << difference_;
        return made;
    }

private:
    std::string difference_;
};

std::ostream& operator<<(std::ostream& out, const SagaVerdict& verdict);

/// One saga instance in a test: what has happened to it, and what it answered last.
///
/// It runs the saga's rules alone: no broker, no database, no clock, no mock.
///
///     EXPECT_TRUE(given(fulfilment(), created, paid)
///                     .when(refused)
///                     .then(order::PaymentRevoked{.order_id = "o1"}));
///
/// What happens is an event, a `Cancellation` or a `DeadlineExceeded`. The first must be the event
/// that the saga starts with.
///
/// Threads   One thread.
class SagaCase {
public:
    explicit SagaCase(std::shared_ptr<const SagaDefinition> definition);

    /// Something happened; what the saga published before no longer counts.
    template <class Cause>
    SagaCase& when(const Cause& cause) {
        published_.clear();
        if constexpr (std::same_as<Cause, Cancellation>) {
            fail(saga_cancellation, &cause);
        } else if constexpr (std::same_as<Cause, DeadlineExceeded>) {
            fail(saga_deadline, &cause);
        } else {
            static_assert(Event<Cause>, "neither an event nor a failure of a saga");
            happen(Cause::name, &cause);
        }
        return *this;
    }

    /// Says whether exactly these events were published by what happened last, in this order.
    template <Event... Events>
    SagaVerdict then(const Events&... events) const {
        std::vector<PublishedEvent> expected;
        std::string wrong;
        (expect(erase(events), expected, wrong), ...);
        return compare(expected, std::move(wrong));
    }

    /// Where the instance stands. Requires: it has begun.
    const SagaProgress& progress() const;

private:
    void happen(const EventName& name, const void* event);
    void fail(const EventName& on, const void* cause);
    static void expect(Result<PublishedEvent> event, std::vector<PublishedEvent>& expected,
                       std::string& wrong);
    SagaVerdict compare(const std::vector<PublishedEvent>& expected, std::string wrong) const;

    std::shared_ptr<const SagaDefinition> definition_;
    std::optional<SagaInstance> instance_;
    std::vector<PublishedEvent> published_;
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
