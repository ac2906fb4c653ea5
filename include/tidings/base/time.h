#pragma once

#include <tidings/base/result.h>

#include <chrono>
#include <string>
#include <string_view>

namespace tidings {

using namespace std::chrono_literals;

/// A moment on the wall clock, UTC, in milliseconds. For display, envelopes and due times.
using Timestamp = std::chrono::sys_time<std::chrono::milliseconds>;

/// A moment on the monotonic clock of one process. For intervals; never stored.
using TimePoint = std::chrono::time_point<std::chrono::steady_clock, std::chrono::nanoseconds>;

using Duration = std::chrono::nanoseconds;

/// Bytes of `2026-11-23T10:00:00.123Z`.
inline constexpr std::size_t timestamp_text_bytes = 24;

/// Returns `time` in RFC 3339, UTC, milliseconds: `2026-11-23T10:00:00.123Z`. Years 0000 to 9999.
std::string to_string(Timestamp time);

/// Writes the same text to `out`, which holds `timestamp_text_bytes` bytes; not terminated.
/// A moment outside those years is written as the nearest one inside.
void write_timestamp(Timestamp time, char* out) noexcept;

/// Reads RFC 3339 with any offset and 0 to 9 fraction digits (more than 3 are cut).
/// Errors: `invalid_argument`, naming the text and the rule.
Result<Timestamp> parse_timestamp(std::string_view text);

/// Reads `250ms`, `15s`, `2m`, `48h`, `30d`. Errors: `invalid_argument`.
Result<Duration> parse_duration(std::string_view text);

}  // namespace tidings
