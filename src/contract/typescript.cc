#include <tidings/contract/typescript.h>
#include <tidings/model/json.h>

#include "contract/names.h"
#include "contract/schema_document.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <vector>

namespace tidings {

namespace {

using contract::Node;

constexpr std::string_view definitions_prefix = "#/$defs/";

constexpr std::string_view envelope_file =
    "// Made from contracts by tidings contract typescript. Do not edit.\n\n"
    "/** What is around the data of every event. */\n"
    "export interface Envelope<Type extends string, Major extends number, Data> {\n"
    "  /** UUID, version 4. */\n  id: string;\n  type: Type;\n"
    "  /** The service that published it. */\n  source: string;\n"
    "  /** The version of its contract. */\n"
    "  dataVersion: `${Major}.${number}.${number}`;\n"
    "  /** RFC 3339, UTC. */\n  timestamp: string;\n"
    "  /** The business transaction that it belongs to. */\n  correlationId: string;\n"
    "  data: Data;\n}\n";

std::string quoted(std::string_view text) {
    std::string out;
    json::Writer{out}.text(text);
    return out;
}

/// A property's name, in quotes unless it is a plain word.
std::string property_name(std::string_view name) {
    const bool is_plain = !name.empty() && !(name[0] >= '0' && name[0] <= '9') &&
                          std::all_of(name.begin(), name.end(), [](char c) {
                              return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                                     (c >= '0' && c <= '9') || c == '_';
                          });
    return is_plain ? std::string{name} : quoted(name);
}

/// `OrderCreatedV1`.
std::string type_name(const Contract& contract) {
    const std::string_view domain = contract.domain();
    return fmt::format("{}{}V{}", contract::camel_case(domain),
                       contract::camel_case(contract.event.substr(domain.size() + 1)),
                       contract.version.major);
}

std::string module_of(const Contract& contract) {
    const std::string_view domain = contract.domain();
    return fmt::format("{}/{}.v{}", domain, contract.event.substr(domain.size() + 1),
                       contract.version.major);
}

/// A comment that no text can end.
std::string comment(const std::vector<std::string>& lines, std::size_t indent) {
    if (lines.empty()) return {};
    std::string text;
    for (const std::string& line : lines) {
        if (!text.empty()) text += '\n' + std::string(indent, ' ') + " * ";
        for (std::size_t i = 0; i < line.size(); ++i) {
            const bool ends = line[i] == '*' && i + 1 < line.size() && line[i + 1] == '/';
            text += line[i] == '\n' ? " " : line.substr(i, 1);
            if (ends) text += ' ';
        }
    }
    return fmt::format("{0}/** {1} */\n", std::string(indent, ' '), text);
}

/// Writes the types of one contract's schema.
class Module {
public:
    explicit Module(const Node& root) : root_(root) {}

    /// The type of a schema as it stands in a declaration.
    std::string type_of(const Node& schema, std::size_t indent) {
        std::string type = own_type(schema, indent);
        if (const Node* all = schema.find("allOf"); all != nullptr && type == "unknown") {
            type = joined(all->items, indent, " & ");
        }
        return type;
    }

    /// `properties` as the inside of braces.
    std::string fields(const Node& schema, std::size_t indent) {
        std::string out;
        const Node* properties = schema.find("properties");
        const Node* required = schema.find("required");
        if (properties == nullptr) return out;
        for (const auto& [name, property] : properties->fields) {
            const bool is_required =
                required != nullptr &&
                std::any_of(required->items.begin(), required->items.end(),
                            [&](const Node& one) { return one.text == name.text; });
            out += comment(words_of(property), indent);
            out += fmt::format("{}{}{}: {};\n", std::string(indent, ' '), property_name(name.text),
                               is_required ? "" : "?", type_of(property, indent));
        }
        if (const Node* others = schema.find("additionalProperties");
            others != nullptr && others->is_mapping()) {
            out += std::string(indent, ' ') + "[name: string]: unknown;\n";
        }
        return out;
    }

    /// The definitions that were used, and those that they use.
    std::string definitions() {
        std::string out;
        const Node* all = root_.find("$defs");
        for (std::size_t i = 0; i < used_.size(); ++i) {
            const Node* schema = all == nullptr ? nullptr : all->find(used_[i]);
            if (schema == nullptr) continue;
            out += '\n' + comment(words_of(*schema), 0);
            const std::string name = contract::camel_case(used_[i]);
            const bool is_object =
                schema->find("properties") != nullptr && type_text(*schema) == "object";
            out += is_object
                       ? fmt::format("export interface {} {{\n{}}}\n", name, fields(*schema, 2))
                       : fmt::format("export type {} = {};\n", name, type_of(*schema, 0));
        }
        return out;
    }

private:
    static std::string type_text(const Node& schema) {
        const Node* type = schema.find("type");
        return type != nullptr && type->is_scalar() ? type->text : std::string{};
    }

    static std::string literal(const Node& value) {
        return value.is_scalar() && value.is_text ? quoted(value.text) : contract::to_json(value);
    }

    static std::vector<std::string> words_of(const Node& schema) {
        std::vector<std::string> lines;
        for (const char* field : {"description", "format", "pattern"}) {
            const Node* value = schema.find(field);
            if (value == nullptr) continue;
            const bool is_prose = std::string_view{field} == "description";
            lines.push_back(is_prose ? value->text : fmt::format("{}: {}", field, value->text));
        }
        if (const Node* value = schema.find("default")) {
            lines.push_back("@default " + literal(*value));
        }
        if (const Node* gone = schema.find("deprecated"); gone != nullptr && gone->text == "true") {
            lines.emplace_back("@deprecated");
        }
        return lines;
    }

    std::string joined(const std::vector<Node>& schemas, std::size_t indent,
                       std::string_view between) {
        std::string out;
        for (const Node& schema : schemas) {
            if (!out.empty()) out += between;
            out += type_of(schema, indent);
        }
        return out.empty() ? "never" : out;
    }

    std::string own_type(const Node& schema, std::size_t indent) {
        if (const Node* reference = schema.find("$ref")) return name_of(reference->text);
        if (const Node* value = schema.find("const")) return or_null(schema, literal(*value));
        if (const Node* values = schema.find("enum")) {
            std::string out;
            for (const Node& value : values->items) {
                out += (out.empty() ? "" : " | ") + literal(value);
            }
            return or_null(schema, out);
        }
        for (const char* keyword : {"oneOf", "anyOf"}) {
            if (const Node* branches = schema.find(keyword)) {
                return joined(branches->items, indent, " | ");
            }
        }
        const Node* types = schema.find("type");
        if (types == nullptr) return "unknown";
        if (types->is_scalar()) return simple_type(types->text, schema, indent);
        std::string out;
        for (const Node& type : types->items) {
            out += (out.empty() ? "" : " | ") + simple_type(type.text, schema, indent);
        }
        return out;
    }

    /// `[T, "null"]` beside `enum` or `const` that does not list null.
    static std::string or_null(const Node& schema, const std::string& type) {
        const Node* types = schema.find("type");
        if (types == nullptr || !types->is_sequence() || type.ends_with("null")) return type;
        return type + " | null";
    }

    std::string name_of(std::string_view reference) {
        if (!reference.starts_with(definitions_prefix)) return "unknown";
        const std::string name{reference.substr(definitions_prefix.size())};
        if (std::find(used_.begin(), used_.end(), name) == used_.end()) used_.push_back(name);
        return contract::camel_case(name);
    }

    std::string simple_type(std::string_view type, const Node& schema, std::size_t indent) {
        if (type == "integer" || type == "number") return "number";
        if (type == "string" || type == "boolean" || type == "null") return std::string{type};
        if (type == "array") return array_type(schema, indent);
        if (schema.find("properties") != nullptr) {
            return "{\n" + fields(schema, indent + 2) + std::string(indent, ' ') + "}";
        }
        const Node* values = schema.find("additionalProperties");
        return values != nullptr && values->is_mapping()
                   ? "Record<string, " + type_of(*values, indent) + ">"
                   : "Record<string, unknown>";
    }

    std::string array_type(const Node& schema, std::size_t indent) {
        const Node* items = schema.find("items");
        const Node* prefix = schema.find("prefixItems");
        const std::string item =
            items != nullptr && items->is_mapping() ? type_of(*items, indent) : "unknown";
        if (prefix == nullptr) return "Array<" + item + ">";
        std::string out;
        for (const Node& one : prefix->items) {
            out += (out.empty() ? "" : ", ") + type_of(one, indent);
        }
        const bool is_closed = items != nullptr && items->text == "false";
        return is_closed ? "[" + out + "]" : "[" + out + ", ...Array<" + item + ">]";
    }

    const Node& root_;
    std::vector<std::string> used_;
};

std::string module_text(const Contract& contract) {
    const Node root = contract::read_schema_document(contract.data.json());
    Module module{root};
    const std::string name = type_name(contract);
    const std::string data = module.fields(root, 2);
    return fmt::format(
        "// Made from {0} {1} by tidings contract typescript. Do not edit.\n"
        "import type {{ Envelope }} from '../envelope.js';\n\n{2}"
        "export type {3} = Envelope<{4}, {5}, {3}Data>;\n\n"
        "export interface {3}Data {{\n{6}}}\n{7}",
        contract.event, to_string(contract.version), comment({contract.summary}, 0), name,
        quoted(contract.event), contract.version.major, data, module.definitions());
}

}  // namespace

std::map<std::string, std::string> to_typescript(const ContractSet& set) {
    std::map<std::string, std::string> files;
    std::string index =
        "// Made from contracts by tidings contract typescript. Do not edit.\n"
        "export type { Envelope } from './envelope.js';\n";
    std::string imports;
    std::string any;
    for (const Contract& contract : set.contracts) {
        const std::string name = type_name(contract);
        const std::string module = module_of(contract);
        files[module + ".ts"] = module_text(contract);
        index += fmt::format("export type {{ {0}, {0}Data }} from './{1}.js';\n", name, module);
        imports += fmt::format("import type {{ {} }} from './{}.js';\n", name, module);
        any += "\n  | " + name;
    }
    files["envelope.ts"] = envelope_file;
    files["index.ts"] =
        index + imports +
        "\n/** Every event of the platform; its `type` tells which. */\nexport type AnyEvent =" +
        (any.empty() ? " never" : any) + ";\n";
    return files;
}

}  // namespace tidings
