#pragma once

#include <tidings/base/result.h>
#include <tidings/delivery/dead_letters.h>

#include "console.h"

#include <cstdint>
#include <string>

namespace tidings::cli {

/// Whether somebody sits at a terminal, to be asked and to be shown progress.
bool is_person() noexcept;

/// Has a person type `word`; anything else is a no.
bool confirm(const std::string& word, Console& console);

/// Checks that it is known who acts and, where it is needed, why. Errors: `invalid_argument`.
Result<void> check_actor(const Actor& actor, bool needs_reason);

/// How far a long act is, on one line of stderr that is written over; nothing without a terminal.
class Progress {
public:
    explicit Progress(Console& console);
    void show(std::int64_t done, std::int64_t of);
    void end();

private:
    bool shown_ = false;
    bool visible_ = false;
};

}  // namespace tidings::cli
