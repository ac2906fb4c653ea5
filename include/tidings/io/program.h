#pragma once

#include <tidings/base/result.h>

#include <cstddef>
#include <string>
#include <vector>

namespace tidings::io {

/// What another program said, and how it ended.
struct ProgramOutput {
    int status = 0;      ///< Its exit status; 128 and the signal's number if it was killed.
    std::string output;  ///< What it wrote to its standard output.
    std::string errors;  ///< What it wrote to its standard error, at most 64 KiB of it.
};

/// Runs a program, found by `PATH`, without a shell and without input, and waits for its end.
///
/// `arguments` begins with the program's name. Output beyond `output_bytes_max` ends the program.
/// Errors: `not_found` (no such program), `limit_exceeded` (it said too much), `io_error`.
Result<ProgramOutput> run_program(const std::vector<std::string>& arguments,
                                  std::size_t output_bytes_max);

/// Runs a program as `run_program` does, but one that a person works with, such as an editor: it
/// has this process's own standard streams, and the keys that interrupt are its alone until it
/// ends. Returns its exit status; 128 and the signal's number if it was killed.
Result<int> run_at_terminal(const std::vector<std::string>& arguments);

}  // namespace tidings::io
