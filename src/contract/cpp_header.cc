#include "contract/generate.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace tidings::contract {

namespace {

constexpr std::size_t columns_max = 100;

bool uses(const CppUnit& unit, std::string_view spelling) {
    for (const CppUnit::Space& space : unit.spaces) {
        for (const CppRecord& record : space.records) {
            for (const CppField& field : record.fields) {
                if (field.declared().find(spelling) != std::string::npos) return true;
            }
            const bool has_others =
                record.others && record.others->declared().find(spelling) != std::string::npos;
            const bool is_held = record.is_variant() && spelling == "std::variant<";
            if (has_others || is_held) return true;
        }
    }
    return false;
}

bool has_table(const CppUnit& unit) {
    for (const CppUnit::Space& space : unit.spaces) {
        for (const CppRecord& record : space.records) {
            if (record.model != nullptr && !record.model->table.empty()) return true;
        }
    }
    return false;
}

std::string includes(const CppUnit& unit) {
    std::string out;
    for (const std::string& domain : unit.domains) {
        out += fmt::format("#include <contracts/{}.h>\n", domain);
    }
    if (!unit.domains.empty()) out += '\n';
    if (uses(unit, "tidings::Money")) out += "#include <tidings/base/money.h>\n";
    if (uses(unit, "tidings::Timestamp")) out += "#include <tidings/base/time.h>\n";
    out += "#include <tidings/model/event.h>\n";
    if (has_table(unit)) out += "#include <tidings/store/store.h>\n";
    out += "\n";
    if (has_table(unit)) out += "#include <array>\n";
    out += "#include <cstdint>\n";
    if (has_table(unit)) out += "#include <deque>\n";
    out += "#include <iosfwd>\n";
    if (uses(unit, "std::map<")) out += "#include <map>\n";
    out += "#include <optional>\n#include <string>\n#include <string_view>\n";
    if (uses(unit, "std::variant<")) out += "#include <variant>\n";
    out += "#include <vector>\n";
    return out;
}

std::string enum_text(const CppEnum& choice) {
    std::string out = comment(choice.schema->description);
    std::string line = fmt::format("enum class {} {{ ", choice.name);
    std::vector<std::string> names;
    for (const auto& [name, text] : choice.values) names.push_back(name);
    const std::string joined = fmt::format("{}{} }};\n", line, fmt::join(names, ", "));
    if (joined.size() <= columns_max + 1) {
        out += joined;
    } else {
        out += fmt::format("enum class {} {{\n    {},\n}};\n", choice.name,
                           fmt::join(names, ",\n    "));
    }
    out += fmt::format(
        "/// Returns the text that stands on the wire; empty for a number that is no enumerator.\n"
        "std::string_view to_string({0} value) noexcept;\n"
        "/// Returns whether `text` is one of them, and sets `value` to it.\n"
        "bool from_string(std::string_view text, {0}& value) noexcept;\n"
        "void read_fields(tidings::json::Reader& reader, {0}& value);\n\n",
        choice.name);
    return out;
}

std::string event_comment(const Contract& contract) {
    std::string out = comment(contract.summary);
    out += "///\n";
    out += comment("Published: " + contract.published);
    out += comment("Expected: " + contract.expected);
    out += comment(fmt::format("Owner: {}. Consumers: {}.", contract.owner,
                               contract.consumers.empty()
                                   ? "none yet"
                                   : fmt::format("{}", fmt::join(contract.consumers, ", "))));
    return out;
}

std::string record_text(const CppRecord& record) {
    std::string out;
    if (record.contract != nullptr) {
        out += event_comment(*record.contract);
    } else if (record.model != nullptr) {
        out += comment(record.model->summary);
    } else {
        out += comment(record.schema->description);
    }
    if (record.is_variant()) {
        std::vector<std::string> held;
        for (const auto& [spelling, kind] : record.alternatives) held.push_back(spelling);
        return out +
               fmt::format("using {} = std::variant<{}>;\n", record.name, fmt::join(held, ", "));
    }
    out += fmt::format("struct {} {{\n", record.name);
    if (const Contract* contract = record.contract) {
        out += fmt::format(
            "    static constexpr tidings::EventName name{{{}, {}}};\n"
            "    static constexpr std::string_view version = \"{}\";\n\n",
            literal(contract->event), contract->version.major, to_string(contract->version));
        if (record.previous != 0) {
            out += fmt::format(
                "    using Previous = v{}::{};  ///< `upcast` turns it into this one.\n\n",
                record.previous, record.name);
        }
    }
    if (record.model != nullptr && !record.model->table.empty()) out += row_members(record);
    for (const CppField& field : record.fields) {
        const bool has_own_type =
            field.type.kind == CppType::Kind::record || field.type.kind == CppType::Kind::choice;
        out += comment(has_own_type ? field.type.schema->note : field.type.schema->description, 4);
        out += fmt::format("    {} {}{};\n", field.declared(), field.member, field.initializer);
    }
    if (record.others) {
        out += comment("What stands beside them on the wire, by name.", 4);
        out += fmt::format("    {} {}{};\n", record.others->declared(), record.others->member,
                           record.others->initializer);
    }
    out += fmt::format("\n    bool operator==(const {}&) const = default;\n}};\n", record.name);
    return out;
}

std::string functions_text(const CppRecord& record) {
    std::string out = fmt::format(
        "void write_data(tidings::json::Writer& writer, const {0}& value);\n"
        "tidings::Result<void> read_data(tidings::json::Reader& reader, {0}& value);\n"
        "tidings::Result<void> validate(const {0}& value);\n",
        record.name);
    if (record.contract != nullptr) {
        out += fmt::format("std::string key_of(const {}& value);\n", record.name);
    }
    if (record.model != nullptr && !record.model->table.empty()) out += row_declarations(record);
    out += fmt::format(
        "std::string to_text(const {0}& value);  ///< Its JSON.\n"
        "std::ostream& operator<<(std::ostream& out, const {0}& value);\n"
        "void read_fields(tidings::json::Reader& reader, {0}& value);\n"
        "void check_rules(const {0}& value, const tidings::contract::Place& at,\n"
        "                 tidings::contract::Checker& checker);\n\n",
        record.name);
    return out;
}

std::string space_text(const CppUnit::Space& space) {
    std::string out;
    for (const auto& [name, major] : space.shared) {
        out += fmt::format("using v{}::{};\n", major, name);
    }
    if (!space.shared.empty()) out += '\n';
    for (const CppEnum& choice : space.enums) out += enum_text(choice);
    for (const CppRecord& record : space.records) {
        out += record_text(record);
        out += functions_text(record);
    }
    return out;
}

/// What the platform's author writes for each event that has a major version before it.
std::string upcast_text(const CppUnit& unit) {
    std::string out;
    for (const CppUnit::Space& space : unit.spaces) {
        for (const CppRecord& record : space.records) {
            if (record.previous == 0) continue;
            if (record.is_cast_down) {
                out += fmt::format(
                    "namespace v{1} {{\n"
                    "/// To be written likewise: the same fact as version {0} says it; nothing if "
                    "it\n"
                    "/// has no words for it. Published beside each such event.\n"
                    "std::optional<v{0}::{2}> downcast(const {2}& event);\n"
                    "}}  // namespace v{1}\n\n",
                    record.previous, space.major, record.name);
            }
            out += fmt::format(
                "namespace v{0} {{\n"
                "/// To be written in a source that tidings_generate(UPCASTS ...) names: what the\n"
                "/// newer version says of the same fact. It must not throw.\n"
                "v{1}::{2} upcast(const {2}& event);\n}}  // namespace v{0}\n\n",
                record.previous, space.major, record.name);
        }
    }
    return out;
}

/// With several majors in one domain, each event's newest is the one without a version.
std::string newest_names(const CppUnit& unit) {
    std::map<std::string, int> newest;
    for (const CppUnit::Space& space : unit.spaces) {
        for (const CppRecord& record : space.records) newest[record.name] = space.major;
        for (const CppEnum& choice : space.enums) newest[choice.name] = space.major;
    }
    std::string out;
    for (const auto& [name, major] : newest) out += fmt::format("using v{}::{};\n", major, name);
    return out + '\n';
}

}  // namespace

std::string comment(std::string_view text, std::size_t indent) {
    const std::string begin = std::string(indent, ' ') + "///";
    std::string out;
    std::string line = begin;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find_first_of(" \n\r\t"), text.size());
        const std::string_view word = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (word.empty()) continue;
        if (line.size() + 1 + word.size() > columns_max && line != begin) {
            out += line + '\n';
            line = begin;
        }
        line += ' ';
        line += word;
    }
    if (line != begin) out += line + '\n';
    // A backslash at a line's end would make the next line a part of the comment.
    for (std::size_t at = out.find("\\\n"); at != std::string::npos; at = out.find("\\\n", at)) {
        out.insert(at + 1, ".");
    }
    return out;
}

std::string header_text(const CppUnit& unit) {
    std::string out = "// Made by tidingsc from the platform's " + unit.folder +
                      ". Do not edit.\n#pragma once\n\n" + includes(unit);
    out +=
        "\nnamespace tidings::contract {\nstruct Place;\nclass Checker;\n}"
        "  // namespace tidings::contract\n\n";
    out += fmt::format("namespace {}::{} {{\n", unit.platform, unit.name);
    for (const CppUnit::Space& space : unit.spaces) {
        if (space.major == 0) {
            out += '\n' + space_text(space);
            continue;
        }
        const std::string kind = unit.spaces.size() == 1 ? "inline " : "";
        out += fmt::format("{0}namespace v{1} {{\n\n{2}}}  // namespace v{1}\n\n", kind,
                           space.major, space_text(space));
    }
    out += upcast_text(unit);
    if (unit.spaces.size() > 1) out += newest_names(unit);
    return out + fmt::format("}}  // namespace {}::{}\n", unit.platform, unit.name);
}

}  // namespace tidings::contract
