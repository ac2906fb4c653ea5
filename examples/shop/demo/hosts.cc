#include "demo/hosts.h"

#include <tidings/base/assert.h>

#include <algorithm>

namespace shop {

using namespace tidings;

std::vector<std::string> Hosts::services() const {
    std::vector<std::string> all;
    for (const Host* host : hosts_) {
        for (std::string& service : host->services()) all.push_back(std::move(service));
    }
    return all;
}

Host& Hosts::host_of(std::string_view service) const {
    const auto found = std::find_if(hosts_.begin(), hosts_.end(), [service](const Host* host) {
        const std::vector<std::string> services = host->services();
        return std::find(services.begin(), services.end(), service) != services.end();
    });
    TIDINGS_ASSERT(found != hosts_.end());
    return **found;
}

DeliveryStatus Hosts::status(std::string_view service) const {
    return host_of(service).status(service);
}

Result<std::unique_ptr<StoreTransaction>> Hosts::reader(std::string_view service) const {
    return host_of(service).reader(service);
}

}  // namespace shop
