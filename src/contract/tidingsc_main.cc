// tidingsc: checks contracts and makes C++ from them at build time. A tool that runs alone before
// anything else is built, so it reads and writes files itself instead of through io::World.
#include <tidings/contract/contract.h>
#include <tidings/contract/lint.h>

#include "contract/generate.h"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;
using tidings::SourceFile;

constexpr int exit_failed = 1;
constexpr int exit_wrong_use = 2;

constexpr const char* usage =
    "tidingsc checks event contracts and makes C++ from them.\n\n"
    "  tidingsc generate --contracts DIR [--models DIR] --namespace NAME --out DIR\n"
    "                    [--depfile FILE] [--strict]\n"
    "  tidingsc check DIR [--strict]\n\n"
    "With --strict, warnings count as errors.\n"
    "Exit codes: 0 done, 1 a contract is wrong, 2 wrong use.\n";

struct Arguments {
    std::string command;
    std::string contracts;
    std::string models;
    std::string platform = "events";
    std::string out;
    std::string depfile;
    bool strict = false;
};

struct Inputs {
    std::vector<SourceFile> contracts;
    std::vector<SourceFile> models;
    std::vector<std::string> folders;
};

int wrong_use(const std::string& message) {
    std::fprintf(stderr, "error: %s\n\n%s", message.c_str(), usage);
    return exit_wrong_use;
}

int fail(const std::string& message) {
    std::fprintf(stderr, "error: %s\n", message.c_str());
    return exit_failed;
}

bool parse(int argc, char** argv, Arguments& arguments, std::string& problem) {
    arguments.command = argc > 1 ? argv[1] : "";
    for (int i = 2; i < argc; ++i) {
        const std::string name = argv[i];
        if (name == "--strict") {
            arguments.strict = true;
            continue;
        }
        std::string* target = name == "--contracts"   ? &arguments.contracts
                              : name == "--models"    ? &arguments.models
                              : name == "--namespace" ? &arguments.platform
                              : name == "--out"       ? &arguments.out
                              : name == "--depfile"   ? &arguments.depfile
                                                      : nullptr;
        if (target == nullptr && name[0] != '-' && arguments.contracts.empty()) {
            arguments.contracts = name;
        } else if (target == nullptr || i + 1 == argc) {
            problem = target == nullptr ? "unknown argument " + name : name + " needs a value";
            return false;
        } else {
            *target = argv[++i];
        }
    }
    return true;
}

bool read_file(const fs::path& path, std::string& text) {
    std::ifstream file{path, std::ios::binary};
    text.assign(std::istreambuf_iterator<char>{file}, std::istreambuf_iterator<char>{});
    return file.good() || file.eof();
}

/// Reads every .yaml file below a folder, in an order that does not depend on the disk.
bool read_folder(const std::string& folder, std::vector<SourceFile>& files,
                 std::vector<std::string>& folders, std::string& problem) {
    std::error_code error;
    std::vector<fs::path> paths;
    folders.push_back(folder);
    fs::recursive_directory_iterator entry{folder, error};
    for (; !error && entry != fs::recursive_directory_iterator{}; entry.increment(error)) {
        if (entry->is_directory()) folders.push_back(entry->path().string());
        if (entry->path().extension() == ".yml") {
            problem = entry->path().string() + ": contracts end in .yaml, rename it";
            return false;
        }
        if (entry->path().extension() == ".yaml") paths.push_back(entry->path());
    }
    if (error) {
        problem = folder + ": " + error.message();
        return false;
    }
    std::sort(paths.begin(), paths.end());
    for (const fs::path& path : paths) {
        SourceFile file{path.string(), {}};
        if (!read_file(path, file.text)) {
            problem = path.string() + ": cannot be read";
            return false;
        }
        files.push_back(std::move(file));
    }
    return true;
}

/// Writes a file if its text is another than before, so that nothing is compiled without need.
bool write_file(const fs::path& path, const std::string& text) {
    std::string before;
    std::error_code error;
    if (fs::exists(path, error) && read_file(path, before) && before == text) return true;
    fs::create_directories(path.parent_path(), error);
    std::ofstream file{path, std::ios::binary | std::ios::trunc};
    file << text;
    file.close();
    return file.good();
}

int print(const std::vector<tidings::Diagnostic>& problems) {
    for (const auto& problem : problems) {
        std::fprintf(stderr, "%s\n", tidings::to_string(problem).c_str());
    }
    return exit_failed;
}

std::string escaped(const std::string& path) {
    std::string out;
    for (const char c : path) {
        if (c == ' ' || c == '#') out += '\\';
        out += c;
    }
    return out;
}

std::string depfile_text(const Arguments& arguments, const Inputs& inputs) {
    std::string text = escaped(arguments.out + "/contracts/all.h") + ":";
    for (const auto& file : inputs.contracts) text += " \\\n " + escaped(file.path);
    for (const auto& file : inputs.models) text += " \\\n " + escaped(file.path);
    for (const auto& folder : inputs.folders) text += " \\\n " + escaped(folder);
    return text + "\n";
}

int run(const Arguments& arguments) {
    Inputs inputs;
    std::string problem;
    if (!read_folder(arguments.contracts, inputs.contracts, inputs.folders, problem) ||
        (!arguments.models.empty() &&
         !read_folder(arguments.models, inputs.models, inputs.folders, problem))) {
        return fail(problem);
    }
    if (inputs.contracts.empty() && inputs.models.empty()) {
        return fail(arguments.contracts + ": holds no contract (*.yaml)");
    }
    const auto findings = tidings::lint_contracts(inputs.contracts);
    const bool is_refused =
        std::any_of(findings.begin(), findings.end(), [&](const tidings::Diagnostic& finding) {
            return arguments.strict || finding.severity == tidings::Severity::error;
        });
    print(findings);
    if (is_refused) return exit_failed;
    const auto generated =
        tidings::contract::generate_code(inputs.contracts, inputs.models, arguments.platform);
    if (!generated.problems.empty()) return print(generated.problems);
    if (arguments.command == "check") {
        std::printf("%zu files, nothing wrong\n", inputs.contracts.size() + inputs.models.size());
        return 0;
    }
    for (const auto& [path, text] : generated.files) {
        if (!write_file(fs::path{arguments.out} / path, text)) {
            return fail(arguments.out + "/" + path + ": cannot be written");
        }
    }
    if (!arguments.depfile.empty() &&
        !write_file(arguments.depfile, depfile_text(arguments, inputs))) {
        return fail(arguments.depfile + ": cannot be written");
    }
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    Arguments arguments;
    std::string problem;
    if (!parse(argc, argv, arguments, problem)) return wrong_use(problem);
    if (arguments.command == "--help" || arguments.command == "help") {
        std::fputs(usage, stdout);
        return 0;
    }
    if (arguments.command != "generate" && arguments.command != "check") {
        return wrong_use(arguments.command.empty() ? "what to do is missing"
                                                   : "unknown command " + arguments.command);
    }
    if (arguments.contracts.empty()) return wrong_use("the folder of the contracts is missing");
    if (arguments.command == "generate" && arguments.out.empty())
        return wrong_use("--out is missing");
    return run(arguments);
}
