#pragma once

#include <tidings/service/host.h>

#include "demo/intake.h"

namespace shop {

/// Reads what the services of `host` have taken already. Throws Failure.
Taken read_taken(const tidings::Host& host);

}  // namespace shop
