#pragma once

#include <tidings/base/result.h>
#include <tidings/base/time.h>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace tidings::io {

/// Programs that run at the same time as this one, and what they print, line by line.
///
///     io::Children children;
///     for (int i = 0; i < io::cores(); ++i) children.start({io::own_program(), "--part", ...});
///     while (children.any_left()) {
///         if (auto line = children.next_line(500ms)) ...   // of whichever says something
///     }
///
/// Limits    Standard output only; standard error is this program's own.
/// Threads   One thread.
/// Lifetime  The destructor ends those that still run, at once.
class Children {
public:
    /// A line that one of them printed, without its end.
    struct Line {
        std::size_t child = 0;  ///< In the order of `start`, from 0.
        std::string text;
    };

    Children();
    ~Children();
    Children(const Children&) = delete;
    Children& operator=(const Children&) = delete;

    /// Starts a program: its path and its arguments. Errors: `io_error`.
    Result<void> start(const std::vector<std::string>& command);
    /// Returns whether any has not ended yet, or has a line that was not taken.
    bool any_left() const noexcept;
    /// Waits for a line, no longer than `timeout`.
    std::optional<Line> next_line(Duration timeout);
    /// Returns whether all that have ended did so with exit status 0.
    bool all_succeeded() const noexcept;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// Returns how many programs this machine runs at the same time.
int cores() noexcept;
/// Returns a path to the program that is running.
std::string own_program();

}  // namespace tidings::io
