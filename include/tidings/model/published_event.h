#pragma once

#include <tidings/base/result.h>
#include <tidings/model/event.h>
#include <tidings/model/json.h>
#include <tidings/model/upcast.h>

#include <concepts>
#include <optional>
#include <string>
#include <string_view>

namespace tidings {

struct PublishedEvent;

/// Reads data of one event type and makes the event of the major version before it; nothing if that
/// one has no words for it. Errors: `contract_violation`, naming both versions.
using Downcast = Result<std::optional<PublishedEvent>> (*)(std::string_view data_json);

/// An event on its way into the outbox, its type no longer known to the compiler.
struct PublishedEvent {
    EventName name;
    std::string_view version;
    std::string key;
    std::string data;             ///< The payload's JSON object.
    Downcast downcast = nullptr;  ///< Makes what is published beside it, if anything is.

    bool operator==(const PublishedEvent&) const = default;
};

/// An event type that is published as the major version before it, too: that one's contract says
/// so, and the platform's author has written `std::optional<v1::Created> v2::downcast(const
/// v2::Created&)`.
template <class E>
concept CastDown = Successor<E> && requires(const E& event) {
    { downcast(event) } -> std::same_as<std::optional<typename E::Previous>>;
};

template <Event E>
Result<PublishedEvent> erase(const E& event);

/// The downcast of E for who no longer knows its type. For generated code.
template <CastDown E>
Result<std::optional<PublishedEvent>> downcast_json(std::string_view data_json) {
    Result<E> event = read_upcast<E, E>(data_json);
    if (!event) return std::move(event).error();
    const std::optional<typename E::Previous> older = downcast(*event);
    if (!older) return std::optional<PublishedEvent>{};
    Result<PublishedEvent> erased = erase(*older);
    if (!erased) {
        return with_context(std::move(erased).error(), "downcast from version " +
                                                           std::to_string(E::name.major) + " to " +
                                                           std::to_string(older->name.major));
    }
    return std::optional{std::move(*erased)};
}

/// Returns what casts events of type E down; nullptr if they are published as they are alone.
template <Event E>
constexpr Downcast downcast_of() {
    if constexpr (CastDown<E>) {
        return &downcast_json<E>;
    } else {
        return nullptr;
    }
}

/// Checks `event` against its contract and erases its type. Errors: `contract_violation`.
template <Event E>
Result<PublishedEvent> erase(const E& event) {
    if (Result<void> valid = validate(event); !valid) {
        Error error = with_context(std::move(valid).error(), E::name.value);
        error.refusal = Refusal::invalid_data;
        return error;
    }
    PublishedEvent erased{E::name, E::version, key_of(event), {}, downcast_of<E>()};
    json::Writer writer{erased.data};
    write_data(writer, event);
    return erased;
}

}  // namespace tidings
