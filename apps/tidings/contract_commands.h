#pragma once

#include <tidings/io/world.h>

#include "commands.h"

#include <functional>
#include <string>

namespace CLI {
class App;
}

namespace tidings::cli {

/// The command line of `tidings contract ...`: what each command takes, and which function it is.
class ContractCommands {
public:
    using Run = std::function<int(Console&)>;

    /// A command that was given sets `run`. Both must outlive this object.
    ContractCommands(io::World& world, bool& json, Run& run)
        : world_(world), json_(json), run_(run) {}

    void add_to(CLI::App& app);

private:
    CLI::App* add(CLI::App& group, const std::string& name, const std::string& what,
                  const std::string& examples, Run run);
    void add_source(CLI::App& command);
    void add_json(CLI::App& command);
    void add_check(CLI::App& group);
    void add_lint(CLI::App& group);
    void add_diff(CLI::App& group);
    void add_asyncapi(CLI::App& group);
    void add_docs(CLI::App& group);
    void add_files(CLI::App& group);
    void add_bundle(CLI::App& group);

    io::World& world_;
    bool& json_;
    Run& run_;
    std::string contracts_;
    std::string before_;
    LintRequest lint_;
    std::string usage_;
    AsyncApiRequest asyncapi_;
    DocsRequest docs_;
    std::string out_;
};

}  // namespace tidings::cli
