#pragma once

#include <tidings/broker/broker.h>
#include <tidings/io/world.h>
#include <tidings/log/log.h>

#include <memory>
#include <string>

namespace tidings {

/// Opens the embedded broker on `directory`: one log per topic, `directory/<topic>/`, shared by
/// any number of processes, each topic with one publisher. Groups are registered in
/// `directory/<topic>/groups/<group>` with the position that retention must keep.
/// Errors: `io_error`, `unsupported`.
Result<std::unique_ptr<Broker>> open_log_broker(io::World& world, const std::string& directory,
                                                const log::Options& options = {});

}  // namespace tidings
