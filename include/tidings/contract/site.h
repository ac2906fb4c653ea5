#pragma once

#include <tidings/contract/contract.h>
#include <tidings/model/service_outline.h>

#include <map>
#include <string>
#include <vector>

namespace tidings {

/// Contracts as they were at an earlier time, by the name that people call it.
struct EarlierContracts {
    std::string name;  ///< `v1.4`, `HEAD~20:contracts`.
    ContractSet set;
};

/// What a site is made of beside the contracts.
struct SiteOptions {
    std::string title = "Events";
    /// What services' own code says of them: where sagas come from. May be empty.
    std::vector<ServiceOutline> services{};
    /// What changelogs compare, oldest first. May be empty.
    std::vector<EarlierContracts> earlier{};
};

/// Makes the documentation of contracts as a static site, by path below its folder: a page for each
/// event type, service and saga, a map of services and the events between them, a changelog,
/// search, and AsyncAPI documents to take away. It opens from a disk, without a server, and loads
/// nothing from elsewhere.
///
/// All texts of contracts are escaped. The same input gives the same bytes.
std::map<std::string, std::string> make_site(const ContractSet& set, const SiteOptions& options);

}  // namespace tidings
