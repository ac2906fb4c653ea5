// The program of a platform's contract tests; tidings_contract_tests() builds it around the
// platform's own contract_tests().
#include <tidings/io/file.h>
#include <tidings/io/world.h>
#include <tidings/testing/contract_tests.h>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <fstream>
#include <iostream>
#include <string>

namespace {

using namespace tidings;

constexpr std::size_t file_bytes_max = 64 * 1024 * 1024;

std::string read(const std::string& path) {
    return io::read_file(io::real_world().files(), path, file_bytes_max).value();
}

int report(const ContractTests::Problems& problems) {
    for (const std::string& problem : problems) std::cerr << "error: " << problem << '\n';
    if (problems.empty()) return 0;
    std::cerr << fmt::format("{} problem{}\n", problems.size(), problems.size() == 1 ? "" : "s");
    return 1;
}

/// Puts each event on a line of its own, so that a change is seen in a diff.
std::string in_lines(const std::string& json) {
    std::string text;
    for (std::size_t i = 0; i < json.size(); ++i) {
        if (json.compare(i, 9, "{\"event\":") == 0) text += "\n  ";
        text += json[i];
    }
    return text + '\n';
}

int compare(const std::string& usage, const std::string& path) {
    if (read(path) == usage) return 0;
    std::cerr << "error: what the service uses is not what " << path << " keeps; it is\n"
              << usage << "hint: build the target <TARGET>_keep_usage to keep it, and look at it\n";
    return 1;
}

int write(const std::string& usage, const std::string& path) {
    std::ofstream file{path, std::ios::binary};
    file << usage;
    file.close();
    if (file) return 0;
    std::cerr << "error: cannot write " << path << '\n';
    return 1;
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app{"Holds services against the contracts of their platform."};
    app.require_subcommand(1);
    std::string service;
    std::string released;
    std::string kept;
    std::string out;
    app.add_option("--released", released, "the bundle of contracts that was released last");
    const auto side = [&](const char* name, const char* help) {
        CLI::App& made = *app.add_subcommand(name, help);
        made.add_option("service", service)->required();
        return &made;
    };
    const CLI::App* consumer = side("consumer", "hands it all that it must take, and refuse");
    const CLI::App* producer = side("producer", "goes through its scenarios");
    CLI::App* usage = side("usage", "prints which fields it uses");
    usage->add_option("--kept", kept, "compares with this file instead");
    usage->add_option("--out", out, "writes this file instead");
    const CLI::App* complete =
        app.add_subcommand("complete", "looks whether all services are under test");
    CLI11_PARSE(app, argc, argv);
    try {
        ContractTests tests;
        contract_tests(tests);
        if (!released.empty()) tests.released(read(released));
        if (*consumer) return report(tests.test_consumer(service));
        if (*producer) return report(tests.test_producer(service));
        if (*complete) return report(tests.test_complete());
        const std::string used = in_lines(tests.usage(service));
        if (!kept.empty()) return compare(used, kept);
        if (!out.empty()) return write(used, out);
        std::cout << used;
        return 0;
    } catch (const Failure& failure) {
        return report({failure.error().message});
    }
}
