#pragma once

#include <tidings/delivery/step_loop.h>
#include <tidings/telemetry/metrics.h>

#include <functional>
#include <string>
#include <vector>

namespace tidings {

/// The metrics of one running service; they are asked for at each scrape as long as this lives.
using HostedMetrics = std::vector<GaugeWatch>;

/// Shows what `status` tells as metrics with the label `service`.
HostedMetrics watch_delivery(Metrics& metrics, const std::string& service,
                             const std::function<DeliveryStatus()>& status);

}  // namespace tidings
