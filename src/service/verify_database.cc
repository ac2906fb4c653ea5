#include <tidings/delivery/accounting.h>
#include <tidings/store/sqlite.h>

#include "service/verify_parts.h"

#include <algorithm>
#include <charconv>

namespace tidings {

namespace {

constexpr std::int64_t complaints_max = 20;

void complain(Findings& findings, Finding::Kind kind, const std::string& path, std::string what) {
    findings.push_back({kind, path, std::nullopt, std::move(what)});
}

/// What SQLite says of a page whose checksum is wrong: SQLITE_IOERR_DATA.
constexpr std::string_view wrong_checksum = "error code=8202";

/// The page that a complaint of SQLite names (`Tree 4 page 7: ...`, `Page 4: ...`).
std::optional<std::uint64_t> page_of(std::string_view complaint) {
    constexpr std::string_view word = "age ";
    const std::size_t at = complaint.find(word);
    if (at == std::string_view::npos) return std::nullopt;
    std::uint64_t page = 0;
    const char* const begin = complaint.data() + at + word.size();
    const auto read = std::from_chars(begin, complaint.data() + complaint.size(), page);
    if (read.ec != std::errc{} || page == 0) return std::nullopt;
    return page;
}

Finding damage_of(const std::string& path, std::string complaint, std::int64_t page_bytes) {
    std::replace(complaint.begin(), complaint.end(), '\n', ' ');
    Finding finding{Finding::Kind::damage, path, std::nullopt,
                    "the structure is damaged: " + complaint};
    const auto page = page_of(complaint);
    if (!page) return finding;
    finding.byte = (*page - 1) * static_cast<std::uint64_t>(page_bytes);
    if (complaint.find(wrong_checksum) != std::string::npos) {
        finding.what =
            "page " + std::to_string(*page) + " is not what was written: its checksum is wrong";
    }
    return finding;
}

void check_structure(StoreTransaction& tx, const std::string& path, VerifiedDatabase& verified,
                     Findings& findings) {
    const auto page_bytes = tx.value<std::int64_t>("PRAGMA page_size").value_or(4096);
    verified.pages = tx.value<std::int64_t>("PRAGMA page_count").value_or(0);
    Rows rows = tx.query("PRAGMA integrity_check(20)");
    for (std::int64_t count = 0; count < complaints_max && rows.next(); ++count) {
        auto complaint = rows.row().get<std::string>(0);
        if (complaint == "ok") continue;
        Finding finding = damage_of(path, std::move(complaint), page_bytes);
        const bool known = std::find(findings.begin(), findings.end(), finding) != findings.end();
        if (!known) findings.push_back(std::move(finding));
    }
}

bool has_table(StoreTransaction& tx, std::string_view name) {
    return tx.value<std::int64_t>(
                 "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = $1", name)
               .value_or(0) > 0;
}

void read_outbox(StoreTransaction& tx, DatabaseState& state, Findings& findings) {
    std::int64_t last = 0;
    std::int64_t published = 0;
    {
        Rows rows =
            tx.query("SELECT epoch, last_position, published_position FROM tidings_outbox_state");
        if (!rows.next()) return;  // It was made, and never opened to the end.
        state.epoch = rows.row().get<std::string>(0);
        last = rows.row().integer(1);
        published = rows.row().integer(2);
    }
    if (published > last) {
        complain(findings, Finding::Kind::contradiction, state.path,
                 "the outbox has published " + std::to_string(published) + " of " +
                     std::to_string(last) + " events");
    }
    Rows topics = tx.query("SELECT topic, last_sequence FROM tidings_outbox_topic");
    while (topics.next()) {
        state.last_sequence[topics.row().get<std::string>(0)] = topics.row().integer(1);
    }
    Rows waiting = tx.query(
        "SELECT topic, min(sequence), max(sequence), count(*), max(position) FROM tidings_outbox "
        "WHERE position > $1 GROUP BY topic",
        published);
    while (waiting.next()) {
        const Row row = waiting.row();
        const auto topic = row.get<std::string>(0);
        state.first_waiting[topic] = row.integer(1);
        const bool has_gap = row.integer(2) - row.integer(1) + 1 != row.integer(3);
        if (has_gap || row.integer(2) != state.last_sequence[topic] || row.integer(4) > last) {
            complain(findings, Finding::Kind::contradiction, state.path,
                     "events are missing in the outbox for topic " + topic + ": " +
                         std::to_string(row.integer(3)) + " wait, numbered " +
                         std::to_string(row.integer(1)) + " to " + std::to_string(row.integer(2)) +
                         " of " + std::to_string(state.last_sequence[topic]));
        }
    }
}

void read_intake(StoreTransaction& tx, DatabaseState& state) {
    Rows places = tx.query("SELECT topic, position FROM tidings_position");
    while (places.next()) {
        state.positions[places.row().get<std::string>(0)] = places.row().integer(1);
    }
    Rows taken = tx.query(
        "SELECT topic, source, epoch, max(mark) FROM "
        "(SELECT topic, source, epoch, mark FROM tidings_inbox UNION ALL "
        "SELECT topic, source, epoch, sequence FROM tidings_inbox_ahead) "
        "GROUP BY topic, source, epoch");
    while (taken.next()) {
        const Row row = taken.row();
        state.taken[{row.get<std::string>(0), {row.get<std::string>(1), row.get<std::string>(2)}}] =
            row.integer(3);
    }
}

/// Holds the tables against each other, event by event.
void check_accounts(StoreTransaction& tx, const std::string& path, Findings& findings) {
    for (const TopicAccount& topic : account(tx)) {
        if (topic.unaccounted() == 0) continue;
        complain(findings, Finding::Kind::contradiction, path,
                 "topic " + topic.topic + ": of " + std::to_string(topic.accepted) +
                     " events accepted " + std::to_string(topic.unaccounted()) +
                     " are unaccounted for");
    }
    for (const UnaccountedEvent& event :
         unaccounted_events(tx, static_cast<std::size_t>(complaints_max))) {
        complain(findings, Finding::Kind::contradiction, path,
                 "event " + std::to_string(event.sequence) + " of " + event.source +
                     (event.source.empty() ? "topic " : ", topic ") + event.topic + ": " +
                     event.what);
    }
}

void read_tables(StoreTransaction& tx, DatabaseState& state, Findings& findings) {
    state.has_tables = has_table(tx, "tidings_position") && has_table(tx, "tidings_outbox_state");
    if (!state.has_tables) return;
    tx.execute("BEGIN");  // So that all of it is of one moment.
    read_outbox(tx, state, findings);
    read_intake(tx, state);
    // Tables of an older version are brought to this one at the next start.
    if (has_table(tx, "tidings_audit")) check_accounts(tx, state.path, findings);
    tx.execute("COMMIT");
}

}  // namespace

Finding finding_of(const std::string& file, const Error& error) {
    Finding finding{Finding::Kind::damage, file, std::nullopt, error.message};
    // "segment <path>, byte <n>: <what>", "database <path>, byte <n>: <what>".
    constexpr std::string_view mark = ", byte ";
    const std::size_t at = error.message.find(mark);
    if (at == std::string::npos) return finding;
    const std::size_t name = error.message.rfind(' ', at) + 1;
    std::uint64_t byte = 0;
    const char* const end = error.message.data() + error.message.size();
    const auto read = std::from_chars(error.message.data() + at + mark.size(), end, byte);
    if (read.ec != std::errc{} || end - read.ptr < 2) return finding;
    finding.file = error.message.substr(name, at - name);
    finding.byte = byte;
    finding.what = std::string{read.ptr + 2, end};
    return finding;
}

DatabaseState verify_database(io::World& world, const std::string& path, const std::string& service,
                              VerifiedDatabase& verified, Findings& findings) {
    DatabaseState state;
    state.service = verified.service = service;
    state.path = path;
    if (Result<void> wal = check_sqlite_wal(world, path); !wal) {
        findings.push_back(finding_of(path + "-wal", wal.error()));
    }
    auto opened = read_sqlite(world, path);
    if (!opened) {
        findings.push_back(finding_of(path, opened.error()));
        return state;
    }
    try {
        check_structure(**opened, path, verified, findings);
        read_tables(**opened, state, findings);
    } catch (const Failure& failure) {
        // Where it was found already, another word of the same is none.
        const bool known = std::any_of(findings.begin(), findings.end(),
                                       [&](const Finding& one) { return one.file == path; });
        if (!known) findings.push_back(finding_of(path, failure.error()));
        state.has_tables = false;  // What was read of it is not the whole.
    }
    return state;
}

}  // namespace tidings
