#include <tidings/base/text.h>

#include "contract/rule_texts.h"
#include "contract/schema.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

namespace tidings::contract {

namespace {

void check_branch(json::Reader& reader, const SchemaNode& schema) {
    const auto kind = reader.text_ahead(schema.discriminator);
    const SchemaNode* branch = kind ? schema.branch_of(*kind) : nullptr;
    if (branch != nullptr) return check_value(reader, *branch);
    refuse_kind(reader, schema.discriminator, schema.kinds());
}

void check_object(json::Reader& reader, const SchemaNode& schema) {
    if (!schema.branches.empty()) return check_branch(reader, schema);
    std::vector<bool> seen(schema.properties.size());
    std::string_view name;
    reader.begin_object();
    while (reader.next_field(name)) {
        const SchemaProperty* property = schema.find(name);
        if (property != nullptr) {
            seen[static_cast<std::size_t>(property - schema.properties.data())] = true;
            check_value(reader, *property->schema);
        } else if (schema.values) {
            check_value(reader, *schema.values);
        } else if (schema.is_closed) {
            reader.fail(rules::unknown);
        } else {
            reader.skip();
        }
    }
    for (std::size_t i = 0; i < seen.size(); ++i) {
        if (schema.properties[i].is_required && !seen[i]) reader.missing(schema.properties[i].name);
    }
}

bool check_format(Format format, std::string_view text, std::string_view& rule) {
    switch (format) {
        case Format::none:
            return true;
        case Format::uuid:
            rule = rules::uuid;
            return is_uuid(text);
        case Format::date_time:
            rule = rules::date_time;
            return parse_timestamp(text).has_value();
        case Format::date:
            rule = rules::date;
            return is_date(text);
        case Format::email:
            rule = rules::email;
            return is_email(text);
        case Format::uri:
            rule = rules::uri;
            return is_uri(text);
        case Format::money:
            rule = rules::money;
            return Money::parse(text).has_value();
    }
    return false;
}

void check_choice(json::Reader& reader, const SchemaNode& schema, std::string_view value) {
    if (schema.constant && value != *schema.constant) {
        return reader.fail("must be " + *schema.constant);
    }
    const auto& choices = schema.enumeration;
    if (!choices.empty() && std::find(choices.begin(), choices.end(), value) == choices.end()) {
        reader.fail(fmt::format("must be one of {}", fmt::join(choices, ", ")));
    }
}

std::string check_text(json::Reader& reader, const SchemaNode& schema) {
    std::string value{reader.text()};
    if (reader.failed()) return value;
    const std::size_t characters = count_characters(value);
    if (characters < schema.length_min) {
        reader.fail(fmt::format("must have at least {} characters", schema.length_min));
    }
    if (characters > schema.length_max) {
        reader.fail(fmt::format("must have at most {} characters", schema.length_max));
    }
    std::string_view rule;
    if (!check_format(schema.format, value, rule)) reader.fail(rule);
    if (schema.pattern && !schema.pattern->matches(value)) {
        const bool is_amount =
            schema.format == Format::money && schema.pattern->text() == not_negative_pattern;
        reader.fail(is_amount ? std::string{rules::not_negative}
                              : "must match " + schema.pattern->text());
    }
    check_choice(reader, schema, value);
    return value;
}

std::string check_integer(json::Reader& reader, const SchemaNode& schema) {
    const std::int64_t value = reader.integer();
    if (reader.failed()) return {};
    if (value < schema.integer_min) {
        reader.fail(fmt::format("must be at least {}", schema.integer_min));
    }
    if (value > schema.integer_max) {
        reader.fail(fmt::format("must be at most {}", schema.integer_max));
    }
    std::string text = std::to_string(value);
    check_choice(reader, schema, text);
    return text;
}

void check_number(json::Reader& reader, const SchemaNode& schema) {
    const double value = reader.number();
    if (reader.failed()) return;
    if (const std::string rule = broken_bound(value, schema.bounds); !rule.empty()) {
        return reader.fail(rule);
    }
    check_choice(reader, schema, fmt::format("{}", value));
}

void check_positions(json::Reader& reader, const SchemaNode& schema) {
    std::size_t count = 0;
    reader.begin_array();
    while (reader.next_element()) {
        if (count < schema.prefix.size()) {
            check_value(reader, *schema.prefix[count]);
        } else if (schema.is_closed) {
            reader.fail(rules::beyond);
        } else {
            reader.skip();
        }
        ++count;
    }
    check_count(reader, count, schema.prefix.size());
}

void check_array(json::Reader& reader, const SchemaNode& schema) {
    if (!schema.prefix.empty()) return check_positions(reader, schema);
    std::size_t count = 0;
    std::set<std::string> values;
    reader.begin_array();
    while (reader.next_element()) {
        ++count;
        if (!schema.is_unique) {
            check_value(reader, *schema.items);
            continue;
        }
        std::string value = schema.items->type == Type::string
                                ? check_text(reader, *schema.items)
                                : check_integer(reader, *schema.items);
        if (!values.insert(std::move(value)).second) reader.fail(rules::twice);
    }
    if (count < schema.count_min) {
        reader.fail(fmt::format("must have at least {} items", schema.count_min));
    }
    if (count > schema.count_max) {
        reader.fail(fmt::format("must have at most {} items", schema.count_max));
    }
}

}  // namespace

void check_value(json::Reader& reader, const SchemaNode& schema) {
    if (schema.nullable && reader.kind() == json::Kind::null) return reader.null();
    switch (schema.type) {
        case Type::object:
            return check_object(reader, schema);
        case Type::array:
            return check_array(reader, schema);
        case Type::string:
            check_text(reader, schema);
            return;
        case Type::integer:
            check_integer(reader, schema);
            return;
        case Type::number:
            return check_number(reader, schema);
        case Type::boolean: {
            const bool value = reader.boolean();
            return check_choice(reader, schema, value ? "true" : "false");
        }
    }
}

void mark_texts(Node& value, const SchemaNode& schema) {
    if (value.is_mapping() && !schema.branches.empty()) {
        const Node* kind = value.find(schema.discriminator);
        const SchemaNode* branch = kind != nullptr ? schema.branch_of(kind->text) : nullptr;
        if (branch != nullptr) mark_texts(value, *branch);
    } else if (value.is_mapping()) {
        for (auto& [key, field] : value.fields) {
            const SchemaProperty* property = schema.find(key.text);
            const SchemaNode* below =
                property != nullptr ? property->schema.get() : schema.values.get();
            if (below != nullptr) mark_texts(field, *below);
        }
    } else if (value.is_sequence()) {
        for (std::size_t i = 0; i < value.items.size(); ++i) {
            const SchemaNode* below =
                i < schema.prefix.size() ? schema.prefix[i].get() : schema.items.get();
            if (below != nullptr) mark_texts(value.items[i], *below);
        }
    } else if (schema.type == Type::string && !(schema.nullable && value.is_null())) {
        value.is_text = true;
    }
}

Result<void> check_json(const SchemaNode& schema, std::string_view json) {
    json::Reader reader{json};
    check_value(reader, schema);
    return reader.finish();
}

}  // namespace tidings::contract
