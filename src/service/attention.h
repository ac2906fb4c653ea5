#pragma once

#include <tidings/delivery/step_loop.h>

#include <string>
#include <vector>

namespace tidings {

/// Returns what somebody should look at in a service that goes on: what is so, and in the hint
/// what to do about it.
std::vector<Error> attention(const std::string& service, const DeliveryStatus& status);

}  // namespace tidings
