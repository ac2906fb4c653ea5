// Made by tidingsc from the platform's contracts. Do not edit.
#pragma once

#include <contracts/common.h>

#include <tidings/base/money.h>
#include <tidings/base/time.h>
#include <tidings/model/event.h>

#include <cstdint>
#include <iosfwd>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
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

enum class Item1 { hour, day };
/// Returns the text that stands on the wire; empty for a number that is no enumerator.
std::string_view to_string(Item1 value) noexcept;
/// Returns whether `text` is one of them, and sets `value` to it.
bool from_string(std::string_view text, Item1& value) noexcept;
void read_fields(tidings::json::Reader& reader, Item1& value);

enum class Mood { good, bad };
/// Returns the text that stands on the wire; empty for a number that is no enumerator.
std::string_view to_string(Mood value) noexcept;
/// Returns whether `text` is one of them, and sets `value` to it.
bool from_string(std::string_view text, Mood& value) noexcept;
void read_fields(tidings::json::Reader& reader, Mood& value);

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

struct Card {
    std::string last_four{};
    std::string kind{"card"};
    std::optional<std::string> voucher{};

    bool operator==(const Card&) const = default;
};
void write_data(tidings::json::Writer& writer, const Card& value);
tidings::Result<void> read_data(tidings::json::Reader& reader, Card& value);
tidings::Result<void> validate(const Card& value);
std::string to_text(const Card& value);  ///< Its JSON.
std::ostream& operator<<(std::ostream& out, const Card& value);
void read_fields(tidings::json::Reader& reader, Card& value);
void check_rules(const Card& value, const tidings::contract::Place& at,
                 tidings::contract::Checker& checker);

struct BankTransfer {
    std::string kind{"BANK transfer"};
    std::string iban{};

    bool operator==(const BankTransfer&) const = default;
};
void write_data(tidings::json::Writer& writer, const BankTransfer& value);
tidings::Result<void> read_data(tidings::json::Reader& reader, BankTransfer& value);
tidings::Result<void> validate(const BankTransfer& value);
std::string to_text(const BankTransfer& value);  ///< Its JSON.
std::ostream& operator<<(std::ostream& out, const BankTransfer& value);
void read_fields(tidings::json::Reader& reader, BankTransfer& value);
void check_rules(const BankTransfer& value, const tidings::contract::Place& at,
                 tidings::contract::Checker& checker);

struct Cash {
    std::string kind{"cash"};

    bool operator==(const Cash&) const = default;
};
void write_data(tidings::json::Writer& writer, const Cash& value);
tidings::Result<void> read_data(tidings::json::Reader& reader, Cash& value);
tidings::Result<void> validate(const Cash& value);
std::string to_text(const Cash& value);  ///< Its JSON.
std::ostream& operator<<(std::ostream& out, const Cash& value);
void read_fields(tidings::json::Reader& reader, Cash& value);
void check_rules(const Cash& value, const tidings::contract::Place& at,
                 tidings::contract::Checker& checker);

/// How it was paid.
using Method = std::variant<Card, BankTransfer, Cash>;
void write_data(tidings::json::Writer& writer, const Method& value);
tidings::Result<void> read_data(tidings::json::Reader& reader, Method& value);
tidings::Result<void> validate(const Method& value);
std::string to_text(const Method& value);  ///< Its JSON.
std::ostream& operator<<(std::ostream& out, const Method& value);
void read_fields(tidings::json::Reader& reader, Method& value);
void check_rules(const Method& value, const tidings::contract::Place& at,
                 tidings::contract::Checker& checker);

/// Where on earth.
struct Place {
    double latitude = 0;
    double longitude = 0;

    bool operator==(const Place&) const = default;
};
void write_data(tidings::json::Writer& writer, const Place& value);
tidings::Result<void> read_data(tidings::json::Reader& reader, Place& value);
tidings::Result<void> validate(const Place& value);
std::string to_text(const Place& value);  ///< Its JSON.
std::ostream& operator<<(std::ostream& out, const Place& value);
void read_fields(tidings::json::Reader& reader, Place& value);
void check_rules(const Place& value, const tidings::contract::Place& at,
                 tidings::contract::Checker& checker);

struct Span {
    std::int64_t item_0 = 0;
    std::optional<Item1> item_1{};

    bool operator==(const Span&) const = default;
};
void write_data(tidings::json::Writer& writer, const Span& value);
tidings::Result<void> read_data(tidings::json::Reader& reader, Span& value);
tidings::Result<void> validate(const Span& value);
std::string to_text(const Span& value);  ///< Its JSON.
std::ostream& operator<<(std::ostream& out, const Span& value);
void read_fields(tidings::json::Reader& reader, Span& value);
void check_rules(const Span& value, const tidings::contract::Place& at,
                 tidings::contract::Checker& checker);

struct Terms {
    std::int64_t days = 0;
    /// What stands beside them on the wire, by name.
    std::map<std::string, std::optional<std::string>> additional_properties{};

    bool operator==(const Terms&) const = default;
};
void write_data(tidings::json::Writer& writer, const Terms& value);
tidings::Result<void> read_data(tidings::json::Reader& reader, Terms& value);
tidings::Result<void> validate(const Terms& value);
std::string to_text(const Terms& value);  ///< Its JSON.
std::ostream& operator<<(std::ostream& out, const Terms& value);
void read_fields(tidings::json::Reader& reader, Terms& value);
void check_rules(const Terms& value, const tidings::contract::Place& at,
                 tidings::contract::Checker& checker);

/// A parcel was paid for.
///
/// Published: When the money is there.
/// Expected: Billing closes the invoice.
/// Owner: parcel-service. Consumers: billing-service.
struct Paid {
    static constexpr tidings::EventName name{"parcel.paid", 1};
    static constexpr std::string_view version = "1.0.0";

    std::string parcel_id{};
    Method method{};
    std::optional<Method> refund{};
    std::optional<std::vector<Method>> tries{};
    /// Of the counter.
    Place place{};
    std::optional<Span> span{};
    double rate = 0;
    std::optional<double> factor{};
    std::optional<Mood> mood{};
    std::optional<std::int64_t> lane{};
    /// Who paid.
    std::optional<common::Party> payer{};
    std::optional<std::vector<common::Share>> owed{};
    std::optional<Terms> terms{};

    bool operator==(const Paid&) const = default;
};
void write_data(tidings::json::Writer& writer, const Paid& value);
tidings::Result<void> read_data(tidings::json::Reader& reader, Paid& value);
tidings::Result<void> validate(const Paid& value);
std::string key_of(const Paid& value);
std::string to_text(const Paid& value);  ///< Its JSON.
std::ostream& operator<<(std::ostream& out, const Paid& value);
void read_fields(tidings::json::Reader& reader, Paid& value);
void check_rules(const Paid& value, const tidings::contract::Place& at,
                 tidings::contract::Checker& checker);

}  // namespace v1

}  // namespace sample::parcel
