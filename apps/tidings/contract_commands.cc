#include "contract_commands.h"

#include <CLI/CLI.hpp>

namespace tidings::cli {

namespace {

constexpr const char* sources = "a directory, a bundle (.json), or REVISION:DIRECTORY of git";
constexpr const char* outlines =
    "a file of what services print with --outline, to hold them to the contracts too";
constexpr const char* directories = "holds <domain>/<event>.v<major>.yaml";

}  // namespace

void ContractCommands::add_to(CLI::App& app) {
    CLI::App* group = app.add_subcommand("contract", "Look after contracts");
    group->require_subcommand(1);
    add_check(*group);
    add_lint(*group);
    add_diff(*group);
    add_asyncapi(*group);
    add_docs(*group);
    add_files(*group);
    add_bundle(*group);
}

CLI::App* ContractCommands::add(CLI::App& group, const std::string& name, const std::string& what,
                                const std::string& examples, Run run) {
    CLI::App* command = group.add_subcommand(name, what);
    command->footer("Examples:\n" + examples);
    command->get_formatter()->column_width(28);
    command->callback([this, run = std::move(run)] {
        if (!run_) run_ = run;
    });
    return command;
}

void ContractCommands::add_source(CLI::App& command) {
    command.add_option("SOURCE", contracts_, sources)->required();
}

void ContractCommands::add_json(CLI::App& command) {
    command.add_flag("--json", json_, "one JSON object per line, for programs");
}

void ContractCommands::add_check(CLI::App& group) {
    CLI::App* command = add(group, "check", "Check the contracts below a directory",
                            "  tidings contract check contracts", [this](Console& console) {
                                return check_contract_files(world_, contracts_, console);
                            });
    command->add_option("DIR", contracts_, directories)->required();
    add_json(*command);
}

void ContractCommands::add_lint(CLI::App& group) {
    CLI::App* command = add(
        group, "lint", "Check contracts, each and all together, and warn of what is worth a look",
        "  tidings contract lint contracts\n"
        "  tidings contract lint contracts --strict --json\n"
        "  shop outline > services.json; tidings contract lint contracts --services services.json\n"
        "Exit status 3: there is an error, or with --strict a warning.",
        [this](Console& console) {
            return lint_contract_files(world_, contracts_, lint_, console);
        });
    command->add_option("DIR", contracts_, directories)->required();
    command->add_flag("--strict", lint_.strict, "warnings count as errors");
    command->add_option("--services", lint_.services, outlines);
    add_json(*command);
}

void ContractCommands::add_diff(CLI::App& group) {
    CLI::App* command =
        add(group, "diff", "Tell what has changed between contracts, and for whom it breaks",
            "  tidings contract diff HEAD:contracts contracts\n"
            "  tidings contract diff released.json contracts --json\n"
            "Exit status 3: a contract states a smaller version than its changes demand.",
            [this](Console& console) {
                return diff_contracts(world_, before_, contracts_, usage_, console);
            });
    command->add_option("OLD", before_, sources)->required();
    command->add_option("NEW", contracts_, sources)->required();
    command->add_option("--usage", usage_,
                        "a directory of what services use, to say whom a change concerns");
    add_json(*command);
}

void ContractCommands::add_bundle(CLI::App& group) {
    CLI::App* command =
        add(group, "bundle", "Print the contracts as one JSON text, which a release keeps",
            "  tidings contract bundle contracts > released.json",
            [this](Console& console) { return print_bundle(world_, contracts_, console); });
    add_source(*command);
    command->add_flag("--json", json_, "changes nothing: it is JSON");
}

void ContractCommands::add_asyncapi(CLI::App& group) {
    CLI::App* command = add(group, "asyncapi", "Print the contracts as an AsyncAPI 3.0 document",
                            "  tidings contract asyncapi contracts > events.json\n"
                            "  tidings contract asyncapi contracts --service order-service",
                            [this](Console& console) {
                                return print_asyncapi(world_, contracts_, asyncapi_, console);
                            });
    add_source(*command);
    command->add_option("--service", asyncapi_.service, "only what this one has to do with");
    command->add_option("--title", asyncapi_.title, "of the document")->capture_default_str();
    command->add_option("--document-version", asyncapi_.version, "of the document")
        ->capture_default_str();
    command->add_flag("--json", json_, "changes nothing: it is JSON");
}

void ContractCommands::add_docs(CLI::App& group) {
    CLI::App* command =
        add(group, "docs", "Make the contracts' documentation as a static site",
            "  tidings contract docs contracts -o site\n"
            "  shop outline > services.json\n"
            "  tidings contract docs contracts -o site --services services.json \\\n"
            "      --since v1:contracts --since v2:contracts\n"
            "It opens from the disk: site/index.html.",
            [this](Console& console) {
                return write_contract_docs(world_, contracts_, out_, docs_, console);
            });
    add_source(*command);
    command->add_option("-o,--out", out_, "the directory to write to")->required();
    command->add_option("--services", docs_.services,
                        "a file of what services print with --outline: sagas are drawn from it");
    command
        ->add_option("--since", docs_.since,
                     "an earlier SOURCE, for the changelog; several, the oldest first")
        ->expected(1)
        ->take_all();
    command->add_option("--title", docs_.title, "of the site")->capture_default_str();
}

void ContractCommands::add_files(CLI::App& group) {
    CLI::App* types = add(
        group, "typescript", "Make TypeScript types of the contracts",
        "  tidings contract typescript contracts -o web/src/events",
        [this](Console& console) { return write_typescript(world_, contracts_, out_, console); });
    CLI::App* schemas = add(
        group, "json-schema", "Make JSON Schema files of the contracts, for other languages",
        "  tidings contract json-schema contracts -o schemas",
        [this](Console& console) { return write_schema_files(world_, contracts_, out_, console); });
    for (CLI::App* command : {types, schemas}) {
        add_source(*command);
        command->add_option("-o,--out", out_, "the directory to write to")->required();
    }
}

}  // namespace tidings::cli
