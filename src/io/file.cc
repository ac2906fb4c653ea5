#include <tidings/base/text.h>
#include <tidings/io/file.h>

#include "base/test_points.h"

namespace tidings::io {

Result<std::string> read_file(FileSystem& files, const std::string& path, std::uint64_t bytes_max) {
    auto file = files.open(path, OpenMode::read);
    if (!file) return std::move(file).error();
    const auto size = (*file)->size();
    if (!size) return size.error();
    if (*size > bytes_max) {
        return Error{ErrorCode::limit_exceeded, quote(path, 300) + " has " + std::to_string(*size) +
                                                    " bytes; at most " + std::to_string(bytes_max) +
                                                    " are read"};
    }
    std::string bytes(*size, '\0');
    const auto count = (*file)->read_at(0, bytes);
    if (!count) return count.error();
    bytes.resize(*count);
    return bytes;
}

Result<void> replace_file(FileSystem& files, const std::string& path, std::string_view bytes) {
    const std::string temporary = path + ".tmp";
    // One may be left from a crash. It is made anew, so that we never write through a planted link.
    if (auto removed = files.remove(temporary);
        !removed && removed.error().code != ErrorCode::not_found) {
        return removed;
    }
    auto file = files.open(temporary, OpenMode::create_new);
    if (!file) return std::move(file).error();
    auto done = (*file)->write_at(0, bytes);
    if (done && !planted(Mistake::replaces_without_flush)) done = (*file)->flush();
    file->reset();
    if (done) done = files.rename(temporary, path);
    if (!done) {
        // The error that counts is the one we have; a rest is removed by the next replacement.
        static_cast<void>(files.remove(temporary));
        return done;
    }
    return files.flush_directory(parent_directory(path));
}

std::string parent_directory(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    if (slash == std::string::npos) return ".";
    return slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace tidings::io
