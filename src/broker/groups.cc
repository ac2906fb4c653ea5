#include "broker/groups.h"

#include <tidings/base/crc32c.h>
#include <tidings/base/text.h>
#include <tidings/io/file.h>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

namespace tidings {
namespace {

constexpr std::uint32_t entry_magic = 0x47474454;  // persistent: "TDGG"
constexpr std::uint32_t entry_version = 1;         // persistent
constexpr std::size_t name_bytes_max = 128;

/// The whole of a group's file, in the machine's (little-endian) order.
struct Entry {  // persistent
    std::uint32_t magic = entry_magic;
    std::uint32_t version = entry_version;
    std::int64_t position = 0;
    std::uint32_t reserved = 0;
    std::uint32_t crc = 0;
};
static_assert(sizeof(Entry) == 24);

std::array<char, sizeof(Entry)> encode(Position position) {
    Entry entry;
    entry.position = position.value;
    std::array<char, sizeof(Entry)> bytes;
    std::memcpy(bytes.data(), &entry, sizeof entry);
    entry.crc = crc32c({bytes.data(), offsetof(Entry, crc)});
    std::memcpy(bytes.data() + offsetof(Entry, crc), &entry.crc, sizeof entry.crc);
    return bytes;
}

std::optional<Position> decode(std::string_view bytes) {
    Entry entry;
    if (bytes.size() != sizeof entry) return std::nullopt;
    std::memcpy(&entry, bytes.data(), sizeof entry);
    if (entry.magic != entry_magic || entry.version != entry_version || entry.position < 0 ||
        entry.crc != crc32c(bytes.substr(0, offsetof(Entry, crc)))) {
        return std::nullopt;
    }
    return Position{entry.position};
}

Result<void> check_name(std::string_view what, std::string_view name, bool dashes) {
    const auto fits = [dashes](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || (dashes && c == '-');
    };
    if (!name.empty() && name.size() <= name_bytes_max && name[0] >= 'a' && name[0] <= 'z' &&
        std::all_of(name.begin(), name.end(), fits)) {
        return {};
    }
    return Error{ErrorCode::invalid_argument,
                 fmt::format("{} is no name for a {}", quote(name), what),
                 fmt::format("names match ^[a-z][a-z0-9_{}]*$ and have at most {} characters",
                             dashes ? "-" : "", name_bytes_max)};
}

std::string groups_directory(const std::string& topic_directory) {
    return topic_directory + "/groups";
}

}  // namespace

Result<void> check_topic_name(std::string_view name) { return check_name("topic", name, false); }
Result<void> check_group_name(std::string_view name) {
    return check_name("consumer group", name, true);
}

Result<std::unique_ptr<GroupFile>> GroupFile::open(io::FileSystem& files,
                                                   const std::string& topic_directory,
                                                   const ConsumerGroup& group, Position start) {
    const std::string directory = groups_directory(topic_directory);
    const std::string path = directory + "/" + group.name;
    Position position = start;
    auto bytes = io::read_file(files, path);
    if (!bytes && bytes.error().code != ErrorCode::not_found) return bytes.error();
    const auto known = bytes ? decode(*bytes) : std::nullopt;
    Result<void> made;
    if (known) {
        position = *known;
        // Who made it may have been killed before its name was durable.
        made = files.flush_directory(directory);
    } else {
        made = files.make_directory(directory);
        const auto entry = encode(start);
        if (made) made = io::replace_file(files, path, {entry.data(), entry.size()});
    }
    // Retention asks the files alone, so the entry has to outlive a power cut from the start.
    if (made) made = files.flush_directory(topic_directory);
    if (made) made = files.flush_directory(io::parent_directory(topic_directory));
    if (!made) return made.error();
    auto file = files.open(path, io::OpenMode::write);
    if (!file) return file.error();
    return std::unique_ptr<GroupFile>{new GroupFile{std::move(*file), position}};
}

Result<void> GroupFile::move(Position position) {
    if (position == position_) return {};
    const auto entry = encode(position);
    if (auto written = file_->write_at(0, {entry.data(), entry.size()}); !written) return written;
    position_ = position;
    return {};
}

Result<Position> read_group_file(io::FileSystem& files, const std::string& path) {
    const auto bytes = io::read_file(files, path);
    if (!bytes) return bytes.error();
    if (const auto position = decode(*bytes)) return *position;
    return Error{ErrorCode::corruption, "group file " + path + ", byte 0: its checksum is wrong",
                 "nothing is lost: it is made anew from the service's database at its next start"};
}

Result<std::vector<LogGroup>> log_groups(io::FileSystem& files, const std::string& directory) {
    std::vector<LogGroup> groups;
    const std::string path = groups_directory(directory);
    auto names = files.list(path);
    if (!names) {
        if (names.error().code == ErrorCode::not_found) return groups;
        return names.error();
    }
    std::sort(names->begin(), names->end());
    for (std::string& name : *names) {
        if (!check_group_name(name)) continue;
        const auto bytes = io::read_file(files, path + "/" + name);
        // Who was forgotten since the list was made is none.
        if (!bytes && bytes.error().code == ErrorCode::not_found) continue;
        groups.push_back({std::move(name), bytes ? decode(*bytes) : std::nullopt});
    }
    return groups;
}

Result<void> forget_log_group(io::FileSystem& files, const std::string& directory,
                              const ConsumerGroup& group) {
    if (auto named = check_group_name(group.name); !named) return named;
    const std::string path = groups_directory(directory);
    if (auto removed = files.remove(path + "/" + group.name); !removed) return removed;
    return files.flush_directory(path);
}

Result<std::optional<SlowestGroup>> slowest_group(io::FileSystem& files,
                                                  const std::string& topic_directory) {
    const auto groups = log_groups(files, topic_directory);
    if (!groups) return groups.error();
    std::optional<SlowestGroup> slowest;
    for (const LogGroup& group : *groups) {
        const Position position = group.position.value_or(Position{});
        if (!slowest || position < slowest->position) slowest = SlowestGroup{group.name, position};
    }
    return slowest;
}

}  // namespace tidings
