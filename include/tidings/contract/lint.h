#pragma once

#include <tidings/contract/contract.h>

#include <span>
#include <vector>

namespace tidings {

/// Finds all that is wrong with contracts, or worth a look: what `check_contracts` finds, and, if
/// that is nothing, what is wrong between contracts that are right each by itself. By file and
/// line.
///
/// - error: `published`, `expected` or `summary` speaks of an event that no contract describes: it
///   is consumed, and nobody publishes it;
/// - warning: an event that no service consumes;
/// - warning: a consumer that publishes nothing itself and is called almost like one that does.
///
/// See       docs/reference/contracts.md
std::vector<Diagnostic> lint_contracts(std::span<const SourceFile> files);

}  // namespace tidings
