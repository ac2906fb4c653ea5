#pragma once

#include <tidings/testing/simulation.h>

#include <cstdint>

namespace market {

/// The market under faults: three services, a gateway and a warehouse, some orders of every story,
/// and everything that must hold. Which faults there are, and how much the disk keeps, is drawn
/// from the seed.
///
///     EXPECT_TRUE(simulation(7).run());
tidings::sim::Simulation simulation(std::uint64_t seed);

/// Adds what must hold, now and in the end. What is held against the services' own books is kept
/// outside: the answers that callers got, and what gateway and warehouse have done.
void add_invariants(tidings::sim::Simulation& market);

}  // namespace market
