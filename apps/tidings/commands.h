#pragma once

#include <tidings/io/world.h>

#include "console.h"
#include "dead_letter_options.h"
#include "saga_options.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tidings::cli {

/// Which events to show. Empty texts stand for no condition.
struct EventQuery {
    std::string topic;
    std::string from;  ///< An offset, a time or how long ago; empty: the command's own default.
    std::string to;
    std::string type;
    std::string key;
    std::string correlation_id;
    std::optional<std::int64_t> count;
    bool full = false;
};

struct PublishOptions {
    std::string type;
    std::string data;  ///< JSON, `-` for stdin, `@file`.
    std::string correlation_id;
    bool dry_run = false;
};

struct LintRequest {
    bool strict = false;   ///< Warnings count as errors.
    std::string services;  ///< A file of outlines; empty: none.
};

struct CloudEventsRequest {
    std::string source_prefix = "/";
    std::string schema_prefix;   ///< Empty: no dataschema.
    std::string foreign_source;  ///< Empty: other sources are refused.
    std::string data_version;    ///< Of what comes without one; empty: it is refused.
};

struct DocsRequest {
    std::string title = "Events";
    std::string services;            ///< A file of outlines; empty: none.
    std::vector<std::string> since;  ///< Earlier contracts, oldest first.
};

struct AsyncApiRequest {
    std::string title = "Events";
    std::string version = "1.0.0";
    std::string service;  ///< Empty: the whole platform.
};

struct AccountOptions {
    std::string service;
    std::int64_t count = 100;  ///< Of events that are named, of each kind.
    bool logs = false;         ///< Also looks through the logs for what was skipped.
    bool watch = false;
};

struct GroupOptions {
    std::string topic;
    std::string group;
    bool yes = false;
};

// The commands. Each returns an Exit; `data` is the data directory.

int show_log(io::World& world, const std::string& data, const EventQuery& query, Console& console);
/// Looks through the whole directory, and says what is not in order.
int verify_directory(io::World& world, const std::string& data, Console& console);
int verify_log(io::World& world, const std::string& data, const std::string& topic,
               Console& console);
int tail(io::World& world, const std::string& data, const EventQuery& query, Console& console);
int publish(io::World& world, const std::string& data, const PublishOptions& options,
            Console& console);
int show_outbox(io::World& world, const std::string& data, const std::string& service,
                std::int64_t count, Console& console);
int list_dead_letters(io::World& world, const std::string& data, const DeadLetterOptions& options,
                      Console& console);
int show_dead_letter(io::World& world, const std::string& data, const DeadLetterOptions& options,
                     Console& console);
/// `act` is `redrive` or `discard`.
int act_on_dead_letters(io::World& world, const std::string& data, const std::string& act,
                        DeadLetterOptions options, Console& console);
int edit_dead_letter(io::World& world, const std::string& data, DeadLetterOptions options,
                     Console& console);
int rehearse_dead_letters(io::World& world, const std::string& data,
                          const DeadLetterOptions& options, Console& console);
int show_audit(io::World& world, const std::string& data, const std::string& service,
               std::int64_t count, Console& console);
int list_groups(io::World& world, const std::string& data, const GroupOptions& options,
                Console& console);
int forget_group(io::World& world, const std::string& data, const GroupOptions& options,
                 Console& console);
int list_sagas(io::World& world, const std::string& data, const SagaOptions& options,
               Console& console);
int show_saga(io::World& world, const std::string& data, const SagaOptions& options,
              Console& console);
/// `act` is `made-good` or `undo-again`.
int decide_about_saga(io::World& world, const std::string& data, const std::string& act,
                      const SagaOptions& options, Console& console);
int show_account(io::World& world, const std::string& data, const AccountOptions& options,
                 Console& console);
int show_status(io::World& world, const std::string& data, const std::string& service,
                Console& console);
int check_contract_files(io::World& world, const std::string& directory, Console& console);
int lint_contract_files(io::World& world, const std::string& directory, const LintRequest& request,
                        Console& console);
int print_asyncapi(io::World& world, const std::string& source, const AsyncApiRequest& request,
                   Console& console);
/// These three write files below `out`, which is made if it is not there.
int write_contract_docs(io::World& world, const std::string& source, const std::string& out,
                        const DocsRequest& request, Console& console);
int write_typescript(io::World& world, const std::string& source, const std::string& out,
                     Console& console);
int write_schema_files(io::World& world, const std::string& source, const std::string& out,
                       Console& console);
/// Reads events from stdin, one in each line, and writes them as CloudEvents; or the other way.
int write_cloud_events(const CloudEventsRequest& request, Console& console);
int read_cloud_events(const CloudEventsRequest& request, Console& console);
/// `usage`: a directory of what services use; empty for none.
int diff_contracts(io::World& world, const std::string& before, const std::string& after,
                   const std::string& usage, Console& console);
int print_bundle(io::World& world, const std::string& source, Console& console);

}  // namespace tidings::cli
