#include <tidings/base/text.h>

#include "contract/schema_loader.h"

#include <fmt/format.h>

#include <array>

namespace tidings::contract {

namespace {

constexpr std::array<std::pair<std::string_view, Type>, 6> types{{{"object", Type::object},
                                                                  {"array", Type::array},
                                                                  {"string", Type::string},
                                                                  {"integer", Type::integer},
                                                                  {"number", Type::number},
                                                                  {"boolean", Type::boolean}}};
std::string_view type_name(Type type) {
    return std::find_if(types.begin(), types.end(), [&](auto& row) { return row.second == type; })
        ->first;
}

}  // namespace

SchemaPointer Loader::define(std::string_view name, Node& node) {
    under_way_.emplace_back(name);
    const auto is_fit = [](char c) {
        return ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || (c >= '0' && c <= '9');
    };
    if (name.empty() || name[0] < 'A' || name[0] > 'Z' ||
        !std::all_of(name.begin(), name.end(), is_fit)) {
        report_.add(node, "a definition is named like a C++ type", quote(name),
                    "letters and digits, the first one a capital: Item");
    }
    std::shared_ptr<SchemaNode> schema = load(node);
    if (schema && schema->definition.empty()) schema->definition = name;
    under_way_.pop_back();
    target_->schemas[std::string{name}] = schema;
    return schema;
}

std::shared_ptr<SchemaNode> Loader::load(Node& node) {
    if (!node.is_mapping()) {
        report_.add(node, "a schema is a mapping", "something else", "such as { type: string }");
        return nullptr;
    }
    if (node.find("$ref") != nullptr) return resolve(node);
    if (node.find("oneOf") != nullptr) return one_of(node);
    auto schema = std::make_shared<SchemaNode>();
    schema->file = report_.file();
    schema->line = node.line;
    schema->column = node.column;
    for (const auto& [key, value] : node.fields) refuse_unknown(key);
    if (!read_type(node, *schema)) return nullptr;
    for (const Keyword& keyword : keywords()) {
        Node* value = node.find(keyword.name);
        if (value == nullptr) continue;
        if ((keyword.types & bit(schema->type)) != 0) {
            (this->*keyword.read)(*value, *schema);
        } else {
            report_.add(*value, "a keyword suits the type of its schema",
                        fmt::format("{} of type {}", keyword.name, type_name(schema->type)));
        }
    }
    finish(node, *schema);
    return schema;
}

void Loader::refuse_unknown(const Node& key) {
    std::vector<std::string_view> known{"type", "$ref", "oneOf"};
    for (const Keyword& keyword : keywords()) known.push_back(keyword.name);
    if (std::find(known.begin(), known.end(), key.text) != known.end()) return;
    std::string suggestion = did_you_mean(key.text, known);
    if (key.text == "anyOf") {
        suggestion = "write oneOf, with objects that a const tells apart";
    } else if (key.text == "allOf") {
        suggestion = "write the properties into one object";
    } else if (key.text == "discriminator") {
        suggestion = "leave it out; the required const of each branch of oneOf says it";
    } else if (key.text == "nullable") {
        suggestion = "write type: [string, \"null\"]";
    }
    report_.add(key, "a schema uses the keywords of docs/reference/contracts.md",
                quote(key.text) + " is not supported", std::move(suggestion));
}

bool Loader::read_type(Node& node, SchemaNode& schema) {
    Node* type = node.find("type");
    if (type == nullptr) {
        report_.add(node, "a schema says its type", "no type",
                    node.find("properties") != nullptr ? "add type: object" : "add a type");
        return false;
    }
    std::vector<Node*> names{type};
    if (type->is_sequence()) {
        names.clear();
        for (Node& item : type->items) names.push_back(&item);
    }
    const Node* wanted = nullptr;
    for (Node* name : names) {
        name->is_text = true;
        if (name->text == "null" && type->is_sequence()) {
            schema.nullable = true;
        } else if (wanted == nullptr) {
            wanted = name;
        } else {
            report_.add(*name, "a value has one type, or null beside it", quote(name->text));
            return false;
        }
    }
    const auto found = wanted == nullptr ? types.end() : find_in(types, wanted->text);
    if (found == types.end()) {
        const std::string text = wanted == nullptr ? "null" : wanted->text;
        report_.add(*type, "a type is one of object, array, string, integer, number, boolean",
                    quote(text), did_you_mean(text, names_of(types)));
        return false;
    }
    schema.type = found->second;
    return true;
}

std::shared_ptr<SchemaNode> Loader::resolve(Node& node) {
    Node& ref = *node.find("$ref");
    ref.is_text = true;
    const std::string_view text = ref.text;
    const std::size_t path = text.find("#/$defs/");
    if (path == std::string_view::npos) {
        report_.add(ref, "a reference is to a definition of this platform", quote(text),
                    "write it like '#/$defs/Item' or 'order#/$defs/Item'");
        return nullptr;
    }
    const SchemaPointer found = find_definition(ref, text.substr(0, path), text.substr(path + 8));
    if (!found) return nullptr;
    auto schema = std::make_shared<SchemaNode>(*found);
    schema->domain = text.substr(0, path);
    for (auto& [key, value] : node.fields) {
        if (key.text == "$ref") continue;
        if (key.text == "description") {
            if (is_text(value, "a description")) schema->note = value.text;
        } else if (key.text == "deprecated") {
            deprecated(value, *schema);
        } else if (key.text == "default") {
            default_value(value, *schema);
        } else {
            report_.add(key, "beside $ref stand description, deprecated and default only",
                        quote(key.text), "put it into the definition");
        }
    }
    return schema;
}

SchemaPointer Loader::find_definition(const Node& at, std::string_view domain,
                                      std::string_view name) {
    const Definitions* definitions = &definitions_;
    if (!domain.empty()) {
        if (definitions_.domains == nullptr) {
            report_.add(at, "_types.yaml refers to its own definitions only", quote(at.text),
                        "move the definition there, or refer to it where it is used");
            return nullptr;
        }
        const auto found = definitions_.domains->find(domain);
        if (found == definitions_.domains->end()) {
            report_.add(at, "a reference names a domain that has a _types.yaml", quote(domain),
                        did_you_mean(domain, names_of(*definitions_.domains)));
            return nullptr;
        }
        definitions = &found->second;
    }
    const bool is_open = std::find(under_way_.begin(), under_way_.end(), name) != under_way_.end();
    if (domain.empty() && is_open) {
        report_.add(at, "a definition does not contain itself", quote(name));
        return nullptr;
    }
    const auto loaded = definitions->schemas.find(name);
    if (loaded != definitions->schemas.end()) return loaded->second;
    Node* own = domain.empty() && defs_ != nullptr ? defs_->find(name) : nullptr;
    if (own != nullptr) return define(name, *own);
    std::vector<std::string_view> names = names_of(definitions->schemas);
    if (definitions->shared != nullptr) {
        const auto shared = definitions->shared->schemas.find(name);
        if (shared != definitions->shared->schemas.end()) return shared->second;
        for (const auto& row : definitions->shared->schemas) names.push_back(row.first);
    }
    report_.add(at, "a reference names a definition under $defs", quote(name),
                did_you_mean(name, names));
    return nullptr;
}

const SchemaProperty* SchemaNode::find(std::string_view name) const {
    for (const SchemaProperty& property : properties) {
        if (property.name == name) return &property;
    }
    return nullptr;
}

void load_definitions(Node& defs, Definitions& definitions, Report& report) {
    if (!defs.is_mapping()) {
        return report.add(defs, "$defs is a mapping of names to schemas", "something else");
    }
    for (auto& [key, value] : defs.fields) {
        if (definitions.schemas.find(key.text) != definitions.schemas.end()) continue;
        Loader{&defs, &definitions, definitions, report}.define(key.text, value);
    }
}

SchemaPointer load_schema(Node& node, const Definitions& definitions, Report& report) {
    return Loader{nullptr, nullptr, definitions, report}.load(node);
}

}  // namespace tidings::contract
