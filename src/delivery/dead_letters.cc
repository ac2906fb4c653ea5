#include <tidings/base/text.h>
#include <tidings/delivery/dead_letters.h>

#include "delivery/dead_letter_rows.h"
#include "delivery/schema.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

namespace tidings {

namespace {

/// The first version of the tables that has all that acts write.
constexpr int version_with_audit = 5;

// One statement for each, so that a list and its count are of one moment.
constexpr std::string_view list_sql =
    "SELECT position, state, topic, type, key, source, epoch, sequence, causation_id, traceparent, "
    "envelope, event_id, correlation_id, edited_from, log_offset, handler, cause, saga, attempts, "
    "error_code, error, hint, first_failed, last_failed, due "
    "FROM tidings_held WHERE position > $1 AND (state = 3 OR $2) AND ($3 = '' OR "
    "(state = 3 AND cause = $3)) ORDER BY position LIMIT $4";
constexpr std::string_view find_sql =
    "SELECT position, state, topic, type, key, source, epoch, sequence, causation_id, traceparent, "
    "envelope, event_id, correlation_id, edited_from, log_offset, handler, cause, saga, attempts, "
    "error_code, error, hint, first_failed, last_failed, due "
    "FROM tidings_held WHERE position = $1";
/// The error of the last one stands for all.
constexpr std::string_view groups_sql =
    "SELECT g.cause, g.count, g.first, g.last, h.type, h.handler, h.error_code, h.shape, h.error, "
    "h.hint FROM (SELECT cause, count(*) AS count, min(first_failed) AS first, max(last_failed) AS "
    "last, max(position) AS newest FROM tidings_held WHERE state = 3 GROUP BY cause) AS g "
    "JOIN tidings_held AS h ON h.position = g.newest ORDER BY g.count DESC, g.cause";

std::string name_of_state(std::int64_t state) {
    switch (static_cast<HeldState>(state)) {
        case HeldState::scheduled:
            return "scheduled";
        case HeldState::parked:
            return "parked";
        case HeldState::dead:
            return "dead";
    }
    return "unknown";
}

/// Epochs are the platform's own text; a damaged one reads as none.
Uuid epoch_of(std::string_view text) {
    const Result<Uuid> epoch = Uuid::parse(text);
    return epoch ? *epoch : Uuid{};
}

DeadLetter read_letter(const Row& row) {
    DeadLetter letter;
    letter.position = row.integer(0);
    letter.state = name_of_state(row.integer(1));
    letter.topic = row.get<std::string>(2);
    letter.headers.type = row.get<std::string>(3);
    letter.headers.key = row.get<std::string>(4);
    letter.headers.source = row.get<std::string>(5);
    letter.headers.epoch = epoch_of(row.text(6));
    letter.headers.sequence = row.get<Sequence>(7);
    letter.headers.causation_id = row.get<std::string>(8);
    letter.headers.traceparent = row.get<std::string>(9);
    letter.envelope = row.get<std::string>(10);
    letter.event_id = row.get<std::string>(11);
    letter.correlation_id = row.get<std::string>(12);
    letter.edited_from = row.get<std::optional<std::string>>(13).value_or("");
    letter.log_offset = row.get<std::optional<std::int64_t>>(14);
    letter.handler = row.get<std::string>(15);
    letter.group = row.get<std::string>(16);
    letter.saga = row.get<std::string>(17);
    letter.attempts = row.get<int>(18);
    letter.error_code = row.integer(19);
    letter.error = row.get<std::string>(20);
    letter.hint = row.get<std::string>(21);
    letter.first_failed = row.get<Timestamp>(22);
    letter.last_failed = row.get<Timestamp>(23);
    letter.due = row.get<Timestamp>(24);
    if (!letter.event_id.empty()) return letter;
    // A row of before the columns were there.
    if (const Result<Envelope> event = parse_envelope(letter.envelope)) {
        letter.event_id = to_string(event->id);
        letter.correlation_id = event->correlation_id;
    }
    return letter;
}

}  // namespace

std::string DeadLetterChoice::text() const {
    if (all) return "all";
    if (!group.empty()) return "group " + group;
    if (positions.size() == 1) return std::to_string(positions.front());
    return fmt::format("{} named ones", positions.size());
}

Result<DeadLetterChoice> DeadLetterChoice::parse(std::string_view text) {
    constexpr std::string_view group = "group=";
    DeadLetterChoice choice;
    choice.all = text == "all";
    if (choice.all) return choice;
    if (text.starts_with(group) && text.size() > group.size()) {
        choice.group = text.substr(group.size());
        return choice;
    }
    const char* at = text.data();
    const char* end = at + text.size();
    while (true) {
        std::int64_t position = 0;
        const auto [rest, error] = std::from_chars(at, end, position);
        if (error != std::errc{} || (rest != end && *rest != ',')) {
            return Error{ErrorCode::invalid_argument, quote(text) + " names no dead letters",
                         "write positions such as 3,5,8, or group=5e1f, or all"};
        }
        choice.positions.push_back(position);
        if (rest == end) return choice;
        at = rest + 1;
    }
}

std::int64_t DeadLetters::count() const {
    return tx_.value<std::int64_t>("SELECT count(*) FROM tidings_held WHERE state = 3").value_or(0);
}

std::vector<DeadLetterGroup> DeadLetters::groups() const {
    std::vector<DeadLetterGroup> groups;
    Rows rows = tx_.query(groups_sql);
    while (rows.next()) {
        const Row row = rows.row();
        DeadLetterGroup group;
        group.id = row.get<std::string>(0);
        group.count = row.integer(1);
        group.first_failed = row.get<Timestamp>(2);
        group.last_failed = row.get<Timestamp>(3);
        group.type = row.get<std::string>(4);
        group.handler = row.get<std::string>(5);
        group.error_code = row.integer(6);
        group.shape = row.get<std::string>(7);
        group.error = row.get<std::string>(8);
        group.hint = row.get<std::string>(9);
        groups.push_back(std::move(group));
    }
    return groups;
}

std::string full_group(StoreTransaction& tx, const std::string& beginning) {
    std::string found;
    Rows rows = tx.query(
        "SELECT DISTINCT cause FROM tidings_held WHERE state = 3 AND substr(cause, 1, $1) = $2",
        beginning.size(), beginning);
    while (rows.next()) {
        if (!found.empty()) {
            throw Failure{{ErrorCode::conflict, "more than one group begins with " + beginning,
                           "give more of it: tidings dead-letters groups"}};
        }
        found = rows.row().get<std::string>(0);
    }
    return found;
}

DeadLetterPage DeadLetters::list(const Query& query) const {
    DeadLetterPage page;
    const std::string group = query.group.empty() ? "" : full_group(tx_, query.group);
    if (group.empty() && !query.group.empty()) return page;
    page.count = tx_.value<std::int64_t>(
                        "SELECT count(*) FROM tidings_held WHERE (state = 3 OR $1) AND ($2 = '' OR "
                        "(state = 3 AND cause = $2))",
                        query.all_held, group)
                     .value_or(0);
    const std::int64_t count_max = query.count_max == 0 ? -2 : query.count_max;
    Rows rows = tx_.query(list_sql, query.after, query.all_held, group, count_max + 1);
    while (rows.next()) {
        if (static_cast<std::int64_t>(page.letters.size()) == count_max) {
            page.next = page.letters.back().position;
            break;
        }
        page.letters.push_back(read_letter(rows.row()));
    }
    return page;
}

std::optional<DeadLetter> DeadLetters::find(std::int64_t position) const {
    std::optional<DeadLetter> letter;
    {
        Rows rows = tx_.query(find_sql, position);
        if (!rows.next()) return std::nullopt;
        letter = read_letter(rows.row());
    }
    {
        Rows rows = tx_.query(
            "SELECT attempt, failed, error_code, error FROM tidings_attempt WHERE position = $1 "
            "ORDER BY attempt",
            position);
        while (rows.next()) {
            const Row row = rows.row();
            letter->history.push_back(
                {row.get<int>(0), row.get<Timestamp>(1), row.integer(2), row.get<std::string>(3)});
        }
    }
    if (!letter->headers.key.empty()) {
        letter->parked_behind =
            tx_.value<std::int64_t>(
                   "SELECT count(*) FROM tidings_held WHERE state = 2 AND key = $1 AND "
                   "position > $2 AND (topic = $3 OR (saga = $4 AND saga <> ''))",
                   letter->headers.key, position, letter->topic, letter->saga)
                .value_or(0);
    }
    return letter;
}

Result<void> migrate_delivery(Store& store) {
    return store.migrate("tidings", delivery_migrations());
}

Result<void> check_delivery(Store& store) {
    if (Result<void> begun = store.begin(); !begun) return begun;
    std::int64_t version = 0;
    Result<void> read;
    try {
        version = store.transaction()
                      .value<std::int64_t>(
                          "SELECT max(version) FROM tidings_migrations WHERE component = 'tidings'")
                      .value_or(0);
    } catch (const Failure& failure) {
        read = failure.error();
    }
    store.rollback();
    if (!read) return with_context(read.error(), "read tidings_migrations");
    if (version > delivery_migrations().back().version) {
        return Error{ErrorCode::unsupported,
                     fmt::format("its tables have version {}, and this program knows {}", version,
                                 delivery_migrations().back().version),
                     "use the tidings program of the build that runs the service"};
    }
    if (version < version_with_audit) {
        return Error{
            ErrorCode::unsupported,
            fmt::format("its tables have version {}, of before there was an audit record", version),
            "start the service once with a newer build, which brings them up to date"};
    }
    return {};
}

}  // namespace tidings
