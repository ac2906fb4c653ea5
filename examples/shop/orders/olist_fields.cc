#include "orders/olist_fields.h"

#include <tidings/base/text.h>

#include "orders/order_book.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>

namespace shop {

using tidings::Error;
using tidings::Money;
using tidings::quote;
using tidings::Result;
using tidings::Timestamp;

namespace {

constexpr std::size_t id_bytes_max = 64;
constexpr std::string_view time_form = "0000-00-00 00:00:00";

bool is_id_byte(char c) noexcept {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           c == '-';
}

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

int digits_at(std::string_view text, std::size_t at, std::size_t count) noexcept {
    int value = 0;
    for (std::size_t i = at; i < at + count; ++i) value = value * 10 + (text[i] - '0');
    return value;
}

std::optional<Timestamp> parse_time(std::string_view text) noexcept {
    const auto fits = [](char form, char c) { return form == '0' ? is_digit(c) : form == c; };
    if (!std::equal(time_form.begin(), time_form.end(), text.begin(), text.end(), fits)) {
        return std::nullopt;
    }
    const std::chrono::year_month_day day{
        std::chrono::year{digits_at(text, 0, 4)},
        std::chrono::month{static_cast<unsigned>(digits_at(text, 5, 2))},
        std::chrono::day{static_cast<unsigned>(digits_at(text, 8, 2))}};
    const int hour = digits_at(text, 11, 2);
    const int minute = digits_at(text, 14, 2);
    const int second = digits_at(text, 17, 2);
    if (!day.ok() || hour > 23 || minute > 59 || second > 59) return std::nullopt;
    return std::chrono::sys_days{day} + std::chrono::hours{hour} + std::chrono::minutes{minute} +
           std::chrono::seconds{second};
}

}  // namespace

Result<std::string_view> read_id(const CsvReader& row, std::size_t column) {
    const std::string_view text = row.field(column);
    if (text.empty() || text.size() > id_bytes_max ||
        !std::all_of(text.begin(), text.end(), is_id_byte)) {
        return row.error(column, fmt::format("{} is not an id", quote(text)),
                         "an id has 1 to 64 of a-z, A-Z, 0-9, '_' and '-'");
    }
    return text;
}

Result<Money> read_amount(const CsvReader& row, std::size_t column) {
    const std::string_view text = row.field(column);
    const auto money = Money::parse(text);
    if (!money || *money < Money{0} || *money > amount_max) {
        return row.error(
            column, fmt::format("{} is not an amount", quote(text)),
            fmt::format("give a decimal with two places, from 0.00 to {}", to_string(amount_max)));
    }
    return *money;
}

Result<std::int32_t> read_number(const CsvReader& row, std::size_t column, std::int32_t min,
                                 std::int32_t max) {
    const std::string_view text = row.field(column);
    std::int32_t value = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (code != std::errc{} || end != text.data() + text.size() || !is_digit(text[0]) ||
        value < min || value > max) {
        return row.error(column, fmt::format("{} is not a number it can be", quote(text)),
                         fmt::format("give a whole number from {} to {}", min, max));
    }
    return value;
}

Result<Timestamp> read_time(const CsvReader& row, std::size_t column) {
    const auto time = parse_time(row.field(column));
    if (!time) {
        return row.error(column, fmt::format("{} is not a time", quote(row.field(column))),
                         "give YYYY-MM-DD HH:MM:SS of a day that exists");
    }
    return *time;
}

Result<std::optional<Timestamp>> read_optional_time(const CsvReader& row, std::size_t column) {
    if (row.field(column).empty()) return std::optional<Timestamp>{};
    const auto time = read_time(row, column);
    if (!time) return time.error();
    return std::optional<Timestamp>{*time};
}

}  // namespace shop
