#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace tidings::cli {

/// What is asked of sagas. Which of it counts depends on the command.
struct SagaOptions {
    std::string service;
    std::string saga;
    std::string key;
    // Looking.
    bool all = false;  ///< Not only those that need an operator.
    std::int64_t count = 100;
    std::string after;
    // Deciding.
    std::size_t step = 0;  ///< From 1; 0: whichever is being undone.
    std::string who;
    std::string why;
    std::string correlation_id;
};

}  // namespace tidings::cli
