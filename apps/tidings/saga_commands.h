#pragma once

#include <tidings/io/world.h>

#include "console.h"
#include "saga_options.h"

#include <CLI/CLI.hpp>

#include <functional>
#include <string>

namespace tidings::cli {

/// Where a group of commands is added: the program, its common options, and the place for what is
/// to be run.
struct CommandLine {
    CLI::App& app;
    io::World& world;
    std::string& data;
    bool& json;
    std::function<int(Console&)>& run;
};

/// Adds `tidings sagas`. `options` must live as long as the program.
void add_saga_commands(const CommandLine& line, SagaOptions& options);

}  // namespace tidings::cli
