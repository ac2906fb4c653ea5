#include <tidings/base/text.h>

#include "contract/schema_loader.h"

#include <fmt/format.h>

#include <array>
#include <charconv>

namespace tidings::contract {

namespace {

constexpr std::array<std::pair<std::string_view, Format>, 6> formats{
    {{"uuid", Format::uuid},
     {"date-time", Format::date_time},
     {"date", Format::date},
     {"email", Format::email},
     {"uri", Format::uri},
     {"money", Format::money}}};

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

}  // namespace

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
    for (Node& item : node.items) {
        check_sample(item, schema, "an example");
        schema.examples.push_back(to_json(item));
    }
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

}  // namespace tidings::contract
