#pragma once

namespace tidings::detail {
/// Prints the broken invariant and ends the process: a crash beats corruption.
[[noreturn]] void assertion_failed(const char* expression, const char* file, int line) noexcept;
}  // namespace tidings::detail

/// Holds in every build. For invariants of ours only; broken input is an `Error`, never this.
#define TIDINGS_ASSERT(expression)       \
    ((expression) ? static_cast<void>(0) \
                  : ::tidings::detail::assertion_failed(#expression, __FILE__, __LINE__))
