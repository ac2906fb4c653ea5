#pragma once

#include <tidings/base/time.h>
#include <tidings/io/http.h>
#include <tidings/store/store.h>
#include <tidings/testing/expectation.h>

#include "testing/difference.h"

#include <optional>
#include <set>
#include <string>
#include <vector>

namespace tidings {

/// A timer of the service under test, as its row tells it.
struct SetTimer {
    std::string kind;
    std::string key;
    std::string id;  ///< Another one each time that it is set.
    Timestamp due;
    int attempts = 0;
};

/// What stands in a service's database that a case compares: timers, requests, its own rows.
struct Snapshot {
    std::vector<SetTimer> timers;
    std::int64_t last_request = 0;   ///< The position of the newest request.
    std::set<std::string> requests;  ///< The keys of those that are open.
    std::set<std::string> rows;      ///< Of the service's own tables: `orders: o1|PAID|...`.

    static Snapshot of(StoreTransaction& tx);
};

/// What came of one cause.
struct Outcome {
    std::vector<Fact> published;
    std::vector<Fact> requested;
    std::vector<SetTimer> timers;  ///< All that stand.
    std::vector<SetTimer> set;     ///< Those that were set, or moved.
    std::vector<SetTimer> taken_back;
    std::set<std::string> rows_added;
    std::set<std::string> rows_removed;
    std::optional<io::HttpResponse> reply;
    std::optional<Error> failure;  ///< Why the step failed, if it did.
    Timestamp now;

    /// Notes what differs between two moments.
    void compare(const Snapshot& before, const Snapshot& after);
    /// All of it, for people.
    std::string text() const;
    /// Whether nothing at all came of it.
    bool is_empty() const;
    /// How it differs from what was expected; empty if it does not.
    std::string difference(const std::vector<Expectation>& expectations,
                           StoreTransaction& tx) const;

private:
    std::string timer_difference(const std::vector<Expectation>& expectations, bool more) const;
    std::string reply_difference(const std::vector<Expectation>& expectations) const;
    std::string words(const SetTimer& timer) const;
};

/// How a row, or that there is none, differs from what was expected; empty if it does not.
std::string row_difference(const Expectation& expected, StoreTransaction& tx);

/// What a request to the outside world is called in facts.
std::string request_name(std::string_view effect, std::string_view subject);

}  // namespace tidings
