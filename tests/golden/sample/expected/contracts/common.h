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

namespace sample::common {

enum class Role { sender, receiver };
/// Returns the text that stands on the wire; empty for a number that is no enumerator.
std::string_view to_string(Role value) noexcept;
/// Returns whether `text` is one of them, and sets `value` to it.
bool from_string(std::string_view text, Role& value) noexcept;
void read_fields(tidings::json::Reader& reader, Role& value);

/// A person or a company.
struct Party {
    std::string name{};
    Role role{};

    bool operator==(const Party&) const = default;
};
void write_data(tidings::json::Writer& writer, const Party& value);
tidings::Result<void> read_data(tidings::json::Reader& reader, Party& value);
tidings::Result<void> validate(const Party& value);
std::string to_text(const Party& value);  ///< Its JSON.
std::ostream& operator<<(std::ostream& out, const Party& value);
void read_fields(tidings::json::Reader& reader, Party& value);
void check_rules(const Party& value, const tidings::contract::Place& at,
                 tidings::contract::Checker& checker);

struct Share {
    Party of{};
    std::int64_t percent = 0;

    bool operator==(const Share&) const = default;
};
void write_data(tidings::json::Writer& writer, const Share& value);
tidings::Result<void> read_data(tidings::json::Reader& reader, Share& value);
tidings::Result<void> validate(const Share& value);
std::string to_text(const Share& value);  ///< Its JSON.
std::ostream& operator<<(std::ostream& out, const Share& value);
void read_fields(tidings::json::Reader& reader, Share& value);
void check_rules(const Share& value, const tidings::contract::Place& at,
                 tidings::contract::Checker& checker);

}  // namespace sample::common
