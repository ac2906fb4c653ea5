#pragma once

#include <tidings/contract/site.h>

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tidings::contract {

/// What the pages are about, sorted, and the frame that is around each.
struct SiteContent {
    SiteContent(const ContractSet& contracts, const SiteOptions& site_options);

    /// A page at `at`, whose folder is `up` from the site's; `body` is HTML.
    std::string page(std::string_view up, const std::string& at, std::string_view kind,
                     std::string_view title, const std::string& body) const;

    const ContractSet& set;
    const SiteOptions& options;
    std::map<std::string, std::vector<const Contract*>> events;  ///< Newest version first.
    std::set<std::string> services;
    /// By name: the service that runs it, and how it goes.
    std::map<std::string, std::pair<std::string, const SagaOutline*>> sagas;
};

std::string start_page(const SiteContent& content);
std::string changelog_page(const SiteContent& content);
std::string event_page_text(const SiteContent& content, const std::string& event);
std::string service_page_text(const SiteContent& content, const std::string& service);
std::string saga_page_text(const SiteContent& content, const std::string& saga);

}  // namespace tidings::contract
