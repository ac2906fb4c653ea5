#include "testing/json_tree.h"

#include <tidings/model/json.h>

#include <algorithm>

namespace tidings {

namespace {

JsonTree read(json::Reader& reader) {
    JsonTree tree;
    switch (reader.kind()) {
        case json::Kind::object: {
            tree.kind = JsonTree::Kind::object;
            std::string_view name;
            reader.begin_object();
            while (reader.next_field(name)) {
                std::string kept{name};
                tree.fields.emplace_back(std::move(kept), read(reader));
            }
            break;
        }
        case json::Kind::array:
            tree.kind = JsonTree::Kind::array;
            reader.begin_array();
            while (reader.next_element()) tree.items.push_back(read(reader));
            break;
        default:
            tree.scalar = reader.raw();
    }
    return tree;
}

void write(json::Writer& writer, const JsonTree& tree) {
    switch (tree.kind) {
        case JsonTree::Kind::object:
            writer.begin_object();
            for (const auto& [name, value] : tree.fields) {
                writer.name(name);
                write(writer, value);
            }
            writer.end_object();
            break;
        case JsonTree::Kind::array:
            writer.begin_array();
            for (const JsonTree& item : tree.items) write(writer, item);
            writer.end_array();
            break;
        case JsonTree::Kind::scalar:
            writer.raw(tree.scalar);
            break;
    }
}

}  // namespace

Result<JsonTree> JsonTree::parse(std::string_view json) {
    json::Reader reader{json};
    JsonTree tree = read(reader);
    if (Result<void> ended = reader.finish(); !ended) return std::move(ended).error();
    return tree;
}

std::string JsonTree::text() const {
    std::string out;
    json::Writer writer{out};
    write(writer, *this);
    return out;
}

JsonTree* JsonTree::find(std::string_view name) {
    const auto found = std::find_if(fields.begin(), fields.end(),
                                    [name](const auto& field) { return field.first == name; });
    return found == fields.end() ? nullptr : &found->second;
}

const JsonTree* JsonTree::find(std::string_view name) const {
    return const_cast<JsonTree*>(this)->find(name);
}

}  // namespace tidings
