#include "delivery/row_changes.h"

#include <fmt/format.h>

#include <string>
#include <string_view>

namespace tidings {

namespace {

/// SQLite's functions take at most 127 arguments; of a wider table the first columns are shown.
constexpr std::size_t columns_max = 60;

std::string quoted(std::string_view name, char mark) {
    std::string text(1, mark);
    for (const char c : name) {
        text += c;
        if (c == mark) text += c;
    }
    return text + mark;
}

std::vector<std::string> tables_of(StoreTransaction& tx) {
    std::vector<std::string> tables;
    Rows rows = tx.query(
        "SELECT name FROM main.sqlite_schema WHERE type = 'table' AND substr(name, 1, 7) <> "
        "'sqlite_' AND (substr(name, 1, 8) <> 'tidings_' OR name IN ('tidings_outbox', "
        "'tidings_effect', 'tidings_timer', 'tidings_saga')) ORDER BY name");
    while (rows.next()) tables.push_back(rows.row().get<std::string>(0));
    return tables;
}

/// An expression for a row as JSON, which cannot hold bytes.
std::string row_as_json(StoreTransaction& tx, const std::string& table, std::string_view row) {
    std::string fields;
    std::size_t count = 0;
    Rows rows = tx.query("SELECT name FROM pragma_table_info($1)", table);
    while (rows.next() && count++ < columns_max) {
        const std::string name = rows.row().get<std::string>(0);
        const std::string value = fmt::format("{}.{}", row, quoted(name, '"'));
        if (!fields.empty()) fields += ", ";
        fields +=
            fmt::format("{}, CASE typeof({}) WHEN 'blob' THEN length({}) || ' bytes' ELSE {} END",
                        quoted(name, '\''), value, value, value);
    }
    return fmt::format("json_object({})", fields);
}

void add_trigger(StoreTransaction& tx, const std::string& table, std::string_view event,
                 const std::string& before, const std::string& after) {
    tx.execute(
        fmt::format("CREATE TEMP TRIGGER {} AFTER {} ON main.{} BEGIN INSERT INTO "
                    "tidings_row_change (name, before_row, after_row) VALUES ({}, {}, {}); END",
                    quoted(fmt::format("tidings_{}_{}", event, table), '"'), event,
                    quoted(table, '"'), quoted(table, '\''), before, after));
}

}  // namespace

void RowChanges::watch(StoreTransaction& tx) {
    tx.execute(
        "CREATE TEMP TABLE tidings_row_change (number INTEGER PRIMARY KEY, name TEXT NOT NULL, "
        "before_row TEXT NOT NULL, after_row TEXT NOT NULL)");
    for (const std::string& table : tables_of(tx)) {
        const std::string before = row_as_json(tx, table, "OLD");
        const std::string after = row_as_json(tx, table, "NEW");
        add_trigger(tx, table, "INSERT", "''", after);
        add_trigger(tx, table, "UPDATE", before, after);
        add_trigger(tx, table, "DELETE", before, "''");
    }
}

std::vector<RowChange> RowChanges::take(StoreTransaction& tx) {
    std::vector<RowChange> changes;
    {
        Rows rows = tx.query(
            "SELECT name, before_row, after_row FROM temp.tidings_row_change WHERE before_row <> "
            "after_row ORDER BY number");
        while (rows.next()) {
            const Row row = rows.row();
            changes.push_back(
                {row.get<std::string>(0), row.get<std::string>(1), row.get<std::string>(2)});
        }
    }
    tx.execute("DELETE FROM temp.tidings_row_change");
    return changes;
}

}  // namespace tidings
