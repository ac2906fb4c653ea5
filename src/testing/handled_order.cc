#include "testing/handled_order.h"

#include <tidings/base/uuid.h>
#include <tidings/model/envelope.h>
#include <tidings/model/json.h>

#include <fmt/format.h>

#include <algorithm>

namespace tidings::sim {

void HandledOrder::published(const Topic& topic, Offset first,
                             std::span<const OutgoingEvent> events) {
    Offset at = first;
    for (const OutgoingEvent& event : events) {
        const Result<Envelope> envelope = parse_envelope(event.envelope);
        // A relay that did not hear the answer publishes again: the first place counts.
        if (envelope) places_.emplace(to_string(envelope->id), Place{topic.name, at.value});
        ++at.value;
    }
}

std::optional<std::string> HandledOrder::told(const std::string& service, std::string_view line) {
    std::string message;
    std::string event;
    std::string key;
    std::string type;
    json::Reader reader{line};
    std::string_view name;
    reader.begin_object();
    while (reader.next_field(name)) {
        std::string* into = name == "message" ? &message
                            : name == "event" ? &event
                            : name == "key"   ? &key
                            : name == "type"  ? &type
                                              : nullptr;
        if (into != nullptr) {
            *into = reader.text();
        } else {
            reader.skip();
        }
    }
    if (!reader.finish() || message != "event handled" || key.empty()) return std::nullopt;
    const auto place = places_.find(event);
    if (place == places_.end()) return std::nullopt;
    std::vector<Handled>& handled = handled_[{service, place->second.topic, key}];
    // Handled before: that group was not committed, and nothing that came after in it either.
    const auto before = std::find_if(handled.begin(), handled.end(),
                                     [&event](const Handled& one) { return one.event == event; });
    handled.erase(before, handled.end());
    const std::int64_t offset = place->second.offset;
    if (!handled.empty() && handled.back().offset > offset) {
        return fmt::format("{} handled {} {}@{} after {}@{} of the same key {}", service, type,
                           place->second.topic, offset, place->second.topic, handled.back().offset,
                           key);
    }
    handled.push_back({event, offset});
    return std::nullopt;
}

}  // namespace tidings::sim
