#pragma once

#include <tidings/contract/contract.h>

#include "contract/node.h"
#include "contract/schema.h"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tidings::contract {

/// `order` for `contracts/order/created.v1.yaml`; empty without a folder.
std::string_view folder_of(std::string_view path);
std::string_view file_name_of(std::string_view path);

/// Reads the texts under the names given; reports what is missing, misspelt or no text.
class Header {
public:
    Header(Node& root, Report& report) : root_(root), report_(report) {}
    /// Reports each top-level name that is not one of `known`.
    void refuse_unknown(const std::vector<std::string_view>& known);
    /// The text of a field that must be there.
    std::string text(std::string_view name, std::string_view why);
    std::string optional_text(std::string_view name);
    std::vector<std::string> texts(std::string_view name, std::string_view why);
    /// The place of a field, or of the whole.
    const Node& at(std::string_view name) const;

private:
    Node& root_;
    Report& report_;
};

/// The definitions that each domain shares, with its file's name.
using SharedDefinitions = std::map<std::string, Definitions, std::less<>>;

/// Loads a `_types.yaml`.
void load_shared(const SourceFile& file, SharedDefinitions& shared,
                 std::vector<Diagnostic>& problems);

/// Builds a contract from what was parsed; nothing if too much of it is wrong.
/// `domains`: what each domain shares; null for a contract of a bundle, which stands alone.
std::optional<Contract> build_contract(Node& root, const std::string& path,
                                       const SharedDefinitions* domains,
                                       std::vector<Diagnostic>& problems);

/// Checks what only all contracts together can show.
void check_set(ContractSet& set, std::vector<Diagnostic>& problems);
/// Checks that each event has the major versions that a service must accept.
/// Requires: the set is sorted.
void check_majors(const ContractSet& set, std::vector<Diagnostic>& problems);

/// Contracts with what models may refer to.
struct LoadedContracts {
    CheckedContracts checked;
    SharedDefinitions shared;
};
/// Each file by itself, and all together; but not whether there are too few.
LoadedContracts load_each(std::span<const SourceFile> files);
LoadedContracts load_all(std::span<const SourceFile> files);

}  // namespace tidings::contract
