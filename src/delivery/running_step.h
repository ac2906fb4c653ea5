#pragma once

#include "delivery/step.h"

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>

namespace tidings {

/// The step that a service is in, for whoever watches it from another thread.
///
/// Threads   `begin` and `end` the step loop's; the rest any.
class RunningStep {
public:
    /// What is known of a step.
    struct Description {
        std::string handler;  ///< What was called, e.g. `the handler of depot.opened`.
        std::string cause;    ///< The event, timer or effect: its id.
        std::string key;      ///< As in Attempts; empty for a command.
    };

    /// Requires: `step` stays where it is until `end`.
    void begin(const Step& step) {
        const std::lock_guard lock{mutex_};
        step_ = &step;
        ++number_;
    }
    /// Again is harmless.
    void end() {
        const std::lock_guard lock{mutex_};
        step_ = nullptr;
        number_ += number_ % 2;
    }

    /// Changes with every `begin` and `end`; odd while a step runs.
    std::uint64_t number() const {
        const std::lock_guard lock{mutex_};
        return number_;
    }
    /// Describes the step that runs, if it is still the one with this number.
    std::optional<Description> describe(std::uint64_t number) const;

private:
    mutable std::mutex mutex_;
    const Step* step_ = nullptr;
    std::uint64_t number_ = 0;
};

}  // namespace tidings
