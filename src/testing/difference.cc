#include "testing/difference.h"

#include <tidings/model/json.h>

#include <algorithm>
#include <map>
#include <utility>

namespace tidings {

namespace {

/// The leaves of a JSON text by their pointers.
using Leaves = std::map<std::string, std::string>;

void take_apart(json::Reader& reader, const std::string& at, Leaves& leaves) {
    bool is_empty = true;
    if (reader.kind() == json::Kind::object) {
        reader.begin_object();
        std::string_view name;
        while (reader.next_field(name)) {
            is_empty = false;
            take_apart(reader, at + '/' + std::string{name}, leaves);
        }
        if (is_empty) leaves[at] = "{}";
    } else if (reader.kind() == json::Kind::array) {
        reader.begin_array();
        for (std::size_t i = 0; reader.next_element(); ++i) {
            is_empty = false;
            take_apart(reader, at + '/' + std::to_string(i), leaves);
        }
        if (is_empty) leaves[at] = "[]";
    } else {
        leaves[at] = reader.raw();
    }
}

Leaves leaves_of(const std::string& text) {
    Leaves leaves;
    json::Reader reader{text};
    take_apart(reader, "", leaves);
    if (!reader.finish()) return {{"", text}};  // Not JSON: it is compared as it is.
    return leaves;
}

bool is_ignored(const std::string& pointer, const std::vector<std::string>& ignored) {
    return std::any_of(ignored.begin(), ignored.end(), [&pointer](const std::string& field) {
        return pointer == field || pointer.starts_with(field + '/');
    });
}

/// What is wrong with one fact where another was expected, in lines that begin with `label`.
std::string fact_difference(const std::string& label, const ExpectedFact& expected,
                            const Fact& actual) {
    if (expected.name != actual.name) {
        return label + ": expected " + expected.text() + "\n    but it is " + actual.text() + '\n';
    }
    std::string text = label + ": " + expected.name + " differs\n";
    for (const std::string& line : json_difference(*expected.json, actual.json, expected.ignored)) {
        text += "    " + line + '\n';
    }
    return text + "    expected " + *expected.json + "\n    actual   " + actual.json + '\n';
}

std::string missing_among(std::string_view what, const std::vector<ExpectedFact>& expected,
                          const std::vector<Fact>& actual) {
    auto next = actual.begin();
    for (const ExpectedFact& fact : expected) {
        next = std::find_if(next, actual.end(),
                            [&fact](const Fact& other) { return fact.is_met_by(other); });
        if (next != actual.end()) {
            ++next;
            continue;
        }
        std::string text = std::string{what} + ": expected " + fact.text() + "\n    among\n";
        if (actual.empty()) text += "      nothing\n";
        for (const Fact& other : actual) text += "      " + other.text() + '\n';
        return text;
    }
    return {};
}

}  // namespace

bool ExpectedFact::is_met_by(const Fact& fact) const {
    if (name != fact.name) return false;
    return !json || json_difference(*json, fact.json, ignored).empty();
}

std::vector<std::string> json_difference(const std::string& expected, const std::string& actual,
                                         const std::vector<std::string>& ignored) {
    if (expected == actual) return {};
    const Leaves wanted = leaves_of(expected);
    const Leaves found = leaves_of(actual);
    std::vector<std::string> lines;
    for (const auto& [pointer, value] : wanted) {
        if (is_ignored(pointer, ignored)) continue;
        const auto is = found.find(pointer);
        if (is != found.end() && is->second == value) continue;
        std::string line = pointer + ": expected ";
        line.append(value).append(is == found.end() ? ", is missing" : ", is ");
        if (is != found.end()) line += is->second;
        lines.push_back(std::move(line));
    }
    for (const auto& [pointer, value] : found) {
        if (wanted.contains(pointer) || is_ignored(pointer, ignored)) continue;
        std::string line = pointer + ": not expected, is ";
        lines.push_back(std::move(line.append(value)));
    }
    return lines;
}

std::string list_difference(std::string_view what, const std::vector<ExpectedFact>& expected,
                            const std::vector<Fact>& actual, bool more) {
    if (more) return missing_among(what, expected, actual);
    std::string text;
    for (std::size_t i = 0; i < std::max(expected.size(), actual.size()); ++i) {
        const std::string label = std::string{what} + ' ' + std::to_string(i + 1);
        if (i >= actual.size()) {
            text += label + ": expected " + expected[i].text() + "\n    but there was no more\n";
        } else if (i >= expected.size()) {
            text += label + ": not expected: " + actual[i].text() + '\n';
        } else if (!expected[i].is_met_by(actual[i])) {
            text += fact_difference(label, expected[i], actual[i]);
        }
    }
    return text;
}

std::string in_words(Duration duration) {
    struct Unit {
        Duration length;
        std::string_view name;
    };
    constexpr Unit units[] = {{24h, "d"}, {1h, "h"}, {1min, "min"}, {1s, "s"}, {1ms, "ms"}};
    for (const Unit& unit : units) {
        if (duration != Duration{0} && duration % unit.length == Duration{0}) {
            return std::to_string(duration / unit.length) + std::string{unit.name};
        }
    }
    return std::to_string(duration.count()) + "ns";
}

}  // namespace tidings
