#include "directory.h"

#include <tidings/base/text.h>
#include <tidings/io/file.h>
#include <tidings/model/envelope.h>
#include <tidings/service/host.h>
#include <tidings/store/sqlite.h>

#include "console.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace tidings::cli {

namespace {

constexpr std::size_t port_file_bytes_max = 32;

bool is_topic_name(const std::string& name) {
    return static_cast<bool>(check_event_name(name + ".x"));
}

/// Returns `all`, or `only` if it is among them.
Result<std::vector<std::string>> choose(std::vector<std::string> all, const std::string& only,
                                        std::string_view what) {
    if (only.empty()) return all;
    if (std::find(all.begin(), all.end(), only) != all.end()) return std::vector{only};
    std::string hint;
    if (const std::string_view meant = closest(only, all); !meant.empty()) {
        hint = fmt::format("did you mean {}?", meant);
    } else if (all.empty()) {
        hint = fmt::format("there is no {} yet", what);
    } else {
        hint = fmt::format("there are: {}", fmt::join(all, ", "));
    }
    return Error{ErrorCode::not_found, fmt::format("no {} {} here", what, quote(only)), hint};
}

/// Returns the names in a directory, or none if it is not there.
Result<std::vector<std::string>> names_in(io::FileSystem& files, const std::string& path) {
    auto names = files.list(path);
    if (!names && names.error().code == ErrorCode::not_found) return std::vector<std::string>{};
    return names;
}

}  // namespace

Result<Directory> Directory::open(io::World& world, std::string path) {
    while (path.size() > 1 && path.back() == '/') path.pop_back();
    if (Result<void> ours = check_data_directory(world.files(), path); !ours) {
        return std::move(ours).error();
    }
    return Directory{world, std::move(path)};
}

Result<std::vector<std::string>> Directory::topics(const std::string& only) const {
    const auto names = names_in(world_->files(), logs());
    if (!names) return names;
    std::vector<std::string> found;
    for (const std::string& name : *names) {
        if (!is_topic_name(name)) continue;
        const auto files = world_->files().list(log(name));
        // A consumer makes the directory before the owner makes the log.
        const bool has_log =
            files && std::any_of(files->begin(), files->end(), [](const std::string& file) {
                return file.ends_with(".segment");
            });
        if (has_log) found.push_back(name);
    }
    return choose(std::move(found), only, "topic");
}

Result<std::vector<std::string>> Directory::services(const std::string& only) const {
    constexpr std::string_view suffix = ".db";
    const auto names = names_in(world_->files(), path_ + "/services");
    if (!names) return names;
    std::vector<std::string> found;
    for (const std::string& name : *names) {
        if (!name.ends_with(suffix)) continue;
        std::string service = name.substr(0, name.size() - suffix.size());
        if (check_source_name(service)) found.push_back(std::move(service));
    }
    return choose(std::move(found), only, "service");
}

std::optional<int> Directory::port(const std::string& service) const {
    const std::string path = path_ + "/services/" + service + ".port";
    const auto text = io::read_file(world_->files(), path, port_file_bytes_max);
    if (!text) return std::nullopt;
    int port = 0;
    const char* end = text->data() + text->size();
    const auto [rest, error] = std::from_chars(text->data(), end, port);
    const bool ends = rest == end || (*rest == '\n' && rest + 1 == end);
    if (error != std::errc{} || !ends || port < 1 || port > 65535) return std::nullopt;
    return port;
}

Result<void> Directory::read(const std::string& service,
                             const std::function<void(StoreTransaction&)>& read) const {
    auto opened = read_sqlite(database(service));
    if (!opened) return std::move(opened).error();
    try {
        read(**opened);
    } catch (const Failure& failure) {
        Error error = with_context(failure.error(), "read database " + database(service));
        if (error.hint.empty()) error.hint = "it may be of another version, or no service's";
        return error;
    }
    return {};
}

}  // namespace tidings::cli
