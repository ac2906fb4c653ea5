#include "contract_sources.h"

#include <tidings/base/text.h>
#include <tidings/io/file.h>
#include <tidings/io/program.h>

#include <utility>

namespace tidings::cli {

namespace {

constexpr std::size_t git_bytes_max = 64 * 1024 * 1024;

/// Runs git. Errors carry what git said.
Result<std::string> git(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "git");
    auto said = io::run_program(arguments, git_bytes_max);
    if (!said) return std::move(said).error();
    if (said->status == 0) return std::move(said->output);
    std::string why = said->errors.substr(0, said->errors.find('\n'));
    return Error{ErrorCode::not_found, "git " + arguments[1] + ": " + why,
                 "name a revision and a directory of this repository: HEAD~1:contracts"};
}

std::vector<std::string> split(std::string_view text, char at) {
    std::vector<std::string> parts;
    while (!text.empty()) {
        const std::size_t end = text.find(at);
        parts.emplace_back(text.substr(0, end));
        text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
    }
    return parts;
}

Result<std::vector<SourceFile>> read_revision(const std::string& revision,
                                              const std::string& directory) {
    // A name that begins with a dash would be an option.
    if (revision.starts_with('-')) {
        return Error{ErrorCode::invalid_argument, "no revision " + quote(revision)};
    }
    auto listed = git({"ls-tree", "-r", "-z", "--name-only", revision, "--", directory + "/"});
    if (!listed) return std::move(listed).error();
    std::vector<SourceFile> found;
    for (const std::string& path : split(*listed, '\0')) {
        if (!path.ends_with(".yaml")) continue;
        auto text = git({"show", revision + ":./" + path});
        if (!text) return std::move(text).error();
        found.push_back({path, std::move(*text)});
    }
    if (found.empty()) {
        return Error{ErrorCode::not_found,
                     "no contracts in " + quote(directory) + " at " + quote(revision),
                     "contracts are <domain>/<event>.v<major>.yaml below it"};
    }
    return found;
}

}  // namespace

Result<std::vector<SourceFile>> read_contract_files(io::FileSystem& files,
                                                    const std::string& directory) {
    const auto domains = files.list(directory);
    if (!domains) return with_context(domains.error(), "contracts in " + directory);
    std::vector<SourceFile> found;
    for (const std::string& domain : *domains) {
        const std::string folder = directory + "/" + domain;
        const auto names = files.list(folder);
        if (!names) continue;  // A file beside the domains.
        for (const std::string& name : *names) {
            if (!name.ends_with(".yaml")) continue;
            const std::string path = folder + "/" + name;
            auto text = io::read_file(files, path);
            if (!text) return std::move(text).error();
            found.push_back({path, std::move(*text)});
        }
    }
    if (found.empty()) {
        return Error{ErrorCode::not_found, "no contracts in " + directory,
                     "contracts are <domain>/<event>.v<major>.yaml below it"};
    }
    return found;
}

Result<ContractSet> load_contracts_from(io::FileSystem& files, const std::string& source) {
    const auto load = [&](const Result<std::vector<SourceFile>>& read) -> Result<ContractSet> {
        if (!read) return read.error();
        auto loaded = load_contracts(*read);
        if (!loaded) return with_context(loaded.error(), source);
        return loaded;
    };
    if (files.list(source)) return load(read_contract_files(files, source));
    if (source.ends_with(".json")) {
        const auto text = io::read_file(files, source);
        if (!text) return text.error();
        auto bundle = parse_bundle(*text);
        if (!bundle) return with_context(bundle.error(), source);
        return bundle;
    }
    if (const std::size_t colon = source.find(':'); colon != std::string::npos) {
        return load(read_revision(source.substr(0, colon), source.substr(colon + 1)));
    }
    return Error{ErrorCode::not_found, "no contracts at " + quote(source),
                 "name a directory, a bundle (a .json file), or REVISION:DIRECTORY of git"};
}

Result<std::vector<ServiceOutline>> read_service_outlines(io::FileSystem& files,
                                                          const std::string& path) {
    if (path.empty()) return std::vector<ServiceOutline>{};
    const auto text = io::read_file(files, path);
    if (!text) return text.error();
    auto outlines = parse_service_outlines(*text);
    if (!outlines) {
        Error error = with_context(outlines.error(), path);
        error.hint = "write it with the service's own --outline: a line of JSON for each service";
        return error;
    }
    return outlines;
}

}  // namespace tidings::cli
