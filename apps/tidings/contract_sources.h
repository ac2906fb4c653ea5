#pragma once

#include <tidings/contract/contract.h>
#include <tidings/io/world.h>
#include <tidings/model/service_outline.h>

#include <string>
#include <vector>

namespace tidings::cli {

/// Reads `<directory>/<domain>/*.yaml`. Errors: `not_found` if there is none.
Result<std::vector<SourceFile>> read_contract_files(io::FileSystem& files,
                                                    const std::string& directory);

/// Loads the contracts that `source` names: a directory of contract files; a bundle, which is a
/// JSON file such as a data directory's `contracts.json`; or `REVISION:DIRECTORY`, as the git
/// repository of the working directory has it, `HEAD~1:contracts`.
Result<ContractSet> load_contracts_from(io::FileSystem& files, const std::string& source);

/// Reads the outlines that services print of themselves, a line of JSON each. An empty path: none.
Result<std::vector<ServiceOutline>> read_service_outlines(io::FileSystem& files,
                                                          const std::string& path);

}  // namespace tidings::cli
