#pragma once

#include <tidings/base/time.h>

#include <memory>

namespace tidings::io {

/// The wish of a person or a supervisor that this process should end: SIGTERM or SIGINT.
///
///     io::Signals signals;              // first thing in main, before any thread is started
///     ...
///     while (!signals.wait(1s)) report();
///
/// From its construction on, these signals no longer end the process but are remembered, and
/// SIGPIPE is ignored, so that writing to a closed pipe or socket is an error and no death. Once
/// the wish has been seen, a further SIGINT (a second Ctrl-C) ends the process at once.
///
/// Threads   Made before any other thread, since threads inherit which signals they leave alone;
///           `wait()` and `requested()` from that first thread, `request()` from any.
/// Lifetime  One per process at a time. The destructor puts things back as they were.
class Signals {
public:
    Signals();
    ~Signals();
    Signals(const Signals&) = delete;
    Signals& operator=(const Signals&) = delete;

    /// Waits until the end is asked for, at most `timeout`. Returns whether it was, then or before.
    bool wait(Duration timeout);
    /// Returns whether the end was asked for.
    bool requested() { return wait(Duration::zero()); }
    /// Asks for the end from within, as a SIGTERM from outside would.
    void request() noexcept;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace tidings::io
