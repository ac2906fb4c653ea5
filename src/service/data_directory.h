#pragma once

#include <tidings/base/result.h>
#include <tidings/io/world.h>

#include <string>

namespace tidings {

/// Makes `directory` a data directory of ours, or checks that it is one.
/// Errors: as `Host::open`.
Result<void> open_data_directory(io::World& world, const std::string& directory);

}  // namespace tidings
