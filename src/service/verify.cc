#include <tidings/io/file.h>
#include <tidings/log/log.h>
#include <tidings/model/envelope.h>
#include <tidings/model/json.h>
#include <tidings/service/host.h>
#include <tidings/service/verify.h>

#include "broker/groups.h"
#include "service/verify_parts.h"

#include <algorithm>

namespace tidings {

namespace {

using Names = std::vector<std::string>;

/// Returns the names in a directory; none if it is not there.
Names names_in(io::FileSystem& files, const std::string& directory) {
    auto names = files.list(directory);
    return names ? std::move(*names) : Names{};
}

bool has_segments(io::FileSystem& files, const std::string& directory) {
    const Names names = names_in(files, directory);
    return std::any_of(names.begin(), names.end(),
                       [](const std::string& name) { return name.ends_with(".segment"); });
}

std::uint64_t bytes_of(io::FileSystem& files, const std::string& path) {
    const auto file = files.open(path, io::OpenMode::read);
    const auto size = file ? (*file)->size() : Result<std::uint64_t>{std::uint64_t{0}};
    return size ? *size : 0;
}

/// One look through a data directory.
class Look {
public:
    Look(io::World& world, const std::string& directory,
         const std::function<void(const VerifyProgress&)>& progress)
        : world_(world), directory_(directory), progress_(progress) {}

    Result<Verification> run() {
        if (Result<void> ours = check_own_files(); !ours) return ours.error();
        find_parts();
        // What can only grow is looked at before and after what speaks of it, so that services at
        // work contradict nothing.
        for (const std::string& topic : topics_) seen_ends_[topic] = end_of(topic);
        for (const std::string& topic : topics_) read_groups(topic);
        for (const std::string& service : services_) look_at_database(service);
        for (const std::string& topic : topics_) {
            if (Result<void> looked = look_at_log(topic); !looked) return looked.error();
        }
        cross_check(directory_ + "/log", logs_, databases_, groups_, found_.findings);
        check_groups();
        return std::move(found_);
    }

private:
    Result<void> check_own_files() {
        const Result<void> ours = check_data_directory(world_.files(), directory_);
        if (!ours && ours.error().code != ErrorCode::corruption) return ours;
        if (!ours) {
            found_.findings.push_back(finding_of(directory_ + "/tidings.json", ours.error()));
        }
        const std::string path = directory_ + "/contracts.json";
        const auto contracts = io::read_file(world_.files(), path);
        if (!contracts) {
            if (contracts.error().code == ErrorCode::not_found) return {};
            return contracts.error();
        }
        json::Reader reader{*contracts};
        reader.skip();
        if (Result<void> read = reader.finish(); !read) {
            found_.findings.push_back(finding_of(path, read.error()));
        }
        return {};
    }

    void find_parts() {
        io::FileSystem& files = world_.files();
        for (const std::string& name : names_in(files, directory_ + "/log")) {
            if (!check_topic_name(name) || !has_segments(files, path_of(name))) continue;
            topics_.push_back(name);
            for (const std::string& file : names_in(files, path_of(name))) {
                if (file.ends_with(".segment"))
                    total_ += bytes_of(files, path_of(name) + '/' + file);
            }
        }
        constexpr std::string_view suffix = ".db";
        for (const std::string& name : names_in(files, directory_ + "/services")) {
            if (!name.ends_with(suffix)) continue;
            const std::string service = name.substr(0, name.size() - suffix.size());
            if (!check_source_name(service)) continue;
            services_.push_back(service);
        }
    }

    std::int64_t end_of(const std::string& topic) {
        auto reader = log::Reader::open(world_, path_of(topic), log::Reader::Unacknowledged::shown);
        return reader ? (*reader)->high_watermark().value : 0;
    }

    void read_groups(const std::string& topic) {
        const std::string directory = path_of(topic) + "/groups";
        for (const std::string& group : names_in(world_.files(), directory)) {
            if (!check_group_name(group)) continue;
            const std::string path = directory + '/' + group;
            const auto position = read_group_file(world_.files(), path);
            if (position) {
                groups_[{topic, group}] = *position;
            } else if (position.error().code == ErrorCode::corruption) {
                found_.findings.push_back(finding_of(path, position.error()));
            }
        }
    }

    void look_at_database(const std::string& service) {
        const std::string path = directory_ + "/services/" + service + ".db";
        // Only while a database is made SQLite uses a journal. It cannot be read beside that one
        // without rolling it back, which the next start does.
        if (bytes_of(world_.files(), path + "-journal") > 0) {
            found_.findings.push_back({Finding::Kind::note, path, std::nullopt,
                                       "it was being made when its process ended; the next start "
                                       "makes it anew"});
            databases_.emplace_back().service = service;
            return;
        }
        VerifiedDatabase verified;
        databases_.push_back(verify_database(world_, path, service, verified, found_.findings));
        found_.databases.push_back(std::move(verified));
        tell("database of " + service, 0);
    }

    Result<void> look_at_log(const std::string& topic) {
        auto state =
            verify_log(world_, path_of(topic), topic, seen_ends_[topic], found_.findings,
                       [this](std::string_view part, std::uint64_t bytes) { tell(part, bytes); });
        if (!state) return std::move(state).error();
        found_.logs.push_back(state->log);
        logs_.emplace(topic, std::move(*state));
        return {};
    }

    /// A group's entry is told after its position is durable, so it is never ahead.
    void check_groups() {
        for (const auto& [name, told] : groups_) {
            const auto& [topic, group] = name;
            for (const DatabaseState& database : databases_) {
                if (database.service != group || !database.has_tables) continue;
                const auto known = database.positions.find(topic);
                const std::int64_t position = known == database.positions.end() ? 0 : known->second;
                if (told.value <= position) continue;
                found_.findings.push_back(
                    {Finding::Kind::contradiction, path_of(topic) + "/groups/" + group,
                     std::nullopt,
                     "it says that " + group + " has come to " + std::to_string(told.value) +
                         ", and its database says " + std::to_string(position)});
            }
        }
    }

    void tell(std::string_view part, std::uint64_t bytes) {
        done_ += bytes;
        if (progress_) progress_({part, std::min(done_, total_), total_});
    }

    std::string path_of(const std::string& topic) const { return directory_ + "/log/" + topic; }

    io::World& world_;
    const std::string& directory_;
    const std::function<void(const VerifyProgress&)>& progress_;
    std::uint64_t done_ = 0;
    std::uint64_t total_ = 0;
    Names topics_;
    Names services_;
    std::map<std::string, std::int64_t> seen_ends_;
    GroupPositions groups_;
    std::map<std::string, LogState> logs_;
    std::vector<DatabaseState> databases_;
    Verification found_;
};

// ------------------------------------------------------------------------------- one against other

class CrossCheck {
public:
    CrossCheck(const std::string& logs_directory, const std::map<std::string, LogState>& logs,
               Findings& findings)
        : logs_directory_(logs_directory), logs_(logs), findings_(findings) {}

    void outbox(const DatabaseState& database) {
        for (const auto& [topic, last] : database.last_sequence) {
            const auto log = logs_.find(topic);
            const NumberedEvents found =
                log == logs_.end() ? NumberedEvents{}
                                   : numbered(log->second, {database.service, database.epoch});
            const auto waiting = database.first_waiting.find(topic);
            const std::int64_t published =
                (waiting == database.first_waiting.end() ? last + 1 : waiting->second) - 1;
            // Retention may have taken the last one, if nobody has published for long.
            const bool may_be_gone =
                found.highest == 0 && log != logs_.end() && log->second.log.first.value > 0;
            if (found.highest < published && !may_be_gone) {
                contradict(topic, "it ends with event " + std::to_string(found.highest) + " of " +
                                      database.service + ", which has published " +
                                      std::to_string(published));
            }
            if (found.highest_before > last) {
                contradict(topic, "it holds event " + std::to_string(found.highest_before) +
                                      " of " + database.service +
                                      ", whose database has given out no more than " +
                                      std::to_string(last));
            }
        }
    }

    void intake(const DatabaseState& database) {
        for (const auto& [topic, position] : database.positions) {
            const auto log = logs_.find(topic);
            const std::int64_t end = log == logs_.end() ? 0 : log->second.log.next.value;
            if (position > end) {
                contradict(topic, database.service + " has read up to " + std::to_string(position) +
                                      ", and it ends at " + std::to_string(end));
            }
        }
        for (const auto& [from, sequence] : database.taken) {
            const auto& [topic, numbering] = from;
            const auto log = logs_.find(topic);
            if (log == logs_.end()) continue;
            const std::int64_t highest = numbered(log->second, numbering).highest;
            // What retention took, or a damage hides, is not there to be compared.
            if (highest == 0 || !log->second.is_whole || sequence <= highest) continue;
            contradict(topic, database.service + " has taken in event " + std::to_string(sequence) +
                                  " of " + numbering.first + ", and it ends with " +
                                  std::to_string(highest));
        }
    }

    /// Who has numbered events has a database with tables. That there is none at all is no more
    /// than worth knowing: somebody may run the service elsewhere.
    void owner(const std::string& topic, const std::string& service,
               const std::vector<DatabaseState>& databases) {
        const auto found = std::find_if(
            databases.begin(), databases.end(),
            [&](const DatabaseState& database) { return database.service == service; });
        if (found == databases.end()) {
            findings_.push_back({Finding::Kind::note, logs_directory_ + '/' + topic, std::nullopt,
                                 service + " has numbered events, and has no database here"});
        } else {
            expect_tables(*found, "has numbered events of topic " + topic);
        }
    }
    void expect_tables(const DatabaseState& database, const std::string& because) {
        if (database.has_tables || database.path.empty()) return;
        const bool known = std::any_of(findings_.begin(), findings_.end(), [&](const Finding& one) {
            return one.file == database.path;
        });
        if (known) return;
        findings_.push_back({Finding::Kind::contradiction, database.path, std::nullopt,
                             "it is empty, and " + database.service + ' ' + because});
    }

private:
    static NumberedEvents numbered(const LogState& log, const Numbering& numbering) {
        const auto found = log.numbered.find(numbering);
        return found == log.numbered.end() ? NumberedEvents{} : found->second;
    }
    void contradict(const std::string& topic, std::string what) {
        findings_.push_back({Finding::Kind::contradiction, logs_directory_ + '/' + topic,
                             std::nullopt, std::move(what)});
    }

    const std::string& logs_directory_;
    const std::map<std::string, LogState>& logs_;
    Findings& findings_;
};

}  // namespace

bool Verification::is_clean() const noexcept {
    return std::all_of(findings.begin(), findings.end(),
                       [](const Finding& finding) { return finding.kind == Finding::Kind::note; });
}

void cross_check(const std::string& logs_directory, const std::map<std::string, LogState>& logs,
                 const std::vector<DatabaseState>& databases, const GroupPositions& groups,
                 Findings& findings) {
    CrossCheck check{logs_directory, logs, findings};
    for (const DatabaseState& database : databases) {
        if (!database.has_tables) continue;
        check.outbox(database);
        check.intake(database);
    }
    for (const auto& [topic, log] : logs) {
        for (const auto& [numbering, events] : log.numbered) {
            check.owner(topic, numbering.first, databases);
        }
    }
    for (const auto& [name, told] : groups) {
        if (told.value == 0) continue;
        for (const DatabaseState& database : databases) {
            if (database.service != name.second) continue;
            check.expect_tables(database, "has come to event " + std::to_string(told.value) +
                                              " of topic " + name.first);
        }
    }
}

Result<Verification> verify_data_directory(
    io::World& world, const std::string& directory,
    const std::function<void(const VerifyProgress&)>& progress) {
    return Look{world, directory, progress}.run();
}

}  // namespace tidings
