#pragma once

#include <tidings/base/result.h>
#include <tidings/io/world.h>

#include <string>
#include <string_view>

namespace tidings {

/// Makes `directory` a data directory of ours, or checks that it is one.
/// Errors: as `Host::open`.
Result<void> open_data_directory(io::World& world, const std::string& directory);

/// Replaces a file of the directory that several processes may replace at once: the last one stays.
Result<void> replace_shared_file(io::World& world, const std::string& path, std::string_view bytes);

}  // namespace tidings
