#pragma once

#include <tidings/broker/broker.h>
#include <tidings/broker/log_groups.h>
#include <tidings/io/world.h>

#include <memory>
#include <optional>
#include <string>

namespace tidings {

/// Checks a topic's name: `^[a-z][a-z0-9_]*$`, at most 128 characters (S12). It becomes a path.
/// Errors: `invalid_argument`.
Result<void> check_topic_name(std::string_view name);
/// Checks a group's name: `^[a-z][a-z0-9_-]*$`, at most 128 characters. It becomes a path.
/// Errors: `invalid_argument`.
Result<void> check_group_name(std::string_view name);

/// A group's entry at a topic: the position that retention must keep.
///
/// The file is never ahead of the truth, because positions are written when they are durable with
/// the consumer; after a power cut it may be behind, which keeps more than is needed.
class GroupFile {
public:
    /// Opens the group's entry below `topic_directory`; a new one is made, durably, at `start`.
    static Result<std::unique_ptr<GroupFile>> open(io::FileSystem& files,
                                                   const std::string& topic_directory,
                                                   const ConsumerGroup& group, Position start);
    Position position() const noexcept { return position_; }
    Result<void> move(Position position);

private:
    GroupFile(std::unique_ptr<io::File> file, Position position)
        : file_(std::move(file)), position_(position) {}

    std::unique_ptr<io::File> file_;
    Position position_;
};

/// Returns what a group's file says. Errors: `corruption`, `io_error`, `not_found`.
Result<Position> read_group_file(io::FileSystem& files, const std::string& path);

/// The group that retention waits for.
struct SlowestGroup {
    std::string name;
    Position position;
};

/// Returns the registered group of a topic that is furthest behind; nothing if there is none. An
/// entry that cannot be read counts as being at the very beginning.
Result<std::optional<SlowestGroup>> slowest_group(io::FileSystem& files,
                                                  const std::string& topic_directory);

}  // namespace tidings
