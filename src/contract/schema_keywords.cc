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

/// A value as it is compared: a text, or a number in one form, so that 1.0 and 1 are one.
std::string plain_value(const Node& node, const SchemaNode& schema) {
    json::Reader reader{node.text};
    if (schema.type == Type::integer) {
        const std::int64_t value = reader.integer();
        if (reader.finish()) return std::to_string(value);
    } else if (schema.type == Type::number) {
        const double value = reader.number();
        if (reader.finish()) return fmt::format("{}", value);
    }
    return node.text;
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
    constexpr unsigned exact = string | numeric;
    static const std::vector<Keyword> table{
        {"title", any_type, &Loader::title},
        {"description", any_type, &Loader::description},
        {"deprecated", any_type, &Loader::deprecated},
        {"properties", object, &Loader::properties},
        {"required", object, &Loader::required},
        {"additionalProperties", object, &Loader::additional},
        {"prefixItems", array, &Loader::prefix_items},
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

void Loader::prefix_items(Node& node, SchemaNode& schema) {
    if (!node.is_sequence() || node.items.empty()) {
        return report_.add(node, "prefixItems is a list of schemas", "something else, or none");
    }
    for (Node& item : node.items) {
        if (SchemaPointer held = load(item)) schema.prefix.push_back(std::move(held));
    }
}

void Loader::items(Node& node, SchemaNode& schema) {
    if (node.is_mapping()) {
        schema.items = load(node);
        return;
    }
    if (node.is_sequence()) {
        return report_.add(node, "items is one schema", "a list of them", "write prefixItems");
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
    bool has_null = false;
    for (Node& item : node.items) {
        if (!item.is_scalar()) {
            report_.add(item, "a value of an enum is a text or a number", "a list or a mapping");
            continue;
        }
        check_sample(item, schema, "a value of an enum");
        if (schema.nullable && item.is_null()) {
            has_null = true;
            continue;
        }
        std::string value = plain_value(item, schema);
        if (std::find(values.begin(), values.end(), value) != values.end()) {
            report_.add(item, "a value stands in an enum once", quote(item.text));
        }
        values.push_back(std::move(value));
    }
    if (schema.nullable != has_null) {
        report_.add(node, "null is in the type and in the enum", "only in the type",
                    "add null to the enum, or leave it out of the type");
    }
    if (values.empty()) report_.add(node, "an enum has a value beside null", "none");
    schema.enumeration = std::move(values);
}

void Loader::constant(Node& node, SchemaNode& schema) {
    if (!node.is_scalar()) {
        return report_.add(node, "a const is a plain text, number or boolean", "a list or mapping");
    }
    check_sample(node, schema, "const");
    if (schema.nullable) {
        report_.add(node, "a const is not null, so neither is its type", "null in the type",
                    "leave null out of the type");
    }
    schema.constant = plain_value(node, schema);
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

void Loader::title(Node& node, SchemaNode& schema) {
    if (is_text(node, "a title")) schema.title = node.text;
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

}  // namespace tidings::contract
