#include <tidings/base/text.h>
#include <tidings/io/world.h>

#include "commands.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <functional>
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
    std::int64_t position = 0;
    std::string contracts;
    std::function<int(Console&)> run;
};

class Program {
public:
    explicit Program(io::World& world) : world_(world) {
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
        add_status();
        add_verify();
        add_contract();
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

    void add_dead_letters() {
        DeadLetterOptions& options = asked_.dead_letters;
        const Run list = [this](Console& console) {
            return list_dead_letters(world_, asked_.data, asked_.dead_letters, console);
        };
        CLI::App* command = add(app_, "dead-letters", "Look at events that services gave up on",
                                "  tidings dead-letters\n"
                                "  tidings dead-letters --service payment-service list --all\n"
                                "  tidings dead-letters show 3 --service payment-service",
                                list);
        command->require_subcommand(0, 1);
        CLI::App* listing = add(*command, "list", "Print them by cause, and one by one",
                                "  tidings dead-letters list --all --json", list);
        CLI::App* show = add(
            *command, "show", "Print one with everything that is known of it",
            "  tidings dead-letters show 3 --service payment-service", [this](Console& console) {
                return show_dead_letter(world_, asked_.data, asked_.dead_letters.service,
                                        asked_.position, console);
            });
        show->add_option("POSITION", asked_.position, "its number in the service's list")
            ->required();
        for (CLI::App* one : {command, listing, show}) {
            add_common(one);
            one->add_option("--service", options.service, "one service only");
        }
        for (CLI::App* one : {command, listing}) {
            one->add_flag("--all", options.all, "also those that wait for a retry or are parked");
            one->add_option("--count", options.count, "rows for each service; 0 for all")
                ->check(CLI::NonNegativeNumber)
                ->capture_default_str();
        }
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
        CLI::App* command = add(app_, "verify", "Look through a whole data directory for damage",
                                "  tidings verify data\n"
                                "  tidings verify data-backup --json",
                                [this](Console& console) {
                                    return verify_directory(world_, asked_.data, console);
                                });
        command->add_option("DIR", asked_.data, "the data directory, which stays as it is");
        add_common(command);
    }

    void add_contract() {
        CLI::App* group = app_.add_subcommand("contract", "Look after contracts");
        group->require_subcommand(1);
        CLI::App* command = add(*group, "check", "Check the contracts below a directory",
                                "  tidings contract check contracts", [this](Console& console) {
                                    return check_contract_files(world_, asked_.contracts, console);
                                });
        command->add_option("DIR", asked_.contracts, "holds <domain>/<event>.v<major>.yaml")
            ->required();
        command->add_flag("--json", asked_.json, "one JSON object per line, for programs");
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
};

}  // namespace
}  // namespace tidings::cli

int main(int argc, char** argv) {
    // A closed pipe is the end of the work, not of the process.
    std::signal(SIGPIPE, SIG_IGN);
    return tidings::cli::Program{tidings::io::real_world()}.run(argc, argv);
}
