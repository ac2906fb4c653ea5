#pragma once

#include <mutex>

namespace tidings {

/// How many retries may be made beside first tries, so that retries never become the load.
///
/// Each first try puts `ratio` of a retry aside, up to `reserve`; each retry takes one. While most
/// calls succeed there is always one at hand; when all fail, retries are `ratio` of the first
/// tries, however many retries each call would be allowed by its policy.
///
///     RetryBudget budget{0.1, 10};         // one retry for ten first tries
///     budget.first_try();
///     if (!call() && budget.take()) call();
///
/// Threads   Any.
class RetryBudget {
public:
    /// Begins with `reserve` retries. Requires: neither is negative.
    RetryBudget(double ratio, double reserve);

    void first_try() noexcept;
    /// Takes one retry. False: there is none left; nothing is taken.
    bool take() noexcept;

private:
    const double ratio_;
    const double reserve_;
    std::mutex mutex_;
    double left_;
};

}  // namespace tidings
