#pragma once

#include <tidings/broker/broker.h>
#include <tidings/delivery/step_loop.h>
#include <tidings/io/world.h>
#include <tidings/store/store.h>
#include <tidings/telemetry/log.h>

#include "delivery/outbox.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace tidings {

/// Holds an outbox, when its service starts, against the logs that it publishes to.
///
/// A database that was restored from a backup would give its old sequences to new events, which
/// every consumer would take for duplicates and drop without a word. Its log tells: it holds later
/// sequences than the database has ever given. Then the outbox gets a new epoch, in which sequences
/// begin anew. The other way round, a log that lacks what was published to it was restored itself,
/// and events that are gone would be written over: no service starts on it.
///
/// Throws Failure with `corruption` if the log lacks published events.
/// Returns whether the database turned out to be a restored one.
bool reconcile_with_logs(StoreTransaction& tx, io::World& world, Broker& broker,
                         std::span<const std::string> domains, std::string_view service,
                         Outbox& outbox, const Journal& journal);

}  // namespace tidings
