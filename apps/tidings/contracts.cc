#include <tidings/contract/contract.h>
#include <tidings/io/file.h>
#include <tidings/model/json.h>

#include "commands.h"

#include <fmt/format.h>

#include <vector>

namespace tidings::cli {

namespace {

/// Reads `<directory>/<domain>/*.yaml`.
Result<std::vector<SourceFile>> read_files(io::FileSystem& files, const std::string& directory) {
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

void print(const Diagnostic& problem, Console& console) {
    if (!console.json()) return console.line(printable(to_string(problem)));
    std::string out;
    json::Writer writer{out};
    const auto text = [&writer](std::string_view name, std::string_view value) {
        writer.name(name);
        writer.text(utf8(value));
    };
    writer.begin_object();
    text("file", problem.file);
    writer.name("line");
    writer.integer(problem.line);
    writer.name("column");
    writer.integer(problem.column);
    text("rule", problem.rule);
    text("what", problem.what);
    text("suggestion", problem.suggestion);
    writer.end_object();
    console.line(json_line(out));
}

}  // namespace

int check_contract_files(io::World& world, const std::string& directory, Console& console) {
    const auto files = read_files(world.files(), directory);
    if (!files) return console.fail(files.error());
    const CheckedContracts checked = check_contracts(*files);
    for (const Diagnostic& problem : checked.problems) print(problem, console);
    if (!checked.problems.empty()) return Exit::found_problems;
    if (!console.json()) {
        const auto count = static_cast<std::int64_t>(checked.set.contracts.size());
        console.line(counted(count, "contract") + " in order");
    }
    return Exit::success;
}

}  // namespace tidings::cli
