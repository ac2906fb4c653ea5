#pragma once

#include <tidings/testing/verdict.h>

#include "testing/definition.h"
#include "testing/run.h"

namespace tidings::sim {

Verdict to_verdict(std::uint64_t seed, const RunResult& result);

/// Draws a run that kept everything.
void draw(const RunResult& shown, Verdict& verdict);

/// Leaves out faults and calls as long as the same invariant is broken, and draws what remains.
/// `failed` is the run that `verdict` is of.
void make_small(Definition& definition, const RunResult& failed, Verdict& verdict);

}  // namespace tidings::sim
