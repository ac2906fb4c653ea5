#pragma once

#include <tidings/base/result.h>
#include <tidings/io/http.h>

#include "commands.h"
#include "directory.h"

#include <string>

namespace tidings::cli {

/// Publishes through the running service that owns the event type, which checks the contract.
///
/// Returns whether there was one: false means that nobody answers where the service says it is, so
/// that nothing was sent.
/// Errors: what the service answered; `unavailable` if it broke off, when it is not known whether
/// the event was published.
Result<bool> publish_through(const Directory& directory, const std::string& owner,
                             const PublishOptions& options, const std::string& data);

/// Returns whether the program that answers at `port` runs the service: a killed one may have left
/// its port to another.
bool runs(int port, const std::string& service);

/// Returns what a service's answer of an error says, as an error.
Error refusal(const std::string& service, const io::HttpResponse& answer);

}  // namespace tidings::cli
