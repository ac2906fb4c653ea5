#pragma once

#include "contract/contract_file.h"

#include <string>
#include <vector>

namespace tidings::contract {

/// A row, a command or a saga's state of one service: `models/*.yaml`.
struct Model {
    std::string file;
    std::string name;   ///< `Order`
    std::string space;  ///< `order_service`: the namespace.
    std::string table;  ///< Empty for a model without rows.
    std::string key;    ///< The field that is the table's primary key.
    std::string summary;
    SchemaPointer schema;
};

/// Reads the models of a platform. They may refer to the types of its domains.
std::vector<Model> load_models(std::span<const SourceFile> files, const SharedDefinitions& domains,
                               std::vector<Diagnostic>& problems);

}  // namespace tidings::contract
