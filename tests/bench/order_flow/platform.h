#pragma once

#include <tidings/broker/broker.h>
#include <tidings/delivery/step_loop.h>
#include <tidings/io/worker.h>
#include <tidings/io/world.h>
#include <tidings/store/store.h>

#include "order_flow/services.h"

#include <atomic>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace order_flow {

/// When the orders passed each station.
struct Times {
    std::vector<tidings::TimePoint> submitted;
    std::vector<tidings::TimePoint> accepted;
    std::vector<tidings::TimePoint> finished;
};

/// The order service and the product service in one process, each with a database, a step loop, a
/// relay and threads of its own, on one embedded log; all of it durable.
///
/// Threads   One thread.
class Platform {
public:
    /// Starts both on a directory of their own, and fills the catalogue.
    static tidings::Result<std::unique_ptr<Platform>> start(const std::string& directory,
                                                            std::int64_t orders);
    ~Platform();

    /// Hands over order `number`. Errors: `unavailable` (too many wait).
    tidings::Result<void> submit(std::int64_t number, tidings::TimePoint submitted);
    /// Orders handed over and not answered yet.
    std::int64_t unanswered() const { return submitted_ - accepted_.load(); }
    /// Waits until at most `count` are unanswered. Errors: `unavailable` if nothing moves.
    tidings::Result<void> wait_for_answers(std::int64_t count);
    /// Waits until every order that was handed over has its final state, durably.
    /// Errors: `unavailable` if nothing moves any more.
    tidings::Result<void> wait_for_the_end();
    /// Counts what is there: none lost, no effect twice. Returns what is wrong.
    tidings::Result<void> verify();

    const Times& times() const { return times_; }

private:
    /// One service: what it keeps, does and runs on.
    struct Running {
        std::unique_ptr<tidings::Store> store;
        tidings::Handlers handlers;
        std::unique_ptr<tidings::StepLoop> loop;
    };

    explicit Platform(std::int64_t orders);
    tidings::Result<void> open(const std::string& directory);
    tidings::Result<void> open(Running& service, const std::string& directory, const char* domain,
                               std::span<const tidings::Migration> schema);
    tidings::Result<void> fill_catalogue();
    void start_threads(Running& service);
    void group_ended(bool committed);
    tidings::Result<void> wait_until(const std::function<bool()>& done);
    tidings::Result<void> verify_orders();
    tidings::Result<void> verify_events(const char* domain, const Running& consumer);

    Orders orders_;
    Catalogue catalogue_;
    std::unique_ptr<tidings::Broker> broker_;
    Running order_;
    Running product_;
    tidings::io::Runner runner_;
    tidings::io::Wakeup moved_;  ///< Rung by the order service's thread.

    std::int64_t submitted_ = 0;
    std::atomic<std::int64_t> accepted_{0};
    std::atomic<std::int64_t> finished_{0};
    // How many of each the driver waits for.
    std::atomic<std::int64_t> answers_awaited_{0};
    std::atomic<std::int64_t> ends_awaited_{0};
    std::vector<std::int64_t> finishing_;  ///< In the group that is running.
    std::atomic<bool> failed_{false};
    Times times_;
};

}  // namespace order_flow
