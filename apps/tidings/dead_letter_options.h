#pragma once

#include <tidings/base/result.h>

#include <cstdint>
#include <string>
#include <vector>

namespace tidings::cli {

/// What is asked of dead letters. Which of it counts depends on the command.
struct DeadLetterOptions {
    std::string service;
    // Looking.
    bool all_held = false;  ///< Also those that wait for a retry or are parked.
    std::int64_t count = 100;
    std::int64_t after = 0;
    // Acting.
    std::vector<std::int64_t> positions;
    std::string group;
    bool all = false;
    double per_second = 100;
    std::string who;
    std::string why;
    bool yes = false;
    bool dry_run = false;
    // Editing.
    std::string editor;              ///< The program that a person edits with; empty for none.
    std::string temporary = "/tmp";  ///< The directory of the file that it is shown.
    std::string data;                ///< JSON, `-` for stdin, `@file`.
    std::string envelope;            ///< The same, of the whole event.
    std::vector<std::string> set;
    bool then_redrive = false;
    // Rehearsing.
    std::string program;  ///< The command that runs the service.
    std::int64_t events_max = 100;
    bool full = false;
};

}  // namespace tidings::cli
