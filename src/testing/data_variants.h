#pragma once

#include <tidings/contract/contract.h>

#include <set>
#include <string>
#include <vector>

namespace tidings {

/// An event's data with one field different, all else equal: it keeps the schema as well.
struct DataVariant {
    std::string field;  ///< As a change of a contract names it: `/items/*/quantity`.
    std::string json;
};

/// Returns `data` with each field of it given other values, left out, and put in where it may be.
/// Of the items of a list the first is changed. Values come from examples and from the bounds.
std::vector<DataVariant> data_variants(const Contract& contract, const std::string& data);

/// Returns all fields that data by this contract can have: its examples', and the schema's own.
std::set<std::string> all_fields(const Contract& contract);

}  // namespace tidings
