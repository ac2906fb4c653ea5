#include <tidings/base/text.h>
#include <tidings/contract/schema_files.h>
#include <tidings/contract/site.h>
#include <tidings/contract/typescript.h>
#include <tidings/io/file.h>

#include "commands.h"
#include "contract_sources.h"

#include <fmt/format.h>

#include <set>

namespace tidings::cli {

namespace {

/// Makes a directory and those above it.
Result<void> make_directories(io::FileSystem& files, const std::string& path) {
    for (std::size_t at = 1; at != std::string::npos;) {
        at = path.find('/', at);
        const std::string above = path.substr(0, at);
        if (at != std::string::npos) ++at;
        if (above.empty() || files.list(above)) continue;
        if (Result<void> made = files.make_directory(above); !made) return made;
    }
    return {};
}

int write_files(io::World& world, const std::string& out,
                const std::map<std::string, std::string>& texts, Console& console) {
    std::set<std::string> folders;
    for (const auto& [path, text] : texts) {
        const std::string full = out + "/" + path;
        const std::string folder = full.substr(0, full.rfind('/'));
        if (folders.insert(folder).second) {
            if (Result<void> made = make_directories(world.files(), folder); !made) {
                return console.fail(made.error());
            }
        }
        if (Result<void> written = io::replace_file(world.files(), full, text); !written) {
            return console.fail(written.error());
        }
    }
    console.line(fmt::format("{} in {}", counted(static_cast<std::int64_t>(texts.size()), "file"),
                             printable(out)));
    return Exit::success;
}

}  // namespace

int write_contract_docs(io::World& world, const std::string& source, const std::string& out,
                        const DocsRequest& request, Console& console) {
    const auto set = load_contracts_from(world.files(), source);
    if (!set) return console.fail(set.error());
    SiteOptions options;
    options.title = request.title;
    auto services = read_service_outlines(world.files(), request.services);
    if (!services) return console.fail(services.error());
    options.services = std::move(*services);
    for (const std::string& since : request.since) {
        auto earlier = load_contracts_from(world.files(), since);
        if (!earlier) return console.fail(earlier.error());
        options.earlier.push_back({since, std::move(*earlier)});
    }
    return write_files(world, out, make_site(*set, options), console);
}

int write_typescript(io::World& world, const std::string& source, const std::string& out,
                     Console& console) {
    const auto set = load_contracts_from(world.files(), source);
    if (!set) return console.fail(set.error());
    return write_files(world, out, to_typescript(*set), console);
}

int write_schema_files(io::World& world, const std::string& source, const std::string& out,
                       Console& console) {
    const auto set = load_contracts_from(world.files(), source);
    if (!set) return console.fail(set.error());
    return write_files(world, out, to_schema_files(*set), console);
}

}  // namespace tidings::cli
