#pragma once

#include <string_view>

/// How the rules are called in errors, by generated code and by the schema checker alike.
namespace tidings::contract::rules {

inline constexpr std::string_view uuid = "must be a UUID";
inline constexpr std::string_view date_time = "must be a time by RFC 3339";
inline constexpr std::string_view date = "must be a day such as 2026-11-23";
inline constexpr std::string_view email = "must be an email address";
inline constexpr std::string_view uri = "must be a URI with its scheme";
inline constexpr std::string_view money = "must be an amount with two places such as 12.30";
inline constexpr std::string_view not_negative = "must not be negative";
inline constexpr std::string_view utf8 = "must be UTF-8";
inline constexpr std::string_view twice = "must not be there twice";
inline constexpr std::string_view beyond = "must not be there: the contract has no such position";
inline constexpr std::string_view unknown = "must not be there: the contract knows no such field";

}  // namespace tidings::contract::rules
