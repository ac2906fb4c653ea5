#include "contract/schema_loader.h"

#include <fmt/format.h>

namespace tidings::contract {

void Loader::finish(const Node& node, SchemaNode& schema) {
    if (schema.count_min > schema.count_max || schema.length_min > schema.length_max ||
        schema.integer_min > schema.integer_max || schema.bounds.minimum > schema.bounds.maximum) {
        report_.add(node, "a minimum is not above its maximum", "the bounds of this schema");
    }
    if (schema.type == Type::array) finish_array(node, schema);
    if (schema.type == Type::object) finish_object(node, schema);
    const bool has_own_type = schema.format == Format::money || schema.format == Format::date_time;
    if (!schema.enumeration.empty() && (schema.constant || schema.pattern || has_own_type)) {
        report_.add(node, "an enum stands without const, pattern or format", "more than the enum");
    }
    if (schema.constant && has_own_type) {
        report_.add(node, "a const is a plain text, number or boolean", *schema.constant);
    }
    if (has_own_type && (schema.length_min != 0 || schema.length_max != no_maximum)) {
        report_.add(node, "an amount and a time have no length", "minLength or maxLength");
    }
    if (schema.format == Format::date_time && schema.pattern) {
        report_.add(node, "a time has no pattern", schema.pattern->text());
    }
}

void Loader::finish_object(const Node& node, const SchemaNode& schema) {
    if (schema.properties.empty() && !schema.values && node.find("properties") == nullptr) {
        report_.add(node, "an object says its properties", "none",
                    "add properties, or additionalProperties with a schema");
    }
}

/// Positions become members of a struct, so all of them are there.
void Loader::finish_array(const Node& node, SchemaNode& schema) {
    if (schema.prefix.empty()) {
        const Node* items = node.find("items");
        if (!schema.items && (items == nullptr || !items->is_mapping())) {
            report_.add(node, "a list says what its items are", "no items",
                        "add items with a schema");
        }
        const bool is_simple =
            schema.items && schema.items->enumeration.empty() && !schema.items->nullable &&
            schema.items->format != Format::money && schema.items->format != Format::date_time &&
            (schema.items->type == Type::string || schema.items->type == Type::integer);
        if (schema.is_unique && !is_simple) {
            report_.add(node, "uniqueItems is for lists of strings and integers", "another list");
        }
        return;
    }
    const std::size_t positions = schema.prefix.size();
    if (schema.items) {
        report_.add(node, "beside prefixItems, items is false or left out", "items with a schema",
                    "put the list into a field of its own");
    }
    if (schema.is_unique) {
        report_.add(node, "uniqueItems does not stand beside prefixItems", "both");
    }
    if (schema.count_min != positions) {
        report_.add(node, "all positions of prefixItems are there",
                    fmt::format("minItems {}", schema.count_min),
                    fmt::format("write minItems: {}", positions));
    }
    if (schema.count_max != no_maximum && schema.count_max != positions) {
        report_.add(node, "beside prefixItems, maxItems is their number or left out",
                    fmt::format("maxItems {}", schema.count_max), "write items: false");
    }
    schema.is_closed = schema.is_closed || schema.count_max == positions;
    if (schema.is_closed) schema.count_max = positions;
}

}  // namespace tidings::contract
