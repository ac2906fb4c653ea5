#pragma once

#include <tidings/testing/service.h>

#include "testing/memory_broker.h"

#include <functional>
#include <string>
#include <vector>

namespace tidings {

/// What the contract tests see of a case, and change in it.
struct ServiceCase::Watch {
    /// Called with each cause before it happens.
    std::function<void(Cause&)> rewrite{};
    std::vector<MemoryBroker::Published> published{};  ///< Since the beginning, as it was written.
    std::string outcomes{};                            ///< What came of each cause, in words.
    std::string failures{};                            ///< Of these, what went wrong.
};

}  // namespace tidings
