#pragma once

#include <tidings/delivery/effect.h>
#include <tidings/resilience/circuit_breaker.h>

#include <memory>

namespace tidings {

/// Returns a port that lets `port` perform through `breaker`: while the circuit is open, or its
/// bulkhead full, effects are put off. For dependencies that are reached by other ways than HTTP
/// (which has HttpEffectPort), and for those of a simulation.
///
///     service.effect("mail.send", through_circuit(mailer, breaker), on_sent);
///
/// A retryable error of `port` counts as a failure of the dependency, and so does a slow call; a
/// port that is not to be asked twice at once is behind a breaker with one attempt
/// (`retry.attempts`).
///
/// Threads   As `port`.
std::shared_ptr<EffectPort> through_circuit(std::shared_ptr<EffectPort> port,
                                            std::shared_ptr<CircuitBreaker> breaker);

}  // namespace tidings
