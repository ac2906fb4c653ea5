#pragma once

#include <tidings/broker/broker.h>
#include <tidings/io/world.h>
#include <tidings/log/log.h>
#include <tidings/telemetry/log.h>

#include <memory>
#include <string>

namespace tidings {

/// Opens the embedded broker on `directory`: one log per topic, `directory/<topic>/`, shared by
/// any number of processes, each topic with one publisher. Groups are registered in
/// `directory/<topic>/groups/<group>` with the position that retention must keep; who subscribes
/// with an empty group name only looks on, and retention does not wait for it.
///
/// `journal` is told what recovery cut, and which group keeps what retention would remove.
///
/// Limits    Names of topics match `^[a-z][a-z0-9_]*$`, of groups `^[a-z][a-z0-9_-]*$`, both of at
///           most 128 characters: they become paths.
/// Errors    `io_error`, `unsupported`.
/// Format    docs/internals/log.md
Result<std::unique_ptr<Broker>> open_log_broker(io::World& world, const std::string& directory,
                                                const log::Options& options = {},
                                                const Journal& journal = {});

}  // namespace tidings
