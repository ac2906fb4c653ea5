#include <tidings/contract/asyncapi.h>
#include <tidings/contract/contract.h>
#include <tidings/contract/lint.h>
#include <tidings/model/json.h>

#include "commands.h"
#include "contract_sources.h"

#include <fmt/format.h>

namespace tidings::cli {

namespace {

void print(const Diagnostic& problem, Console& console) {
    if (!console.json()) return console.line(printable(to_string(problem)));
    std::string out;
    json::Writer writer{out};
    const auto text = [&writer](std::string_view name, std::string_view value) {
        writer.name(name);
        writer.text(utf8(value));
    };
    writer.begin_object();
    text("severity", to_string(problem.severity));
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
    const auto files = read_contract_files(world.files(), directory);
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

int lint_contract_files(io::World& world, const std::string& directory, const LintRequest& request,
                        Console& console) {
    const auto files = read_contract_files(world.files(), directory);
    if (!files) return console.fail(files.error());
    const auto services = read_service_outlines(world.files(), request.services);
    if (!services) return console.fail(services.error());
    std::int64_t errors = 0;
    std::int64_t warnings = 0;
    for (const Diagnostic& problem : lint_contracts(*files, *services)) {
        ++(problem.severity == Severity::error ? errors : warnings);
        print(problem, console);
    }
    if (!console.json()) {
        console.line(fmt::format("{}: {}, {}",
                                 counted(static_cast<std::int64_t>(files->size()), "file"),
                                 counted(errors, "error"), counted(warnings, "warning")));
    }
    const bool is_refused = errors > 0 || (request.strict && warnings > 0);
    return is_refused ? Exit::found_problems : Exit::success;
}

int print_asyncapi(io::World& world, const std::string& source, const AsyncApiRequest& request,
                   Console& console) {
    const auto set = load_contracts_from(world.files(), source);
    if (!set) return console.fail(set.error());
    console.line(json_line(to_asyncapi(*set, {request.title, request.version, request.service})));
    return Exit::success;
}

int print_bundle(io::World& world, const std::string& source, Console& console) {
    const auto set = load_contracts_from(world.files(), source);
    if (!set) return console.fail(set.error());
    console.line(json_line(to_json(*set)));
    return Exit::success;
}

}  // namespace tidings::cli
