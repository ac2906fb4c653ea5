#include "contract/contract_file.h"

#include <tidings/base/text.h>
#include <tidings/model/envelope.h>

#include "contract/names.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <set>

namespace tidings::contract {

namespace {

const std::vector<std::string_view> contract_fields{
    "event", "version", "owner",    "summary", "published", "expected", "consumers",
    "key",   "data",    "examples", "$defs",   "retired",   "downcast"};

void check_name(Contract& contract, const Node& at, Report& report) {
    if (const auto valid = check_event_name(contract.event); !valid) {
        const std::string meant = event_for(contract.event, folder_of(contract.file));
        return report.add(
            at, "an event is named domain.event_name in snake case", quote(contract.event),
            meant.empty() ? "write it like order.created" : fmt::format("did you mean {}?", meant));
    }
    const std::string domain{contract.domain()};
    const std::string_view words = std::string_view{contract.event}.substr(domain.size() + 1);
    if (!is_fact(words)) {
        report.add(at, "an event is named as a fact that has happened", quote(contract.event),
                   fmt::format("did you mean {}?", event_for(words, domain)));
    }
}

void check_path(const Contract& contract, const Node& at, Report& report) {
    if (!check_event_name(contract.event)) return;  // Told already.
    const std::string_view domain = contract.domain();
    const std::string expected = fmt::format(
        "{}/{}.v{}.yaml", domain,
        std::string_view{contract.event}.substr(std::min(domain.size() + 1, contract.event.size())),
        contract.version.major);
    const std::string found =
        fmt::format("{}/{}", folder_of(contract.file), file_name_of(contract.file));
    if (found == expected) return;
    report.add(at, "a contract's file is named <domain>/<event>.v<major>.yaml", quote(found),
               "rename it to " + expected);
}

void check_owner(const Contract& contract, const Node& at, Report& report) {
    if (check_source_name(contract.owner) && contract.owner.ends_with("-service")) return;
    report.add(at, "an owner is a service named like order-service", quote(contract.owner),
               fmt::format("did you mean {}-service?", contract.domain()));
}

void check_consumers(const Header& header, const Node& root, const Contract& contract,
                     Report& report) {
    const Node* list = root.find("consumers");
    for (std::size_t i = 0; i < contract.consumers.size(); ++i) {
        const std::string& name = contract.consumers[i];
        const Node& at =
            list != nullptr && i < list->items.size() ? list->items[i] : header.at("consumers");
        if (!check_source_name(name)) {
            report.add(at, "a consumer is a service named like order-service", quote(name));
        }
        if (std::count(contract.consumers.begin(), contract.consumers.end(), name) > 1) {
            report.add(at, "a consumer is named once", quote(name));
            return;
        }
    }
}

void check_key(const Contract& contract, const SchemaNode& data, const Node& at, Report& report) {
    if (contract.key.empty()) return;
    std::vector<std::string_view> names;
    for (const SchemaProperty& property : data.properties) names.push_back(property.name);
    const SchemaProperty* key = data.find(contract.key);
    if (key == nullptr) {
        return report.add(at, "a key is a field of data", quote(contract.key),
                          did_you_mean(contract.key, names));
    }
    const bool is_plain =
        key->schema->type == Type::integer ||
        (key->schema->type == Type::string && key->schema->format != Format::money &&
         key->schema->format != Format::date_time);
    if (!key->is_required || key->schema->nullable) {
        report.add(at, "a key is a required field", quote(contract.key),
                   "add it to required, without null");
    } else if (!is_plain || !key->schema->enumeration.empty()) {
        report.add(at, "a key is a string or an integer", quote(contract.key));
    }
}

void load_examples(Node& root, const SchemaNode& data, Contract& contract, Report& report) {
    Node* examples = root.find("examples");
    if (examples == nullptr || !examples->is_sequence() || examples->items.empty()) {
        return report.add(examples == nullptr ? root : *examples, "a contract has an example",
                          "none", "add examples: with one object of data");
    }
    for (Node& example : examples->items) {
        mark_texts(example, data);
        std::string json = to_json(example);
        if (const auto checked = check_json(data, json); !checked) {
            report.add(example, "an example keeps its own schema", checked.error().message);
        }
        contract.examples.push_back(std::move(json));
    }
}

void load_major_fields(Header& header, Contract& contract, Report& report) {
    const std::string retired = header.optional_text("retired");
    if (!retired.empty()) {
        const auto [end, error] =
            std::from_chars(retired.data(), retired.data() + retired.size(), contract.retired);
        if (error != std::errc{} || end != retired.data() + retired.size() ||
            contract.retired < 1) {
            contract.retired = 0;
            report.add(header.at("retired"), "retired is a major version", quote(retired),
                       "write it like 1");
        }
    }
    const std::string downcast = header.optional_text("downcast");
    contract.downcast = downcast == "true";
    if (!contract.downcast && !downcast.empty() && downcast != "false") {
        report.add(header.at("downcast"), "downcast is true or false", quote(downcast));
    }
}

Node scalar(std::string_view text) {
    Node node;
    node.text = text;
    node.is_text = true;
    return node;
}

constexpr std::string_view definitions_prefix = "#/$defs/";

/// What another domain's definition is called in a schema that stands alone: `CommonParty`.
std::string name_alone(std::string_view domain, std::string_view name) {
    return camel_case(domain) + std::string{name};
}

/// Makes references local, `#/$defs/CommonParty` for `common#/$defs/Party`, and notes the domains.
/// What stands in the domain `inner` itself refers to it without its name.
void make_local(Node& node, const std::string& inner, std::set<std::string>& domains) {
    for (auto& [key, value] : node.fields) {
        const std::size_t path = value.text.find(definitions_prefix);
        if (key.text == "$ref" && value.is_scalar() && path != std::string::npos) {
            const std::string domain = path > 0 ? value.text.substr(0, path) : inner;
            const std::string name = value.text.substr(path + definitions_prefix.size());
            if (domain.empty()) continue;
            domains.insert(domain);
            value.text = std::string{definitions_prefix} + name_alone(domain, name);
        }
        make_local(value, inner, domains);
    }
    for (Node& item : node.items) make_local(item, inner, domains);
}

/// Where a schema finds its definitions.
struct Sources {
    const Node* local = nullptr;
    const Definitions* shared = nullptr;
    const SharedDefinitions* domains = nullptr;
};

/// The schema with the definitions that it needs, as one document that stands alone.
std::string schema_json(const Node& data, const Sources& sources) {
    Node document = data;
    Node definitions;
    definitions.kind = Node::Kind::mapping;
    if (sources.shared != nullptr && sources.shared->source) {
        definitions.fields = sources.shared->source->fields;
    }
    if (sources.local != nullptr) {
        for (const auto& field : sources.local->fields) {
            if (Node* same = definitions.find(field.first.text)) {
                *same = field.second;
            } else {
                definitions.fields.push_back(field);
            }
        }
    }
    std::set<std::string> referred;
    make_local(document, {}, referred);
    make_local(definitions, {}, referred);
    for (const std::string& domain : referred) {
        if (sources.domains == nullptr) break;
        const auto found = sources.domains->find(domain);
        if (found == sources.domains->end() || !found->second.source) continue;
        std::set<std::string> itself;
        for (const auto& [name, schema] : found->second.source->fields) {
            Node held = schema;
            make_local(held, domain, itself);
            definitions.fields.emplace_back(scalar(name_alone(domain, name.text)), std::move(held));
        }
    }
    if (!definitions.fields.empty()) {
        document.fields.emplace_back(scalar("$defs"), std::move(definitions));
    }
    return to_json(document);
}

void load_data(Node& root, const SharedDefinitions* domains, Contract& contract, Report& report) {
    Sources sources{nullptr, nullptr, domains};
    Definitions definitions;
    if (domains != nullptr) {
        const auto own = domains->find(folder_of(contract.file));
        if (own != domains->end()) sources.shared = &own->second;
    }
    definitions.shared = sources.shared;
    Node* data = root.find("data");
    if (data == nullptr) {
        return report.add(root, "a contract has a schema", "no data", "add data: with its schema");
    }
    Node* local = root.find("$defs");
    Node* inner = data->is_mapping() ? data->find("$defs") : nullptr;
    if (local != nullptr && inner != nullptr) {
        return report.add(*inner, "$defs stand in one place", "both in data and beside it");
    }
    Node moved;
    if (inner != nullptr) {
        moved = std::move(*inner);
        local = &moved;
        std::erase_if(data->fields, [](const auto& field) { return field.first.text == "$defs"; });
    }
    sources.local = local;
    definitions.domains = domains;
    if (local != nullptr) load_definitions(*local, definitions, report);
    const SchemaPointer schema = load_schema(*data, definitions, report);
    if (!schema) return;
    if (schema->type != Type::object || schema->nullable || schema->is_map() ||
        !schema->branches.empty() || data->find("$ref") != nullptr) {
        return report.add(*data, "the data of an event is an object with properties",
                          "something else", "write type: object and its properties");
    }
    contract.data = Schema{schema, schema_json(*data, sources)};
}

}  // namespace

std::string_view file_name_of(std::string_view path) {
    return path.substr(path.rfind('/') == std::string_view::npos ? 0 : path.rfind('/') + 1);
}

std::string_view folder_of(std::string_view path) {
    const std::size_t slash = path.rfind('/');
    return slash == std::string_view::npos ? std::string_view{}
                                           : file_name_of(path.substr(0, slash));
}

void Header::refuse_unknown(const std::vector<std::string_view>& known) {
    for (const auto& [key, value] : root_.fields) {
        if (std::find(known.begin(), known.end(), key.text) != known.end()) continue;
        report_.add(key, "a file has only the fields that are known", quote(key.text),
                    did_you_mean(key.text, known));
    }
}

const Node& Header::at(std::string_view name) const {
    const Node* field = root_.find(name);
    return field != nullptr ? *field : root_;
}

std::string Header::optional_text(std::string_view name) {
    Node* field = root_.find(name);
    if (field == nullptr) return {};
    if (!field->is_scalar() || field->is_null()) {
        report_.add(*field, fmt::format("{} is a text", name), "something else");
        return {};
    }
    if (field->text.find_first_not_of(" \t\n") == std::string::npos) {
        report_.add(*field, fmt::format("{} says something", name), quote(field->text));
        return {};
    }
    field->is_text = true;
    return field->text;
}

std::string Header::text(std::string_view name, std::string_view why) {
    std::string found = optional_text(name);
    if (found.empty() && root_.find(name) == nullptr) {
        report_.add(root_, std::string{why}, fmt::format("no {}", name),
                    fmt::format("add {}:", name));
    }
    return found;
}

std::vector<std::string> Header::texts(std::string_view name, std::string_view why) {
    std::vector<std::string> found;
    Node* field = root_.find(name);
    if (field == nullptr) {
        report_.add(root_, std::string{why}, fmt::format("no {}", name),
                    fmt::format("add {}: [...], or [] if there is none", name));
        return found;
    }
    if (!field->is_sequence()) {
        report_.add(*field, fmt::format("{} is a list", name), "something else");
        return found;
    }
    for (Node& item : field->items) {
        if (!item.is_scalar()) {
            report_.add(item, fmt::format("{} is a list of texts", name), "something else");
            continue;
        }
        item.is_text = true;
        found.push_back(item.text);
    }
    return found;
}

std::optional<Contract> build_contract(Node& root, const std::string& path,
                                       const SharedDefinitions* domains,
                                       std::vector<Diagnostic>& problems) {
    Report report{path, problems};
    if (!root.is_mapping()) {
        report.add(root, "a contract is a mapping", "something else", "begin with event:");
        return std::nullopt;
    }
    Header header{root, report};
    header.refuse_unknown(contract_fields);
    Contract contract;
    contract.file = path;
    contract.event = header.text("event", "a contract names its event");
    const std::string version = header.text("version", "a contract has a version");
    contract.owner = header.text("owner", "an event has one owner");
    contract.summary = header.text("summary", "a contract says what the event is");
    contract.published = header.text("published", "a contract says when the event is published");
    contract.expected = header.text("expected", "a contract says what consumers are to do");
    contract.key = header.text("key", "a contract names the partition key");
    contract.consumers = header.texts("consumers", "a contract names its consumers");
    const auto parsed = SchemaVersion::parse(version);
    if (parsed) contract.version = *parsed;
    if (!parsed && !version.empty()) {
        report.add(header.at("version"), "a version is three numbers, major.minor.patch",
                   quote(version), "write it like 1.0.0");
    }
    if (!contract.event.empty()) check_name(contract, header.at("event"), report);
    if (!contract.event.empty() && parsed) check_path(contract, header.at("event"), report);
    if (!contract.owner.empty()) check_owner(contract, header.at("owner"), report);
    check_consumers(header, root, contract, report);
    load_major_fields(header, contract, report);
    const std::size_t known_problems = problems.size();
    load_data(root, domains, contract, report);
    if (contract.data.json().empty()) return std::nullopt;
    check_key(contract, contract.data.root(), header.at("key"), report);
    if (problems.size() == known_problems) {
        load_examples(root, contract.data.root(), contract, report);
    }
    if (contract.event.empty() || !parsed) return std::nullopt;
    return contract;
}

void load_shared(const SourceFile& file, SharedDefinitions& shared,
                 std::vector<Diagnostic>& problems) {
    const std::size_t known_problems = problems.size();
    Node root = parse_yaml(file, problems);
    if (problems.size() != known_problems) return;
    Report report{file.path, problems};
    Node* defs = root.find("$defs");
    if (defs == nullptr) {
        return report.add(root, "_types.yaml holds $defs", "none", "begin with $defs:");
    }
    Header{root, report}.refuse_unknown({"$defs"});
    Definitions& target = shared[std::string{folder_of(file.path)}];
    load_definitions(*defs, target, report);
    target.source = std::make_shared<const Node>(*defs);
}

}  // namespace tidings::contract
