#include <tidings/base/money.h>
#include <tidings/base/text.h>

#include <fmt/format.h>

namespace tidings {

namespace {

constexpr std::size_t whole_digits_max = 15;

Error not_money(std::string_view text) {
    return {ErrorCode::invalid_argument, "not an amount of money: " + quote(text),
            "write a decimal with exactly two places and at most 15 digits before the point, such "
            "as 1234.50"};
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

Result<Money> Money::parse(std::string_view text) {
    std::string_view digits = text;
    const bool negative = !digits.empty() && digits.front() == '-';
    if (negative) digits.remove_prefix(1);
    if (digits.size() < 4 || digits.size() > whole_digits_max + 3) return not_money(text);
    const std::size_t point = digits.size() - 3;
    std::int64_t cents = 0;
    for (std::size_t i = 0; i < digits.size(); ++i) {
        if (i == point) {
            if (digits[i] != '.') return not_money(text);
        } else if (is_digit(digits[i])) {
            cents = cents * 10 + (digits[i] - '0');
        } else {
            return not_money(text);
        }
    }
    return Money{negative ? -cents : cents};
}

std::string to_string(Money money) {
    const bool negative = money.cents < 0;
    auto magnitude = static_cast<std::uint64_t>(money.cents);
    if (negative) magnitude = 0 - magnitude;  // Also right for the smallest number.
    return fmt::format("{}{}.{:02}", negative ? "-" : "", magnitude / 100, magnitude % 100);
}

}  // namespace tidings
