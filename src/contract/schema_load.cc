#include <tidings/base/text.h>

#include "contract/schema.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace tidings::contract {

namespace {

constexpr std::array<std::pair<std::string_view, Type>, 6> types{{{"object", Type::object},
                                                                  {"array", Type::array},
                                                                  {"string", Type::string},
                                                                  {"integer", Type::integer},
                                                                  {"number", Type::number},
                                                                  {"boolean", Type::boolean}}};
constexpr std::array<std::pair<std::string_view, Format>, 6> formats{
    {{"uuid", Format::uuid},
     {"date-time", Format::date_time},
     {"date", Format::date},
     {"email", Format::email},
     {"uri", Format::uri},
     {"money", Format::money}}};

constexpr unsigned bit(Type type) { return 1u << static_cast<unsigned>(type); }
constexpr unsigned any_type = 63;

template <class Table>
std::vector<std::string_view> names_of(const Table& table) {
    std::vector<std::string_view> names;
    for (const auto& row : table) names.push_back(row.first);
    return names;
}

template <class Table>
auto find_in(const Table& table, std::string_view name) {
    return std::find_if(table.begin(), table.end(), [&](auto& row) { return row.first == name; });
}

std::string_view type_name(Type type) {
    return std::find_if(types.begin(), types.end(), [&](auto& row) { return row.second == type; })
        ->first;
}

bool is_number_text(std::string_view text) {
    return !text.empty() && (text[0] == '-' || (text[0] >= '0' && text[0] <= '9'));
}

/// Returns "did you mean orderId?" for `order_id` or `order-id`.
std::string camel_suggestion(std::string_view name) {
    std::string camel;
    bool starts_word = false;
    for (const char c : name) {
        if (c == '_' || c == '-' || c == ' ') {
            starts_word = !camel.empty();
            continue;
        }
        const bool is_upper = c >= 'A' && c <= 'Z';
        const bool is_lower = c >= 'a' && c <= 'z';
        const bool raise = starts_word && is_lower;
        const bool drop = camel.empty() && is_upper;
        camel += static_cast<char>(raise || drop ? c ^ 0x20 : c);
        starts_word = false;
    }
    return camel.empty() || camel == name ? std::string{} : "did you mean " + camel + "?";
}

/// Reads one file's schemas. A wrong one is reported and read on, so that all faults are told.
class Loader {
public:
    Loader(Node* defs, Definitions* target, const Definitions& definitions, Report& report)
        : defs_(defs), target_(target), definitions_(definitions), report_(report) {}

    std::shared_ptr<SchemaNode> load(Node& node);
    SchemaPointer define(std::string_view name, Node& node);

private:
    struct Keyword {
        std::string_view name;
        unsigned types;
        void (Loader::*read)(Node&, SchemaNode&);
    };
    static const std::vector<Keyword>& keywords();

    bool read_type(Node& node, SchemaNode& schema);
    std::shared_ptr<SchemaNode> resolve(Node& node);
    SchemaPointer find_definition(const Node& at, std::string_view domain, std::string_view name);
    void refuse_unknown(const Node& key);
    void finish(const Node& node, SchemaNode& schema);

    void properties(Node& node, SchemaNode& schema);
    void required(Node& node, SchemaNode& schema);
    void additional(Node& node, SchemaNode& schema);
    void enumeration(Node& node, SchemaNode& schema);
    void constant(Node& node, SchemaNode& schema);
    void items(Node& node, SchemaNode& schema) { schema.items = load(node); }
    void items_min(Node& node, SchemaNode& schema) { size(node, schema.count_min); }
    void items_max(Node& node, SchemaNode& schema) { size(node, schema.count_max); }
    void unique(Node& node, SchemaNode& schema) { flag(node, schema.is_unique); }
    void length_min(Node& node, SchemaNode& schema) { size(node, schema.length_min); }
    void length_max(Node& node, SchemaNode& schema) { size(node, schema.length_max); }
    void pattern(Node& node, SchemaNode& schema);
    void minimum(Node& node, SchemaNode& schema) { bound(node, schema, true, false); }
    void maximum(Node& node, SchemaNode& schema) { bound(node, schema, false, false); }
    void above(Node& node, SchemaNode& schema) { bound(node, schema, true, true); }
    void below(Node& node, SchemaNode& schema) { bound(node, schema, false, true); }
    void format(Node& node, SchemaNode& schema);
    void description(Node& node, SchemaNode& schema);
    void deprecated(Node& node, SchemaNode& schema) { flag(node, schema.deprecated); }
    void default_value(Node& node, SchemaNode& schema);
    void examples(Node& node, SchemaNode& schema);

    void size(const Node& node, std::size_t& target);
    void flag(const Node& node, bool& target);
    void bound(const Node& node, SchemaNode& schema, bool is_minimum, bool is_exclusive);
    bool is_text(Node& node, std::string_view what);
    void check_sample(Node& node, const SchemaNode& schema, std::string_view what);

    Node* defs_;
    Definitions* target_;
    const Definitions& definitions_;
    Report& report_;
    std::vector<std::string> under_way_;
};

const std::vector<Loader::Keyword>& Loader::keywords() {
    constexpr unsigned object = bit(Type::object);
    constexpr unsigned array = bit(Type::array);
    constexpr unsigned string = bit(Type::string);
    constexpr unsigned numeric = bit(Type::integer) | bit(Type::number);
    constexpr unsigned exact = string | bit(Type::integer);
    static const std::vector<Keyword> table{
        {"description", any_type, &Loader::description},
        {"deprecated", any_type, &Loader::deprecated},
        {"properties", object, &Loader::properties},
        {"required", object, &Loader::required},
        {"additionalProperties", object, &Loader::additional},
        {"items", array, &Loader::items},
        {"minItems", array, &Loader::items_min},
        {"maxItems", array, &Loader::items_max},
        {"uniqueItems", array, &Loader::unique},
        {"minLength", string, &Loader::length_min},
        {"maxLength", string, &Loader::length_max},
        {"format", string, &Loader::format},
        {"pattern", string, &Loader::pattern},
        {"minimum", numeric, &Loader::minimum},
        {"maximum", numeric, &Loader::maximum},
        {"exclusiveMinimum", numeric, &Loader::above},
        {"exclusiveMaximum", numeric, &Loader::below},
        {"enum", exact, &Loader::enumeration},
        {"const", exact | bit(Type::boolean), &Loader::constant},
        {"default", any_type, &Loader::default_value},
        {"examples", any_type, &Loader::examples}};
    return table;
}

SchemaPointer Loader::define(std::string_view name, Node& node) {
    under_way_.emplace_back(name);
    const auto is_letter = [](char c) { return (c | 0x20) >= 'a' && (c | 0x20) <= 'z'; };
    if (name.empty() || name[0] < 'A' || name[0] > 'Z' ||
        !std::all_of(name.begin(), name.end(), is_letter)) {
        report_.add(node, "a definition is named like a C++ type", quote(name),
                    "letters only, the first one a capital: Item");
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
    auto schema = std::make_shared<SchemaNode>();
    schema->file = report_.file();
    schema->line = node.line;
    schema->column = node.column;
    if (!read_type(node, *schema)) return nullptr;
    for (const auto& [key, value] : node.fields) refuse_unknown(key);
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
    std::vector<std::string_view> known{"type", "$ref"};
    for (const Keyword& keyword : keywords()) known.push_back(keyword.name);
    if (std::find(known.begin(), known.end(), key.text) != known.end()) return;
    std::string suggestion = did_you_mean(key.text, known);
    if (key.text == "oneOf" || key.text == "anyOf" || key.text == "allOf") {
        suggestion = "state facts of different shape as events of their own";
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
        report_.add(ref, "a reference is local", quote(text), "write it like '#/$defs/Item'");
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
            report_.add(at, "an event refers to its own domain's definitions only", quote(at.text),
                        "copy the definition; domains don't share types");
            return nullptr;
        }
        const auto found = definitions_.domains->find(domain);
        if (found == definitions_.domains->end()) {
            report_.add(at, "a reference names a domain that has contracts", quote(domain));
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

// ---- keywords

bool Loader::is_text(Node& node, std::string_view what) {
    if (!node.is_scalar()) {
        report_.add(node, fmt::format("{} is a text", what), "a list or a mapping");
        return false;
    }
    node.is_text = true;
    return true;
}

void Loader::size(const Node& node, std::size_t& target) {
    std::uint32_t value = 0;
    const char* end = node.text.data() + node.text.size();
    if (!node.is_scalar() || node.is_text || node.text.empty() ||
        std::from_chars(node.text.data(), end, value).ptr != end) {
        return report_.add(node, "a length or count is an integer from 0", quote(node.text));
    }
    target = value;
}

void Loader::flag(const Node& node, bool& target) {
    if (!node.is_scalar() || node.is_text || (node.text != "true" && node.text != "false")) {
        return report_.add(node, "a switch is true or false", quote(node.text));
    }
    target = node.text == "true";
}

void Loader::bound(const Node& node, SchemaNode& schema, bool is_minimum, bool is_exclusive) {
    json::Reader reader{node.text};
    if (!node.is_scalar() || node.is_text || !is_number_text(node.text)) {
        return report_.add(node, "a bound is a number", quote(node.text));
    }
    if (schema.type == Type::number) {
        const double value = reader.number();
        if (!reader.finish()) return report_.add(node, "a bound is a number", quote(node.text));
        (is_minimum ? schema.bounds.minimum : schema.bounds.maximum) = value;
        (is_minimum ? schema.bounds.above : schema.bounds.below) = is_exclusive;
        return;
    }
    std::int64_t value = reader.integer();
    if (!reader.finish()) {
        return report_.add(node, "a bound of an integer is an integer of 64 bits",
                           quote(node.text));
    }
    if (is_exclusive && value == (is_minimum ? std::numeric_limits<std::int64_t>::max()
                                             : std::numeric_limits<std::int64_t>::min())) {
        return report_.add(node, "a bound leaves values", quote(node.text));
    }
    if (is_exclusive) value += is_minimum ? 1 : -1;
    if (is_minimum) {
        schema.integer_min = std::max(schema.integer_min, value);
    } else {
        schema.integer_max = std::min(schema.integer_max, value);
    }
}

void Loader::properties(Node& node, SchemaNode& schema) {
    if (!node.is_mapping()) {
        return report_.add(node, "properties are a mapping", "something else");
    }
    for (auto& [key, value] : node.fields) {
        const bool is_name =
            !key.text.empty() && key.text[0] >= 'a' && key.text[0] <= 'z' &&
            key.text.size() <= 64 && std::all_of(key.text.begin(), key.text.end(), [](char c) {
                return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
            });
        if (!is_name) {
            report_.add(key, "a field is named in camelCase", quote(key.text),
                        camel_suggestion(key.text));
        }
        SchemaPointer property = load(value);
        if (property && is_name) schema.properties.push_back({key.text, false, property});
    }
}

void Loader::required(Node& node, SchemaNode& schema) {
    if (!node.is_sequence()) {
        return report_.add(node, "required is a list of names", "something else");
    }
    std::vector<std::string_view> names;
    for (const SchemaProperty& property : schema.properties) names.push_back(property.name);
    for (Node& name : node.items) {
        if (!is_text(name, "the name of a field")) continue;
        const auto found = std::find_if(
            schema.properties.begin(), schema.properties.end(),
            [&](const SchemaProperty& property) { return property.name == name.text; });
        if (found == schema.properties.end()) {
            report_.add(name, "a required field is one of the properties", quote(name.text),
                        did_you_mean(name.text, names));
        } else if (found->is_required) {
            report_.add(name, "a field is required once", quote(name.text));
        } else {
            found->is_required = true;
        }
    }
}

void Loader::additional(Node& node, SchemaNode& schema) {
    if (node.is_mapping()) {
        schema.values = load(node);
        return;
    }
    bool is_open = true;
    flag(node, is_open);
    schema.is_closed = !is_open;
}

void Loader::enumeration(Node& node, SchemaNode& schema) {
    if (!node.is_sequence() || node.items.empty()) {
        return report_.add(node, "enum is a list of values", "something else, or none");
    }
    std::vector<std::string> values;
    for (Node& item : node.items) {
        if (!item.is_scalar()) {
            report_.add(item, "a value of an enum is a text or an integer", "a list or a mapping");
            continue;
        }
        check_sample(item, schema, "a value of an enum");
        if (std::find(values.begin(), values.end(), item.text) != values.end()) {
            report_.add(item, "a value stands in an enum once", quote(item.text));
        }
        values.push_back(item.text);
    }
    schema.enumeration = std::move(values);
}

void Loader::constant(Node& node, SchemaNode& schema) {
    check_sample(node, schema, "const");
    schema.constant = node.text;
}

void Loader::pattern(Node& node, SchemaNode& schema) {
    if (!is_text(node, "a pattern")) return;
    const std::string error = pattern_error(node.text);
    if (!error.empty()) {
        return report_.add(node, "a pattern is a regular expression of RE2",
                           quote(node.text) + ": " + error);
    }
    schema.pattern = std::make_shared<const Pattern>(node.text);
}

void Loader::format(Node& node, SchemaNode& schema) {
    if (!is_text(node, "a format")) return;
    const auto found = find_in(formats, node.text);
    if (found == formats.end()) {
        return report_.add(node, "a format is one of uuid, date-time, date, email, uri, money",
                           quote(node.text), did_you_mean(node.text, names_of(formats)));
    }
    schema.format = found->second;
}

void Loader::description(Node& node, SchemaNode& schema) {
    if (is_text(node, "a description")) schema.description = node.text;
}

void Loader::default_value(Node& node, SchemaNode& schema) {
    check_sample(node, schema, "a default");
    schema.default_json = to_json(node);
    const bool is_container = schema.type == Type::array || schema.type == Type::object;
    if ((is_container && (!node.items.empty() || !node.fields.empty())) ||
        schema.type == Type::object || schema.format == Format::date_time) {
        report_.add(node, "a default is a plain value or an empty list", to_json(node));
    }
}

void Loader::examples(Node& node, SchemaNode& schema) {
    if (!node.is_sequence()) return report_.add(node, "examples are a list", "something else");
    for (Node& item : node.items) check_sample(item, schema, "an example");
}

void Loader::check_sample(Node& node, const SchemaNode& schema, std::string_view what) {
    mark_texts(node, schema);
    const std::string json = to_json(node);
    json::Reader reader{json};
    check_value(reader, schema);
    if (const auto finished = reader.finish(); !finished) {
        report_.add(node, fmt::format("{} keeps its own schema", what), finished.error().message);
    }
}

void Loader::finish(const Node& node, SchemaNode& schema) {
    if (schema.count_min > schema.count_max || schema.length_min > schema.length_max ||
        schema.integer_min > schema.integer_max || schema.bounds.minimum > schema.bounds.maximum) {
        report_.add(node, "a minimum is not above its maximum", "the bounds of this schema");
    }
    if (schema.type == Type::array && !schema.items && node.find("items") == nullptr) {
        report_.add(node, "a list says what its items are", "no items", "add items");
    }
    if (schema.type == Type::object && schema.properties.empty() && !schema.values &&
        node.find("properties") == nullptr) {
        report_.add(node, "an object says its properties", "none",
                    "add properties, or additionalProperties with a schema");
    }
    if (schema.values && !schema.properties.empty()) {
        report_.add(node, "an object has properties or additionalProperties with a schema", "both",
                    "put the open part into a field of its own");
    }
    const bool is_simple =
        schema.items && schema.items->enumeration.empty() && !schema.items->nullable &&
        schema.items->format != Format::money && schema.items->format != Format::date_time &&
        (schema.items->type == Type::string || schema.items->type == Type::integer);
    if (schema.is_unique && !is_simple) {
        report_.add(node, "uniqueItems is for lists of strings and integers", "another list");
    }
    const bool has_own_type = schema.format == Format::money || schema.format == Format::date_time;
    if (!schema.enumeration.empty() && (schema.constant || schema.pattern || has_own_type)) {
        report_.add(node, "an enum stands without const, pattern or format", "more than the enum");
    }
    if (schema.constant && has_own_type) {
        report_.add(node, "a const is a plain text, integer or boolean", *schema.constant);
    }
    if (has_own_type && (schema.length_min != 0 || schema.length_max != no_maximum)) {
        report_.add(node, "an amount and a time have no length", "minLength or maxLength");
    }
    if (schema.format == Format::date_time && schema.pattern) {
        report_.add(node, "a time has no pattern", schema.pattern->text());
    }
}

}  // namespace

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
