#pragma once

#include <tidings/base/money.h>
#include <tidings/base/result.h>
#include <tidings/base/time.h>

#include "orders/csv.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace shop {

/// Each reads one field of the reader's row; the error names file, line, column and rule.

/// 1 to 64 of `[a-zA-Z0-9_-]`.
tidings::Result<std::string_view> read_id(const CsvReader& row, std::size_t column);

/// A decimal with two places, from 0.00 to `amount_max`.
tidings::Result<tidings::Money> read_amount(const CsvReader& row, std::size_t column);

/// A whole number from `min` to `max`, digits alone.
tidings::Result<std::int32_t> read_number(const CsvReader& row, std::size_t column,
                                          std::int32_t min, std::int32_t max);

/// A time `YYYY-MM-DD HH:MM:SS` that exists.
tidings::Result<tidings::Timestamp> read_time(const CsvReader& row, std::size_t column);

/// The same, or nothing if the field is empty.
tidings::Result<std::optional<tidings::Timestamp>> read_optional_time(const CsvReader& row,
                                                                      std::size_t column);

}  // namespace shop
