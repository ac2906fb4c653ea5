#include "contract/model_file.h"

#include <tidings/base/text.h>

#include "contract/names.h"

#include <algorithm>

namespace tidings::contract {

namespace {

const std::vector<std::string_view> model_fields{"model",   "namespace", "table",    "key",
                                                 "summary", "fields",    "required", "$defs"};

bool is_snake(std::string_view text) {
    return !text.empty() && text[0] >= 'a' && text[0] <= 'z' && text.size() <= 63 &&
           std::all_of(text.begin(), text.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
           });
}

bool is_camel(std::string_view text) {
    return !text.empty() && text[0] >= 'A' && text[0] <= 'Z' &&
           std::all_of(text.begin(), text.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
           });
}

/// Without a list of its own, what has neither null nor a default is required.
std::vector<std::string> required_by_default(const SchemaNode& schema) {
    std::vector<std::string> names;
    for (const SchemaProperty& property : schema.properties) {
        if (!property.schema->nullable && !property.schema->default_json) {
            names.push_back(property.name);
        }
    }
    return names;
}

/// Turns `fields` (and `required`) into the schema of an object, so that one loader reads both.
Node object_schema(Node& root) {
    const auto scalar = [](std::string_view text) {
        Node node;
        node.text = text;
        node.is_text = true;
        return node;
    };
    Node* fields = root.find("fields");
    Node object;
    object.kind = Node::Kind::mapping;
    object.line = fields->line;
    object.column = fields->column;
    object.fields.emplace_back(scalar("type"), scalar("object"));
    object.fields.emplace_back(scalar("properties"), std::move(*fields));
    if (Node* required = root.find("required")) {
        object.fields.emplace_back(scalar("required"), std::move(*required));
    }
    return object;
}

SchemaPointer load_fields(Node& root, const SharedDefinitions& domains, Report& report) {
    if (root.find("fields") == nullptr) {
        report.add(root, "a model has fields", "none", "add fields: with their schemas");
        return nullptr;
    }
    Definitions definitions;
    definitions.domains = &domains;
    if (Node* defs = root.find("$defs")) load_definitions(*defs, definitions, report);
    const bool has_required = root.find("required") != nullptr;
    Node object = object_schema(root);
    const SchemaPointer loaded = load_schema(object, definitions, report);
    if (!loaded || has_required) return loaded;
    auto schema = std::make_shared<SchemaNode>(*loaded);
    const std::vector<std::string> required = required_by_default(*schema);
    for (SchemaProperty& property : schema->properties) {
        property.is_required =
            std::find(required.begin(), required.end(), property.name) != required.end();
    }
    return schema;
}

void check_model(const Model& model, const Header& header, Report& report) {
    if (!is_camel(model.name)) {
        report.add(header.at("model"), "a model is named like a C++ type", quote(model.name),
                   "did you mean " + camel_case(model.name) + "?");
    }
    if (!is_snake(model.space)) {
        report.add(header.at("namespace"), "a namespace is in snake case", quote(model.space));
    }
    if (!model.table.empty() && !is_snake(model.table)) {
        report.add(header.at("table"), "a table is named in snake case", quote(model.table));
    }
    if (model.table.empty()) return;
    if (model.key.empty()) {
        return report.add(header.at("table"), "a table has a key", "no key", "add key:");
    }
    const SchemaProperty* key = model.schema->find(model.key);
    if (key != nullptr && !key->schema->nullable && key->is_required &&
        (key->schema->type == Type::string || key->schema->type == Type::integer)) {
        return;
    }
    std::vector<std::string_view> names;
    for (const SchemaProperty& property : model.schema->properties) names.push_back(property.name);
    report.add(header.at("key"), "a key is a required field, a string or an integer",
               quote(model.key), did_you_mean(model.key, names));
}

}  // namespace

std::vector<Model> load_models(std::span<const SourceFile> files, const SharedDefinitions& domains,
                               std::vector<Diagnostic>& problems) {
    std::vector<Model> models;
    for (const SourceFile& file : files) {
        const std::size_t known_problems = problems.size();
        Node root = parse_yaml(file, problems);
        if (problems.size() != known_problems) continue;
        Report report{file.path, problems};
        Header header{root, report};
        header.refuse_unknown(model_fields);
        Model model;
        model.file = file.path;
        model.name = header.text("model", "a model has a name");
        model.space = header.text("namespace", "a model belongs to a service's namespace");
        model.table = header.optional_text("table");
        model.key = header.optional_text("key");
        model.summary = header.optional_text("summary");
        model.schema = load_fields(root, domains, report);
        if (model.schema) check_model(model, header, report);
        if (problems.size() == known_problems) models.push_back(std::move(model));
    }
    std::sort(models.begin(), models.end(), [](const Model& a, const Model& b) {
        return std::tie(a.space, a.file) < std::tie(b.space, b.file);
    });
    return models;
}

}  // namespace tidings::contract
