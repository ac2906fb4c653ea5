#pragma once

#include <tidings/base/time.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tidings {

/// Something that happened, as failing tests show it: an event with its data, a request to the
/// outside world.
struct Fact {
    std::string name;
    std::string json;

    std::string text() const { return name + ' ' + json; }
};

/// A fact that a test expects.
struct ExpectedFact {
    std::string name;
    std::optional<std::string> json;   ///< Nothing: whatever it says.
    std::vector<std::string> ignored;  ///< JSON pointers whose values do not matter.

    std::string text() const { return json ? name + ' ' + *json : name; }
    bool is_met_by(const Fact& fact) const;
};

/// Returns how two JSON texts differ, a line for each field: `/total: expected "5.00", is "6.00"`.
/// Empty if they do not, but for the fields at or below one that is ignored.
std::vector<std::string> json_difference(const std::string& expected, const std::string& actual,
                                         const std::vector<std::string>& ignored);

/// Returns how what happened differs from what was expected to, in order; empty if it does not.
/// `more`: whether other things may have happened between.
std::string list_difference(std::string_view what, const std::vector<ExpectedFact>& expected,
                            const std::vector<Fact>& actual, bool more);

/// Returns a duration as people write it: `15min`, `30d`, `250ms`.
std::string in_words(Duration duration);

}  // namespace tidings
