#pragma once

#include <tidings/contract/contract.h>
#include <tidings/model/service_outline.h>

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
/// With the outlines of services, which their own code tells, also whether these are what the
/// contracts say:
///
/// - error: a service handles an event that no contract describes, or whose contract does not name
///   it as a consumer; a service that a contract names as the owner does not own the domain;
/// - warning: a consumer that a contract names handles no major version of the event.
///
/// See       docs/reference/contracts.md
std::vector<Diagnostic> lint_contracts(std::span<const SourceFile> files,
                                       std::span<const ServiceOutline> services = {});

}  // namespace tidings
