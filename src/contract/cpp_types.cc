#include "contract/cpp_types.h"

#include <tidings/base/text.h>

#include "contract/names.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace tidings::contract {

namespace {

/// Everything of a schema that its C++ type or its rules depend on. Equal names with equal
/// signatures are one type.
std::string signature(const SchemaNode& schema) {
    std::string out = fmt::format(
        "{}{}/{}/{}/{}/{}/{}/{}/{}/{}/{}/{}", static_cast<int>(schema.type), schema.nullable,
        static_cast<int>(schema.format), schema.definition, schema.domain, schema.is_closed,
        schema.count_min, schema.count_max, schema.is_unique, schema.length_min, schema.length_max,
        schema.pattern ? schema.pattern->text() : std::string{});
    out +=
        fmt::format("/{}/{}/{}/{}/{}/{}/{}", fmt::join(schema.enumeration, ","),
                    schema.constant.value_or(""), schema.integer_min, schema.integer_max,
                    schema.bounds.minimum, schema.bounds.maximum, schema.default_json.value_or(""));
    out += fmt::format("/{}{}", schema.bounds.above, schema.bounds.below);
    for (const SchemaProperty& property : schema.properties) {
        out += fmt::format("{{{}{}{}}}", property.name, property.is_required,
                           signature(*property.schema));
    }
    for (const SchemaPointer& branch : schema.branches) out += "|" + signature(*branch);
    for (const SchemaPointer& held : schema.prefix) {
        out += "," + held->title + signature(*held);
    }
    if (schema.items) out += "[" + signature(*schema.items) + "]";
    if (schema.values) out += "<" + signature(*schema.values) + ">";
    return out;
}

/// Of a nested type: what is said of the value where it stands is no part of the type.
std::string type_signature(const SchemaNode& schema) {
    SchemaNode type = schema;
    type.nullable = false;
    type.default_json.reset();
    type.definition.clear();
    type.domain.clear();
    return signature(type);
}

/// The types that events of a domain hold, by name: the last major version that has one of its own.
struct HeldType {
    int major = 0;
    const SchemaNode* schema = nullptr;
};
using HeldTypes = std::map<std::string, HeldType>;

class Builder {
public:
    Builder(CppUnit& unit, CppUnit::Space& space, HeldTypes& held,
            std::vector<Diagnostic>& problems)
        : unit_(unit), space_(space), held_(held), problems_(problems) {}

    void add_record(const std::string& name, const SchemaNode& schema, const Contract* contract,
                    const Model* model);
    /// The types of a definition, if no event has brought them in.
    void add_definition(const std::string& name, const SchemaNode& schema);

private:
    void add_struct(const std::string& name, const SchemaNode& schema);
    void add_variant(const std::string& name, const SchemaNode& schema);
    void add_field(CppRecord& record, CppField field, const SchemaNode& schema);
    /// `domain`: whose definition it is a part of, if not the own one's.
    CppType type_of(const SchemaNode& schema, const std::string& hint,
                    const std::string& domain = {});
    CppField field_of(const SchemaProperty& property, bool is_event, bool is_model);
    void refer_to(const std::string& domain) { unit_.domains.insert(domain); }
    bool is_known(const std::string& name, const SchemaNode& schema);
    void add_enum(const std::string& name, const SchemaNode& schema);
    void problem(const SchemaNode& at, std::string rule, std::string what, std::string suggestion);

    CppUnit& unit_;
    CppUnit::Space& space_;
    HeldTypes& held_;
    std::vector<Diagnostic>& problems_;
    std::map<std::string, const SchemaNode*> names_;
};

void Builder::problem(const SchemaNode& at, std::string rule, std::string what,
                      std::string suggestion) {
    problems_.push_back(
        {at.file, at.line, at.column, std::move(rule), std::move(what), std::move(suggestion)});
}

/// Returns whether the type is there already, in this or an earlier major version; reports another
/// one of the same name.
bool Builder::is_known(const std::string& name, const SchemaNode& schema) {
    const auto [known, is_new] = names_.try_emplace(name, &schema);
    if (is_new) {
        const auto [held, is_first] = held_.try_emplace(name, HeldType{space_.major, &schema});
        if (is_first) return false;
        if (type_signature(*held->second.schema) == type_signature(schema)) {
            space_.shared.emplace_back(name, held->second.major);
            return true;
        }
        held->second = {space_.major, &schema};
        return false;
    }
    if (type_signature(*known->second) != type_signature(schema)) {
        problem(schema, "a type has one definition in a domain", name,
                fmt::format("the other one is at {}:{}; name one of them otherwise under $defs",
                            known->second->file, known->second->line));
    }
    return true;
}

void Builder::add_enum(const std::string& name, const SchemaNode& schema) {
    if (is_known(name, schema)) return;
    CppEnum choice{name, &schema, {}};
    for (const std::string& text : schema.enumeration) {
        const std::string enumerator = enumerator_name(text);
        const bool is_twin =
            std::any_of(choice.values.begin(), choice.values.end(),
                        [&](const auto& value) { return value.first == enumerator; });
        if (is_twin || text.empty()) {
            problem(schema, "the values of an enum differ as C++ names", quote(text),
                    "two of them would be " + enumerator);
        }
        choice.values.emplace_back(enumerator, text);
    }
    space_.enums.push_back(std::move(choice));
}

void Builder::add_definition(const std::string& name, const SchemaNode& schema) {
    type_of(schema, name);
}

CppType Builder::type_of(const SchemaNode& schema, const std::string& hint,
                         const std::string& domain) {
    using Kind = CppType::Kind;
    const std::string& owner = schema.domain.empty() ? domain : schema.domain;
    const std::string name = schema.definition.empty() ? hint : schema.definition;
    const bool is_foreign = !owner.empty();
    const std::string spelling = is_foreign ? owner + "::" + name : name;
    switch (schema.type) {
        case Type::boolean:
            return {Kind::boolean, "bool", &schema};
        case Type::integer:
            return {Kind::integer, "std::int64_t", &schema};
        case Type::number:
            return {Kind::number, "double", &schema};
        case Type::string:
            if (schema.format == Format::money) return {Kind::money, "tidings::Money", &schema};
            if (schema.format == Format::date_time) {
                return {Kind::timestamp, "tidings::Timestamp", &schema};
            }
            if (schema.enumeration.empty()) return {Kind::text, "std::string", &schema};
            is_foreign ? refer_to(owner) : add_enum(name, schema);
            return {Kind::choice, spelling, &schema};
        case Type::array:
        case Type::object:
            break;
    }
    const bool is_struct = schema.type == Type::object ? !schema.is_map() : !schema.prefix.empty();
    if (is_struct) {
        if (is_foreign) {
            refer_to(owner);
        } else if (!is_known(name, schema)) {
            add_struct(name, schema);
        }
        return {Kind::record, spelling, &schema};
    }
    const bool is_list = schema.type == Type::array;
    const SchemaNode& inner = is_list ? *schema.items : *schema.values;
    auto element = std::make_shared<CppType>(type_of(inner, singular(name), owner));
    const std::string held =
        inner.nullable ? "std::optional<" + element->spelling + ">" : element->spelling;
    CppType type{is_list ? Kind::list : Kind::map,
                 is_list ? "std::vector<" + held + ">" : "std::map<std::string, " + held + ">",
                 &schema};
    type.element = std::move(element);
    type.element_is_optional = inner.nullable;
    return type;
}

std::string initializer_of(const CppType& type) {
    const auto& given = type.schema->default_json;
    const auto& constant = type.schema->constant;
    json::Reader reader{given ? *given : std::string_view{"0"}};
    switch (type.kind) {
        case CppType::Kind::boolean:
            return given ? " = " + *given : constant ? " = " + *constant : " = false";
        case CppType::Kind::integer:
            return given ? " = " + *given : constant ? " = " + *constant : " = 0";
        case CppType::Kind::number:
            return given ? " = " + *given : constant ? " = " + *constant : " = 0";
        case CppType::Kind::text:
            if (given) return fmt::format("{{{}}}", literal(reader.text()));
            return constant ? fmt::format("{{{}}}", literal(*constant)) : "{}";
        case CppType::Kind::money:
            return given ? fmt::format("{{{}}}", Money::parse(reader.text())->cents) : "{}";
        case CppType::Kind::choice:
            return given ? fmt::format(" = {}::{}", type.spelling, enumerator_name(reader.text()))
                         : "{}";
        default:
            return "{}";
    }
}

CppField Builder::field_of(const SchemaProperty& property, bool is_event, bool is_model) {
    CppField field;
    field.wire = property.name;
    field.member = snake_case(property.name);
    if (is_event && (field.member == "name" || field.member == "version")) field.member += '_';
    if (is_model &&
        (field.member == "table" || field.member == "columns" || field.member == "key_column"))
        field.member += '_';
    field.type = type_of(*property.schema, camel_case(property.name));
    const bool has_default =
        property.schema->default_json && *property.schema->default_json != "null";
    field.is_optional = property.schema->nullable || (!property.is_required && !has_default);
    field.is_required = property.is_required;
    field.initializer = field.is_optional && !has_default ? "{}" : initializer_of(field.type);
    if (field.is_optional && has_default) {
        problem(*property.schema, "a default and null do not go together", property.name,
                "leave one of them out");
    }
    return field;
}

/// A type of its own: a struct, or the variant of several.
void Builder::add_struct(const std::string& name, const SchemaNode& schema) {
    if (!schema.branches.empty()) return add_variant(name, schema);
    if (schema.prefix.empty()) return add_record(name, schema, nullptr, nullptr);
    CppRecord record{name, {}, &schema};
    record.is_array = true;
    for (std::size_t i = 0; i < schema.prefix.size(); ++i) {
        const SchemaNode& held = *schema.prefix[i];
        const std::string title =
            held.title.empty() ? fmt::format("item_{}", i) : enumerator_name(held.title);
        CppField field = field_of({title, true, schema.prefix[i]}, false, false);
        add_field(record, std::move(field), held);
    }
    space_.records.push_back(std::move(record));
}

void Builder::add_variant(const std::string& name, const SchemaNode& schema) {
    CppRecord record{name, {}, &schema};
    std::set<std::string> spellings;
    for (const SchemaPointer& branch : schema.branches) {
        const std::string& kind = schema.kind_of(*branch);
        const CppType type = type_of(*branch, camel_case(enumerator_name(kind)));
        record.alternatives.emplace_back(type.spelling, kind);
        if (!spellings.insert(type.spelling).second) {
            problem(*branch, "the branches of oneOf differ as C++ types", type.spelling,
                    "name them otherwise under $defs");
        }
    }
    for (const CppRecord& other : space_.records) {
        if (other.alternatives != record.alternatives) continue;
        problem(schema, "a oneOf has one name in a domain", name,
                fmt::format("put it under $defs and refer to it; it is {} already", other.name));
    }
    space_.records.push_back(std::move(record));
}

void Builder::add_field(CppRecord& record, CppField field, const SchemaNode& schema) {
    const bool is_twin =
        std::any_of(record.fields.begin(), record.fields.end(),
                    [&](const CppField& other) { return other.member == field.member; });
    if (is_twin) {
        problem(schema, "fields differ as C++ names", field.wire,
                "two of them would be " + field.member);
    }
    record.fields.push_back(std::move(field));
}

void Builder::add_record(const std::string& name, const SchemaNode& schema,
                         const Contract* contract, const Model* model) {
    CppRecord record{name, {}, &schema, contract, model};
    for (const SchemaProperty& property : schema.properties) {
        add_field(record, field_of(property, contract != nullptr, model != nullptr),
                  *property.schema);
    }
    if (schema.values) {
        // The same object without its properties is the map of what stands beside them.
        auto open = std::make_shared<SchemaNode>(schema);
        open->properties.clear();
        open->definition.clear();
        open->nullable = false;
        open->default_json.reset();
        CppField others = field_of({"additionalProperties", true, open}, false, false);
        record.others_schema = open;
        if (std::any_of(record.fields.begin(), record.fields.end(),
                        [&](const CppField& field) { return field.member == others.member; })) {
            problem(schema, "fields differ as C++ names", others.wire, "rename the property");
        }
        record.others = std::move(others);
    }
    names_.try_emplace(name, &schema);
    space_.records.push_back(std::move(record));
}

}  // namespace

std::string literal(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (byte < 0x20 || byte >= 0x7F) {
            out += fmt::format("\\{:03o}", byte);
        } else {
            out += c;
        }
    }
    return out + '"';
}

namespace {

/// The definitions of other domains that schemas refer to, by domain.
using Referred = std::map<std::string, std::set<std::string>>;

void find_referred(const SchemaNode& schema, Referred& referred) {
    if (!schema.domain.empty()) referred[schema.domain].insert(schema.definition);
    for (const SchemaProperty& property : schema.properties) {
        find_referred(*property.schema, referred);
    }
    for (const SchemaPointer& branch : schema.branches) find_referred(*branch, referred);
    for (const SchemaPointer& held : schema.prefix) find_referred(*held, referred);
    if (schema.items) find_referred(*schema.items, referred);
    if (schema.values) find_referred(*schema.values, referred);
}

/// Adds those types of a domain that only others use.
void add_referred(Builder& builder, const std::string& domain, const std::set<std::string>& names,
                  const SharedDefinitions& shared) {
    const auto of_domain = shared.find(domain);
    if (of_domain == shared.end()) return;
    for (const std::string& name : names) {
        const auto found = of_domain->second.schemas.find(name);
        if (found == of_domain->second.schemas.end() || !found->second) continue;
        builder.add_definition(name, *found->second);
    }
}

/// Reports domains whose headers would include each other.
void refuse_circles(const std::vector<CppUnit>& units, const ContractSet& contracts,
                    std::vector<Diagnostic>& problems) {
    std::map<std::string, std::set<std::string>> uses;
    for (const CppUnit& unit : units) {
        if (unit.folder == "contracts") uses[unit.name] = unit.domains;
    }
    for (const auto& [domain, used] : uses) {
        std::set<std::string> reached;
        std::vector<std::string> open(used.begin(), used.end());
        while (!open.empty()) {
            const std::string next = open.back();
            open.pop_back();
            if (reached.insert(next).second)
                open.insert(open.end(), uses[next].begin(), uses[next].end());
        }
        if (reached.count(domain) == 0) continue;
        const auto first =
            std::find_if(contracts.contracts.begin(), contracts.contracts.end(),
                         [&](const Contract& contract) { return contract.domain() == domain; });
        problems.push_back({first == contracts.contracts.end() ? domain : first->file, 1, 1,
                            "domains use each other's types in one direction",
                            fmt::format("{} and {}", domain, fmt::join(used, ", ")),
                            "put what both use into the _types.yaml of a folder without events"});
        return;
    }
}

}  // namespace

std::vector<CppUnit> make_units(const LoadedContracts& loaded, const std::vector<Model>& models,
                                const std::string& platform, std::vector<Diagnostic>& problems) {
    const ContractSet& contracts = loaded.checked.set;
    std::map<std::string, std::map<int, std::vector<const Contract*>>> domains;
    Referred referred;
    for (const Contract& contract : contracts.contracts) {
        domains[std::string{contract.domain()}][contract.version.major].push_back(&contract);
        find_referred(contract.data.root(), referred);
    }
    for (const Model& model : models) find_referred(*model.schema, referred);
    for (const auto& [domain, definitions] : loaded.shared) {
        if (!domains.try_emplace(domain).second) continue;
        const std::string name_of_it = fmt::format("{}.created", domain);
        if (!check_event_name(name_of_it)) {
            problems.push_back({domain + "/_types.yaml", 1, 1, "a domain is named in snake case",
                                quote(domain), "rename the folder"});
            continue;
        }
        domains[domain][0];  // Types and no events.
        for (const auto& [name, schema] : definitions.schemas) referred[domain].insert(name);
    }
    std::vector<CppUnit> units;
    for (const auto& [domain, majors] : domains) {
        CppUnit unit{"contracts", domain, platform, {}, {}};
        HeldTypes held_types;
        for (const auto& [major, events] : majors) {
            CppUnit::Space space;
            space.major = major;
            Builder builder{unit, space, held_types, problems};
            for (const Contract* contract : events) {
                const std::string words = contract->event.substr(domain.size() + 1);
                const std::string name = camel_case(words);
                const auto same =
                    std::find_if(space.records.begin(), space.records.end(),
                                 [&](const CppRecord& record) { return record.name == name; });
                if (same != space.records.end()) {
                    problems.push_back({contract->file, 1, 1, "an event is not named like a type",
                                        name, "rename the definition"});
                }
                builder.add_record(name, contract->data.root(), contract, nullptr);
                if (const Contract* before = contracts.find(contract->event, major - 1)) {
                    space.records.back().previous = major - 1;
                    space.records.back().is_cast_down = before->downcast;
                }
            }
            if (major == majors.rbegin()->first) {
                add_referred(builder, domain, referred[domain], loaded.shared);
            }
            unit.spaces.push_back(std::move(space));
        }
        units.push_back(std::move(unit));
    }
    refuse_circles(units, contracts, problems);
    std::map<std::string, std::vector<const Model*>> services;
    for (const Model& model : models) services[model.space].push_back(&model);
    for (const auto& [service, held] : services) {
        CppUnit unit{"models", service, platform, {}, {}};
        CppUnit::Space space;
        HeldTypes held_types;
        Builder builder{unit, space, held_types, problems};
        for (const Model* model : held) {
            builder.add_record(model->name, *model->schema, nullptr, model);
        }
        unit.spaces.push_back(std::move(space));
        units.push_back(std::move(unit));
    }
    return units;
}

}  // namespace tidings::contract
