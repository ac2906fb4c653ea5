#include <tidings/view/table.h>

namespace tidings::detail {

TableStatements table_statements(std::string_view table, std::string_view key,
                                 const std::string_view* columns, std::size_t count) {
    std::string names;
    std::string parameters;
    std::string updates;
    for (std::size_t i = 0; i < count; ++i) {
        const std::string name{columns[i]};
        names += (i == 0 ? "" : ", ") + name;
        parameters += (i == 0 ? "$" : ", $") + std::to_string(i + 1);
        if (name == key) continue;
        updates += (updates.empty() ? "" : ", ") + name + " = excluded." + name;
    }
    const std::string of{table};
    const std::string by{key};
    TableStatements statements;
    statements.put = "INSERT INTO " + of + " (" + names + ") VALUES (" + parameters +
                     ") ON CONFLICT (" + by + ") DO " +
                     (updates.empty() ? "NOTHING" : "UPDATE SET " + updates);
    statements.select = "SELECT " + names + " FROM " + of;
    statements.get = statements.select + " WHERE " + by + " = $1";
    statements.erase = "DELETE FROM " + of + " WHERE " + by + " = $1";
    return statements;
}

void no_row(std::string_view table, std::string_view key) {
    throw Failure{
        {ErrorCode::not_found, "no row " + std::string{key} + " in table " + std::string{table}}};
}

}  // namespace tidings::detail
