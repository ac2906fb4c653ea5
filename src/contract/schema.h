#pragma once

#include <tidings/contract/contract.h>
#include <tidings/contract/rules.h>
#include <tidings/model/json.h>

#include "contract/node.h"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace tidings::contract {

enum class Type { object, array, string, integer, number, boolean };
enum class Format { none, uuid, date_time, date, email, uri, money };

struct SchemaNode;
using SchemaPointer = std::shared_ptr<const SchemaNode>;

struct SchemaProperty {
    std::string name;
    bool is_required = false;
    SchemaPointer schema;
};

/// A schema, checked and with its references resolved.
struct SchemaNode {
    Type type = Type::object;
    bool nullable = false;
    Format format = Format::none;
    std::string definition;   ///< Its name under $defs, if it came from there.
    std::string domain;       ///< The domain whose definition it is, if not the own one.
    std::string description;  ///< Of the type.
    std::string note;         ///< Said beside a $ref, of the value that stands there.
    std::string title;        ///< What a position of prefixItems is called.
    bool deprecated = false;

    std::vector<SchemaProperty> properties;
    bool is_closed = false;  ///< additionalProperties: false; items: false beside prefixItems
    SchemaPointer values;    ///< additionalProperties: a schema

    std::vector<SchemaPointer> branches;  ///< oneOf: objects, of which one stands there.
    std::string discriminator;            ///< The property whose const tells them apart.

    std::vector<SchemaPointer> prefix;  ///< prefixItems; all there, and closed: no more.
    SchemaPointer items;
    std::size_t count_min = 0;
    std::size_t count_max = no_maximum;
    bool is_unique = false;

    std::size_t length_min = 0;
    std::size_t length_max = no_maximum;
    std::shared_ptr<const Pattern> pattern;
    std::vector<std::string> enumeration;  ///< Texts, or integers as written.
    std::optional<std::string> constant;
    std::int64_t integer_min = std::numeric_limits<std::int64_t>::min();
    std::int64_t integer_max = std::numeric_limits<std::int64_t>::max();
    NumberBounds bounds;
    std::optional<std::string> default_json;
    std::vector<std::string> examples;  ///< JSON texts.

    std::string file;  ///< Where it is written.
    int line = 1;
    int column = 1;

    const SchemaProperty* find(std::string_view name) const;
    /// Whether it is an object of any names, a `std::map`.
    bool is_map() const { return values != nullptr && properties.empty(); }
    /// The text that a branch of a oneOf is known by.
    const std::string& kind_of(const SchemaNode& branch) const;
    /// The branch that is known by `kind`, or null.
    const SchemaNode* branch_of(std::string_view kind) const;
    /// How the branches are known, `card, transfer`.
    std::string kinds() const;
};

/// The pattern that makes an amount of money one that is not negative.
inline constexpr std::string_view not_negative_pattern = R"(^[0-9]+\.[0-9]{2}$)";

/// The $defs of one file, and those of others that its schemas may refer to.
struct Definitions {
    std::map<std::string, SchemaPointer, std::less<>> schemas;
    std::shared_ptr<const Node> source;   ///< As written, if others may refer to it.
    const Definitions* shared = nullptr;  ///< The domain's own `_types.yaml`.
    /// Of each domain, for `$ref: order#/$defs/Item`; what is shared itself has none.
    const std::map<std::string, Definitions, std::less<>>* domains = nullptr;
};

/// Reads `$defs` into `definitions.schemas`.
void load_definitions(Node& defs, Definitions& definitions, Report& report);

/// Reads a schema; each scalar that it reads as text is marked so. Returns null after an error.
SchemaPointer load_schema(Node& node, const Definitions& definitions, Report& report);

/// Marks the scalars that the schema wants to be strings.
void mark_texts(Node& value, const SchemaNode& schema);

/// Checks one JSON text.
Result<void> check_json(const SchemaNode& schema, std::string_view json);

/// Checks the value that comes next; the reader keeps the error.
void check_value(json::Reader& reader, const SchemaNode& schema);

}  // namespace tidings::contract
