#pragma once

#include "contract/cpp_types.h"

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tidings::contract {

/// The text of one unit's header and source.
std::string header_text(const CppUnit& unit);
std::string source_text(const CppUnit& unit);
/// Statements that write `source` with `writer`, and that read a field of `value` with `reader`.
std::string write_statements(const CppType& type, const std::string& source, std::size_t indent);
std::string read_statements(const CppField& field, std::size_t indent);
/// The definition of `check_rules` for one record.
std::string rules_definition(const CppRecord& record);
/// The declarations and definitions that a model with a table has beyond the others.
std::string row_declarations(const CppRecord& record);
std::string row_members(const CppRecord& record);
std::string row_definitions(const CppRecord& record);

/// Wraps text as `///` comment lines.
std::string comment(std::string_view text, std::size_t indent = 0);

struct Generated {
    std::map<std::string, std::string> files;  ///< By path below the output folder.
    std::vector<Diagnostic> problems;          ///< If there is one, there are no files.
};

/// Makes the C++ of a platform from its contracts and models.
Generated generate_code(std::span<const SourceFile> contracts, std::span<const SourceFile> models,
                        const std::string& platform);

}  // namespace tidings::contract
