#include "service/operation_requests.h"

#include <tidings/base/text.h>
#include <tidings/model/json.h>

#include <algorithm>
#include <charconv>

namespace tidings {

namespace {

/// A step stays short: what is more is asked for again.
constexpr std::int64_t letters_max = 1000;

void read_time(json::Reader& reader, Timestamp& into) {
    const Result<Timestamp> time = parse_timestamp(reader.text());
    if (!time) return reader.fail("must be a time such as 2026-11-23T10:00:00Z");
    into = *time;
}

void read_count(json::Reader& reader, std::int64_t& into) {
    into = reader.integer();
    if (into < 0) reader.fail("must not be negative");
}

void read_positions(json::Reader& reader, std::vector<std::int64_t>& into) {
    reader.begin_array();
    while (reader.next_element()) {
        into.push_back(reader.integer());
        if (into.size() > static_cast<std::size_t>(letters_max)) {
            return reader.fail("has more than 1000 positions; ask in parts");
        }
    }
}

void read_field(std::string_view name, json::Reader& reader, ActRequest& asked) {
    if (name == "who") {
        asked.actor.who = reader.text();
    } else if (name == "why") {
        asked.actor.why = reader.text();
    } else if (name == "positions") {
        read_positions(reader, asked.choice.positions);
    } else if (name == "group") {
        asked.choice.group = reader.text();
    } else if (name == "all") {
        asked.choice.all = reader.boolean();
    } else if (name == "perSecond") {
        asked.pace.per_second = reader.number();
    } else if (name == "firstDue") {
        read_time(reader, asked.pace.first_due);
    } else if (name == "after") {
        asked.pace.after = reader.integer();
    } else if (name == "max") {
        const std::int64_t max = reader.integer();
        if (max < 1 || max > letters_max) return reader.fail("must be 1 to 1000");
        asked.pace.count_max = static_cast<std::size_t>(max);
    } else if (name == "dryRun") {
        asked.dry_run = asked.edit.check_only = reader.boolean();
    } else if (name == "position") {
        asked.edit.position = reader.integer();
    } else if (name == "eventId") {
        asked.edit.event_id = reader.text();
    } else if (name == "data") {
        asked.edit.data = reader.raw();
    } else if (name == "dataVersion") {
        asked.edit.data_version = reader.text();
    } else if (name == "envelope") {
        asked.edit.envelope = reader.raw();
    } else if (name == "done") {
        read_count(reader, asked.rehearsal.done);
    } else if (name == "failed") {
        read_count(reader, asked.rehearsal.failed);
    } else if (name == "error") {
        asked.rehearsal.error = reader.text();
    } else {
        reader.fail("is not known here");
    }
}

}  // namespace

Result<ActRequest> read_act_request(std::string_view body) {
    ActRequest asked;
    json::Reader reader{body};
    std::string_view name;
    reader.begin_object();
    while (reader.next_field(name)) read_field(name, reader, asked);
    if (asked.actor.who.empty()) reader.missing("who");
    if (Result<void> read = reader.finish(); !read) return std::move(read).error();
    return asked;
}

std::int64_t number_in(const io::HttpRequest& request, const std::string& name,
                       std::int64_t otherwise) {
    const auto found = request.query.find(name);
    if (found == request.query.end()) return otherwise;
    std::int64_t number = 0;
    const char* end = found->second.data() + found->second.size();
    const auto [rest, error] = std::from_chars(found->second.data(), end, number);
    if (error == std::errc{} && rest == end) return number;
    throw Failure{
        {ErrorCode::invalid_argument, name + " must be a number, is " + quote(found->second)}};
}

}  // namespace tidings
