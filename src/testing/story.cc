#include "testing/story.h"

#include <fmt/format.h>

namespace tidings::sim {

std::string moment(Duration at) {
    const auto time = std::chrono::floor<std::chrono::milliseconds>(at).count();
    return fmt::format("{:3}d {:02}:{:02}:{:02}.{:03}", time / 86'400'000, time / 3'600'000 % 24,
                       time / 60'000 % 60, time / 1000 % 60, time % 1000);
}

std::vector<std::string> Story::lines() const {
    std::vector<std::string> lines;
    for (const Happening& happening : happenings_) {
        switch (happening.kind) {
            case Happening::Kind::fault:
            case Happening::Kind::note:
                lines.push_back(moment(happening.at) + "  " + happening.text);
                break;
            case Happening::Kind::violation:
                lines.push_back(moment(happening.at) + "  VIOLATED: " + happening.text);
                break;
            default:
                break;
        }
    }
    return lines;
}

}  // namespace tidings::sim
