#include "contract/generate.h"
#include "contract/names.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace tidings::contract {

namespace {

using Kind = CppType::Kind;

bool is_nested(const CppField& field) {
    return field.type.kind == Kind::record || field.type.kind == Kind::list ||
           field.type.kind == Kind::map;
}

std::vector<std::string> columns_of(const CppRecord& record) {
    std::vector<std::string> columns;
    for (const CppField& field : record.fields) columns.push_back(snake_case(field.wire));
    return columns;
}

/// The types of the fields, each once, with the places of the fields that have it.
std::vector<std::pair<std::string, std::vector<std::size_t>>> member_types(
    const CppRecord& record) {
    std::vector<std::pair<std::string, std::vector<std::size_t>>> types;
    for (std::size_t i = 0; i < record.fields.size(); ++i) {
        const std::string type = record.fields[i].declared();
        auto known = types.begin();
        while (known != types.end() && known->first != type) ++known;
        if (known == types.end()) known = types.insert(known, {type, {}});
        known->second.push_back(i);
    }
    return types;
}

std::string to_column(const CppField& field) {
    const std::string source =
        field.is_optional ? "*value." + field.member : "value." + field.member;
    std::string put;
    if (is_nested(field)) {
        // A record writes itself; a list is written by the statements of its owner.
        put =
            fmt::format("row.push_back(tidings::to_value(texts.emplace_back(text_of_{}(value))));",
                        field.member);
    } else if (field.type.kind == Kind::choice) {
        put = fmt::format("row.push_back(tidings::to_value(to_string({})));", source);
    } else {
        put = fmt::format("row.push_back(tidings::to_value({}));", source);
    }
    if (!field.is_optional) return "    " + put + '\n';
    return fmt::format(
        "    if (value.{}) {{\n        {}\n    }} else {{\n"
        "        row.push_back(nullptr);\n    }}\n",
        field.member, put);
}

std::string from_column(const CppRecord& record, const CppField& field, std::size_t index) {
    const std::string target = "value." + field.member;
    const std::string place =
        fmt::format("{}::table, {}::columns[{}]", record.name, record.name, index);
    std::string get;
    if (is_nested(field)) {
        get = fmt::format("read_{}(row.text({}), value);", field.member, index);
    } else if (field.type.kind == Kind::choice) {
        get = fmt::format(
            "if (!from_string(row.text({}), {})) {{\n"
            "        tidings::contract::refuse_column({}, row.text({}));\n    }}",
            index, field.is_optional ? target + ".emplace()" : target, place, index);
    } else {
        get = fmt::format("{} = row.get<{}>({});", target, field.type.spelling, index);
    }
    if (!field.is_optional) return "    " + get + '\n';
    return fmt::format("    if (!row.is_null({})) {{\n    {}\n    }}\n", index, get);
}

/// Two helpers for a field that is kept as JSON.
std::string nested_helpers(const CppRecord& record, const CppField& field, std::size_t index) {
    return fmt::format(
        "static std::string text_of_{1}(const {0}& value) {{\n"
        "    std::string text;\n    tidings::json::Writer writer{{text}};\n{2}"
        "    return text;\n}}\n\n"
        "static void read_{1}(std::string_view text, {0}& value) {{\n"
        "    tidings::json::Reader reader{{text, tidings::contract::column_options}};\n{3}"
        "    if (!reader.finish()) {{\n"
        "        tidings::contract::refuse_column({0}::table, {0}::columns[{4}], text);\n    }}\n"
        "}}\n\n",
        record.name, field.member,
        write_statements(field.type, (field.is_optional ? "*value." : "value.") + field.member, 1),
        read_statements(field, 1), index);
}

}  // namespace

std::string row_members(const CppRecord& record) {
    std::string names;
    std::size_t width = 0;
    for (const std::string& column : columns_of(record)) {
        const std::string text = literal(column);
        names += names.empty() ? "" : width + text.size() > 85 ? ",\n        " : ", ";
        if (width + text.size() > 85) width = 0;
        width += text.size() + 2;
        names += text;
    }
    return fmt::format(
        "    static constexpr std::string_view table = {};\n"
        "    static constexpr std::string_view key_column = {};\n"
        "    static constexpr std::array<std::string_view, {}> columns{{\n"
        "        {}}};\n\n"
        "    /// Reads a row whose columns are `columns`. Throws Failure (`corruption`).\n"
        "    static {} from_row(const tidings::Row& row);\n\n",
        literal(record.model->table), literal(snake_case(record.model->key)), record.fields.size(),
        names, record.name);
}

std::string row_declarations(const CppRecord& record) {
    std::string out = fmt::format(
        "/// Appends the values of `columns`; they view `value` and what is added to `texts`.\n"
        "void to_row(const {}& value, std::vector<tidings::Value>& row,\n"
        "            std::deque<std::string>& texts);\n"
        "/// Returns the column of a member; empty if there is none.\n",
        record.name);
    for (const auto& [type, fields] : member_types(record)) {
        out += fmt::format("std::string_view column_of({} {}::*member) noexcept;\n", type,
                           record.name);
    }
    return out;
}

std::string row_definitions(const CppRecord& record) {
    std::string helpers;
    std::string to;
    std::string from;
    for (std::size_t i = 0; i < record.fields.size(); ++i) {
        if (is_nested(record.fields[i])) helpers += nested_helpers(record, record.fields[i], i);
        to += to_column(record.fields[i]);
        from += from_column(record, record.fields[i], i);
    }
    const bool has_texts = !helpers.empty();
    std::string out =
        helpers + fmt::format(
                      "void to_row(const {0}& value, std::vector<tidings::Value>& row,\n"
                      "            std::deque<std::string>& texts) {{\n{1}{2}}}\n\n"
                      "{0} {0}::from_row(const tidings::Row& row) {{\n"
                      "    {0} value;\n{3}    return value;\n}}\n\n",
                      record.name, has_texts ? "" : "    static_cast<void>(texts);\n", to, from);
    for (const auto& [type, fields] : member_types(record)) {
        out += fmt::format("std::string_view column_of({} {}::*member) noexcept {{\n", type,
                           record.name);
        for (const std::size_t i : fields) {
            out += fmt::format("    if (member == &{0}::{1}) return {0}::columns[{2}];\n",
                               record.name, record.fields[i].member, i);
        }
        out += "    return {};\n}\n\n";
    }
    return out;
}

}  // namespace tidings::contract
