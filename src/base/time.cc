#include <tidings/base/text.h>
#include <tidings/base/time.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>

namespace tidings {

namespace {

using std::chrono::days;
using std::chrono::milliseconds;

constexpr std::int64_t day_ms = 86'400'000;
constexpr Timestamp first_moment{std::chrono::sys_days{std::chrono::year{0} / 1 / 1}};
constexpr Timestamp last_moment{
    Timestamp{std::chrono::sys_days{std::chrono::year{9999} / 12 / 31}} + milliseconds{day_ms - 1}};

struct DigitPairs {
    char text[200];
};

constexpr DigitPairs make_digit_pairs() {
    DigitPairs pairs{};
    for (std::size_t i = 0; i < 100; ++i) {
        pairs.text[2 * i] = static_cast<char>('0' + i / 10);
        pairs.text[2 * i + 1] = static_cast<char>('0' + i % 10);
    }
    return pairs;
}

constexpr DigitPairs digit_pairs = make_digit_pairs();

void write_two(unsigned value, char* out) {
    out[0] = digit_pairs.text[2 * value];
    out[1] = digit_pairs.text[2 * value + 1];
}

Error not_a_time(std::string_view text, std::string_view rule) {
    return {ErrorCode::invalid_argument,
            "not a timestamp: " + quote(text) + ": " + std::string{rule},
            "write RFC 3339 with an offset, such as 2026-11-23T10:00:00.123Z"};
}

/// Reads the parts of a text from the left; after the first misfit `ok()` is false for good.
class Scanner {
public:
    explicit Scanner(std::string_view text) : rest_(text) {}

    int digits(std::size_t count) {
        if (rest_.size() < count) return fail();
        int value = 0;
        for (std::size_t i = 0; i < count; ++i) {
            const char c = rest_[i];
            if (c < '0' || c > '9') return fail();
            value = value * 10 + (c - '0');
        }
        rest_.remove_prefix(count);
        return value;
    }

    bool skip(char either, char other) {
        if (rest_.empty() || (rest_.front() != either && rest_.front() != other)) return false;
        rest_.remove_prefix(1);
        return true;
    }

    void expect(char either, char other) {
        if (!skip(either, other)) fail();
    }
    void expect(char one) { expect(one, one); }

    /// Reads 1 to 9 digits as a fraction of a second; what is finer than 1 ms is cut.
    int fraction_ms() {
        int value = 0;
        std::size_t count = 0;
        for (; count < rest_.size() && rest_[count] >= '0' && rest_[count] <= '9'; ++count) {
            if (count < 3) value = value * 10 + (rest_[count] - '0');
        }
        if (count == 0 || count > 9) return fail();
        rest_.remove_prefix(count);
        for (; count < 3; ++count) value *= 10;
        return value;
    }

    bool ok() const { return ok_; }
    bool at_end() const { return rest_.empty(); }

private:
    int fail() {
        ok_ = false;
        return 0;
    }

    std::string_view rest_;
    bool ok_ = true;
};

/// Reads `Z`, `+08:00` or `-08:00`: what the local time is ahead of UTC.
std::optional<std::chrono::minutes> scan_offset(Scanner& scanner) {
    if (scanner.skip('Z', 'z')) return std::chrono::minutes{0};
    const bool ahead = scanner.skip('+', '+');
    if (!ahead) scanner.expect('-');
    const int hours = scanner.digits(2);
    scanner.expect(':');
    const int minutes = scanner.digits(2);
    if (!scanner.ok() || hours > 23 || minutes > 59) return std::nullopt;
    const std::chrono::minutes offset{hours * 60 + minutes};
    return ahead ? offset : -offset;
}

}  // namespace

void write_timestamp(Timestamp time, char* out) noexcept {
    time = std::clamp(time, first_moment, last_moment);
    const auto day = std::chrono::floor<days>(time);
    const std::chrono::year_month_day date{day};
    const auto year = static_cast<unsigned>(static_cast<int>(date.year()));
    const auto ms = static_cast<unsigned>((time - day).count());
    const unsigned seconds = ms / 1000;
    write_two(year / 100, out);
    write_two(year % 100, out + 2);
    out[4] = '-';
    write_two(static_cast<unsigned>(date.month()), out + 5);
    out[7] = '-';
    write_two(static_cast<unsigned>(date.day()), out + 8);
    out[10] = 'T';
    write_two(seconds / 3600, out + 11);
    out[13] = ':';
    write_two(seconds / 60 % 60, out + 14);
    out[16] = ':';
    write_two(seconds % 60, out + 17);
    out[19] = '.';
    out[20] = static_cast<char>('0' + ms % 1000 / 100);
    write_two(ms % 100, out + 21);
    out[23] = 'Z';
}

std::string to_string(Timestamp time) {
    std::string text(timestamp_text_bytes, '\0');
    write_timestamp(time, text.data());
    return text;
}

Result<Timestamp> parse_timestamp(std::string_view text) {
    Scanner scanner{text};
    const int year = scanner.digits(4);
    scanner.expect('-');
    const int month = scanner.digits(2);
    scanner.expect('-');
    const int day = scanner.digits(2);
    scanner.expect('T', 't');
    const int hour = scanner.digits(2);
    scanner.expect(':');
    const int minute = scanner.digits(2);
    scanner.expect(':');
    const int second = scanner.digits(2);
    const int ms = scanner.ok() && scanner.skip('.', '.') ? scanner.fraction_ms() : 0;
    const auto offset = scan_offset(scanner);
    if (!scanner.ok() || !scanner.at_end()) {
        return not_a_time(text, "the form is YYYY-MM-DDThh:mm:ss[.fraction](Z|+hh:mm|-hh:mm)");
    }
    if (!offset) return not_a_time(text, "the offset goes from -23:59 to +23:59");
    const auto date = std::chrono::year{year} / month / day;
    if (!date.ok()) return not_a_time(text, "there is no such day");
    if (hour > 23 || minute > 59 || second > 60) return not_a_time(text, "there is no such time");
    const auto whole_minute = Timestamp{std::chrono::sys_days{date}} + std::chrono::hours{hour} +
                              std::chrono::minutes{minute} - *offset;
    // A leap second ends a day in UTC; we, like POSIX, count it as the first of the next.
    if (second == 60 && (whole_minute.time_since_epoch() + 1min) % days{1} != 0ms) {
        return not_a_time(text, "second 60 exists only at 23:59:60 UTC");
    }
    const Timestamp time = whole_minute + std::chrono::seconds{second} + milliseconds{ms};
    if (time < first_moment || time > last_moment) {
        return not_a_time(text, "in UTC it lies outside the years 0000 to 9999");
    }
    return time;
}

Result<Duration> parse_duration(std::string_view text) {
    constexpr std::int64_t largest = std::numeric_limits<std::int64_t>::max();
    const auto wrong = [&](std::string_view rule) {
        return Error{ErrorCode::invalid_argument,
                     "not a duration: " + quote(text) + ": " + std::string{rule},
                     "write a whole number and a unit: 250ms, 15s, 2m, 48h or 30d"};
    };
    std::size_t count = 0;
    std::int64_t number = 0;
    for (; count < text.size() && text[count] >= '0' && text[count] <= '9'; ++count) {
        const int digit = text[count] - '0';
        if (number > (largest - digit) / 10) return wrong("the number is too large");
        number = number * 10 + digit;
    }
    if (count == 0) return wrong("it does not begin with a number");
    const std::string_view unit = text.substr(count);
    Duration one{};
    if (unit == "ms") {
        one = 1ms;
    } else if (unit == "s") {
        one = 1s;
    } else if (unit == "m") {
        one = 1min;
    } else if (unit == "h") {
        one = 1h;
    } else if (unit == "d") {
        one = days{1};
    } else {
        return wrong("the unit is none of ms, s, m, h, d");
    }
    if (number > largest / one.count()) return wrong("it is longer than 292 years");
    return number * one;
}

}  // namespace tidings
