#pragma once

#include <tidings/broker/broker.h>

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace tidings::sim {

/// Whether services handle the events of each key in the order in which these were published.
class HandledOrder {
public:
    /// Learns where events stand.
    void published(const Topic& topic, Offset first, std::span<const OutgoingEvent> events);
    /// Takes a line of a service's journal. Returns what is wrong with it, if anything.
    std::optional<std::string> told(const std::string& service, std::string_view line);

private:
    struct Place {
        std::string topic;
        std::int64_t offset = 0;
    };
    struct Handled {
        std::string event;
        std::int64_t offset = 0;
    };
    /// Service, topic, key.
    using Line = std::tuple<std::string, std::string, std::string>;

    std::map<std::string, Place, std::less<>> places_;  ///< By the event's id; its first place.
    std::map<Line, std::vector<Handled>> handled_;
};

}  // namespace tidings::sim
