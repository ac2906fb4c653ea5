#include "testing/outcome.h"

#include <algorithm>
#include <iterator>

namespace tidings {

namespace {

using Kind = Expectation::Kind;

std::set<std::string> minus(const std::set<std::string>& one, const std::set<std::string>& other) {
    std::set<std::string> left;
    std::set_difference(one.begin(), one.end(), other.begin(), other.end(),
                        std::inserter(left, left.end()));
    return left;
}

/// The timers in `one` whose setting is not in `other`.
std::vector<SetTimer> minus(const std::vector<SetTimer>& one, const std::vector<SetTimer>& other) {
    std::vector<SetTimer> left;
    for (const SetTimer& timer : one) {
        const bool stays = std::any_of(other.begin(), other.end(), [&timer](const SetTimer& there) {
            return there.id == timer.id && there.due == timer.due;
        });
        if (!stays) left.push_back(timer);
    }
    return left;
}

bool is_of(const SetTimer& timer, const Expectation& expected) {
    return timer.kind == expected.name && timer.key == expected.key;
}

std::vector<ExpectedFact> facts(const std::vector<Expectation>& expectations, Kind kind) {
    std::vector<ExpectedFact> facts;
    for (const Expectation& expected : expectations) {
        if (expected.kind != kind) continue;
        const std::string name =
            kind == Kind::requested ? request_name(expected.name, expected.key) : expected.name;
        facts.push_back({name, expected.json, expected.ignored});
    }
    return facts;
}

std::string cell(const Cursor& cursor, int column) {
    return cursor.is_null(column) ? std::string{"null"} : std::string{cursor.text(column)};
}

}  // namespace

std::string row_difference(const Expectation& expected, StoreTransaction& tx) {
    const std::string called = "row " + expected.key + " of " + expected.name;
    const std::vector<std::string> found = expected.read(tx, expected.key);
    if (expected.kind == Kind::no_row) {
        if (found.empty()) return {};
        return called + ": expected not to be there, is " + found.front() + '\n';
    }
    if (found.empty()) {
        std::string text = called + ": expected " + *expected.json + "\n    but there are only\n";
        const std::vector<std::string> others = expected.read(tx, "");
        if (others.empty()) text += "      no rows\n";
        for (const std::string& row : others) text += "      " + row + '\n';
        return text;
    }
    const auto lines = json_difference(*expected.json, found.front(), expected.ignored);
    if (lines.empty()) return {};
    std::string text = called + " differs\n";
    for (const std::string& line : lines) text += "    " + line + '\n';
    return text + "    expected " + *expected.json + "\n    actual   " + found.front() + '\n';
}

std::string request_name(std::string_view effect, std::string_view subject) {
    return std::string{effect} + " for " + std::string{subject};
}

Snapshot Snapshot::of(StoreTransaction& tx) {
    Snapshot snapshot;
    {
        Rows rows =
            tx.query("SELECT kind, key, id, due, attempts FROM tidings_timer ORDER BY kind, key");
        while (rows.next()) {
            const Row row = rows.row();
            snapshot.timers.push_back({row.get<std::string>(0), row.get<std::string>(1),
                                       row.get<std::string>(2), row.get<Timestamp>(3),
                                       row.get<int>(4)});
        }
    }
    {
        Rows rows = tx.query("SELECT idempotency_key, position FROM tidings_effect");
        while (rows.next()) {
            snapshot.requests.insert(rows.row().get<std::string>(0));
            snapshot.last_request = std::max(snapshot.last_request, rows.row().integer(1));
        }
    }
    std::vector<std::string> tables;
    {
        Rows rows = tx.query(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'tidings%' "
            "AND name NOT LIKE 'sqlite%' ORDER BY name");
        while (rows.next()) tables.push_back(rows.row().get<std::string>(0));
    }
    for (const std::string& table : tables) {
        Cursor& cursor = tx.open("SELECT * FROM \"" + table + '"', {});
        const Rows reset{cursor};
        while (cursor.step()) {
            std::string text = table + ": ";
            for (int i = 0; i < cursor.columns(); ++i) {
                text += (i == 0 ? "" : " | ") + cell(cursor, i);
            }
            snapshot.rows.insert(std::move(text));
        }
    }
    return snapshot;
}

void Outcome::compare(const Snapshot& before, const Snapshot& after) {
    timers = after.timers;
    set = minus(after.timers, before.timers);
    taken_back = minus(before.timers, after.timers);
    std::erase_if(taken_back, [this](const SetTimer& old) {
        return std::any_of(set.begin(), set.end(), [&old](const SetTimer& moved) {
            return moved.kind == old.kind && moved.key == old.key;
        });
    });
    rows_added = minus(after.rows, before.rows);
    rows_removed = minus(before.rows, after.rows);
}

bool Outcome::is_empty() const {
    return published.empty() && requested.empty() && set.empty() && taken_back.empty() &&
           rows_added.empty() && rows_removed.empty();
}

std::string Outcome::words(const SetTimer& timer) const {
    return timer.kind + ' ' + timer.key + " in " + in_words(timer.due - now);
}

std::string Outcome::text() const {
    std::string text;
    if (failure) {
        text += "  failed     ";
        text.append(to_string(failure->code)).append(": ").append(failure->message).append("\n");
    }
    for (const Fact& fact : published) text += "  published  " + fact.text() + '\n';
    for (const Fact& fact : requested) text += "  requested  " + fact.text() + '\n';
    for (const SetTimer& timer : set) text += "  timer      " + words(timer) + '\n';
    for (const SetTimer& timer : taken_back) {
        text += "  no timer   " + timer.kind + ' ' + timer.key + " any more\n";
    }
    for (const std::string& row : rows_removed) text += "  - row      " + row + '\n';
    for (const std::string& row : rows_added) text += "  + row      " + row + '\n';
    if (reply) text += "  replied    " + std::to_string(reply->status) + ' ' + reply->body + '\n';
    return text.empty() ? "  nothing came of it\n" : text;
}

std::string Outcome::timer_difference(const std::vector<Expectation>& expectations,
                                      bool more) const {
    std::string text;
    const auto find = [this](const Expectation& expected) {
        return std::find_if(timers.begin(), timers.end(),
                            [&expected](const SetTimer& timer) { return is_of(timer, expected); });
    };
    for (const Expectation& expected : expectations) {
        const std::string called = "timer " + expected.name + ' ' + expected.key;
        if (expected.kind == Kind::no_timer && find(expected) != timers.end()) {
            text += called + ": expected not to be set, is to go off in " +
                    in_words(find(expected)->due - now) + '\n';
        }
        if (expected.kind != Kind::timer) continue;
        const auto is = find(expected);
        if (is == timers.end()) {
            text += called + ": expected in " + in_words(expected.after) + ", is not set\n";
        } else if (is->due - now != expected.after) {
            text += called + ": expected in " + in_words(expected.after) + ", is in " +
                    in_words(is->due - now) + '\n';
        }
    }
    if (more) return text;
    for (const SetTimer& timer : set) {
        const bool named =
            std::any_of(expectations.begin(), expectations.end(), [&timer](const auto& expected) {
                return expected.kind == Kind::timer && is_of(timer, expected);
            });
        if (!named) text += "timer not expected: " + words(timer) + '\n';
    }
    return text;
}

std::string Outcome::reply_difference(const std::vector<Expectation>& expectations) const {
    for (const Expectation& expected : expectations) {
        if (expected.kind != Kind::replied) continue;
        const std::string wanted =
            "reply: expected " + std::to_string(expected.status) + ' ' + expected.json.value_or("");
        if (!reply) return wanted + "\n    but there was none\n";
        const std::string is = "\n    but it is " + std::to_string(reply->status) + ' ';
        if (reply->status != expected.status) return wanted + is + reply->body + '\n';
        if (!expected.json) return {};
        std::string text;
        for (const auto& line : json_difference(*expected.json, reply->body, expected.ignored)) {
            text += "    " + line + '\n';
        }
        if (text.empty()) return {};
        return "reply differs\n" + text + "    expected " + *expected.json + "\n    actual   " +
               reply->body + '\n';
    }
    if (!reply || reply->status < 400) return {};
    return "reply: " + std::to_string(reply->status) + ' ' + reply->body + '\n';
}

std::string Outcome::difference(const std::vector<Expectation>& expectations,
                                StoreTransaction& tx) const {
    std::string text;
    bool more = false;
    for (const Expectation& expected : expectations) {
        more = more || expected.kind == Kind::and_more;
        if (!expected.wrong) continue;
        text += "an expected " + expected.name + " can never be: " + expected.wrong->message + '\n';
    }
    if (failure) {
        text += "it failed: " + std::string{to_string(failure->code)} + ": " + failure->message +
                (failure->hint.empty() ? "" : " (" + failure->hint + ")") + '\n';
    }
    text += list_difference("published", facts(expectations, Kind::published), published, more);
    text += list_difference("requested", facts(expectations, Kind::requested), requested, more);
    text += timer_difference(expectations, more);
    for (const Expectation& expected : expectations) {
        if (expected.read) text += row_difference(expected, tx);
    }
    return text + reply_difference(expectations);
}

}  // namespace tidings
