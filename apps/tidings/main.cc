#include <tidings/base/text.h>
#include <tidings/io/world.h>

#include "commands.h"
#include "contract_commands.h"
#include "saga_commands.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <initializer_list>
#include <memory>
#include <unistd.h>

namespace tidings::cli {
namespace {

/// What the command line asks for.
struct Asked {
    std::string data = "data";
    bool json = false;
    EventQuery query;
    bool verify = false;
    PublishOptions publish;
    std::string service;
    DeadLetterOptions dead_letters;
    std::int64_t outbox_count = 100;
    std::int64_t audit_count = 100;
    AccountOptions account;
    SagaOptions sagas;
    CloudEventsRequest cloud_events;
    GroupOptions groups;
    std::function<int(Console&)> run;
};

/// Returns the first of these environment variables that says something.
std::string environment(std::initializer_list<const char*> names) {
    for (const char* name : names) {
        const char* value = std::getenv(name);
        if (value != nullptr && *value != '\0') return value;
    }
    return {};
}

class Program {
public:
    explicit Program(io::World& world) : world_(world) {
        asked_.dead_letters.who = asked_.sagas.who = environment({"USER", "LOGNAME"});
        asked_.dead_letters.editor = environment({"VISUAL", "EDITOR"});
        if (const std::string directory = environment({"TMPDIR"}); !directory.empty()) {
            asked_.dead_letters.temporary = directory;
        }
        app_.footer(
            "Exit status: 0 done, 1 failed, 2 wrong use, 3 problems were found.\n"
            "NO_COLOR=1 or a pipe gives plain text.");
        app_.require_subcommand(1);
        app_.get_formatter()->column_width(28);
        add_log();
        add_tail();
        add_publish();
        add_outbox();
        add_dead_letters();
        add_saga_commands({app_, world_, asked_.data, asked_.json, asked_.run}, asked_.sagas);
        add_groups();
        add_audit();
        add_account();
        add_status();
        add_verify();
        contracts_.add_to(app_);
        add_cloud_events();
    }

    int run(int argc, char** argv) {
        if (const int code = check_command(argc, argv); code != Exit::success) return code;
        try {
            app_.parse(argc, argv);
        } catch (const CLI::Success& success) {
            return app_.exit(success);
        } catch (const CLI::ParseError& error) {
            return wrong_use(error.what(), "see " + usage());
        }
        const bool colours =
            !asked_.json && ::isatty(STDOUT_FILENO) == 1 && std::getenv("NO_COLOR") == nullptr;
        Console console{{asked_.json, colours}};
        return console.finish(asked_.run(console));
    }

private:
    using Run = std::function<int(Console&)>;

    CLI::App* add(CLI::App& parent, const std::string& name, const std::string& what,
                  const std::string& examples, Run run) {
        CLI::App* command = parent.add_subcommand(name, what);
        command->footer("Examples:\n" + examples);
        command->get_formatter()->column_width(28);
        command->callback([this, run = std::move(run)] {
            if (!asked_.run) asked_.run = run;
        });
        return command;
    }

    void add_common(CLI::App* command) {
        command->add_option("--data", asked_.data, "the data directory")->capture_default_str();
        command->add_flag("--json", asked_.json, "one JSON object per line, for programs");
    }

    void add_filters(CLI::App* command) {
        EventQuery& query = asked_.query;
        command->add_option("--topic", query.topic, "one topic only");
        command->add_option("--from", query.from,
                            "where to start: an offset of the topic, a time, or how long ago");
        command->add_option("--type", query.type, "one event type only, such as order.created");
        command->add_option("--key", query.key, "one partition key only");
        command->add_option("--correlation", query.correlation_id, "one business transaction only");
        command->add_option("--count", query.count, "end after so many events")
            ->check(CLI::NonNegativeNumber);
        command->add_flag("--full", query.full, "everything, not one line for each");
    }

    void add_log() {
        CLI::App* command = add(
            app_, "log", "Print the events of the logs, all topics merged by time",
            "  tidings log --type order.created --count 10\n"
            "  tidings log --topic order --from 1200 --to 1300 --full\n"
            "  tidings log --correlation 7d44... --json | jq .envelope.data\n"
            "  tidings log --from 15m\n"
            "  tidings log --verify",
            [this](Console& console) {
                return asked_.verify ? verify_log(world_, asked_.data, asked_.query.topic, console)
                                     : show_log(world_, asked_.data, asked_.query, console);
            });
        add_common(command);
        add_filters(command);
        command->add_option("--to", asked_.query.to, "where to stop: before this offset or time");
        command->add_flag("--verify", asked_.verify,
                          "check every batch of every segment instead; 3 if one is damaged");
    }

    void add_tail() {
        CLI::App* command = add(
            app_, "tail", "Print events as they come, until Ctrl-C",
            "  tidings tail\n"
            "  tidings tail --type payment.failed --full\n"
            "  tidings tail --from 10m --json",
            [this](Console& console) { return tail(world_, asked_.data, asked_.query, console); });
        add_common(command);
        add_filters(command);
    }

    void add_publish() {
        PublishOptions& options = asked_.publish;
        CLI::App* command =
            add(app_, "publish", "Publish one event, checked by its contract",
                "  tidings publish user.created '{\"userId\":\"7\",\"email\":\"a@b.example\"}'\n"
                "  tidings publish order.created @order.json --dry-run\n"
                "  jq .data event.json | tidings publish order.created -\n"
                "A running owner publishes it; on a stopped directory it is published as the\n"
                "foreign source tidings-cli.",
                [this](Console& console) {
                    return publish(world_, asked_.data, asked_.publish, console);
                });
        command->add_option("TYPE", options.type, "the event type, such as order.created")
            ->required();
        command->add_option("DATA", options.data, "its data: JSON, - for stdin, or @FILE")
            ->required();
        command->add_option("--correlation", options.correlation_id,
                            "the business transaction it belongs to; a new one unless given");
        command->add_flag("--dry-run", options.dry_run,
                          "check it by the directory's contracts and publish nothing");
        add_common(command);
    }

    void add_outbox() {
        CLI::App* command = add(app_, "outbox", "Print what waits in the services' outboxes",
                                "  tidings outbox\n"
                                "  tidings outbox --service order-service --count 0",
                                [this](Console& console) {
                                    return show_outbox(world_, asked_.data, asked_.service,
                                                       asked_.outbox_count, console);
                                });
        add_common(command);
        command->add_option("--service", asked_.service, "one service only");
        command->add_option("--count", asked_.outbox_count, "rows for each service; 0 for all")
            ->check(CLI::NonNegativeNumber)
            ->capture_default_str();
    }

    /// Adds a command on dead letters, with the options that all of them have.
    CLI::App* add_letter_command(CLI::App& parent, const std::string& name, const std::string& what,
                                 const std::string& examples, Run run) {
        CLI::App* command = add(parent, name, what, examples, std::move(run));
        add_common(command);
        command->add_option("--service", asked_.dead_letters.service, "one service only");
        return command;
    }

    void add_dead_letters() {
        DeadLetterOptions& options = asked_.dead_letters;
        const Run list = [this](Console& console) {
            return list_dead_letters(world_, asked_.data, asked_.dead_letters, console);
        };
        CLI::App* group =
            add_letter_command(app_, "dead-letters", "Look after events that services gave up on",
                               "  tidings dead-letters\n"
                               "  tidings dead-letters show 3 --service payment-service\n"
                               "  tidings dead-letters redrive --group 5e1f0c9a --rate 20",
                               list);
        group->require_subcommand(0, 1);
        CLI::App* listing =
            add_letter_command(*group, "list", "Print them by cause, and one by one",
                               "  tidings dead-letters list --all --json\n"
                               "  tidings dead-letters list --group 5e1f0c9a --after 4711",
                               list);
        for (CLI::App* one : {group, listing}) {
            one->add_flag("--all", options.all_held,
                          "also those that wait for a retry or are parked");
            one->add_option("--count", options.count, "rows for each service; 0 for all")
                ->check(CLI::NonNegativeNumber)
                ->capture_default_str();
            one->add_option("--after", options.after, "positions beyond this one");
            one->add_option("--group", options.group, "those of one cause, by its group's number");
        }
        CLI::App* show = add_letter_command(
            *group, "show", "Print one with everything that is known of it",
            "  tidings dead-letters show 3 --service payment-service", [this](Console& console) {
                return show_dead_letter(world_, asked_.data, asked_.dead_letters, console);
            });
        show->add_option("POSITION", options.positions, "its number in the service's list")
            ->required()
            ->expected(1);
        add_acts(*group);
        add_edit(*group);
        add_rehearse(*group);
    }

    void add_acts(CLI::App& group) {
        DeadLetterOptions& options = asked_.dead_letters;
        struct Act {
            const char* name;
            const char* what;
            const char* examples;
        };
        for (const Act& act : {
                 Act{"redrive", "Have them tried again, with all attempts anew",
                     "  tidings dead-letters redrive 3 --service payment-service\n"
                     "  tidings dead-letters redrive --group 5e1f0c9a --rate 20 --yes\n"
                     "  tidings dead-letters redrive --all"},
                 Act{"discard", "Give them up for good; the audit record keeps them",
                     "  tidings dead-letters discard 3 --why 'a test order'\n"
                     "  tidings dead-letters discard --group 5e1f0c9a --why 'test orders' --yes"},
             }) {
            CLI::App* command =
                add_letter_command(group, act.name, act.what, act.examples,
                                   [this, name = std::string{act.name}](Console& console) {
                                       return act_on_dead_letters(world_, asked_.data, name,
                                                                  asked_.dead_letters, console);
                                   });
            command->add_option("POSITION", options.positions, "their numbers in the list");
            command->add_option("--group", options.group, "all of one cause");
            command->add_flag("--all", options.all, "all dead letters");
            command->add_flag("--yes", options.yes,
                              "do it to a group or to all; only the plan is shown otherwise");
            command->add_flag("--dry-run", options.dry_run, "show the plan and do nothing");
            add_actor(command);
        }
        group.get_subcommand("redrive")
            ->add_option("--rate", options.per_second,
                         "so many a second of a group or of all; 0 for all at once")
            ->check(CLI::Range(0.0, 1e6))
            ->capture_default_str();
    }

    void add_edit(CLI::App& group) {
        DeadLetterOptions& options = asked_.dead_letters;
        CLI::App* command = add_letter_command(
            group, "edit", "Put a changed event in its place, held against its contract",
            "  tidings dead-letters edit 3 --set customer.email=a@b.example --why 'typing error'\n"
            "  tidings dead-letters edit 3 --new-data @mended.json --why 'typing error' --redrive\n"
            "  EDITOR=vi tidings dead-letters edit 3 --why 'typing error'",
            [this](Console& console) {
                return edit_dead_letter(world_, asked_.data, asked_.dead_letters, console);
            });
        command->add_option("POSITION", options.positions, "its number in the list")
            ->required()
            ->expected(1);
        CLI::Option* set = command->add_option("--set", options.set,
                                               "PATH=VALUE: one field of the data, JSON or text");
        CLI::Option* data = command->add_option("--new-data", options.data,
                                                "the data: JSON, - for stdin, or @FILE");
        command->add_option("--envelope", options.envelope, "the whole event, where it is broken")
            ->excludes(set)
            ->excludes(data);
        set->excludes(data);
        command->add_flag("--redrive", options.then_redrive, "and have it tried again");
        command->add_flag("--dry-run", options.dry_run, "only say whether it would be taken");
        add_actor(command);
    }

    void add_rehearse(CLI::App& group) {
        DeadLetterOptions& options = asked_.dead_letters;
        CLI::App* command = add_letter_command(
            group, "rehearse", "Show what a redrive would change, in a copy that is thrown away",
            "  tidings dead-letters rehearse 3 --program build/payment-service\n"
            "  tidings dead-letters rehearse --group 5e1f0c9a --program 'build/shop "
            "payment-service'\n"
            "The program is the service's own, of the build to be tried; it runs beside the one\n"
            "that serves, publishes nothing and asks nothing of the outside world.",
            [this](Console& console) {
                return rehearse_dead_letters(world_, asked_.data, asked_.dead_letters, console);
            });
        command->add_option("POSITION", options.positions, "their numbers in the list");
        command->add_option("--group", options.group, "all of one cause");
        command->add_flag("--all", options.all, "all dead letters");
        command->add_option("--program", options.program, "the command that runs the service")
            ->required();
        command->add_option("--count", options.events_max, "events rehearsed at most")
            ->check(CLI::Range(1, 100'000))
            ->capture_default_str();
        command->add_flag("--full", options.full, "every row and event whole");
        add_actor(command);
    }

    void add_actor(CLI::App* command) {
        command->add_option("--who", asked_.dead_letters.who,
                            "who does it, for the audit record; $USER unless given");
        command->add_option("--why", asked_.dead_letters.why, "why, for the audit record");
    }

    void add_groups() {
        const Run list = [this](Console& console) {
            return list_groups(world_, asked_.data, asked_.groups, console);
        };
        CLI::App* group = add(app_, "groups", "Look after the groups that retention waits for",
                              "  tidings groups\n  tidings groups forget old-service", list);
        group->require_subcommand(0, 1);
        CLI::App* listing = add(*group, "list", "Print where each group stands",
                                "  tidings groups list --topic order --json", list);
        CLI::App* forget = add(
            *group, "forget", "Have retention wait no more for one that is gone for good",
            "  tidings groups forget old-service --topic order --yes", [this](Console& console) {
                return forget_group(world_, asked_.data, asked_.groups, console);
            });
        for (CLI::App* one : {group, listing, forget}) {
            add_common(one);
            one->add_option("--topic", asked_.groups.topic, "one topic only");
        }
        forget->add_option("GROUP", asked_.groups.group, "its name")->required();
        forget->add_flag("--yes", asked_.groups.yes, "do it; only the plan is shown otherwise");
    }

    void add_audit() {
        CLI::App* command = add(app_, "audit", "Print who did what to dead letters and sagas",
                                "  tidings audit --service payment-service --count 20\n"
                                "  tidings audit --json | jq 'select(.act == \"discard\")'",
                                [this](Console& console) {
                                    return show_audit(world_, asked_.data, asked_.service,
                                                      asked_.audit_count, console);
                                });
        add_common(command);
        command->add_option("--service", asked_.service, "one service only");
        command->add_option("--count", asked_.audit_count, "lines for each service; 0 for all")
            ->check(CLI::NonNegativeNumber)
            ->capture_default_str();
    }

    void add_account() {
        AccountOptions& options = asked_.account;
        CLI::App* command =
            add(app_, "account", "Close the books: where each event is that was accepted",
                "  tidings account\n"
                "  tidings account /var/lib/shop --logs\n"
                "  tidings account --json | jq .unaccounted",
                [this](Console& console) {
                    return show_account(world_, asked_.data, asked_.account, console);
                });
        add_common(command);
        command->add_option("DIR", asked_.data, "the data directory, as --data");
        command->add_option("--service", options.service, "one service only");
        command->add_flag("--logs", options.logs,
                          "also look through the logs for events that were skipped");
        command->add_flag("--watch", options.watch, "again every two seconds, until Ctrl-C");
        command->add_option("--count", options.count, "events named of each kind of trouble")
            ->check(CLI::Range(1, 100'000))
            ->capture_default_str();
    }

    void add_status() {
        CLI::App* command =
            add(app_, "status", "Account for every event that the services accepted",
                "  tidings status\n"
                "  tidings status --json | jq .unaccounted",
                [this](Console& console) {
                    return show_status(world_, asked_.data, asked_.service, console);
                });
        add_common(command);
        command->add_option("--service", asked_.service, "one service only");
    }

    void add_verify() {
        CLI::App* command = add(
            app_, "verify", "Look through a whole data directory for damage",
            "  tidings verify data\n"
            "  tidings verify data-backup --json",
            [this](Console& console) { return verify_directory(world_, asked_.data, console); });
        command->add_option("DIR", asked_.data, "the data directory, which stays as it is");
        add_common(command);
    }

    void add_cloud_events() {
        CLI::App* group = app_.add_subcommand(
            "cloudevents", "Translate events to CloudEvents and back, a line of JSON each");
        group->require_subcommand(1);
        CLI::App* writes = add(
            *group, "write", "Write events from stdin as CloudEvents",
            "  tidings log --json | tidings cloudevents write > events.json",
            [this](Console& console) { return write_cloud_events(asked_.cloud_events, console); });
        CLI::App* reads = add(
            *group, "read", "Read CloudEvents from stdin, write envelopes",
            "  tidings cloudevents read --source partner-service < events.json",
            [this](Console& console) { return read_cloud_events(asked_.cloud_events, console); });
        CloudEventsRequest& request = asked_.cloud_events;
        for (CLI::App* command : {writes, reads}) {
            command
                ->add_option("--source-prefix", request.source_prefix,
                             "what stands before a service's name in source")
                ->capture_default_str();
        }
        writes->add_option("--schemas", request.schema_prefix,
                           "where the files of tidings contract json-schema are, for dataschema");
        reads->add_option("--source", request.foreign_source,
                          "the service that events of other sources stand under");
        reads->add_option("--data-version", request.data_version,
                          "of events that come without dataversion, such as 1.0.0");
    }

    /// Looks for a command that does not exist, and for the one that was meant.
    int check_command(int argc, char** argv) const {
        const CLI::App* at = &app_;
        for (int i = 1; i < argc; ++i) {
            const std::string word = argv[i];
            std::vector<std::string> known;
            for (const CLI::App* command : at->get_subcommands([](const auto*) { return true; })) {
                known.push_back(command->get_name());
            }
            if (known.empty() || word.starts_with('-')) break;
            if (std::find(known.begin(), known.end(), word) == known.end()) {
                const std::string_view meant = closest(word, known);
                return wrong_use(fmt::format("no command {}", quote(word)),
                                 meant.empty()
                                     ? fmt::format("there are: {}", fmt::join(known, ", "))
                                     : fmt::format("did you mean {}?", meant));
            }
            at = at->get_subcommand(word);
        }
        return Exit::success;
    }

    std::string usage() const {
        std::string text = "tidings";
        for (const CLI::App* at = &app_;;) {
            const auto parsed = at->get_subcommands();
            if (parsed.empty()) return text + " --help";
            at = parsed.front();
            text += ' ' + at->get_name();
        }
    }

    static int wrong_use(std::string what, const std::string& hint) {
        // The parser's sentences begin in upper case; what it quotes (TYPE) stays as it is.
        const bool is_sentence = what.size() > 1 && (what[1] == ' ' || what[1] >= 'a');
        if (is_sentence && what[0] >= 'A' && what[0] <= 'Z') {
            what[0] = static_cast<char>(what[0] - 'A' + 'a');
        }
        fmt::print(stderr, "error: {}\nhint: {}\n", printable(what), printable(hint));
        return Exit::wrong_use;
    }

    io::World& world_;
    CLI::App app_{"Looks into a data directory of Tidings, and publishes to it.", "tidings"};
    Asked asked_;
    ContractCommands contracts_{world_, asked_.json, asked_.run};
};

}  // namespace
}  // namespace tidings::cli

int main(int argc, char** argv) {
    // A closed pipe is the end of the work, not of the process.
    std::signal(SIGPIPE, SIG_IGN);
    return tidings::cli::Program{tidings::io::real_world()}.run(argc, argv);
}
