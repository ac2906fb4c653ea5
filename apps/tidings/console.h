#pragma once

#include <tidings/base/result.h>
#include <tidings/base/text.h>
#include <tidings/base/time.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace tidings::cli {

/// What the process returns. Documented in docs/reference/cli.md; scripts rely on it.
enum Exit : int {
    success = 0,
    failure = 1,         ///< It could not be done; stderr says why.
    wrong_use = 2,       ///< The command line is wrong.
    found_problems = 3,  ///< It was done, and what was looked at is not in order.
};

/// Where a command prints: results to stdout, everything else to stderr.
///
/// Text from events, databases and files is hostile: whoever prints it sends it through
/// `printable` or `json_line` first.
class Console {
public:
    struct Options {
        bool json = false;
        bool colours = false;
    };

    explicit Console(const Options& options) : options_(options) {}

    bool json() const noexcept { return options_.json; }
    /// Prints `text` and a line end. After a failed write nothing more is printed.
    void line(std::string_view text);
    void flush();
    /// Whether nobody reads the output any more: time to stop, which is no failure.
    bool is_closed() const noexcept { return closed_; }
    /// Asks whether the reader of a pipe has gone, without writing. From any thread.
    static bool is_abandoned() noexcept;
    /// Flushes and returns `code`, or `failure` if the output could not be written.
    int finish(int code);

    /// Prints `error: ...` and `hint: ...`; returns `failure`.
    int fail(const Error& error);
    void note(std::string_view text);

    std::string strong(std::string_view text) const { return styled("1", text); }
    std::string faint(std::string_view text) const { return styled("2", text); }
    std::string alarm(std::string_view text) const { return styled("31", text); }

private:
    std::string styled(std::string_view style, std::string_view text) const;

    Options options_;
    bool closed_ = false;
    int write_error_ = 0;
};

/// Returns `text` on one line, fit for a terminal: control characters, line separators, marks that
/// turn the direction of text, and bytes that are not UTF-8 are written as escapes. What is longer
/// than `bytes_max` is cut and ends in `...`; 0 means no bound.
std::string printable(std::string_view text, std::size_t bytes_max = 0);

/// Returns one JSON document as one line, with the characters that `printable` escapes written as
/// JSON escapes. Its meaning stays the same. Requires: `json` is valid JSON.
std::string json_line(std::string_view json);

/// Returns how long before `now` something was, as `850ms`, `12s`, `3m 20s`, `4h 5m`, `12d 3h`.
std::string age(Timestamp since, Timestamp now);

/// Returns `1 event`, `2 events`.
std::string counted(std::int64_t count, std::string_view noun);

/// Returns the one of `known` that `given` was probably meant to be, or nothing.
std::string_view closest(std::string_view given, std::span<const std::string> known);

}  // namespace tidings::cli
