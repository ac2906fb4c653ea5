#pragma once

#include <tidings/base/time.h>
#include <tidings/contract/contract.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tidings::contract {

/// Where the pages of things are, from the site's folder.
std::string event_page(std::string_view event);
std::string service_page(std::string_view service);
std::string saga_page(std::string_view saga);

/// `15 min`, `2 days`; `no time limit` for zero.
std::string duration_text(Duration duration);

/// One text of a picture or a table that leads to a page.
std::string link(std::string_view up, const std::string& page, std::string_view text);

/// A field of an event's data as a row of its table.
struct SchemaRow {
    int depth = 0;
    std::string name;
    std::string type;
    bool is_required = false;
    bool is_deprecated = false;
    std::vector<std::string> rules;
    std::string description;
};

/// Returns the fields of a schema and those within them, in their order. `json` is a JSON Schema
/// with its definitions, as `Schema::json` gives it.
std::vector<SchemaRow> schema_rows(std::string_view json);

/// JSON on several lines, as a person reads it.
std::string indented(std::string_view json);

}  // namespace tidings::contract
