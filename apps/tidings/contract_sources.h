#pragma once

#include <tidings/contract/contract.h>
#include <tidings/io/world.h>

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

}  // namespace tidings::cli
