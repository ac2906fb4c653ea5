#pragma once

#include <tidings/io/world.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace tidings::io {

/// Returns the whole of a file. Errors: `not_found`, `limit_exceeded` above `bytes_max`,
/// `io_error`.
Result<std::string> read_file(FileSystem& files, const std::string& path,
                              std::uint64_t bytes_max = std::uint64_t{64} << 20);

/// Makes `path` hold exactly `bytes`, whatever it held before.
///
/// After a crash at any moment it holds the old bytes or the new, never a mixture; after success
/// the new ones survive the loss of power. They are written to `path` + `.tmp`, flushed, and
/// renamed (R5). One writer per path at a time. On error the old content stands.
Result<void> replace_file(FileSystem& files, const std::string& path, std::string_view bytes);

/// Returns the directory of `path`, e.g. `/data` for `/data/a` and `.` for `a`.
std::string parent_directory(const std::string& path);

}  // namespace tidings::io
