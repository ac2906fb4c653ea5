#pragma once

#include <tidings/base/named_type.h>
#include <tidings/base/result.h>
#include <tidings/base/time.h>
#include <tidings/base/uuid.h>

#include <compare>
#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

namespace tidings {

namespace json {
class Reader;
class Writer;
}  // namespace json

/// The name of an event type and its major version: `order.created`, 1.
struct EventName {
    std::string_view value;
    int major = 1;
    bool operator==(const EventName&) const = default;
    /// The part before the dot: the domain that owns it.
    constexpr std::string_view domain() const { return value.substr(0, value.find('.')); }
};

/// A semantic version, `major.minor.patch`, without pre-release or build parts.
struct SchemaVersion {
    int major = 1;
    int minor = 0;
    int patch = 0;
    auto operator<=>(const SchemaVersion&) const = default;
    /// Errors: `invalid_argument`.
    static Result<SchemaVersion> parse(std::string_view text);
};

std::string to_string(const SchemaVersion& version);

/// Checks a type name: `^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$`, at most 128 characters (S12).
/// Errors: `invalid_argument`.
Result<void> check_event_name(std::string_view name);

/// A generated struct for one event type and major version.
///
/// The generator makes, in the event's own namespace (found by argument-dependent lookup):
/// `void write_data(json::Writer&, const E&)`, `Result<void> read_data(json::Reader&, E&)` (which
/// checks the contract), `Result<void> validate(const E&)` and `std::string key_of(const E&)`.
template <class E>
concept Event = requires(const E& event, E& target, json::Reader& reader, json::Writer& writer) {
    { E::name } -> std::convertible_to<EventName>;
    { E::version } -> std::convertible_to<std::string_view>;
    { key_of(event) } -> std::convertible_to<std::string>;
    { validate(event) } -> std::same_as<Result<void>>;
    write_data(writer, event);
    { read_data(reader, target) } -> std::same_as<Result<void>>;
};

}  // namespace tidings
