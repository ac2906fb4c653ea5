#include "contract/generate.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>
#include <limits>

namespace tidings::contract {

namespace {

using Kind = CppType::Kind;

std::string pad(std::size_t indent) { return std::string(indent * 4, ' '); }

/// The statements that check one record, numbered so that names in it do not collide.
class Rules {
public:
    /// Statements for `source`, whose place is the C++ expression `at`.
    std::string value(const CppType& type, const std::string& source, const std::string& at,
                      std::size_t indent);

    /// Statements for what stands beside the properties of a record.
    std::string others(const CppRecord& record);

private:
    std::string text(const SchemaNode& schema, const std::string& source, const std::string& at,
                     std::size_t indent);
    std::string number(const CppType& type, const std::string& source, const std::string& at,
                       std::size_t indent);
    std::string container(const CppType& type, const std::string& source, const std::string& at,
                          std::size_t indent);
    std::string pattern(const Pattern& pattern, const std::string& source, const std::string& at,
                        std::size_t indent);
    int count_ = 0;  // of names given
};

std::string size_literal(std::size_t size) {
    return size == no_maximum ? "tidings::contract::no_maximum" : std::to_string(size);
}

std::string integer_literal(std::int64_t value) {
    using Limits = std::numeric_limits<std::int64_t>;
    if (value == Limits::min()) return "std::numeric_limits<std::int64_t>::min()";
    if (value == Limits::max()) return "std::numeric_limits<std::int64_t>::max()";
    return std::to_string(value);
}

std::string number_literal(double value) {
    constexpr std::string_view infinity = "std::numeric_limits<double>::infinity()";
    if (std::isinf(value)) return (value < 0 ? "-" : "") + std::string{infinity};
    return fmt::format("{:#}", value);
}

std::string Rules::pattern(const Pattern& pattern, const std::string& source, const std::string& at,
                           std::size_t indent) {
    const std::string name = fmt::format("pattern_{}", ++count_);
    return fmt::format(
        "{0}static const tidings::contract::Pattern {1}{{{2}}};\n"
        "{0}checker.pattern({3}, {4}, {1});\n",
        pad(indent), name, literal(pattern.text()), at, source);
}

std::string Rules::text(const SchemaNode& schema, const std::string& source, const std::string& at,
                        std::size_t indent) {
    std::string bounds;
    if (schema.length_max != no_maximum) {
        bounds = fmt::format(", {}, {}", schema.length_min, schema.length_max);
    } else if (schema.length_min != 0) {
        bounds = fmt::format(", {}", schema.length_min);
    }
    std::string out;
    const bool is_ascii = schema.format == Format::uuid || schema.format == Format::date ||
                          schema.format == Format::uri;
    if (!bounds.empty() || !is_ascii) {
        out = fmt::format("{}checker.text({}, {}{});\n", pad(indent), at, source, bounds);
    }
    const auto format = [&](std::string_view name) {
        out += fmt::format("{}checker.{}({}, {});\n", pad(indent), name, at, source);
    };
    if (schema.format == Format::uuid) format("uuid");
    if (schema.format == Format::date) format("date");
    if (schema.format == Format::email) format("email");
    if (schema.format == Format::uri) format("uri");
    if (schema.pattern) out += pattern(*schema.pattern, source, at, indent);
    if (schema.constant) {
        out += fmt::format("{}checker.constant({}, {}, {});\n", pad(indent), at, source,
                           literal(*schema.constant));
    }
    return out;
}

std::string Rules::number(const CppType& type, const std::string& source, const std::string& at,
                          std::size_t indent) {
    const SchemaNode& schema = *type.schema;
    std::vector<std::string> allowed = schema.enumeration;
    if (schema.constant) allowed = {*schema.constant};
    if (type.kind == Kind::number) {
        for (std::string& value : allowed) value = number_literal(std::stod(value));
    }
    const std::string choice = allowed.empty()
                                   ? std::string{}
                                   : fmt::format("{}checker.one_of({}, {}, {{{}}});\n", pad(indent),
                                                 at, source, fmt::join(allowed, ", "));
    if (type.kind == Kind::number) {
        return fmt::format("{}checker.number({}, {}, {{{}, {}, {}, {}}});\n", pad(indent), at,
                           source, number_literal(schema.bounds.minimum),
                           number_literal(schema.bounds.maximum), schema.bounds.above,
                           schema.bounds.below) +
               choice;
    }
    std::string out;
    if (schema.integer_min != std::numeric_limits<std::int64_t>::min() ||
        schema.integer_max != std::numeric_limits<std::int64_t>::max()) {
        out +=
            fmt::format("{}checker.integer({}, {}, {}, {});\n", pad(indent), at, source,
                        integer_literal(schema.integer_min), integer_literal(schema.integer_max));
    }
    return out + choice;
}

std::string Rules::container(const CppType& type, const std::string& source, const std::string& at,
                             std::size_t indent) {
    const SchemaNode& schema = *type.schema;
    std::string out;
    if (schema.count_min != 0 || schema.count_max != no_maximum) {
        out += fmt::format("{}checker.items({}, {}.size(), {}, {});\n", pad(indent), at, source,
                           schema.count_min, size_literal(schema.count_max));
    }
    if (schema.is_unique) {
        out += fmt::format("{}checker.unique({}, {});\n", pad(indent), at, source);
    }
    const bool is_list = type.kind == Kind::list;
    const int number = ++count_;
    const std::string element = fmt::format("element{}", number);
    const std::string inner_at = fmt::format("at{}", number);
    const std::size_t inner_indent = indent + (type.element_is_optional ? 2 : 1);
    std::string inner = value(*type.element, type.element_is_optional ? "*" + element : element,
                              inner_at, inner_indent);
    if (!is_list) {
        inner.insert(
            0, fmt::format("{}checker.text({}, key{});\n", pad(inner_indent), inner_at, number));
    }
    if (inner.empty()) return out;
    if (type.element_is_optional) {
        inner = fmt::format("{0}if ({1}) {{\n{2}{0}}}\n", pad(indent + 1), element, inner);
    }
    const std::string list = fmt::format("list{}", number);
    out += fmt::format("{}const tidings::contract::Place {} = {};\n", pad(indent), list, at);
    if (is_list) {
        return out + fmt::format(
                         "{0}for (std::size_t i{1} = 0; i{1} < {2}.size(); ++i{1}) {{\n"
                         "{0}    const auto& {3} = {2}[i{1}];\n"
                         "{0}    const tidings::contract::Place {4}{{&{5}, {{}}, i{1}}};\n"
                         "{6}{0}}}\n",
                         pad(indent), number, source, element, inner_at, list, inner);
    }
    return out + fmt::format(
                     "{0}for (const auto& [key{1}, {3}] : {2}) {{\n"
                     "{0}    const tidings::contract::Place {4}{{&{5}, key{1}}};\n"
                     "{6}{0}}}\n",
                     pad(indent), number, source, element, inner_at, list, inner);
}

std::string Rules::others(const CppRecord& record) {
    std::vector<std::string> taken;
    for (const CppField& field : record.fields) taken.push_back(literal(field.wire));
    const CppType& type = record.others->type;
    const std::string inner = value(*type.element, type.element_is_optional ? "*other" : "other",
                                    "at_other", type.element_is_optional ? 3 : 2);
    return fmt::format(
        "    for (const auto& [key, other] : value.{}) {{\n"
        "        const tidings::contract::Place at_other{{&at, key}};\n"
        "        checker.text(at_other, key);\n"
        "        checker.other_name(at_other, key, {{{}}});\n{}    }}\n",
        record.others->member, fmt::join(taken, ", "),
        inner.empty() || !type.element_is_optional
            ? inner
            : fmt::format("        if (other) {{\n{}        }}\n", inner));
}

std::string Rules::value(const CppType& type, const std::string& source, const std::string& at,
                         std::size_t indent) {
    const SchemaNode& schema = *type.schema;
    switch (type.kind) {
        case Kind::boolean:
            if (!schema.constant) return {};
            return fmt::format("{}checker.flag({}, {}, {});\n", pad(indent), at, source,
                               *schema.constant);
        case Kind::integer:
        case Kind::number:
            return number(type, source, at, indent);
        case Kind::text:
            return text(schema, source, at, indent);
        case Kind::money: {
            const bool is_sign =
                schema.pattern != nullptr && schema.pattern->text() == not_negative_pattern;
            std::string out =
                fmt::format("{}checker.money({}, {}, {});\n", pad(indent), at, source, !is_sign);
            if (schema.pattern && !is_sign) {
                const std::string shown = fmt::format(
                    "tidings::to_string({})", source[0] == '*' ? "(" + source + ")" : source);
                out += pattern(*schema.pattern, shown, at, indent);
            }
            return out;
        }
        case Kind::timestamp:
            return fmt::format("{}checker.timestamp({}, {});\n", pad(indent), at, source);
        case Kind::choice:
            return fmt::format("{}checker.enumerator({}, to_string({}));\n", pad(indent), at,
                               source);
        case Kind::record:
            return fmt::format("{}check_rules({}, {}, checker);\n", pad(indent), source, at);
        case Kind::list:
        case Kind::map:
            return container(type, source[0] == '*' ? "(" + source + ")" : source, at, indent);
    }
    return {};
}

}  // namespace

std::string rules_definition(const CppRecord& record) {
    Rules rules;
    std::string body;
    for (const auto& [spelling, kind] : record.alternatives) {
        body += fmt::format(
            "    if (const auto* held = std::get_if<{}>(&value)) check_rules(*held, at, "
            "checker);\n",
            spelling);
    }
    if (record.others) body += rules.others(record);
    for (std::size_t i = 0; i < record.fields.size(); ++i) {
        const CppField& field = record.fields[i];
        const std::string source = "value." + field.member;
        const std::string at = record.is_array ? fmt::format("{{&at, {{}}, {}}}", i)
                                               : fmt::format("{{&at, {}}}", literal(field.wire));
        if (!field.is_optional) {
            body += rules.value(field.type, source, at, 1);
            continue;
        }
        const std::string inner = rules.value(field.type, "*" + source, at, 2);
        if (!inner.empty()) body += fmt::format("    if ({}) {{\n{}    }}\n", source, inner);
    }
    if (body.empty()) {
        body =
            "    static_cast<void>(value);\n    static_cast<void>(at);\n"
            "    static_cast<void>(checker);\n";
    }
    return fmt::format(
        "void check_rules(const {}& value, const tidings::contract::Place& at,\n"
        "                 tidings::contract::Checker& checker) {{\n{}}}\n\n",
        record.name, body);
}

}  // namespace tidings::contract
