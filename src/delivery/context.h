#pragma once

#include <tidings/delivery/transaction.h>
#include <tidings/io/world.h>

#include "delivery/due_clock.h"
#include "delivery/effects.h"
#include "delivery/outbox.h"
#include "delivery/timers.h"

#include <span>
#include <string>

namespace tidings {

/// What a step needs while it runs: the parts of its service, and its cause.
struct Transaction::Context {
    io::World& world;
    StoreTransaction& store;
    Outbox& outbox;
    Timers& timers;
    Effects& effects;
    DueClock& clock;
    const Handlers& handlers;
    const std::string& service;
    std::span<const std::string> domains;

    Timestamp now;   ///< On the wall clock, when the step began.
    Timestamp time;  ///< Of the cause.
    std::string correlation_id;
    std::string causation_id;
    std::string traceparent;

    std::size_t events_left = 0;  ///< That the step may still publish, ask for or set.
    std::size_t bytes_left = 0;   ///< Of these.

    /// Counts one thing more that the step leaves behind. Throws Failure with `limit_exceeded`.
    void count(std::size_t bytes);
};

}  // namespace tidings
