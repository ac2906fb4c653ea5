#pragma once

#include <tidings/delivery/effect.h>

#include <cstddef>
#include <memory>
#include <string>

namespace tidings {

/// Returns a port that lets `port` perform on `threads` threads of its own, instead of the one that
/// all effects of a service share: while it waits for its dependency, other effects go on. `port`
/// must allow so many calls at the same time. For production; in a simulation there is one thread,
/// and the port is used as it is.
///
/// Lifetime  The threads end with the last copy; that waits for the calls under way, so each call
///           needs a timeout.
std::shared_ptr<EffectPort> on_own_threads(std::shared_ptr<EffectPort> port, std::size_t threads);

}  // namespace tidings
