#include "service/data_directory.h"

#include <tidings/io/file.h>
#include <tidings/model/json.h>
#include <tidings/service/host.h>

#include <algorithm>

namespace tidings {

namespace {

constexpr int format = 1;  // Persistent.

std::string mark_path(const std::string& directory) { return directory + "/tidings.json"; }

/// Whether a directory holds nothing but marks that other processes are about to make.
bool is_new(const std::vector<std::string>& names) {
    return std::all_of(names.begin(), names.end(),
                       [](const std::string& name) { return name.starts_with("tidings.json."); });
}

}  // namespace

Result<void> check_data_directory(io::FileSystem& files, const std::string& directory) {
    const Result<std::vector<std::string>> names = files.list(directory);
    if (!names && names.error().code != ErrorCode::not_found) return names.error();
    if (!names || is_new(*names)) {
        return Error{ErrorCode::not_found, "no data directory at " + directory,
                     "name the directory that a service or the demo was given with --data"};
    }
    const Result<std::string> mark = io::read_file(files, mark_path(directory));
    if (!mark && mark.error().code != ErrorCode::not_found) return mark.error();
    if (!mark) {
        return Error{ErrorCode::invalid_argument,
                     directory + " is not a data directory of tidings: it has no tidings.json",
                     "name another directory, or a new one; this one was left untouched"};
    }
    json::Reader reader{*mark};
    std::int64_t found = 0;
    std::string_view name;
    reader.begin_object();
    while (reader.next_field(name)) {
        if (name == "format") {
            found = reader.integer();
        } else {
            reader.skip();
        }
    }
    if (Result<void> read = reader.finish(); !read || found < 1) {
        return Error{ErrorCode::corruption, mark_path(directory) + " is damaged",
                     "restore it from a backup of the directory"};
    }
    if (found > format) {
        return Error{ErrorCode::unsupported,
                     directory + " was written by a newer version (format " +
                         std::to_string(found) + ", this one knows " + std::to_string(format) + ")",
                     "use that version"};
    }
    return {};
}

Result<void> open_data_directory(io::World& world, const std::string& directory) {
    io::FileSystem& files = world.files();
    const Result<std::vector<std::string>> names = files.list(directory);
    if (names && !is_new(*names)) {
        if (Result<void> checked = check_data_directory(files, directory); !checked) return checked;
        // Who made it may have been killed before the mark's name was durable.
        return files.flush_directory(directory);
    }
    if (!names && names.error().code != ErrorCode::not_found) return names.error();
    if (Result<void> made = files.make_directory(directory); !made) return made;
    std::string mark;
    json::Writer writer{mark};
    writer.begin_object();
    writer.name("format");
    writer.integer(format);
    writer.name("id");
    writer.value(world.new_uuid());
    writer.end_object();
    mark += '\n';
    return replace_shared_file(world, mark_path(directory), mark);
}

Result<void> replace_shared_file(io::World& world, const std::string& path,
                                 std::string_view bytes) {
    io::FileSystem& files = world.files();
    const std::string own = path + '.' + to_string(world.new_uuid());
    if (Result<void> written = io::replace_file(files, own, bytes); !written) return written;
    if (Result<void> named = files.rename(own, path); !named) return named;
    return files.flush_directory(io::parent_directory(path));
}

}  // namespace tidings
