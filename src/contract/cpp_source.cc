#include "contract/generate.h"

#include <fmt/format.h>

#include <limits>

namespace tidings::contract {

namespace {

using Kind = CppType::Kind;

std::string pad(std::size_t indent) { return std::string(indent * 4, ' '); }

// ---- reading

std::string read_list(const CppType& type, const std::string& target, std::size_t indent);

/// The statements that read the value that comes next into `target`, which is no optional.
std::string read_value(const CppType& type, const std::string& target, std::size_t indent) {
    switch (type.kind) {
        case Kind::boolean:
            return fmt::format("{}{} = reader.boolean();\n", pad(indent), target);
        case Kind::integer:
            return fmt::format("{}{} = reader.integer();\n", pad(indent), target);
        case Kind::number:
            return fmt::format("{}{} = reader.number();\n", pad(indent), target);
        case Kind::text:
            return fmt::format("{}{} = reader.text();\n", pad(indent), target);
        case Kind::money:
            return fmt::format("{}{} = tidings::contract::read_money(reader);\n", pad(indent),
                               target);
        case Kind::timestamp:
            return fmt::format("{}{} = tidings::contract::read_timestamp(reader);\n", pad(indent),
                               target);
        case Kind::choice:
        case Kind::record:
            return fmt::format("{}read_fields(reader, {});\n", pad(indent), target);
        case Kind::list:
        case Kind::map:
            return read_list(type, target, indent);
    }
    return {};
}

std::string read_optional(const CppType& type, const std::string& target, bool is_nullable,
                          std::size_t indent) {
    const std::size_t inner = is_nullable ? indent + 1 : indent;
    const bool is_plain = type.kind < Kind::choice && type.kind != Kind::text;
    std::string read =
        is_plain ? read_value(type, target, inner) : read_value(type, target + ".emplace()", inner);
    if (type.kind == Kind::list || type.kind == Kind::map) {
        read = fmt::format("{}{}.emplace();\n", pad(inner), target) +
               read_value(type, "(*" + target + ")", inner);
    }
    if (!is_nullable) return read;
    return fmt::format(
        "{0}if (reader.kind() == tidings::json::Kind::null) {{\n"
        "{0}    reader.null();\n{0}    {1}.reset();\n{0}}} else {{\n{2}{0}}}\n",
        pad(indent), target, read);
}

std::string read_list(const CppType& type, const std::string& target, std::size_t indent) {
    const CppType& element = *type.element;
    const std::string name = fmt::format("name{}", indent);
    const std::string held = fmt::format("element{}", indent);
    const std::string spelling =
        type.element_is_optional ? "std::optional<" + element.spelling + ">" : element.spelling;
    std::string read = type.element_is_optional ? read_optional(element, held, true, indent + 1)
                                                : read_value(element, held, indent + 1);
    if (type.kind == Kind::list) {
        return fmt::format(
            "{0}reader.begin_array();\n{0}while (reader.next_element()) {{\n"
            "{0}    {1} {2}{{}};\n{3}{0}    {4}.push_back(std::move({2}));\n{0}}}\n",
            pad(indent), spelling, held, read, target);
    }
    return fmt::format(
        "{0}reader.begin_object();\n{0}std::string_view {5};\n"
        "{0}while (reader.next_field({5})) {{\n{0}    std::string key{{{5}}};\n"
        "{0}    {1} {2}{{}};\n{3}{0}    {4}[std::move(key)] = std::move({2});\n"
        "{0}}}\n",
        pad(indent), spelling, held, read, target, name);
}

std::string read_field(const CppField& field, std::size_t indent) {
    const std::string target = "value." + field.member;
    if (field.is_optional) {
        return read_optional(field.type, target, field.type.schema->nullable, indent);
    }
    // A default would stay in front of what is read.
    const bool grows = field.type.kind == Kind::list || field.type.kind == Kind::map;
    return (grows ? fmt::format("{}{}.clear();\n", pad(indent), target) : std::string{}) +
           read_value(field.type, target, indent);
}

/// A variant is read by the text that its discriminator has, wherever that stands in the object.
std::string read_variant(const CppRecord& record) {
    std::string branches;
    for (const auto& [spelling, kind] : record.alternatives) {
        branches +=
            fmt::format("    if (kind == {}) return read_fields(reader, value.emplace<{}>());\n",
                        literal(kind), spelling);
    }
    return fmt::format(
        "void read_fields(tidings::json::Reader& reader, {0}& value) {{\n"
        "    const std::optional<std::string_view> kind = reader.text_ahead({1});\n{2}"
        "    tidings::contract::refuse_kind(reader, {1}, {3});\n}}\n\n",
        record.name, literal(record.schema->discriminator), branches,
        literal(record.schema->kinds()));
}

std::string read_array(const CppRecord& record) {
    std::string cases;
    for (std::size_t i = 0; i < record.fields.size(); ++i) {
        cases += fmt::format("            case {}: {{\n{}                break;\n            }}\n",
                             i, read_field(record.fields[i], 4));
    }
    return fmt::format(
        "void read_fields(tidings::json::Reader& reader, {0}& value) {{\n"
        "    std::size_t count = 0;\n    reader.begin_array();\n"
        "    while (reader.next_element()) {{\n        switch (count++) {{\n{1}"
        "            default:\n                {2}\n        }}\n    }}\n"
        "    tidings::contract::check_count(reader, count, {3});\n}}\n\n",
        record.name, cases,
        record.schema->is_closed ? "tidings::contract::refuse_element(reader);" : "reader.skip();",
        record.fields.size());
}

/// What stands in an object beside its properties.
std::string read_others(const CppRecord& record) {
    const CppType& element = *record.others->type.element;
    const std::string held = record.others->type.element_is_optional
                                 ? "std::optional<" + element.spelling + ">"
                                 : element.spelling;
    return fmt::format(
        "std::string key{{name}};\n            {0} other{{}};\n{1}"
        "            value.{2}[std::move(key)] = std::move(other);",
        held,
        record.others->type.element_is_optional ? read_optional(element, "other", true, 3)
                                                : read_value(element, "other", 3),
        record.others->member);
}

std::string read_definition(const CppRecord& record) {
    if (record.is_variant()) return read_variant(record);
    if (record.is_array) return read_array(record);
    std::string out =
        fmt::format("void read_fields(tidings::json::Reader& reader, {}& value) {{\n", record.name);
    for (const CppField& field : record.fields) {
        if (field.is_required) out += fmt::format("    bool has_{} = false;\n", field.member);
    }
    out +=
        "    std::string_view name;\n    reader.begin_object();\n"
        "    while (reader.next_field(name)) {\n";
    std::string otherwise = "        ";
    for (const CppField& field : record.fields) {
        out += fmt::format("{}if (name == {}) {{\n", otherwise, literal(field.wire));
        if (field.is_required) out += fmt::format("            has_{} = true;\n", field.member);
        out += read_field(field, 3);
        otherwise = "        } else ";
    }
    const std::string last =
        record.others ? read_others(record)
        : record.schema->is_closed
            ? "reader.fail(\"must not be there: the contract knows no such field\");"
            : "reader.skip();";
    if (record.fields.empty() && !record.others) out += "        static_cast<void>(value);\n";
    if (record.fields.empty()) {
        out += "        " + last + '\n';
    } else {
        out += fmt::format("        }} else {{\n            {}\n        }}\n", last);
    }
    out += "    }\n";
    for (const CppField& field : record.fields) {
        if (!field.is_required) continue;
        out += fmt::format("    if (!has_{}) reader.missing({});\n", field.member,
                           literal(field.wire));
    }
    return out + "}\n\n";
}

// ---- writing

std::string write_value(const CppType& type, const std::string& source, std::size_t indent) {
    switch (type.kind) {
        case Kind::boolean:
            return fmt::format("{}writer.boolean({});\n", pad(indent), source);
        case Kind::integer:
            return fmt::format("{}writer.integer({});\n", pad(indent), source);
        case Kind::number:
            return fmt::format("{}writer.number({});\n", pad(indent), source);
        case Kind::text:
            return fmt::format("{}writer.text({});\n", pad(indent), source);
        case Kind::money:
        case Kind::timestamp:
            return fmt::format("{}writer.value({});\n", pad(indent), source);
        case Kind::choice:
            return fmt::format("{}writer.text(to_string({}));\n", pad(indent), source);
        case Kind::record:
            return fmt::format("{}write_data(writer, {});\n", pad(indent), source);
        case Kind::list:
        case Kind::map:
            break;
    }
    const std::string held = fmt::format("element{}", indent);
    std::string write = write_value(*type.element, type.element_is_optional ? "*" + held : held,
                                    indent + (type.element_is_optional ? 2 : 1));
    if (type.element_is_optional) {
        write = fmt::format("{0}if ({1}) {{\n{2}{0}}} else {{\n{0}    writer.null();\n{0}}}\n",
                            pad(indent + 1), held, write);
    }
    if (type.kind == Kind::list) {
        return fmt::format(
            "{0}writer.begin_array();\n{0}for (const auto& {1} : {2}) {{\n{3}{0}}}\n"
            "{0}writer.end_array();\n",
            pad(indent), held, source, write);
    }
    return fmt::format(
        "{0}writer.begin_object();\n{0}for (const auto& [key, {1}] : {2}) {{\n"
        "{0}    writer.name(key);\n{3}{0}}}\n{0}writer.end_object();\n",
        pad(indent), held, source, write);
}

std::string write_variant(const CppRecord& record) {
    std::string branches;
    for (const auto& [spelling, kind] : record.alternatives) {
        branches += fmt::format(
            "    if (const auto* held = std::get_if<{}>(&value)) write_data(writer, *held);\n",
            spelling);
    }
    return branches;
}

std::string write_definition(const CppRecord& record) {
    std::string out = fmt::format(
        "void write_data(tidings::json::Writer& writer, const {}& value) {{\n", record.name);
    if (record.is_variant()) return out + write_variant(record) + "}\n\n";
    if (record.is_array) {
        out += "    writer.begin_array();\n";
        for (const CppField& field : record.fields) {
            const std::string source = "value." + field.member;
            if (!field.is_optional) {
                out += write_value(field.type, source, 1);
                continue;
            }
            out +=
                fmt::format("    if ({0}) {{\n{1}    }} else {{\n        writer.null();\n    }}\n",
                            source, write_value(field.type, "*" + source, 2));
        }
        return out + "    writer.end_array();\n}\n\n";
    }
    out += "    writer.begin_object();\n";
    if (record.fields.empty() && !record.others) out += "    static_cast<void>(value);\n";
    for (const CppField& field : record.fields) {
        const std::string source = "value." + field.member;
        const std::string name = fmt::format("writer.name({});\n", literal(field.wire));
        if (!field.is_optional) {
            out += pad(1) + name + write_value(field.type, source, 1);
            continue;
        }
        out += fmt::format("    if ({}) {{\n", source);
        out += pad(2) + name + write_value(field.type, "*" + source, 2);
        if (field.is_required) {
            out += fmt::format("    }} else {{\n        {}        writer.null();\n", name);
        }
        out += "    }\n";
    }
    if (record.others) {
        const CppType& type = record.others->type;
        const std::string write =
            write_value(*type.element, type.element_is_optional ? "*other" : "other",
                        type.element_is_optional ? 3 : 2);
        out += fmt::format(
            "    for (const auto& [key, other] : value.{}) {{\n        writer.name(key);\n{}    "
            "}}\n",
            record.others->member,
            type.element_is_optional ? fmt::format("        if (other) {{\n{}        }} else {{\n"
                                                   "            writer.null();\n        }}\n",
                                                   write)
                                     : write);
    }
    return out + "    writer.end_object();\n}\n\n";
}

// ---- the rest

std::string event_definitions(const CppRecord& record) {
    const CppField* key = nullptr;
    for (const CppField& field : record.fields) {
        if (field.wire == record.contract->key) key = &field;
    }
    const std::string text = key->type.kind == Kind::integer
                                 ? fmt::format("std::to_string(value.{})", key->member)
                                 : "value." + key->member;
    return fmt::format("std::string key_of(const {}& value) {{ return {}; }}\n\n", record.name,
                       text);
}

std::string common_definitions(const CppRecord& record) {
    return fmt::format(
        "tidings::Result<void> read_data(tidings::json::Reader& reader, {0}& value) {{\n"
        "    value = {0}{{}};\n"
        "    read_fields(reader, value);\n"
        "    if (!reader.failed()) {{\n"
        "        tidings::contract::Checker checker;\n"
        "        check_rules(value, {{}}, checker);\n"
        "        checker.report(reader);\n"
        "    }}\n"
        "    if (reader.failed()) return reader.error();\n"
        "    return {{}};\n"
        "}}\n\n"
        "tidings::Result<void> validate(const {0}& value) {{\n"
        "    tidings::contract::Checker checker;\n"
        "    check_rules(value, {{}}, checker);\n"
        "    return checker.result();\n"
        "}}\n\n"
        "std::string to_text(const {0}& value) {{\n"
        "    std::string text;\n"
        "    tidings::json::Writer writer{{text}};\n"
        "    write_data(writer, value);\n"
        "    return text;\n"
        "}}\n\n"
        "std::ostream& operator<<(std::ostream& out, const {0}& value) {{\n"
        "    return out << to_text(value);\n"
        "}}\n\n",
        record.name);
}

std::string enum_definitions(const CppEnum& choice) {
    std::string to;
    std::string from;
    std::string all;
    for (const auto& [name, text] : choice.values) {
        to += fmt::format("        case {}::{}:\n            return {};\n", choice.name, name,
                          literal(text));
        from += fmt::format(
            "    if (text == {}) {{\n        value = {}::{};\n        return true;\n"
            "    }}\n",
            literal(text), choice.name, name);
        all += (all.empty() ? "" : ", ") + text;
    }
    return fmt::format(
        "std::string_view to_string({0} value) noexcept {{\n    switch (value) {{\n{1}    }}\n"
        "    return {{}};\n}}\n\n"
        "bool from_string(std::string_view text, {0}& value) noexcept {{\n{2}    return false;\n"
        "}}\n\n"
        "void read_fields(tidings::json::Reader& reader, {0}& value) {{\n"
        "    if (!from_string(reader.text(), value)) {{\n"
        "        reader.fail({3});\n    }}\n}}\n\n",
        choice.name, to, from, literal("must be one of " + all));
}

}  // namespace

std::string write_statements(const CppType& type, const std::string& source, std::size_t indent) {
    return write_value(type, source, indent);
}

std::string read_statements(const CppField& field, std::size_t indent) {
    return read_field(field, indent);
}

std::string source_text(const CppUnit& unit) {
    std::string out = fmt::format(
        "// Made by tidingsc from the platform's {0}. Do not edit.\n"
        "#include <{0}/{1}.h>\n\n#include <tidings/contract/rules.h>\n"
        "#include <tidings/model/json.h>\n\n#include <limits>\n#include <ostream>\n"
        "#include <utility>\n\n",
        unit.folder, unit.name);
    out += fmt::format("namespace {}::{} {{\n", unit.platform, unit.name);
    for (const CppUnit::Space& space : unit.spaces) {
        const std::string kind = unit.spaces.size() == 1 ? "inline " : "";
        if (space.major != 0) out += fmt::format("{}namespace v{} {{\n", kind, space.major);
        out += '\n';
        for (const CppEnum& choice : space.enums) out += enum_definitions(choice);
        for (const CppRecord& record : space.records) {
            out += read_definition(record) + rules_definition(record) + write_definition(record) +
                   common_definitions(record);
            if (record.contract != nullptr) out += event_definitions(record);
            if (record.model != nullptr && !record.model->table.empty()) {
                out += row_definitions(record);
            }
        }
        if (space.major != 0) out += fmt::format("}}  // namespace v{}\n", space.major);
    }
    return out + fmt::format("}}  // namespace {}::{}\n", unit.platform, unit.name);
}

}  // namespace tidings::contract
