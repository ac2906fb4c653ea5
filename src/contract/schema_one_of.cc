#include <tidings/base/text.h>

#include "contract/schema_loader.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <set>

namespace tidings::contract {

namespace {

constexpr std::string_view told_apart = "the branches of oneOf are told apart by a const";
constexpr std::string_view how_told =
    "give each a required property of one name: kind: { type: string, const: ... }";

bool is_null_schema(const Node& node) {
    const Node* type = node.find("type");
    return node.fields.size() == 1 && type != nullptr && type->is_scalar() && type->text == "null";
}

bool is_discriminator(const SchemaProperty* property) {
    return property != nullptr && property->is_required && !property->schema->nullable &&
           property->schema->type == Type::string && property->schema->constant.has_value();
}

}  // namespace

const std::string& SchemaNode::kind_of(const SchemaNode& branch) const {
    return *branch.find(discriminator)->schema->constant;
}

const SchemaNode* SchemaNode::branch_of(std::string_view kind) const {
    for (const SchemaPointer& branch : branches) {
        if (kind_of(*branch) == kind) return branch.get();
    }
    return nullptr;
}

std::string SchemaNode::kinds() const {
    std::vector<std::string_view> kinds;
    for (const SchemaPointer& branch : branches) kinds.push_back(kind_of(*branch));
    return fmt::format("{}", fmt::join(kinds, ", "));
}

/// Objects that a const tells apart, with null or without; or one schema that may be null.
std::shared_ptr<SchemaNode> Loader::one_of(Node& node) {
    auto schema = std::make_shared<SchemaNode>();
    schema->file = report_.file();
    schema->line = node.line;
    schema->column = node.column;
    Node& list = *node.find("oneOf");
    if (!list.is_sequence() || list.items.empty()) {
        report_.add(list, "oneOf is a list of schemas", "something else, or none");
        return nullptr;
    }
    bool has_null = false;
    for (Node& item : list.items) {
        if (is_null_schema(item)) {
            has_null = true;
            continue;
        }
        SchemaPointer branch = load(item);
        if (!branch) return nullptr;
        schema->branches.push_back(std::move(branch));
    }
    if (schema->branches.empty()) {
        report_.add(list, "oneOf has a branch beside null", "none");
        return nullptr;
    }
    if (schema->branches.size() == 1 && has_null) {
        auto only = std::make_shared<SchemaNode>(*schema->branches.front());
        if (only->nullable) {
            report_.add(list, "null is in one branch of oneOf", "in both");
            return nullptr;
        }
        schema = std::move(only);
    } else if (!find_discriminator(list, *schema)) {
        return nullptr;
    }
    schema->nullable = has_null;
    for (auto& [key, value] : node.fields) {
        if (key.text == "oneOf") continue;
        if (key.text == "description" || key.text == "title") {
            if (!is_text(value, "a description")) continue;
            std::string& words = key.text == "title"          ? schema->title
                                 : schema->definition.empty() ? schema->description
                                                              : schema->note;
            words = value.text;
        } else if (key.text == "deprecated") {
            deprecated(value, *schema);
        } else {
            report_.add(key, "beside oneOf stand title, description and deprecated only",
                        quote(key.text), "put it into the branches");
        }
    }
    return schema;
}

bool Loader::find_discriminator(const Node& node, SchemaNode& schema) {
    for (const SchemaPointer& branch : schema.branches) {
        const bool is_struct = branch->type == Type::object && !branch->is_map() &&
                               branch->branches.empty() && !branch->nullable;
        if (is_struct) continue;
        report_.add(node, "the branches of oneOf are objects with properties", "another type",
                    "state facts of different shape as events of their own");
        return false;
    }
    for (const SchemaProperty& candidate : schema.branches.front()->properties) {
        std::set<std::string> kinds;
        for (const SchemaPointer& branch : schema.branches) {
            const SchemaProperty* property = branch->find(candidate.name);
            if (is_discriminator(property)) kinds.insert(*property->schema->constant);
        }
        if (kinds.size() != schema.branches.size()) continue;
        schema.discriminator = candidate.name;
        return true;
    }
    report_.add(node, std::string{told_apart}, "no such property in each", std::string{how_told});
    return false;
}

}  // namespace tidings::contract
