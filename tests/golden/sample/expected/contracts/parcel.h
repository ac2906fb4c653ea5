// Made by tidingsc from the platform's contracts. Do not edit.
#pragma once

#include <tidings/base/money.h>
#include <tidings/base/time.h>
#include <tidings/model/event.h>

#include <cstdint>
#include <iosfwd>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tidings::contract {
struct Place;
class Checker;
}  // namespace tidings::contract

namespace sample::parcel {
inline namespace v1 {

enum class Kind { letter, express_box, value_2x };
/// Returns the text that stands on the wire; empty for a number that is no enumerator.
std::string_view to_string(Kind value) noexcept;
/// Returns whether `text` is one of them, and sets `value` to it.
bool from_string(std::string_view text, Kind& value) noexcept;
void read_fields(tidings::json::Reader& reader, Kind& value);

/// Outer measures.
struct Size {
    std::int64_t width = 0;
    std::int64_t height = 0;

    bool operator==(const Size&) const = default;
};
void write_data(tidings::json::Writer& writer, const Size& value);
tidings::Result<void> read_data(tidings::json::Reader& reader, Size& value);
tidings::Result<void> validate(const Size& value);
std::string to_text(const Size& value);  ///< Its JSON.
std::ostream& operator<<(std::ostream& out, const Size& value);
void read_fields(tidings::json::Reader& reader, Size& value);
void check_rules(const Size& value, const tidings::contract::Place& at,
                 tidings::contract::Checker& checker);

struct Stop {
    std::string city{};
    std::optional<std::vector<std::int64_t>> minutes{};

    bool operator==(const Stop&) const = default;
};
void write_data(tidings::json::Writer& writer, const Stop& value);
tidings::Result<void> read_data(tidings::json::Reader& reader, Stop& value);
tidings::Result<void> validate(const Stop& value);
std::string to_text(const Stop& value);  ///< Its JSON.
std::ostream& operator<<(std::ostream& out, const Stop& value);
void read_fields(tidings::json::Reader& reader, Stop& value);
void check_rules(const Stop& value, const tidings::contract::Place& at,
                 tidings::contract::Checker& checker);

/// A parcel was handed in.
///
/// Published: When a parcel has been weighed at the counter.
/// Expected: The depot plans its tour; billing writes an invoice. "Quoted" words and a \ stay what
/// they are.
/// Owner: parcel-service. Consumers: depot-service, billing-service.
struct Accepted {
    static constexpr tidings::EventName name{"parcel.accepted", 1};
    static constexpr std::string_view version = "1.2.0";

    std::string parcel_id{};
    /// As measured.
    Size size{};
    tidings::Money price{};
    std::optional<tidings::Money> discount{};
    tidings::Money tip{50};
    double weight = 0;
    bool is_fragile = false;
    std::optional<bool> is_paid{};
    tidings::Timestamp accepted_at{};
    std::optional<std::string> due_on{};
    std::vector<std::string> labels{};
    Kind kind = Kind::letter;
    std::int64_t lane = 2;
    std::string via{"counter"};
    std::optional<std::string> email{};
    std::optional<std::string> page{};
    std::optional<std::string> code{};
    std::string note{"none \"yet\""};
    std::vector<Stop> stops{};
    std::optional<std::map<std::string, std::vector<std::optional<std::string>>>> holders{};
    /// A keyword of C++.
    std::optional<std::string> class_{};

    bool operator==(const Accepted&) const = default;
};
void write_data(tidings::json::Writer& writer, const Accepted& value);
tidings::Result<void> read_data(tidings::json::Reader& reader, Accepted& value);
tidings::Result<void> validate(const Accepted& value);
std::string key_of(const Accepted& value);
std::string to_text(const Accepted& value);  ///< Its JSON.
std::ostream& operator<<(std::ostream& out, const Accepted& value);
void read_fields(tidings::json::Reader& reader, Accepted& value);
void check_rules(const Accepted& value, const tidings::contract::Place& at,
                 tidings::contract::Checker& checker);

/// A parcel cannot be found.
///
/// Published: When a search has ended without result.
/// Expected: Nothing; reports may count it.
/// Owner: parcel-service. Consumers: none yet.
struct Lost {
    static constexpr tidings::EventName name{"parcel.lost", 1};
    static constexpr std::string_view version = "1.0.0";

    std::string parcel_id{};
    std::optional<std::string> name_{};
    std::optional<Size> size{};

    bool operator==(const Lost&) const = default;
};
void write_data(tidings::json::Writer& writer, const Lost& value);
tidings::Result<void> read_data(tidings::json::Reader& reader, Lost& value);
tidings::Result<void> validate(const Lost& value);
std::string key_of(const Lost& value);
std::string to_text(const Lost& value);  ///< Its JSON.
std::ostream& operator<<(std::ostream& out, const Lost& value);
void read_fields(tidings::json::Reader& reader, Lost& value);
void check_rules(const Lost& value, const tidings::contract::Place& at,
                 tidings::contract::Checker& checker);

}  // namespace v1

}  // namespace sample::parcel
