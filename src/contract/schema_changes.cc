#include "contract/schema_changes.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

namespace tidings::contract {

namespace {

constexpr ChangeLevel none = ChangeLevel::none;
constexpr ChangeLevel patch = ChangeLevel::patch;
constexpr ChangeLevel minor = ChangeLevel::minor;
constexpr ChangeLevel breaking = ChangeLevel::breaking;

std::string_view type_name(Type type) {
    constexpr std::string_view names[] = {"object",  "array",  "string",
                                          "integer", "number", "boolean"};
    return names[static_cast<std::size_t>(type)];
}

std::string_view format_name(Format format) {
    constexpr std::string_view names[] = {"no format", "uuid", "date-time", "date",
                                          "email",     "uri",  "money"};
    return names[static_cast<std::size_t>(format)];
}

std::string list(const std::vector<std::string>& values) {
    return fmt::format("{}", fmt::join(values, ", "));
}

/// Those of `values` that `others` lacks.
std::vector<std::string> missing(const std::vector<std::string>& values,
                                 const std::vector<std::string>& others) {
    std::vector<std::string> result;
    for (const std::string& value : values) {
        if (std::find(others.begin(), others.end(), value) == others.end()) result.push_back(value);
    }
    return result;
}

/// Walks two schemas side by side and notes what differs.
class Comparison {
public:
    void compare(const std::string& field, const SchemaNode& before, const SchemaNode& after);
    std::vector<ContractChange> changes;

private:
    void note(const std::string& field, std::string what, ChangeLevel for_producers,
              ChangeLevel for_consumers, std::string why = {}) {
        changes.push_back({field, std::move(what), for_producers, for_consumers, std::move(why)});
    }
    /// Values that were allowed are not any more.
    void narrowed(const std::string& field, std::string what, std::string_view values) {
        note(
            field, std::move(what), breaking, none,
            fmt::format("{} in the log and of producers that are not updated are refused", values));
    }
    /// Values are allowed that were not.
    void widened(const std::string& field, std::string what, std::string_view values) {
        note(field, std::move(what), none, breaking,
             fmt::format("consumers built on the version before refuse {}", values));
    }
    /// Neither includes the other, or nobody can tell.
    void replaced(const std::string& field, std::string what) {
        note(field, std::move(what), breaking, breaking,
             "what was right before may be wrong now, and the reverse");
    }
    template <class Number>
    void bound(const std::string& field, std::string_view keyword, Number before, Number after,
               Number unbounded, bool is_upper);

    void words(const std::string& field, const SchemaNode& before, const SchemaNode& after);
    void text_rules(const std::string& field, const SchemaNode& before, const SchemaNode& after);
    void number_rules(const std::string& field, const SchemaNode& before, const SchemaNode& after);
    void array_rules(const std::string& field, const SchemaNode& before, const SchemaNode& after);
    void object_rules(const std::string& field, const SchemaNode& before, const SchemaNode& after);
    void property(const std::string& field, const SchemaProperty& before,
                  const SchemaProperty& after);
    void others(const std::string& field, const SchemaNode& before, const SchemaNode& after);
    void branches(const std::string& field, const SchemaNode& before, const SchemaNode& after);
    void positions(const std::string& field, const SchemaNode& before, const SchemaNode& after);
};

template <class Number>
void Comparison::bound(const std::string& field, std::string_view keyword, Number before,
                       Number after, Number unbounded, bool is_upper) {
    if (before == after) return;
    const auto shown = [&](Number value) {
        return value == unbounded ? std::string{"none"} : fmt::format("{}", value);
    };
    std::string what = fmt::format("{} is {} instead of {}", keyword, shown(after), shown(before));
    if ((after < before) == is_upper) {
        narrowed(field, std::move(what), "values beyond it");
    } else {
        widened(field, std::move(what), "values beyond the old bound");
    }
}

void Comparison::words(const std::string& field, const SchemaNode& before,
                       const SchemaNode& after) {
    if (before.description != after.description || before.note != after.note) {
        note(field, "the description has other words", patch, patch);
    }
    if (before.deprecated != after.deprecated) {
        note(field, after.deprecated ? "is deprecated" : "is not deprecated any more", minor, minor,
             after.deprecated ? "a later major version may leave it out" : "");
    }
    if (before.default_json != after.default_json) {
        const auto shown = [](const std::optional<std::string>& json) {
            return json ? *json : std::string{"none"};
        };
        note(field,
             fmt::format("the default is {} instead of {}", shown(after.default_json),
                         shown(before.default_json)),
             none, before.default_json ? breaking : minor,
             before.default_json ? "one event means different things to consumers of either version"
                                 : "consumers find a value where there may have been none");
    }
}

void Comparison::text_rules(const std::string& field, const SchemaNode& before,
                            const SchemaNode& after) {
    bound(field, "minLength", before.length_min, after.length_min, std::size_t{0}, false);
    bound(field, "maxLength", before.length_max, after.length_max, no_maximum, true);
    if (before.format != after.format) {
        std::string what = fmt::format("the format is {} instead of {}", format_name(after.format),
                                       format_name(before.format));
        if (before.format == Format::none) {
            narrowed(field, std::move(what), "texts of another form");
        } else if (after.format == Format::none) {
            widened(field, std::move(what), "texts of another form");
        } else {
            replaced(field, std::move(what));
        }
    }
    const auto text_of = [](const SchemaNode& schema) {
        return schema.pattern ? schema.pattern->text() : std::string{};
    };
    const std::string old_pattern = text_of(before);
    const std::string new_pattern = text_of(after);
    if (old_pattern == new_pattern) return;
    if (old_pattern.empty()) {
        narrowed(field, "has a pattern now: " + new_pattern, "texts that do not match");
    } else if (new_pattern.empty()) {
        widened(field, "has no pattern any more", "texts that do not match the old one");
    } else {
        replaced(field, fmt::format("the pattern is {} instead of {}", new_pattern, old_pattern));
    }
}

void Comparison::number_rules(const std::string& field, const SchemaNode& before,
                              const SchemaNode& after) {
    bound(field, "minimum", before.integer_min, after.integer_min,
          std::numeric_limits<std::int64_t>::min(), false);
    bound(field, "maximum", before.integer_max, after.integer_max,
          std::numeric_limits<std::int64_t>::max(), true);
    constexpr double infinity = std::numeric_limits<double>::infinity();
    bound(field, "minimum", before.bounds.minimum, after.bounds.minimum, -infinity, false);
    bound(field, "maximum", before.bounds.maximum, after.bounds.maximum, infinity, true);
    const auto edge = [&](std::string_view keyword, bool was_open, bool is_open) {
        if (was_open == is_open) return;
        std::string what = fmt::format("{} itself is {} now", keyword, is_open ? "out" : "in");
        if (is_open) {
            narrowed(field, std::move(what), "values at the bound");
        } else {
            widened(field, std::move(what), "the value at the bound");
        }
    };
    if (before.bounds.minimum == after.bounds.minimum) {
        edge("the minimum", before.bounds.above, after.bounds.above);
    }
    if (before.bounds.maximum == after.bounds.maximum) {
        edge("the maximum", before.bounds.below, after.bounds.below);
    }
}

void Comparison::array_rules(const std::string& field, const SchemaNode& before,
                             const SchemaNode& after) {
    if (!before.prefix.empty() || !after.prefix.empty()) return positions(field, before, after);
    bound(field, "minItems", before.count_min, after.count_min, std::size_t{0}, false);
    bound(field, "maxItems", before.count_max, after.count_max, no_maximum, true);
    if (before.is_unique != after.is_unique) {
        if (after.is_unique) {
            narrowed(field, "items must be unique now", "lists with an item twice");
        } else {
            widened(field, "items need not be unique any more", "lists with an item twice");
        }
    }
    if (before.items && after.items) compare(field + "/*", *before.items, *after.items);
}

void Comparison::positions(const std::string& field, const SchemaNode& before,
                           const SchemaNode& after) {
    const std::size_t had = before.prefix.size();
    const std::size_t has = after.prefix.size();
    if (had == 0 || has == 0) return replaced(field, "is an array of another kind");
    for (std::size_t i = 0; i < std::min(had, has); ++i) {
        compare(fmt::format("{}/{}", field, i), *before.prefix[i], *after.prefix[i]);
    }
    if (has > had) {
        note(field, fmt::format("has {} positions instead of {}", has, had), breaking,
             before.is_closed ? breaking : minor,
             "events in the log and of producers that are not updated lack what is new");
    } else if (has < had) {
        note(field, fmt::format("has {} positions instead of {}", has, had),
             after.is_closed ? breaking : none, breaking,
             "consumers built on the version before refuse events without them");
    }
    if (!before.is_closed && after.is_closed) {
        narrowed(field, "further items are refused now", "arrays with further items");
    } else if (before.is_closed && !after.is_closed) {
        widened(field, "further items are allowed now", "arrays with further items");
    }
}

void Comparison::branches(const std::string& field, const SchemaNode& before,
                          const SchemaNode& after) {
    if (before.branches.empty() || after.branches.empty()) {
        return replaced(field, before.branches.empty() ? "is one of several objects now"
                                                       : "is not one of several objects any more");
    }
    if (before.discriminator != after.discriminator) {
        return replaced(field, fmt::format("is told apart by {} instead of {}", after.discriminator,
                                           before.discriminator));
    }
    for (const SchemaPointer& old : before.branches) {
        const std::string& kind = before.kind_of(*old);
        if (const SchemaNode* now = after.branch_of(kind)) {
            compare(fmt::format("{}/({})", field, kind), *old, *now);
        } else {
            narrowed(field, "has lost the kind " + kind, "such objects");
        }
    }
    for (const SchemaPointer& now : after.branches) {
        const std::string& kind = after.kind_of(*now);
        if (before.branch_of(kind) == nullptr) {
            widened(field, "has the new kind " + kind, "objects that they do not know");
        }
    }
}

/// What may stand beside the properties: nothing, anything, or values of one schema.
void Comparison::others(const std::string& field, const SchemaNode& before,
                        const SchemaNode& after) {
    if (before.values && after.values) return compare(field + "/*", *before.values, *after.values);
    if (before.is_map() != after.is_map()) return replaced(field, "is an object of another kind");
    constexpr std::string_view further = "events with further fields";
    const auto breadth = [](const SchemaNode& schema) {
        return schema.is_closed ? 0 : schema.values ? 1 : 2;
    };
    if (breadth(after) < breadth(before)) {
        narrowed(
            field,
            after.is_closed ? "unknown fields are refused now" : "unknown fields keep a schema now",
            further);
    } else if (breadth(after) > breadth(before) && before.is_closed && !after.values) {
        note(field, "unknown fields are allowed now", none, minor);
    } else if (breadth(after) > breadth(before)) {
        widened(field,
                after.values ? "fields of other names are allowed now"
                             : "unknown fields keep no schema any more",
                further);
    }
}

void Comparison::property(const std::string& field, const SchemaProperty& before,
                          const SchemaProperty& after) {
    if (!before.is_required && after.is_required) {
        narrowed(field, "is required now", "events without it");
    } else if (before.is_required && !after.is_required) {
        widened(field, "is not required any more", "events without it");
    }
    compare(field, *before.schema, *after.schema);
}

void Comparison::object_rules(const std::string& field, const SchemaNode& before,
                              const SchemaNode& after) {
    if (!before.branches.empty() || !after.branches.empty()) {
        return branches(field, before, after);
    }
    for (const SchemaProperty& old : before.properties) {
        const std::string at = field + '/' + old.name;
        if (const SchemaProperty* now = after.find(old.name)) {
            property(at, old, *now);
            continue;
        }
        const bool is_bound = after.is_closed || after.values;
        note(at, "is gone", is_bound ? breaking : none, old.is_required ? breaking : minor,
             old.is_required ? "consumers built on the version before refuse events without it"
             : is_bound      ? "events in the log that have it are refused"
                             : "consumers find it absent, as they always might; see who uses it");
    }
    for (const SchemaProperty& now : after.properties) {
        if (before.find(now.name) != nullptr) continue;
        const std::string at = field + '/' + now.name;
        const bool was_bound = before.is_closed || before.values;
        const ChangeLevel for_consumers = was_bound ? breaking : minor;
        if (now.is_required) {
            note(at, "is new and required", breaking, for_consumers,
                 "events in the log and of producers that are not updated lack it");
        } else {
            note(at, "is new", before.values ? breaking : minor, for_consumers,
                 before.values ? "it was one of the other fields, which keep another schema"
                 : before.is_closed
                     ? "consumers built on the version before refuse what they do not "
                       "know (additionalProperties: false)"
                     : "");
        }
    }
    others(field, before, after);
}

void Comparison::compare(const std::string& field, const SchemaNode& before,
                         const SchemaNode& after) {
    words(field, before, after);
    if (before.nullable != after.nullable) {
        if (after.nullable) {
            widened(field, "may be null now", "null");
        } else {
            narrowed(field, "may not be null any more", "events in which it is null");
        }
    }
    if (before.type != after.type) {
        std::string what = fmt::format("the type is {} instead of {}", type_name(after.type),
                                       type_name(before.type));
        if (before.type == Type::integer && after.type == Type::number) {
            return widened(field, std::move(what), "numbers with a fraction");
        }
        if (before.type == Type::number && after.type == Type::integer) {
            return narrowed(field, std::move(what), "numbers with a fraction");
        }
        return replaced(field, std::move(what));
    }
    if (before.enumeration != after.enumeration) {
        const auto gone = missing(before.enumeration, after.enumeration);
        const auto added = missing(after.enumeration, before.enumeration);
        if (before.enumeration.empty()) {
            narrowed(field, "is an enumeration now: " + list(added), "other values");
        } else if (after.enumeration.empty()) {
            widened(field, "is no enumeration any more", "other values");
        } else {
            if (!gone.empty()) narrowed(field, "has lost the value " + list(gone), "such values");
            if (!added.empty()) {
                widened(field, "has the new value " + list(added), "values that they do not know");
            }
        }
    }
    if (before.constant != after.constant) {
        if (!before.constant) {
            narrowed(field, "is always " + *after.constant + " now", "other values");
        } else if (!after.constant) {
            widened(field, "is not always " + *before.constant + " any more", "other values");
        } else {
            replaced(field, "is always " + *after.constant + " instead of " + *before.constant);
        }
    }
    text_rules(field, before, after);
    number_rules(field, before, after);
    array_rules(field, before, after);
    if (before.type == Type::object) object_rules(field, before, after);
}

}  // namespace

std::vector<ContractChange> compare_schemas(const SchemaNode& before, const SchemaNode& after) {
    Comparison comparison;
    comparison.compare("", before, after);
    return std::move(comparison.changes);
}

}  // namespace tidings::contract
