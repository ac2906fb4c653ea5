#pragma once

#include <tidings/service/host.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace shop {

/// The Hosts that run the shop's services between them: one for all in the demo, one for each
/// service where each is a process of its own. For reading alone.
///
/// Lifetime  The Hosts must outlive it.
class Hosts {
public:
    /// One Host that runs all services; implicit, since that is the usual case.
    Hosts(tidings::Host& host) : hosts_{&host} {}
    /// Requires: at least one, all on one data directory.
    explicit Hosts(std::vector<tidings::Host*> hosts) : hosts_(std::move(hosts)) {}

    std::vector<std::string> services() const;
    /// Requires: one of them runs `service`; likewise below.
    tidings::DeliveryStatus status(std::string_view service) const;
    tidings::Result<std::unique_ptr<tidings::StoreTransaction>> reader(
        std::string_view service) const;
    /// A broker on the logs of all services.
    tidings::Broker& broker() const { return hosts_.front()->broker(); }

private:
    tidings::Host& host_of(std::string_view service) const;

    std::vector<tidings::Host*> hosts_;
};

}  // namespace shop
