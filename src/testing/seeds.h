#pragma once

#include <tidings/testing/verdict.h>

namespace tidings::sim {

/// Prints what came of a seed as `run_seeds` hears it from the processes that it started.
void print_part(const Verdict& verdict);

}  // namespace tidings::sim
