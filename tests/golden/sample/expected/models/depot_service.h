// Made by tidingsc from the platform's models. Do not edit.
#pragma once

#include <contracts/parcel.h>

#include <tidings/base/money.h>
#include <tidings/base/time.h>
#include <tidings/model/event.h>
#include <tidings/store/store.h>

#include <array>
#include <cstdint>
#include <deque>
#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tidings::contract {
struct Place;
class Checker;
}  // namespace tidings::contract

namespace sample::depot_service {

enum class State { waiting, on_tour, done };
/// Returns the text that stands on the wire; empty for a number that is no enumerator.
std::string_view to_string(State value) noexcept;
/// Returns whether `text` is one of them, and sets `value` to it.
bool from_string(std::string_view text, State& value) noexcept;
void read_fields(tidings::json::Reader& reader, State& value);

enum class Outcome { kept, returned };
/// Returns the text that stands on the wire; empty for a number that is no enumerator.
std::string_view to_string(Outcome value) noexcept;
/// Returns whether `text` is one of them, and sets `value` to it.
bool from_string(std::string_view text, Outcome& value) noexcept;
void read_fields(tidings::json::Reader& reader, Outcome& value);

enum class StateWanted { waiting, on_tour, done };
/// Returns the text that stands on the wire; empty for a number that is no enumerator.
std::string_view to_string(StateWanted value) noexcept;
/// Returns whether `text` is one of them, and sets `value` to it.
bool from_string(std::string_view text, StateWanted& value) noexcept;
void read_fields(tidings::json::Reader& reader, StateWanted& value);

struct Route {
    std::vector<std::int64_t> depots{};

    bool operator==(const Route&) const = default;
};
void write_data(tidings::json::Writer& writer, const Route& value);
tidings::Result<void> read_data(tidings::json::Reader& reader, Route& value);
tidings::Result<void> validate(const Route& value);
std::string to_text(const Route& value);  ///< Its JSON.
std::ostream& operator<<(std::ostream& out, const Route& value);
void read_fields(tidings::json::Reader& reader, Route& value);
void check_rules(const Route& value, const tidings::contract::Place& at,
                 tidings::contract::Checker& checker);

/// A parcel on its way, as the depot sees it.
struct Shipment {
    static constexpr std::string_view table = "shipments";
    static constexpr std::string_view key_column = "id";
    static constexpr std::array<std::string_view, 12> columns{
        "id", "state", "size", "cost", "created_at", "is_urgent", "weight", "tries",
        "done_at", "outcome", "notes", "route"};

    /// Reads a row whose columns are `columns`. Throws Failure (`corruption`).
    static Shipment from_row(const tidings::Row& row);

    std::string id{};
    State state{};
    parcel::Size size{};
    tidings::Money cost{};
    tidings::Timestamp created_at{};
    bool is_urgent = false;
    double weight = 0;
    std::int64_t tries = 0;
    std::optional<tidings::Timestamp> done_at{};
    std::optional<Outcome> outcome{};
    std::vector<std::string> notes{};
    std::optional<Route> route{};

    bool operator==(const Shipment&) const = default;
};
void write_data(tidings::json::Writer& writer, const Shipment& value);
tidings::Result<void> read_data(tidings::json::Reader& reader, Shipment& value);
tidings::Result<void> validate(const Shipment& value);
/// Appends the values of `columns`; they view `value` and what is added to `texts`.
void to_row(const Shipment& value, std::vector<tidings::Value>& row,
            std::deque<std::string>& texts);
/// Returns the column of a member; empty if there is none.
std::string_view column_of(std::string Shipment::*member) noexcept;
std::string_view column_of(State Shipment::*member) noexcept;
std::string_view column_of(parcel::Size Shipment::*member) noexcept;
std::string_view column_of(tidings::Money Shipment::*member) noexcept;
std::string_view column_of(tidings::Timestamp Shipment::*member) noexcept;
std::string_view column_of(bool Shipment::*member) noexcept;
std::string_view column_of(double Shipment::*member) noexcept;
std::string_view column_of(std::int64_t Shipment::*member) noexcept;
std::string_view column_of(std::optional<tidings::Timestamp> Shipment::*member) noexcept;
std::string_view column_of(std::optional<Outcome> Shipment::*member) noexcept;
std::string_view column_of(std::vector<std::string> Shipment::*member) noexcept;
std::string_view column_of(std::optional<Route> Shipment::*member) noexcept;
std::string to_text(const Shipment& value);  ///< Its JSON.
std::ostream& operator<<(std::ostream& out, const Shipment& value);
void read_fields(tidings::json::Reader& reader, Shipment& value);
void check_rules(const Shipment& value, const tidings::contract::Place& at,
                 tidings::contract::Checker& checker);

/// The command that sends a van off.
struct StartTour {
    std::string van{};
    std::optional<std::vector<parcel::Size>> sizes{};
    std::optional<StateWanted> state_wanted{};

    bool operator==(const StartTour&) const = default;
};
void write_data(tidings::json::Writer& writer, const StartTour& value);
tidings::Result<void> read_data(tidings::json::Reader& reader, StartTour& value);
tidings::Result<void> validate(const StartTour& value);
std::string to_text(const StartTour& value);  ///< Its JSON.
std::ostream& operator<<(std::ostream& out, const StartTour& value);
void read_fields(tidings::json::Reader& reader, StartTour& value);
void check_rules(const StartTour& value, const tidings::contract::Place& at,
                 tidings::contract::Checker& checker);

}  // namespace sample::depot_service
