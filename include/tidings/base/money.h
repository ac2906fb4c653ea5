#pragma once

#include <tidings/base/result.h>

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace tidings {

/// An amount of money in minor units (centavos, cents). On the wire a decimal string with exactly
/// two places, `"1234.50"`; never a floating-point number.
struct Money {
    std::int64_t cents = 0;

    /// Reads `-?[0-9]+\.[0-9][0-9]` up to 15 digits before the point. Errors: `invalid_argument`.
    static Result<Money> parse(std::string_view text);

    auto operator<=>(const Money&) const = default;
    Money operator+(Money other) const { return {cents + other.cents}; }
    Money operator-(Money other) const { return {cents - other.cents}; }
    Money operator*(std::int64_t count) const { return {cents * count}; }
    Money& operator+=(Money other) {
        cents += other.cents;
        return *this;
    }
};

/// Returns the wire form, e.g. `12.30`.
std::string to_string(Money money);

}  // namespace tidings
