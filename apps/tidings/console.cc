#include "console.h"

#include <tidings/base/text.h>

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <iterator>
#include <numeric>
#include <poll.h>
#include <unistd.h>
#include <vector>

namespace tidings::cli {

namespace {

/// How far two words may be apart to be taken for one another.
constexpr std::size_t distance_max = 2;

std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t changed = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
            diagonal = row[j];
            row[j] = std::min({row[j] + 1, row[j - 1] + 1, changed});
        }
    }
    return row.back();
}

void append_json_escape(std::string& out, char32_t point) {
    auto unit = static_cast<std::uint32_t>(point);
    if (unit > 0xFFFF) {
        unit -= 0x10000;
        fmt::format_to(std::back_inserter(out), "\\u{:04x}", 0xD800 + (unit >> 10));
        unit = 0xDC00 + (unit & 0x3FF);
    }
    fmt::format_to(std::back_inserter(out), "\\u{:04x}", unit);
}

}  // namespace

void Console::line(std::string_view text) {
    if (closed_) return;
    if (std::fwrite(text.data(), 1, text.size(), stdout) == text.size() &&
        std::fputc('\n', stdout) != EOF) {
        return;
    }
    if (errno != EPIPE) write_error_ = errno;
    closed_ = true;
}

void Console::flush() {
    if (closed_ || std::fflush(stdout) == 0) return;
    if (errno != EPIPE) write_error_ = errno;
    closed_ = true;
}

bool Console::is_abandoned() noexcept {
    pollfd output{STDOUT_FILENO, 0, 0};
    return ::poll(&output, 1, 0) == 1 && (output.revents & POLLERR) != 0;
}

int Console::finish(int code) {
    flush();
    if (write_error_ == 0) return code;
    return fail({ErrorCode::io_error,
                 fmt::format("cannot write the output: {}", std::strerror(write_error_)),
                 "look whether the disk that it goes to is full"});
}

int Console::fail(const Error& error) {
    flush();
    fmt::print(stderr, "error: {}\n", printable(error.message));
    if (!error.hint.empty()) fmt::print(stderr, "hint: {}\n", printable(error.hint));
    return Exit::failure;
}

void Console::note(std::string_view text) {
    flush();
    fmt::print(stderr, "note: {}\n", printable(text));
}

std::string Console::styled(std::string_view style, std::string_view text) const {
    if (!options_.colours) return std::string{text};
    return fmt::format("\x1b[{}m{}\x1b[0m", style, text);
}

std::string printable(std::string_view text, std::size_t bytes_max) {
    const std::size_t end = bytes_max == 0 ? text.size() : std::min(text.size(), bytes_max);
    std::string out;
    out.reserve(end);
    std::size_t at = 0;
    while (at < end) {
        const std::size_t length = utf8_character_bytes(text.substr(at));
        if (length == 0) {
            fmt::format_to(std::back_inserter(out), "\\x{:02x}",
                           static_cast<unsigned char>(text[at]));
            ++at;
            continue;
        }
        if (at + length > end) break;
        const std::string_view character = text.substr(at, length);
        const char32_t point = utf8_code_point(character);
        if (is_harmless(point)) {
            out += character;
        } else if (point == '\n') {
            out += "\\n";
        } else {
            append_json_escape(out, point);
        }
        at += length;
    }
    if (at < text.size()) out += "...";
    return out;
}

std::string json_line(std::string_view json) {
    std::string out;
    out.reserve(json.size());
    for (std::size_t at = 0; at < json.size();) {
        const std::size_t length = std::max<std::size_t>(utf8_character_bytes(json.substr(at)), 1);
        const std::string_view character = json.substr(at, length);
        const char32_t point = utf8_code_point(character);
        at += length;
        if (is_harmless(point)) {
            out += character;
        } else if (point < 0x20) {
            out += ' ';  // Valid JSON has them between its values only.
        } else {
            append_json_escape(out, point);  // And these within strings only.
        }
    }
    return out;
}

std::string age(Timestamp since, Timestamp now) {
    // A damaged row may hold any number.
    const std::int64_t from = std::max<std::int64_t>(since.time_since_epoch().count(), 0);
    const std::int64_t ms = std::max<std::int64_t>(now.time_since_epoch().count() - from, 0);
    const std::int64_t s = ms / 1000;
    if (ms < 1000) return fmt::format("{}ms", ms);
    if (s < 60) return fmt::format("{}s", s);
    if (s < 3600) return fmt::format("{}m {}s", s / 60, s % 60);
    if (s < 86400) return fmt::format("{}h {}m", s / 3600, s % 3600 / 60);
    return fmt::format("{}d {}h", s / 86400, s % 86400 / 3600);
}

std::string counted(std::int64_t count, std::string_view noun) {
    return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

std::string_view closest(std::string_view given, std::span<const std::string> known) {
    std::string_view best;
    std::size_t best_distance = distance_max + 1;
    for (const std::string& word : known) {
        const std::size_t apart = distance(given, word);
        const bool begins = given.size() >= 2 && word.starts_with(given);
        if (begins && best_distance > distance_max) {
            best = word;
        } else if (apart < best_distance) {
            best = word;
            best_distance = apart;
        }
    }
    return best;
}

}  // namespace tidings::cli
