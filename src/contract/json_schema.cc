#include "contract/json_schema.h"

#include <cmath>
#include <string_view>

namespace tidings::contract {

namespace {

constexpr std::string_view money_pattern = R"(^-?[0-9]+\.[0-9]{2}$)";

std::string_view type_name(Type type) {
    constexpr std::string_view names[] = {"object",  "array",  "string",
                                          "integer", "number", "boolean"};
    return names[static_cast<std::size_t>(type)];
}

/// Writes one schema and what it is made of.
class SchemaWriter {
public:
    SchemaWriter(json::Writer& writer, const ReferenceTo& reference_to)
        : writer_(writer), reference_to_(reference_to) {}

    void write(const SchemaNode& schema) {
        writer_.begin_object();
        words(schema);
        if (!schema.branches.empty()) {
            one_of(schema);
            return writer_.end_object();
        }
        type(schema);
        text_rules(schema);
        number_rules(schema);
        array_rules(schema);
        object_rules(schema);
        writer_.end_object();
    }

private:
    void text(std::string_view name, std::string_view value) {
        writer_.name(name);
        writer_.text(value);
    }
    void integer(std::string_view name, std::int64_t value) {
        writer_.name(name);
        writer_.integer(value);
    }
    void raw(std::string_view name, std::string_view json) {
        writer_.name(name);
        writer_.raw(json);
    }

    /// A part: written out, or a reference where it is a definition. What is said beside a
    /// reference stands beside it in `allOf`, because draft 7 reads nothing next to a `$ref`.
    void part(const SchemaNode& schema) {
        if (schema.definition.empty()) return write(schema);
        const bool is_alone =
            schema.note.empty() && !schema.nullable && !schema.deprecated && !schema.default_json;
        writer_.begin_object();
        if (is_alone) {
            text("$ref", reference_to_(schema));
            return writer_.end_object();
        }
        if (!schema.note.empty()) text("description", schema.note);
        if (schema.deprecated) {
            writer_.name("deprecated");
            writer_.boolean(true);
        }
        if (schema.default_json) raw("default", *schema.default_json);
        writer_.name(schema.nullable ? "anyOf" : "allOf");
        writer_.begin_array();
        writer_.begin_object();
        text("$ref", reference_to_(schema));
        writer_.end_object();
        if (schema.nullable) {
            writer_.begin_object();
            text("type", "null");
            writer_.end_object();
        }
        writer_.end_array();
        writer_.end_object();
    }

    void words(const SchemaNode& schema) {
        if (!schema.title.empty()) text("title", schema.title);
        if (!schema.description.empty()) text("description", schema.description);
        if (schema.deprecated) {
            writer_.name("deprecated");
            writer_.boolean(true);
        }
        if (schema.default_json) raw("default", *schema.default_json);
    }

    void one_of(const SchemaNode& schema) {
        writer_.name("oneOf");
        writer_.begin_array();
        for (const SchemaPointer& branch : schema.branches) part(*branch);
        if (schema.nullable) {
            writer_.begin_object();
            text("type", "null");
            writer_.end_object();
        }
        writer_.end_array();
    }

    void type(const SchemaNode& schema) {
        writer_.name("type");
        if (!schema.nullable) {
            writer_.text(type_name(schema.type));
        } else {
            writer_.begin_array();
            writer_.text(type_name(schema.type));
            writer_.text("null");
            writer_.end_array();
        }
        const auto literal = [&](const std::string& value) {
            schema.type == Type::string ? writer_.text(value) : writer_.raw(value);
        };
        if (!schema.enumeration.empty()) {
            writer_.name("enum");
            writer_.begin_array();
            for (const std::string& value : schema.enumeration) literal(value);
            if (schema.nullable) writer_.null();
            writer_.end_array();
        }
        if (schema.constant && schema.nullable) {
            writer_.name("enum");
            writer_.begin_array();
            literal(*schema.constant);
            writer_.null();
            writer_.end_array();
        } else if (schema.constant) {
            writer_.name("const");
            literal(*schema.constant);
        }
    }

    void text_rules(const SchemaNode& schema) {
        constexpr std::string_view formats[] = {"", "uuid", "date-time", "date", "email", "uri"};
        if (schema.format == Format::money) {
            const bool is_known = schema.pattern && schema.pattern->text() == not_negative_pattern;
            text("pattern", is_known ? not_negative_pattern : money_pattern);
            if (!schema.pattern || is_known) return;
            writer_.name("allOf");
            writer_.begin_array();
            writer_.begin_object();
            text("pattern", schema.pattern->text());
            writer_.end_object();
            writer_.end_array();
            return;
        }
        if (schema.format != Format::none) {
            text("format", formats[static_cast<std::size_t>(schema.format)]);
        }
        if (schema.length_min > 0) {
            integer("minLength", static_cast<std::int64_t>(schema.length_min));
        }
        if (schema.length_max != no_maximum) {
            integer("maxLength", static_cast<std::int64_t>(schema.length_max));
        }
        if (schema.pattern) text("pattern", schema.pattern->text());
    }

    void number_rules(const SchemaNode& schema) {
        using Limits = std::numeric_limits<std::int64_t>;
        if (schema.integer_min != Limits::min()) integer("minimum", schema.integer_min);
        if (schema.integer_max != Limits::max()) integer("maximum", schema.integer_max);
        const auto bound = [&](std::string_view name, double value) {
            writer_.name(name);
            writer_.number(value);
        };
        if (std::isfinite(schema.bounds.minimum)) {
            bound(schema.bounds.above ? "exclusiveMinimum" : "minimum", schema.bounds.minimum);
        }
        if (std::isfinite(schema.bounds.maximum)) {
            bound(schema.bounds.below ? "exclusiveMaximum" : "maximum", schema.bounds.maximum);
        }
    }

    void array_rules(const SchemaNode& schema) {
        if (!schema.prefix.empty()) {  // As draft 7 says it, which AsyncAPI reads.
            writer_.name("items");
            writer_.begin_array();
            for (const SchemaPointer& held : schema.prefix) part(*held);
            writer_.end_array();
            writer_.name("additionalItems");
            writer_.boolean(!schema.is_closed);
        }
        if (schema.items) {
            writer_.name("items");
            part(*schema.items);
        }
        if (schema.count_min > 0) integer("minItems", static_cast<std::int64_t>(schema.count_min));
        if (schema.count_max != no_maximum) {
            integer("maxItems", static_cast<std::int64_t>(schema.count_max));
        }
        if (schema.is_unique) {
            writer_.name("uniqueItems");
            writer_.boolean(true);
        }
    }

    void object_rules(const SchemaNode& schema) {
        if (!schema.properties.empty()) {
            writer_.name("properties");
            writer_.begin_object();
            for (const SchemaProperty& property : schema.properties) {
                writer_.name(property.name);
                part(*property.schema);
            }
            writer_.end_object();
            required(schema);
        }
        if (schema.is_closed && schema.type == Type::object) {
            writer_.name("additionalProperties");
            writer_.boolean(false);
        } else if (schema.values) {
            writer_.name("additionalProperties");
            part(*schema.values);
        }
    }

    void required(const SchemaNode& schema) {
        bool has_any = false;
        for (const SchemaProperty& property : schema.properties) {
            if (!property.is_required) continue;
            if (!has_any) {
                writer_.name("required");
                writer_.begin_array();
            }
            has_any = true;
            writer_.text(property.name);
        }
        if (has_any) writer_.end_array();
    }

    json::Writer& writer_;
    const ReferenceTo& reference_to_;
};

}  // namespace

void write_json_schema(json::Writer& writer, const SchemaNode& schema,
                       const ReferenceTo& reference_to) {
    SchemaWriter{writer, reference_to}.write(schema);
}

}  // namespace tidings::contract
