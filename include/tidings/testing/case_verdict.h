#pragma once

#include <iosfwd>
#include <string>
#include <utility>

namespace tidings {

/// Whether what a test expected is what happened, and if not, how the two differ.
///
/// Works with GoogleTest (`EXPECT_TRUE(...)`) and Catch2 (`CHECK(...)`) alike, and needs neither:
/// either shows the difference in full.
class [[nodiscard]] CaseVerdict {
public:
    /// An empty `difference` stands for success.
    explicit CaseVerdict(std::string difference) : difference_(std::move(difference)) {}

    explicit operator bool() const noexcept { return difference_.empty(); }
    /// What was expected and what happened; empty if these are the same.
    const std::string& difference() const noexcept { return difference_; }

    /// Becomes `::testing::AssertionResult`, so that its message is shown.
    template <class Assertion>
    requires requires(Assertion& made) {
        made.failure_message();
        made << std::string{};
    }
    operator Assertion() const {  // NOLINT: implicit, for that is how EXPECT_TRUE takes it
        Assertion made{difference_.empty()};
        made << difference_;
        return made;
    }

private:
    std::string difference_;
};

std::ostream& operator<<(std::ostream& out, const CaseVerdict& verdict);

}  // namespace tidings
