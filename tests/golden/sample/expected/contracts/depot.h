// Made by tidingsc from the platform's contracts. Do not edit.
#pragma once

#include <tidings/model/event.h>

#include <cstdint>
#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tidings::contract {
struct Place;
class Checker;
}  // namespace tidings::contract

namespace sample::depot {
namespace v1 {

/// A depot takes parcels.
///
/// Published: When a depot opens for the first time.
/// Expected: Parcels may be routed through it.
/// Owner: depot-service. Consumers: parcel-service.
struct Opened {
    static constexpr tidings::EventName name{"depot.opened", 1};
    static constexpr std::string_view version = "1.0.3";

    std::int64_t number = 0;

    bool operator==(const Opened&) const = default;
};
void write_data(tidings::json::Writer& writer, const Opened& value);
tidings::Result<void> read_data(tidings::json::Reader& reader, Opened& value);
tidings::Result<void> validate(const Opened& value);
std::string key_of(const Opened& value);
std::string to_text(const Opened& value);  ///< Its JSON.
std::ostream& operator<<(std::ostream& out, const Opened& value);
void read_fields(tidings::json::Reader& reader, Opened& value);
void check_rules(const Opened& value, const tidings::contract::Place& at,
                 tidings::contract::Checker& checker);

}  // namespace v1

namespace v2 {

/// A depot takes parcels.
///
/// Published: When a depot opens for the first time.
/// Expected: Parcels may be routed through it.
/// Owner: depot-service. Consumers: parcel-service.
struct Opened {
    static constexpr tidings::EventName name{"depot.opened", 2};
    static constexpr std::string_view version = "2.0.0";

    using Previous = v1::Opened;  ///< `upcast` turns it into this one.

    std::int64_t number = 0;
    std::string city{};

    bool operator==(const Opened&) const = default;
};
void write_data(tidings::json::Writer& writer, const Opened& value);
tidings::Result<void> read_data(tidings::json::Reader& reader, Opened& value);
tidings::Result<void> validate(const Opened& value);
std::string key_of(const Opened& value);
std::string to_text(const Opened& value);  ///< Its JSON.
std::ostream& operator<<(std::ostream& out, const Opened& value);
void read_fields(tidings::json::Reader& reader, Opened& value);
void check_rules(const Opened& value, const tidings::contract::Place& at,
                 tidings::contract::Checker& checker);

}  // namespace v2

namespace v1 {
/// To be written in a source that tidings_generate(UPCASTS ...) names: what the
/// newer version says of the same fact. It must not throw.
v2::Opened upcast(const Opened& event);
}  // namespace v1

using v2::Opened;

}  // namespace sample::depot
