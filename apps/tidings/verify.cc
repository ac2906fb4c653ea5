#include <tidings/base/text.h>
#include <tidings/log/log.h>
#include <tidings/model/json.h>

#include "commands.h"
#include "directory.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <vector>

namespace tidings::cli {

namespace {

constexpr std::size_t read_count = 4096;
constexpr std::size_t read_bytes = 16 * 1024 * 1024;

struct Findings {
    std::string topic;
    std::size_t segments = 0;
    std::int64_t events = 0;
    Offset first;
    Offset next;  ///< One after the last event that is intact.
    std::vector<Error> problems;
};

/// Returns the first offsets of a log's segments, which their names tell (docs/internals/log.md).
Result<std::vector<Offset>> segments_of(const Directory& directory, const std::string& topic) {
    const auto names = directory.world().files().list(directory.log(topic));
    if (!names) return names.error();
    std::vector<Offset> firsts;
    for (const std::string& name : *names) {
        if (!name.ends_with(".segment")) continue;
        std::int64_t first = 0;
        const auto [rest, error] = std::from_chars(name.data(), name.data() + name.size(), first);
        if (error == std::errc{} && *rest == '.') firsts.push_back(Offset{first});
    }
    std::sort(firsts.begin(), firsts.end());
    return firsts;
}

/// Reads from `from` to the end of the log or to the first damage.
Result<void> walk(const Directory& directory, Findings& findings, Offset from) {
    auto reader = log::Reader::open(directory.world(), directory.log(findings.topic),
                                    log::Reader::Unacknowledged::shown);
    if (!reader) return std::move(reader).error();
    findings.next = from;
    while (true) {
        const auto records = (*reader)->read(findings.next, read_count, read_bytes);
        if (!records) return records.error();
        if (records->empty()) return {};
        findings.events += static_cast<std::int64_t>(records->size());
        findings.next = records->back().offset + 1;
    }
}

Result<Findings> verify_topic(const Directory& directory, const std::string& topic) {
    const auto segments = segments_of(directory, topic);
    if (!segments) return segments.error();
    Findings findings;
    findings.topic = topic;
    findings.segments = segments->size();
    if (segments->empty()) return findings;
    findings.first = segments->front();
    auto segment = segments->begin();
    while (segment != segments->end()) {
        Result<void> walked = walk(directory, findings, *segment);
        if (walked) break;
        // Retention may take a segment away meanwhile; it is not missed.
        if (walked.error().code != ErrorCode::not_found)
            findings.problems.push_back(walked.error());
        // Goes on with the segment after the damage.
        segment = std::upper_bound(segment + 1, segments->end(), findings.next);
    }
    return findings;
}

void print(const Findings& findings, Console& console) {
    if (!console.json()) {
        const std::string verdict = findings.problems.empty() ? "intact" : console.alarm("damaged");
        console.line(fmt::format("{}: {}; {} in {}, offsets {} to {}", findings.topic, verdict,
                                 counted(findings.events, "event"),
                                 counted(static_cast<std::int64_t>(findings.segments), "segment"),
                                 findings.first.value, findings.next.value));
        for (const Error& error : findings.problems) {
            console.line("  " + printable(error.message));
        }
        return;
    }
    std::string out;
    json::Writer writer{out};
    writer.begin_object();
    writer.name("topic");
    writer.text(findings.topic);
    const auto number = [&writer](std::string_view name, std::int64_t value) {
        writer.name(name);
        writer.integer(value);
    };
    number("segments", static_cast<std::int64_t>(findings.segments));
    number("events", findings.events);
    number("first", findings.first.value);
    number("next", findings.next.value);
    writer.name("problems");
    writer.begin_array();
    for (const Error& error : findings.problems) writer.text(utf8(error.message));
    writer.end_array();
    writer.end_object();
    console.line(json_line(out));
}

}  // namespace

int verify_log(io::World& world, const std::string& data, const std::string& topic,
               Console& console) {
    const auto directory = Directory::open(world, data);
    if (!directory) return console.fail(directory.error());
    const auto topics = directory->topics(topic);
    if (!topics) return console.fail(topics.error());
    bool damaged = false;
    for (const std::string& name : *topics) {
        const auto findings = verify_topic(*directory, name);
        if (!findings) return console.fail(findings.error());
        damaged = damaged || !findings->problems.empty();
        print(*findings, console);
    }
    return damaged ? Exit::found_problems : Exit::success;
}

}  // namespace tidings::cli
