#pragma once

#include <tidings/base/result.h>
#include <tidings/broker/broker.h>
#include <tidings/io/file.h>

#include <optional>
#include <string>
#include <vector>

namespace tidings {

/// A consumer group as the embedded broker has it registered at a topic.
struct LogGroup {
    std::string name;
    std::optional<Position> position;  ///< That retention keeps; nothing if its file is damaged.
};

/// Returns the groups registered at the topic whose log is in `directory`, by name; none if nobody
/// ever subscribed. Errors: `io_error`.
Result<std::vector<LogGroup>> log_groups(io::FileSystem& files, const std::string& directory);

/// Takes a group's registration away, durably: retention waits for it no more, and may remove what
/// it has not read. A consumer of that name that comes again is registered anew at its own
/// position, if what follows is still there.
///
/// Requires: nobody consumes as this group, or it is registered no more while it does.
/// Errors: `not_found`, `invalid_argument` (no name of a group), `io_error`.
Result<void> forget_log_group(io::FileSystem& files, const std::string& directory,
                              const ConsumerGroup& group);

}  // namespace tidings
