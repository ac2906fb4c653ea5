#include <tidings/base/text.h>
#include <tidings/contract/contract.h>
#include <tidings/model/json.h>

#include "contract/contract_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>

namespace tidings {

namespace {

constexpr std::size_t bundle_bytes_max = 64 * 1024 * 1024;

Error to_error(const std::vector<Diagnostic>& problems) {
    const Diagnostic& first = problems.front();
    std::string message = fmt::format("{}:{}:{}: {}: {}", first.file, first.line, first.column,
                                      first.rule, first.what);
    if (problems.size() > 1) message += fmt::format(" (and {} more)", problems.size() - 1);
    return Error{ErrorCode::contract_violation, std::move(message), first.suggestion};
}

void write_contract(const Contract& contract, json::Writer& writer) {
    const auto field = [&](std::string_view name, std::string_view text) {
        writer.name(name);
        writer.text(text);
    };
    writer.begin_object();
    field("file", fmt::format("{}/{}", contract::folder_of(contract.file),
                              contract::file_name_of(contract.file)));
    field("event", contract.event);
    field("version", to_string(contract.version));
    field("owner", contract.owner);
    field("summary", contract.summary);
    field("published", contract.published);
    field("expected", contract.expected);
    writer.name("consumers");
    writer.begin_array();
    for (const std::string& consumer : contract.consumers) writer.text(consumer);
    writer.end_array();
    field("key", contract.key);
    writer.name("data");
    writer.raw(contract.data.json());
    writer.name("examples");
    writer.begin_array();
    for (const std::string& example : contract.examples) writer.raw(example);
    writer.end_array();
    if (contract.retired != 0) field("retired", std::to_string(contract.retired));
    if (contract.downcast) field("downcast", "true");
    writer.end_object();
}

}  // namespace

std::string_view to_string(Severity severity) noexcept {
    return severity == Severity::error ? "error" : "warning";
}

std::string to_string(const Diagnostic& diagnostic) {
    std::string text =
        fmt::format("{}:{}:{}: {}: {}: {}", diagnostic.file, diagnostic.line, diagnostic.column,
                    to_string(diagnostic.severity), diagnostic.rule, diagnostic.what);
    if (!diagnostic.suggestion.empty()) text += "; " + diagnostic.suggestion;
    return text;
}

Schema::Schema(std::shared_ptr<const contract::SchemaNode> root, std::string json)
    : root_(std::move(root)), json_(std::move(json)) {}

Result<void> Schema::check(std::string_view json) const {
    TIDINGS_ASSERT(root_ != nullptr);
    return contract::check_json(*root_, json);
}

const Contract* ContractSet::find(std::string_view event, int major) const noexcept {
    for (const Contract& contract : contracts) {
        if (contract.event == event && contract.version.major == major) return &contract;
    }
    return nullptr;
}

CheckedContracts check_contracts(std::span<const SourceFile> files) {
    return std::move(contract::load_all(files).checked);
}

Result<ContractSet> load_contracts(std::span<const SourceFile> files) {
    CheckedContracts checked = check_contracts(files);
    if (!checked.problems.empty()) return to_error(checked.problems);
    return std::move(checked.set);
}

Result<Contract> load_contract(const SourceFile& file) {
    CheckedContracts checked = contract::load_each({&file, 1}).checked;
    if (!checked.problems.empty()) return to_error(checked.problems);
    if (checked.set.contracts.empty()) {
        return Error{ErrorCode::contract_violation, file.path + ": holds no contract"};
    }
    return std::move(checked.set.contracts.front());
}

std::string to_json(const ContractSet& set) {
    std::string out;
    json::Writer writer{out};
    writer.begin_object();
    writer.name("contracts");
    writer.begin_array();
    for (const Contract& contract : set.contracts) write_contract(contract, writer);
    writer.end_array();
    writer.end_object();
    return out;
}

Result<ContractSet> parse_bundle(std::string_view json) {
    json::Reader reader{json, {bundle_bytes_max, 64}};
    contract::Node bundle = contract::read_node(reader);
    if (auto finished = reader.finish(); !finished) return std::move(finished).error();
    contract::Node* contracts = bundle.find("contracts");
    if (contracts == nullptr || !contracts->is_sequence()) {
        return Error{ErrorCode::contract_violation, "field /contracts: must be a list",
                     "write it with to_json(ContractSet)"};
    }
    ContractSet set;
    std::vector<Diagnostic> problems;
    for (contract::Node& node : contracts->items) {
        const contract::Node* file = node.find("file");
        const std::string path = file != nullptr ? file->text : "bundle";
        std::erase_if(node.fields, [](const auto& field) { return field.first.text == "file"; });
        auto contract = contract::build_contract(node, path, nullptr, problems);
        if (contract) set.contracts.push_back(std::move(*contract));
    }
    contract::check_set(set, problems);
    if (!problems.empty()) return to_error(problems);
    return set;
}

namespace contract {

void check_set(ContractSet& set, std::vector<Diagnostic>& problems) {
    std::sort(set.contracts.begin(), set.contracts.end(), [](const Contract& a, const Contract& b) {
        return std::tie(a.event, a.version, a.file) < std::tie(b.event, b.version, b.file);
    });
    std::map<std::string_view, const Contract*> owners;
    for (std::size_t i = 0; i < set.contracts.size(); ++i) {
        const Contract& contract = set.contracts[i];
        const Contract* last = i == 0 ? nullptr : &set.contracts[i - 1];
        if (last != nullptr && last->event == contract.event &&
            last->version.major == contract.version.major) {
            problems.push_back({contract.file, 1, 1,
                                "an event has one contract for each major version",
                                quote(contract.event), "the other one is " + last->file});
        }
        const auto [known, is_new] = owners.try_emplace(contract.domain(), &contract);
        if (!is_new && known->second->owner != contract.owner) {
            problems.push_back(
                {contract.file, 1, 1, "a domain has one owner",
                 fmt::format("{} is owned by {}", contract.event, contract.owner),
                 fmt::format("{} says {}", known->second->file, known->second->owner)});
        }
    }
}

LoadedContracts load_each(std::span<const SourceFile> files) {
    LoadedContracts loaded;
    std::vector<Diagnostic>& problems = loaded.checked.problems;
    for (const SourceFile& file : files) {
        if (file_name_of(file.path) == "_types.yaml") load_shared(file, loaded.shared, problems);
    }
    for (const SourceFile& file : files) {
        if (file_name_of(file.path) == "_types.yaml") continue;
        const std::size_t known_problems = problems.size();
        Node root = parse_yaml(file, problems);
        if (problems.size() != known_problems) continue;
        auto contract = build_contract(root, file.path, &loaded.shared, problems);
        if (contract) loaded.checked.set.contracts.push_back(std::move(*contract));
    }
    check_set(loaded.checked.set, problems);
    return loaded;
}

LoadedContracts load_all(std::span<const SourceFile> files) {
    LoadedContracts loaded = load_each(files);
    // What cannot be read is not missing.
    if (loaded.checked.problems.empty()) {
        check_majors(loaded.checked.set, loaded.checked.problems);
    }
    return loaded;
}

}  // namespace contract

}  // namespace tidings
