#pragma once

#include <tidings/service/verify.h>

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <tuple>
#include <vector>

namespace tidings {

/// Who numbered an event: the topic's source, and the epoch of its outbox as text.
using Numbering = std::pair<std::string, std::string>;

/// What a topic's log holds of one numbering.
struct NumberedEvents {
    std::int64_t highest = 0;
    std::int64_t highest_before = 0;  ///< Of those below the end that was seen first.
};

/// A log as it was found.
struct LogState {
    VerifiedLog log;
    std::int64_t seen_end = 0;  ///< Where it ended before the databases were read.
    bool is_whole = true;       ///< Nothing of it is damaged.
    std::map<Numbering, NumberedEvents> numbered;
};

/// What a service's database says, at one moment.
struct DatabaseState {
    std::string service;
    std::string path;
    std::string epoch;
    bool has_tables = false;                            ///< The platform's own.
    std::map<std::string, std::int64_t> last_sequence;  ///< By topic.
    std::map<std::string, std::int64_t> first_waiting;  ///< In the outbox, by topic.
    std::map<std::string, std::int64_t> positions;      ///< By topic.
    /// Up to which sequence it has taken in events, by topic and numbering.
    std::map<std::pair<std::string, Numbering>, std::int64_t> taken;
};

/// What groups have told of their positions, by topic and group.
using GroupPositions = std::map<std::pair<std::string, std::string>, Position>;
using Findings = std::vector<Finding>;
/// Is told how many more bytes were looked at.
using Looked = std::function<void(std::string_view part, std::uint64_t bytes)>;

/// Returns the finding that `error` is: with the byte, if its message names one.
Finding finding_of(const std::string& file, const Error& error);

/// Reads the whole log in `directory`. Errors: `io_error`.
Result<LogState> verify_log(io::World& world, const std::string& directory,
                            const std::string& topic, std::int64_t seen_end, Findings& findings,
                            const Looked& looked);

/// Looks through a service's database. What cannot be read is a finding.
DatabaseState verify_database(io::World& world, const std::string& path, const std::string& service,
                              VerifiedDatabase& verified, Findings& findings);

/// Holds what was found against each other.
void cross_check(const std::string& logs_directory, const std::map<std::string, LogState>& logs,
                 const std::vector<DatabaseState>& databases, const GroupPositions& groups,
                 Findings& findings);

}  // namespace tidings
