#include "contract/node.h"

#include <algorithm>
#include <numeric>

namespace tidings::contract {

namespace {

bool looks_like_number(std::string_view text) {
    json::Reader reader{text};
    if (text.empty() || (text[0] != '-' && (text[0] < '0' || text[0] > '9'))) return false;
    reader.number_text();
    return reader.finish().has_value();
}

/// The number of letters to change, insert or remove that makes one word the other.
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 0; i < a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i + 1;
        for (std::size_t j = 0; j < b.size(); ++j) {
            const std::size_t changed = diagonal + (a[i] == b[j] ? 0 : 1);
            diagonal = row[j + 1];
            row[j + 1] = std::min({changed, diagonal + 1, row[j] + 1});
        }
    }
    return row.back();
}

}  // namespace

const Node* Node::find(std::string_view name) const {
    for (const auto& [key, value] : fields) {
        if (key.text == name) return &value;
    }
    return nullptr;
}

Node* Node::find(std::string_view name) {
    return const_cast<Node*>(std::as_const(*this).find(name));
}

Node read_node(json::Reader& reader) {
    Node node;
    switch (reader.kind()) {
        case json::Kind::object: {
            node.kind = Node::Kind::mapping;
            reader.begin_object();
            std::string_view name;
            while (reader.next_field(name)) {
                Node key;
                key.text = name;
                key.is_text = true;
                Node value = read_node(reader);
                node.fields.emplace_back(std::move(key), std::move(value));
            }
            break;
        }
        case json::Kind::array:
            node.kind = Node::Kind::sequence;
            reader.begin_array();
            while (reader.next_element()) node.items.push_back(read_node(reader));
            break;
        case json::Kind::string:
            node.text = reader.text();
            node.is_text = true;
            break;
        default:
            node.text = reader.raw();
    }
    return node;
}

void write_node(const Node& node, json::Writer& writer) {
    if (node.is_mapping()) {
        writer.begin_object();
        for (const auto& [key, value] : node.fields) {
            writer.name(key.text);
            write_node(value, writer);
        }
        writer.end_object();
    } else if (node.is_sequence()) {
        writer.begin_array();
        for (const Node& item : node.items) write_node(item, writer);
        writer.end_array();
    } else if (node.is_null()) {
        writer.null();
    } else if (!node.is_text &&
               (node.text == "true" || node.text == "false" || looks_like_number(node.text))) {
        writer.raw(node.text);
    } else {
        writer.text(node.text);
    }
}

std::string to_json(const Node& node) {
    std::string out;
    json::Writer writer{out};
    write_node(node, writer);
    return out;
}

std::string_view closest(std::string_view wrong, const std::vector<std::string_view>& names) {
    std::string_view best;
    std::size_t least = std::max<std::size_t>(wrong.size() / 3, 1) + 1;
    for (const std::string_view name : names) {
        const std::size_t changes = distance(wrong.substr(0, 100), name);
        if (changes >= least) continue;
        least = changes;
        best = name;
    }
    return best;
}

std::string did_you_mean(std::string_view wrong, const std::vector<std::string_view>& names) {
    const std::string_view best = closest(wrong, names);
    return best.empty() ? std::string{} : "did you mean " + std::string{best} + "?";
}

void Report::add(const Node& at, std::string rule, std::string what, std::string suggestion) {
    problems_.push_back(
        {file_, at.line, at.column, std::move(rule), std::move(what), std::move(suggestion)});
}

}  // namespace tidings::contract
