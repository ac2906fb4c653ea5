#pragma once

#include <tidings/base/time.h>
#include <tidings/delivery/step_loop.h>
#include <tidings/io/http.h>
#include <tidings/store/store.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tidings {
class Host;
}  // namespace tidings

namespace tidings::sim {

/// The final answer to a call of the workload.
struct CallAnswer {
    std::uint64_t call = 0;  ///< Its number, from 1 in the order in which calls were made.
    std::string service;
    io::HttpRequest request;
    io::HttpResponse response;
    int attempts = 0;
};

/// What an outside dependency has done, once, whatever it was asked for.
struct DependencyEffect {
    std::string name;             ///< The effect's, e.g. `gateway.charge`.
    std::string idempotency_key;  ///< Each key stands here once.
    std::string subject;
    std::string request;
    std::string answer;
    int asked = 0;     ///< How often it was asked for with this key.
    Duration first{};  ///< When it was done: virtual time.
};

/// What an invariant may look at: a run between two polls, while every service is up.
///
///     shop.always("nobody is counted twice", [](const sim::View& view) {
///         auto& audience = view.read("audience-service");
///         ...
///     });
class View {
public:
    virtual ~View() = default;

    /// Virtual time since the beginning of the run.
    virtual Duration elapsed() const = 0;
    /// The names of all services, in the order in which they were added.
    virtual std::vector<std::string> services() const = 0;
    virtual DeliveryStatus status(std::string_view service) const = 0;
    /// The service's database, to be read. What it throws ends the run as a violation.
    virtual StoreTransaction& read(std::string_view service) const = 0;
    virtual Host& host(std::string_view service) const = 0;
    /// The calls of the workload that have their final answer, in the order of these.
    virtual const std::vector<CallAnswer>& answers() const = 0;
    /// What the dependency has done, in its order.
    virtual const std::vector<DependencyEffect>& effects(std::string_view dependency) const = 0;
};

}  // namespace tidings::sim
