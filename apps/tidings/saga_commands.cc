#include "saga_commands.h"

#include "commands.h"

#include <utility>

namespace tidings::cli {

namespace {

using Run = std::function<int(Console&)>;

CLI::App* add(const CommandLine& line, CLI::App& parent, SagaOptions& options,
              const std::string& name, const std::string& what, const std::string& examples,
              Run run) {
    CLI::App* command = parent.add_subcommand(name, what);
    command->footer("Examples:\n" + examples);
    command->get_formatter()->column_width(28);
    command->callback([&asked = line.run, run = std::move(run)] {
        if (!asked) asked = run;
    });
    command->add_option("--data", line.data, "the data directory")->capture_default_str();
    command->add_flag("--json", line.json, "one JSON object per line, for programs");
    command->add_option("--service", options.service, "one service only");
    command->add_option("--saga", options.saga, "one saga only, such as order.fulfilment");
    return command;
}

void add_list(const CommandLine& line, CLI::App& group, SagaOptions& options, const Run& list) {
    CLI::App* listing = add(line, group, options, "list", "Print those that need an operator",
                            "  tidings sagas list\n"
                            "  tidings sagas list --all --saga order.fulfilment --after o-4711",
                            list);
    for (CLI::App* one : {&group, listing}) {
        one->add_flag("--all", options.all, "also those that need nobody");
        one->add_option("--count", options.count, "rows for each service; 0 for all")
            ->check(CLI::NonNegativeNumber)
            ->capture_default_str();
        one->add_option("--after", options.after, "keys beyond this one, of the saga given");
    }
}

void add_decision(const CommandLine& line, CLI::App& group, SagaOptions& options,
                  const std::string& name, const std::string& what, const std::string& examples) {
    CLI::App* command =
        add(line, group, options, name, what, examples,
            [world = &line.world, &data = line.data, &options, name](Console& console) {
                return decide_about_saga(*world, data, name, options, console);
            });
    command->add_option("KEY", options.key, "of the instance, such as the order's id")->required();
    command
        ->add_option("--step", options.step,
                     "the step that is meant, if another one may be awaited meanwhile")
        ->check(CLI::PositiveNumber);
    command->add_option("--who", options.who,
                        "who decides it, for the audit record; $USER unless given");
    command->add_option("--why", options.why, "why, for the audit record");
    command->add_option("--correlation", options.correlation_id,
                        "the business transaction it belongs to; a new one unless given");
}

}  // namespace

void add_saga_commands(const CommandLine& line, SagaOptions& options) {
    io::World* world = &line.world;
    const std::string& data = line.data;
    const Run list = [world, &data, &options](Console& console) {
        return list_sagas(*world, data, options, console);
    };
    CLI::App* group =
        add(line, line.app, options, "sagas", "Look after sagas whose compensation does not come",
            "  tidings sagas\n"
            "  tidings sagas show o-7\n"
            "  tidings sagas made-good o-7 --why 'the bank has paid it back by hand'",
            list);
    group->require_subcommand(0, 1);
    add_list(line, *group, options, list);
    CLI::App* show =
        add(line, *group, options, "show", "Print one with everything that is known of it",
            "  tidings sagas show o-7 --service order-service",
            [world, &data, &options](Console& console) {
                return show_saga(*world, data, options, console);
            });
    show->add_option("KEY", options.key, "of the instance, such as the order's id")->required();
    add_decision(line, *group, options, "made-good",
                 "Say that the step being undone was made good by hand; the saga goes on",
                 "  tidings sagas made-good o-7 --why 'the bank has paid it back by hand'\n"
                 "  tidings sagas made-good o-7 --step 2 --why 'it is back on the shelf'");
    add_decision(line, *group, options, "undo-again",
                 "Have the event that undoes the step stated once more",
                 "  tidings sagas undo-again o-7\n"
                 "Whoever answers it must bear being asked twice.");
}

}  // namespace tidings::cli
