#include "contract/generate.h"

#include "contract/names.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace tidings::contract {

namespace {

std::string all_header(const std::vector<CppUnit>& units, const std::string& platform) {
    std::string out =
        "// Made by tidingsc from the platform's contracts. Do not edit.\n#pragma once\n\n";
    for (const CppUnit& unit : units) {
        if (unit.folder == "contracts")
            out += fmt::format("#include <contracts/{}.h>\n", unit.name);
    }
    return out + fmt::format(
                     "\n#include <tidings/contract/event_type.h>\n\n#include <span>\n"
                     "#include <string_view>\n\nnamespace {0} {{\n\n"
                     "/// Every event type of the platform, by name and major version.\n"
                     "std::span<const tidings::EventType* const> contracts();\n\n"
                     "/// The contracts themselves, for `tidings::parse_bundle`.\n"
                     "std::string_view contracts_json();\n\n}}  // namespace {0}\n",
                     platform);
}

std::string type_name(const Contract& contract) {
    return fmt::format("{}::v{}::{}", contract.domain(), contract.version.major,
                       camel_case(contract.event.substr(contract.domain().size() + 1)));
}

std::string all_source(const ContractSet& set, const std::string& platform) {
    std::string types;
    std::string list;
    for (std::size_t i = 0; i < set.contracts.size(); ++i) {
        const Contract& contract = set.contracts[i];
        std::string consumers = "{}";
        if (!contract.consumers.empty()) {
            std::vector<std::string> names;
            for (const std::string& name : contract.consumers) names.push_back(literal(name));
            types += fmt::format("constexpr std::string_view consumers_{}[] = {{{}}};\n", i,
                                 fmt::join(names, ", "));
            consumers = fmt::format("consumers_{}", i);
        }
        const std::string type = type_name(contract);
        const bool has_next = set.find(contract.event, contract.version.major + 1) != nullptr;
        types += fmt::format(
            "constexpr tidings::EventType type_{0}{{\n    {1}::name, {1}::version, "
            "{2}, {3}, {4},\n    key_of_json<{1}>, {5}, tidings::downcast_of<{1}>()}};\n",
            i, type, literal(contract.owner), literal(contract.key), consumers,
            has_next ? fmt::format("tidings::upcast_json<{}>", type) : "nullptr");
        list += fmt::format("        &type_{},\n", i);
    }
    std::string bundle;
    const std::string json = to_json(set);
    for (std::size_t at = 0; at < json.size(); at += 80) {
        bundle += "        " + literal(std::string_view{json}.substr(at, 80)) + '\n';
    }
    return fmt::format(
        "// Made by tidingsc from the platform's contracts. Do not edit.\n"
        "#include <contracts/all.h>\n\n#include <tidings/model/json.h>\n#include "
        "<tidings/model/upcast.h>\n\n"
        "namespace {0} {{\n\nnamespace {{\n\n"
        "template <class E>\n"
        "tidings::Result<std::string> key_of_json(std::string_view data_json) {{\n"
        "    tidings::json::Reader reader{{data_json}};\n"
        "    E event;\n"
        "    static_cast<void>(read_data(reader, event));\n"
        "    if (auto finished = reader.finish(); !finished) return std::move(finished).error();\n"
        "    return key_of(event);\n}}\n\n{1}\n}}  // namespace\n\n"
        "std::span<const tidings::EventType* const> contracts() {{\n"
        "    static constexpr const tidings::EventType* types[] = {{\n{2}    }};\n"
        "    return types;\n}}\n\n"
        "std::string_view contracts_json() {{\n    return\n{3}        \"\";\n}}\n\n"
        "}}  // namespace {0}\n",
        platform, types, list, bundle);
}

}  // namespace

Generated generate_code(std::span<const SourceFile> contracts, std::span<const SourceFile> models,
                        const std::string& platform) {
    Generated generated;
    LoadedContracts loaded = load_all(contracts);
    generated.problems = std::move(loaded.checked.problems);
    const std::vector<Model> rows = load_models(models, loaded.shared, generated.problems);
    if (!generated.problems.empty()) return generated;
    const std::vector<CppUnit> units = make_units(loaded, rows, platform, generated.problems);
    if (!generated.problems.empty()) return generated;
    for (const CppUnit& unit : units) {
        generated.files[fmt::format("{}/{}.h", unit.folder, unit.name)] = header_text(unit);
        generated.files[fmt::format("{}/{}.cc", unit.folder, unit.name)] = source_text(unit);
    }
    generated.files["contracts/all.h"] = all_header(units, platform);
    generated.files["contracts/all.cc"] = all_source(loaded.checked.set, platform);
    return generated;
}

}  // namespace tidings::contract
