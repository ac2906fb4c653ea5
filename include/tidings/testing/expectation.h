#pragma once

#include <tidings/base/time.h>
#include <tidings/delivery/transaction.h>
#include <tidings/service/service.h>
#include <tidings/view/table.h>

#include <deque>
#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace tidings {

/// What a test expects to have come of a cause. Made by the functions below.
struct Expectation {
    enum class Kind : std::uint8_t {
        published,
        row,
        no_row,
        timer,
        no_timer,
        requested,
        replied,
        and_more,
        never_published,
        dead_letter,
    };

    Kind kind = Kind::published;
    std::string name;  ///< The event's type, the table, the timer's kind, the effect.
    std::string key;   ///< The row's, the timer's, the effect's subject.
    std::optional<std::string> json;  ///< What the thing should hold; nothing: whatever.
    Duration after{0};
    int status = 0;
    ErrorCode error{};                 ///< Why a dead letter was given up.
    std::string service;               ///< In a flow: whose row or timer it is.
    std::vector<std::string> ignored;  ///< JSON pointers.
    std::optional<Error> wrong;        ///< Why nothing can ever meet it.
    /// Reads rows as JSON: the one with the key, or, with an empty key, the first few there are.
    std::function<std::vector<std::string>(StoreTransaction& tx, const std::string& key)> read;

    /// The same, but these fields may hold anything: `ignoring({"paymentId", "items/0/price"})`.
    Expectation ignoring(std::initializer_list<std::string_view> fields) &&;
};

/// This event was published.
template <Event E>
Expectation published(const E& event) {
    Expectation expected;
    expected.name = E::name.value;
    if (Result<PublishedEvent> erased = erase(event)) {
        expected.json = std::move(erased->data);
    } else {
        expected.wrong = erased.error();
    }
    return expected;
}

namespace detail {

template <TableRow R>
std::vector<std::string> rows_as_json(StoreTransaction& tx, const std::string& key) {
    constexpr std::string_view shown_max = "10";
    std::string columns;
    for (const std::string_view column : R::columns) {
        columns.append(columns.empty() ? "" : ", ").append(column);
    }
    const std::string from = "SELECT " + columns + " FROM " + std::string{R::table} +
                             " WHERE CAST(" + std::string{R::key_column} +
                             " AS TEXT) = $1 OR $1 = '' ORDER BY " + std::string{R::key_column} +
                             " LIMIT " + std::string{shown_max};
    std::vector<std::string> found;
    Rows rows = tx.query(from, key);
    while (rows.next()) {
        json::Writer writer{found.emplace_back()};
        write_data(writer, R::from_row(rows.row()));
    }
    return found;
}

/// A column's value as the text that finds it.
std::string key_text(const Value& value);

}  // namespace detail

/// This row stands in the service's table, with these values.
template <TableRow R>
Expectation row(const R& row) {
    Expectation expected;
    expected.kind = Expectation::Kind::row;
    expected.name = R::table;
    json::Writer writer{expected.json.emplace()};
    write_data(writer, row);
    std::vector<Value> values;
    std::deque<std::string> texts;
    to_row(row, values, texts);
    for (std::size_t i = 0; i < R::columns.size(); ++i) {
        if (R::columns[i] == R::key_column) expected.key = detail::key_text(values[i]);
    }
    expected.read = &detail::rows_as_json<R>;
    return expected;
}

/// There is no row with this key.
template <TableRow R>
Expectation no_row(std::string_view key) {
    Expectation expected;
    expected.kind = Expectation::Kind::no_row;
    expected.name = R::table;
    expected.key = key;
    expected.read = &detail::rows_as_json<R>;
    return expected;
}

/// This timer is set, to go off so long from now.
Expectation timer(std::string_view kind, std::string_view key, Duration after);
/// This timer is not set (any more).
Expectation no_timer(std::string_view kind, std::string_view key);
/// The saga's instance awaits a step whose deadline passes so long from now.
Expectation deadline(std::string_view saga, std::string_view key, Duration after);

/// The outside world was asked for this effect, whatever the request says.
Expectation requested(std::string_view effect, std::string_view subject);
/// The outside world was asked for this effect with this request.
template <JsonModel M>
Expectation requested(std::string_view effect, std::string_view subject, const M& request) {
    Expectation expected = requested(effect, subject);
    json::Writer writer{expected.json.emplace()};
    write_data(writer, request);
    return expected;
}

/// The command or query was answered with this status.
Expectation replied(int status);
/// The command or query was answered with this status and model.
template <JsonModel M>
Expectation replied(int status, const M& model) {
    Expectation expected = replied(status);
    json::Writer writer{expected.json.emplace()};
    write_data(writer, model);
    return expected;
}

/// In a flow: what is expected of one service.
Expectation in(std::string_view service, Expectation expected);
/// In a flow: no event of this type was published.
template <Event E>
Expectation never_published() {
    Expectation expected;
    expected.kind = Expectation::Kind::never_published;
    expected.name = E::name.value;
    return expected;
}
/// In a flow: an event of this type rests as a dead letter, given up for this.
template <Event E>
Expectation dead_letter(ErrorCode error) {
    Expectation expected;
    expected.kind = Expectation::Kind::dead_letter;
    expected.name = E::name.value;
    expected.error = error;
    return expected;
}

/// What was published, requested and set besides does not matter.
Expectation and_more();

}  // namespace tidings
