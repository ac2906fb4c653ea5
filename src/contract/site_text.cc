#include "contract/site_text.h"

#include <tidings/base/text.h>

#include "contract/schema_document.h"

#include <fmt/format.h>

namespace tidings::contract {

std::string event_page(std::string_view event) { return fmt::format("events/{}.html", event); }

std::string service_page(std::string_view service) {
    return fmt::format("services/{}.html", service);
}

/// A saga's name is any text.
std::string saga_page(std::string_view saga) {
    std::string name;
    for (const char c : saga) {
        const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                              (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
        name += is_plain ? std::string{c} : fmt::format("~{:02x}", static_cast<unsigned char>(c));
    }
    return fmt::format("sagas/{}.html", name);
}

std::string duration_text(Duration duration) {
    if (duration <= Duration{0}) return "no time limit";
    const auto milliseconds =
        std::chrono::duration_cast<std::chrono::milliseconds>(duration).count();
    constexpr std::pair<std::int64_t, std::string_view> units[] = {
        {86'400'000, "day"}, {3'600'000, "hour"}, {60'000, "min"}, {1'000, "s"}, {1, "ms"}};
    for (const auto& [size, name] : units) {
        if (milliseconds % size != 0 && size != 1) continue;
        const std::int64_t count = milliseconds / size;
        const bool takes_s = count != 1 && size >= 3'600'000;
        return fmt::format("{} {}{}", count, name, takes_s ? "s" : "");
    }
    return {};
}

std::string link(std::string_view up, const std::string& page, std::string_view text) {
    return fmt::format("<a href=\"{}{}\">{}</a>", up, html(page), html(text));
}

std::string indented(std::string_view json) {
    std::string out;
    std::size_t depth = 0;
    bool in_text = false;
    const auto new_line = [&] { out += '\n' + std::string(2 * depth, ' '); };
    for (std::size_t i = 0; i < json.size(); ++i) {
        const char c = json[i];
        if (in_text) {
            out += c;
            if (c == '\\' && i + 1 < json.size())
                out += json[++i];
            else if (c == '"')
                in_text = false;
            continue;
        }
        const bool is_empty = i + 1 < json.size() && (json[i + 1] == '}' || json[i + 1] == ']');
        if (c == '"') in_text = true;
        if ((c == '{' || c == '[') && !is_empty) {
            out += c;
            ++depth;
            new_line();
        } else if ((c == '}' || c == ']') && i > 0 && json[i - 1] != '{' && json[i - 1] != '[') {
            if (depth > 0) --depth;
            new_line();
            out += c;
        } else {
            out += c;
            if (c == ',') new_line();
            if (c == ':') out += ' ';
        }
    }
    return out;
}

namespace {

std::string joined(const std::vector<std::string>& parts, std::string_view between) {
    std::string out;
    for (const std::string& part : parts) {
        if (!out.empty()) out += between;
        out += part;
    }
    return out;
}

/// What is written, a text without its quotes.
std::string shown_value(const Node& node) {
    return node.is_scalar() && !node.text.empty() ? node.text : to_json(node);
}

std::string value_of(const Node& schema, std::string_view name) {
    const Node* field = schema.find(name);
    return field == nullptr ? std::string{} : shown_value(*field);
}

/// Reads a schema's rows, following references to its definitions.
class Rows {
public:
    explicit Rows(const Node& root) : root_(root) {}

    void object(const Node& schema, int depth) {
        const Node* properties = schema.find("properties");
        if (properties == nullptr) return;
        for (const auto& [name, property] : properties->fields) {
            bool is_required = false;
            if (const Node* required = schema.find("required")) {
                for (const Node& one : required->items) {
                    is_required = is_required || one.text == name.text;
                }
            }
            field(name.text, property, is_required, depth);
        }
    }

    std::vector<SchemaRow> rows;

private:
    /// The definition that a schema refers to, or itself.
    const Node& resolved(const Node& schema) const {
        constexpr std::string_view prefix = "#/$defs/";
        const Node* reference = schema.find("$ref");
        const Node* definitions = root_.find("$defs");
        if (reference == nullptr || definitions == nullptr) return schema;
        const std::string_view name = reference->text;
        if (!name.starts_with(prefix)) return schema;
        const Node* found = definitions->find(name.substr(prefix.size()));
        return found == nullptr ? schema : *found;
    }

    void field(const std::string& name, const Node& schema, bool is_required, int depth) {
        const Node& meant = resolved(schema);
        SchemaRow row;
        row.depth = depth;
        row.name = name;
        row.is_required = is_required;
        row.type = type_of(schema);
        row.is_deprecated =
            value_of(schema, "deprecated") == "true" || value_of(meant, "deprecated") == "true";
        row.description = value_of(schema, "description");
        if (row.description.empty()) row.description = value_of(meant, "description");
        row.rules = rules_of(meant);
        if (&meant != &schema) {
            for (const std::string& rule : rules_of(schema)) row.rules.push_back(rule);
        }
        rows.push_back(std::move(row));
        within(meant, depth + 1);
    }

    /// What a schema holds: properties, items, positions, alternatives.
    void within(const Node& schema, int depth) {
        if (depth > 16) return;
        object(schema, depth);
        if (const Node* items = schema.find("items"); items != nullptr && items->is_mapping()) {
            const Node& item = resolved(*items);
            for (const std::string& rule : rules_of(item)) {
                rows.back().rules.push_back("each: " + rule);
            }
            within(item, depth);
        }
        if (const Node* prefix = schema.find("prefixItems")) {
            for (std::size_t i = 0; i < prefix->items.size(); ++i) {
                const std::string title = value_of(prefix->items[i], "title");
                field(fmt::format("[{}]{}{}", i, title.empty() ? "" : " ", title), prefix->items[i],
                      true, depth);
            }
        }
        if (const Node* values = schema.find("additionalProperties");
            values != nullptr && values->is_mapping()) {
            field("(any name)", *values, false, depth);
        }
        const std::vector<const Node*> branches = branches_of(schema);
        if (branches.size() == 1) return within(resolved(*branches[0]), depth);  // Or null.
        for (const Node* branch : branches) {
            field(branch == branches[0] ? "(either)" : "(or)", *branch, true, depth);
        }
    }

    /// The alternatives of a `oneOf` that are not null.
    static std::vector<const Node*> branches_of(const Node& schema) {
        std::vector<const Node*> found;
        const Node* branches = schema.find("oneOf");
        if (branches == nullptr) return found;
        for (const Node& branch : branches->items) {
            if (value_of(branch, "type") != "null") found.push_back(&branch);
        }
        return found;
    }

    std::string type_of(const Node& schema) const {
        if (const Node* reference = schema.find("$ref")) {
            const Node& meant = resolved(schema);
            if (&meant == &schema) return reference->text;  // To nothing that is there.
            const std::string name = reference->text.substr(reference->text.rfind('/') + 1);
            const std::string type = type_of(meant);
            return type == "object" ? name : fmt::format("{} ({})", name, type);
        }
        if (schema.find("oneOf") != nullptr) {
            const std::vector<const Node*> branches = branches_of(schema);
            return branches.size() == 1 ? type_of(*branches[0]) + " or null" : "one of several";
        }
        std::string type;
        if (const Node* types = schema.find("type"); types != nullptr && types->is_sequence()) {
            std::vector<std::string> names;
            for (const Node& one : types->items) names.push_back(one.text);
            type = joined(names, " or ");
        } else {
            type = value_of(schema, "type");
        }
        if (const std::string format = value_of(schema, "format"); !format.empty()) {
            type += ", " + format;
        }
        if (const Node* items = schema.find("items"); items != nullptr && items->is_mapping()) {
            type += " of " + type_of(*items);
        }
        if (const Node* values = schema.find("additionalProperties");
            values != nullptr && values->is_mapping() && schema.find("properties") == nullptr) {
            type = "map of " + type_of(*values);
        }
        return type;
    }

    /// `1 to 64 characters`, `at most 5 items`.
    static void add_range(std::vector<std::string>& rules, const std::string& least,
                          const std::string& most, std::string_view noun) {
        if (least.empty() && most.empty()) return;
        const std::string& last = most.empty() ? least : most;
        const std::string_view plural = last == "1" ? "" : "s";
        if (least.empty() || least == "0") {
            if (!most.empty()) rules.push_back(fmt::format("at most {} {}{}", most, noun, plural));
        } else if (most.empty()) {
            rules.push_back(fmt::format("at least {} {}{}", least, noun, plural));
        } else if (least == most) {
            rules.push_back(fmt::format("{} {}{}", least, noun, plural));
        } else {
            rules.push_back(fmt::format("{} to {} {}{}", least, most, noun, plural));
        }
    }

    static std::vector<std::string> rules_of(const Node& schema) {
        constexpr std::pair<std::string_view, std::string_view> words[] = {
            {"const", "always {}"},
            {"minimum", "at least {}"},
            {"maximum", "at most {}"},
            {"exclusiveMinimum", "more than {}"},
            {"exclusiveMaximum", "less than {}"},
            {"multipleOf", "a multiple of {}"},
            {"pattern", "matches {}"},
            {"default", "default {}"},
        };
        std::vector<std::string> rules;
        if (const Node* values = schema.find("enum")) {
            std::vector<std::string> texts;
            for (const Node& one : values->items) texts.push_back(shown_value(one));
            rules.push_back("one of " + joined(texts, ", "));
        }
        for (const auto& [keyword, text] : words) {
            const std::string value = value_of(schema, keyword);
            if (!value.empty()) rules.push_back(fmt::format(fmt::runtime(text), value));
        }
        add_range(rules, value_of(schema, "minLength"), value_of(schema, "maxLength"), "character");
        add_range(rules, value_of(schema, "minItems"), value_of(schema, "maxItems"), "item");
        if (value_of(schema, "uniqueItems") == "true") rules.emplace_back("none twice");
        if (value_of(schema, "additionalProperties") == "false") {
            rules.emplace_back("no other fields");
        }
        return rules;
    }

    const Node& root_;
};

}  // namespace

std::vector<SchemaRow> schema_rows(std::string_view json) {
    const Node root = read_schema_document(json);
    Rows rows{root};
    rows.object(root, 0);
    return std::move(rows.rows);
}

}  // namespace tidings::contract
