#include <tidings/contract/schema_files.h>

#include "contract/schema_document.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace tidings {

namespace {

using contract::Node;

constexpr std::string_view dialect = "https://json-schema.org/draft/2020-12/schema";
constexpr std::string_view money_pattern = R"(^-?[0-9]+\.[0-9]{2}$)";
constexpr std::string_view not_negative_pattern = R"(^[0-9]+\.[0-9]{2}$)";

Node text_node(std::string_view text) {
    Node node;
    node.text = text;
    node.is_text = true;
    return node;
}

void set(Node& mapping, std::string_view name, Node value) {
    if (Node* field = mapping.find(name)) {
        *field = std::move(value);
    } else {
        mapping.fields.emplace_back(text_node(name), std::move(value));
    }
}

Node mapping(std::vector<std::pair<std::string_view, Node>> fields) {
    Node node;
    node.kind = Node::Kind::mapping;
    for (auto& [name, value] : fields) set(node, name, std::move(value));
    return node;
}

Node sequence(std::vector<Node> items) {
    Node node;
    node.kind = Node::Kind::sequence;
    node.items = std::move(items);
    return node;
}

/// Says `format: money` as others understand it. `is_schema`: the node is one, and not a value that
/// stands within one.
void translate_money(Node& node, bool is_schema) {
    if (!node.is_mapping()) return;
    const Node* format = is_schema ? node.find("format") : nullptr;
    if (format != nullptr && format->text == "money") {
        std::erase_if(node.fields, [](const auto& field) { return field.first.text == "format"; });
        Node pattern = text_node(money_pattern);
        const Node* own = node.find("pattern");
        if (own == nullptr) {
            set(node, "pattern", std::move(pattern));
        } else if (own->text != not_negative_pattern) {
            set(node, "allOf", sequence({mapping({{"pattern", std::move(pattern)}})}));
        }
    }
    for (auto& [name, value] : node.fields) {
        if (name.text == "default" || name.text == "examples" || name.text == "const" ||
            name.text == "enum") {
            continue;
        }
        // Fields of these have any name, `format` included; what they hold are schemas.
        const bool holds_schemas = is_schema && (name.text == "properties" || name.text == "$defs");
        if (value.is_sequence()) {
            for (Node& item : value.items) translate_money(item, true);
        } else {
            translate_money(value, !holds_schemas);
        }
    }
}

Node data_schema(const Contract& contract) {
    Node schema = contract::read_schema_document(contract.data.json());
    translate_money(schema, true);
    return schema;
}

Node heading(const Contract& contract, std::string_view about) {
    return mapping({{"$schema", text_node(dialect)},
                    {"title", text_node(fmt::format("{} {}{}", contract.event,
                                                    to_string(contract.version), about))},
                    {"description", text_node(contract.summary)}});
}

void append(Node& target, Node source) {
    for (auto& [name, value] : source.fields) set(target, name.text, std::move(value));
}

Node field(std::string_view keyword, std::string_view value) {
    return mapping({{"type", text_node("string")}, {keyword, text_node(value)}});
}

/// The envelope around the data; definitions move to the top, where references look for them.
Node event_schema(const Contract& contract) {
    Node data = data_schema(contract);
    Node definitions;
    if (Node* found = data.find("$defs")) definitions = std::move(*found);
    std::erase_if(data.fields, [](const auto& one) { return one.first.text == "$defs"; });
    std::vector<Node> required;
    for (const char* name :
         {"id", "type", "source", "dataVersion", "timestamp", "correlationId", "data"}) {
        required.push_back(text_node(name));
    }
    Node schema = heading(contract, "");
    set(schema, "type", text_node("object"));
    set(schema, "required", sequence(std::move(required)));
    set(schema, "properties",
        mapping({{"id", field("format", "uuid")},
                 {"type", field("const", contract.event)},
                 {"source", field("description", "The service that published it.")},
                 {"dataVersion",
                  field("pattern", fmt::format("^{}\\.[0-9]+\\.[0-9]+$", contract.version.major))},
                 {"timestamp", field("format", "date-time")},
                 {"correlationId", field("description", "The business transaction.")},
                 {"data", std::move(data)}}));
    if (definitions.is_mapping()) set(schema, "$defs", std::move(definitions));
    return schema;
}

}  // namespace

std::map<std::string, std::string> to_schema_files(const ContractSet& contracts) {
    std::map<std::string, std::string> files;
    for (const Contract& contract : contracts.contracts) {
        const std::string_view domain = contract.domain();
        const std::string path = fmt::format(
            "{}/{}.v{}", domain, contract.event.substr(domain.size() + 1), contract.version.major);
        Node data = heading(contract, ", data");
        append(data, data_schema(contract));
        files[path + ".data.schema.json"] = contract::to_json(data) + "\n";
        files[path + ".schema.json"] = contract::to_json(event_schema(contract)) + "\n";
    }
    return files;
}

}  // namespace tidings
