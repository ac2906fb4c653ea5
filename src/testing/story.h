#pragma once

#include <tidings/base/time.h>

#include <cstddef>
#include <string>
#include <vector>

namespace tidings::sim {

/// Something that happened in a run, as it is drawn: an arrow, or a remark where `to` is empty.
struct Happening {
    enum class Kind { call, reply, event, effect, fault, note, violation };

    Kind kind = Kind::note;
    Duration at{0};
    std::string from{};
    std::string to{};
    std::string text{};
};

/// What happens in a run, in its order. Faults, remarks and violations are always kept, what passes
/// between services only where it is asked for: there is much of it.
class Story {
public:
    explicit Story(bool keeps_all) : keeps_all_(keeps_all) {}

    bool keeps_all() const noexcept { return keeps_all_; }
    void add(Happening happening) { happenings_.push_back(std::move(happening)); }
    const std::vector<Happening>& happenings() const noexcept { return happenings_; }
    /// Notes that all is at rest: what led to the end, if anything, happens from here on.
    void rest() { at_rest_ = happenings_.size(); }
    /// Returns how many of them happened before the last rest.
    std::size_t before_rest() const noexcept { return at_rest_; }
    /// Returns faults, remarks and violations, a line each.
    std::vector<std::string> lines() const;

private:
    bool keeps_all_;
    std::vector<Happening> happenings_;
    std::size_t at_rest_ = 0;
};

/// Returns a moment of virtual time as people read it: `  2d 03:14:07.125`.
std::string moment(Duration at);

}  // namespace tidings::sim
