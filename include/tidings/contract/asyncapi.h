#pragma once

#include <tidings/contract/contract.h>

#include <string>
#include <string_view>

namespace tidings {

/// What an AsyncAPI document is made of beside the contracts.
struct AsyncApiOptions {
    std::string title = "Events";
    std::string version = "1.0.0";
    /// Only what this service publishes and consumes; empty: the whole platform.
    std::string service{};
};

/// Returns the contracts as an AsyncAPI 3.0 document in JSON: a channel for each domain's topic, a
/// message for each event type and major version with the standard's envelope as its payload, and
/// an operation for each service that publishes or consumes it.
///
/// Source    AsyncAPI Specification 3.0.0
std::string to_asyncapi(const ContractSet& set, const AsyncApiOptions& options);

}  // namespace tidings
