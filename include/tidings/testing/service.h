#pragma once

#include <tidings/service/service.h>
#include <tidings/testing/case_verdict.h>
#include <tidings/testing/cause.h>
#include <tidings/testing/expectation.h>

#include <concepts>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tidings {

/// One service in a test: what has happened to it, and what came of it last.
///
/// The service runs as it does in production, step loop, inbox and SQLite included, in a world in
/// memory: no broker, no file, no thread, no clock but the test's own, and nobody is asked for an
/// effect. So one handler, a saga or a read model is tested as it will behave.
///
///     EXPECT_TRUE(given(payments, order::Created{...})
///                     .when(answered("gateway.charge", "o1", GatewayAnswer{.accepted = true}))
///                     .then(published(payment::Completed{...}),
///                           row(Payment{.order_id = "o1", ...})));
///
/// What happens is an event, or a `Cause`. An event that the service handles is delivered to it;
/// one of its own domain that it does not handle is published by it, as a step would do.
///
/// Guarantees
/// - Complete. Of what was published, requested from the outside world and set as a timer by the
///   last cause, `then` must name everything, in order, unless it says `and_more()`. Rows it names
///   must stand; others may.
/// - Deterministic. The clock stands at `begin` until `passed(...)` moves it.
///
/// Threads   One thread.
/// Lifetime  The service must outlive it, and is in one case at a time.
class ServiceCase {
public:
    /// The time at which every case begins.
    static constexpr Timestamp begin{
        std::chrono::sys_days{std::chrono::year{2026} / 1 / 1}.time_since_epoch()};

    explicit ServiceCase(Service& service);
    /// How the contract tests look on. Not for users.
    struct Watch;
    ServiceCase(Service& service, Watch& watch);
    ServiceCase(ServiceCase&&) noexcept;
    ServiceCase& operator=(ServiceCase&&) noexcept;
    ~ServiceCase();

    /// Something happened before what is tested. It must succeed.
    ServiceCase& given(const Cause& cause);
    template <Event E>
    ServiceCase& given(const E& event) {
        return given(happened(event));
    }

    /// Something happens; what came of earlier causes no longer counts.
    ServiceCase& when(const Cause& cause);
    template <Event E>
    ServiceCase& when(const E& event) {
        return when(happened(event));
    }

    /// Says whether it succeeded, and exactly this came of it.
    template <std::same_as<Expectation>... Expectations>
    CaseVerdict then(const Expectations&... expectations) const {
        return judge({expectations...});
    }
    /// Says whether nothing came of it at all: no event, request, timer, nor change of any row.
    CaseVerdict then_nothing() const;
    /// Says whether it failed with `code` and left nothing behind; `part` is of the message.
    CaseVerdict then_fails(ErrorCode code, std::string_view part = {}) const;

    /// The time on the case's clock.
    Timestamp now() const;
    /// The data of the events of this type that the last cause had published, for tests that must
    /// look closer.
    template <Event E>
    std::vector<E> published() const {
        std::vector<E> events;
        for (const std::string& data : published_data(E::name.value)) {
            json::Reader reader{data};
            read_data(reader, events.emplace_back()).value();
        }
        return events;
    }
    /// The service's database, to read.
    StoreTransaction& database() const;

private:
    CaseVerdict judge(const std::vector<Expectation>& expectations) const;
    std::vector<std::string> published_data(std::string_view type) const;

    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// Begins a test: all that happened before.
template <class... History>
ServiceCase given(Service& service, const History&... history) {
    ServiceCase begun{service};
    (begun.given(history), ...);
    return begun;
}

}  // namespace tidings
