#pragma once

#include <tidings/base/result.h>
#include <tidings/model/event.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tidings {

namespace contract {
struct SchemaNode;
}

/// One file as it was read. What loads contracts touches no disk; whoever calls it does.
struct SourceFile {
    std::string path;  ///< As errors shall name it; the last two parts are `domain/file`.
    std::string text;
};

/// How grave a finding is: nothing is made of contracts with an error; a warning is to be looked
/// at.
enum class Severity : std::uint8_t { error, warning };

/// Returns the enumerator's own name.
std::string_view to_string(Severity severity) noexcept;

/// One thing that is wrong with a contract, at its place.
struct Diagnostic {
    std::string file;
    int line = 1;  ///< From 1.
    int column = 1;
    std::string rule;        ///< What was broken: "an event is named as a fact".
    std::string what;        ///< The thing at fault: "\"order.create\"".
    std::string suggestion;  ///< What to do: "did you mean order.created?"; may be empty.
    Severity severity = Severity::error;

    bool operator==(const Diagnostic&) const = default;
};

/// Returns `file:line:column: error: rule: what; suggestion` (or `warning:`), the form that editors
/// follow.
std::string to_string(const Diagnostic& diagnostic);

/// The schema of one event's data: the subset of JSON Schema 2020-12 that has a C++ type.
///
/// Threads   Immutable; any thread may call any member.
/// See       docs/reference/contracts.md
class Schema {
public:
    Schema() = default;
    Schema(std::shared_ptr<const contract::SchemaNode> root, std::string json);

    /// Checks one JSON text. Unknown fields pass unless the schema says otherwise.
    /// Errors: `contract_violation`, `limit_exceeded`, naming field, value and rule.
    Result<void> check(std::string_view json) const;
    /// Returns the schema as a JSON document, references and definitions included.
    const std::string& json() const noexcept { return json_; }
    /// For the generator. Requires: not default-made.
    const contract::SchemaNode& root() const noexcept { return *root_; }

private:
    std::shared_ptr<const contract::SchemaNode> root_;
    std::string json_;
};

/// The owner's promise about one event type and major version (section 3.3 of the standard).
struct Contract {
    std::string file;
    std::string event;  ///< `order.created`
    SchemaVersion version;
    std::string owner;  ///< The one service that publishes it.
    std::string summary;
    std::string published;  ///< When it is published.
    std::string expected;   ///< What consumers are expected to do.
    std::vector<std::string> consumers;
    std::string key;  ///< The field of `data` that chooses the partition.
    Schema data;
    std::vector<std::string> examples;  ///< JSON texts that keep the schema.
    /// Of the newest major version: up to this one, older ones are accepted no more.
    int retired = 0;
    /// Of an older major version: events of the next one are published as this one, too.
    bool downcast = false;

    std::string_view domain() const { return EventName{event}.domain(); }
};

/// The contracts of one platform, sorted by event name and major version.
struct ContractSet {
    std::vector<Contract> contracts;

    /// Returns the contract of an event type and major version, or nullptr.
    const Contract* find(std::string_view event, int major) const noexcept;
};

/// A set as far as it could be loaded, with everything that is wrong with it.
struct CheckedContracts {
    ContractSet set;
    std::vector<Diagnostic> problems;
};

/// Reads contracts, `<domain>/<event>.v<major>.yaml`, and the definitions that a domain shares,
/// `<domain>/_types.yaml`; checks each alone and all together: names are facts, keys are required
/// fields, examples keep their schema, one owner per domain, no event twice, no newest major
/// version without the one before it.
CheckedContracts check_contracts(std::span<const SourceFile> files);

/// The same, for who wants all or nothing. Errors: `contract_violation`, with the first problem.
Result<ContractSet> load_contracts(std::span<const SourceFile> files);

/// Reads one contract by itself. Errors: `contract_violation`.
Result<Contract> load_contract(const SourceFile& file);

/// Returns the set as one JSON text, which a data directory can carry for the tools.
std::string to_json(const ContractSet& set);

/// Reads such a text again, with all its checks. Errors: `contract_violation`, `limit_exceeded`.
Result<ContractSet> parse_bundle(std::string_view json);

}  // namespace tidings
