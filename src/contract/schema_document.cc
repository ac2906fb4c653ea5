#include "contract/schema_document.h"

#include "contract/names.h"

#include <string>
#include <utility>
#include <vector>

namespace tidings::contract {

namespace {

constexpr std::string_view definitions = "#/$defs/";

/// Rewrites the references of a schema that stands within `domain`; empty: the contract's own.
void rewrite_references(Node& node, const std::string& domain) {
    for (auto& [name, value] : node.fields) {
        if (name.text == "$ref" && value.is_scalar()) {
            const std::size_t at = value.text.find(definitions);
            if (at == std::string::npos) continue;
            const std::string of = at == 0 ? domain : value.text.substr(0, at);
            if (of.empty()) continue;
            value.text = std::string{definitions} + camel_case(of) +
                         value.text.substr(at + definitions.size());
        } else {
            rewrite_references(value, domain);
        }
    }
    for (Node& item : node.items) rewrite_references(item, domain);
}

}  // namespace

Node read_schema_document(std::string_view json) {
    json::Reader reader{json};
    Node root = read_node(reader);
    Node* all = root.find("$defs");
    std::vector<std::pair<Node, Node>> own;
    std::vector<std::pair<Node, Node>> others;
    if (all != nullptr) {
        for (auto& [name, schema] : all->fields) {
            Node* inner = schema.find("$id") != nullptr ? schema.find("$defs") : nullptr;
            if (inner == nullptr) {
                own.emplace_back(name, std::move(schema));
                continue;
            }
            rewrite_references(*inner, name.text);
            for (auto& [key, definition] : inner->fields) {
                Node moved = key;
                moved.text = camel_case(name.text) + key.text;
                others.emplace_back(std::move(moved), std::move(definition));
            }
        }
        all->fields = std::move(own);
    }
    rewrite_references(root, {});
    if (all != nullptr) {
        for (auto& field : others) all->fields.push_back(std::move(field));
    }
    return root;
}

}  // namespace tidings::contract
