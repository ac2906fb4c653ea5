#pragma once

#include <tidings/delivery/step_loop.h>
#include <tidings/telemetry/metrics.h>

#include <functional>
#include <mutex>
#include <string>
#include <vector>

namespace tidings {

/// The metrics of one running service; they are asked for at each scrape as long as this lives.
using HostedMetrics = std::vector<GaugeWatch>;

/// What a service's tables tell, whatever the service says itself.
struct TableFigures {
    std::function<std::int64_t()> unaccounted;          ///< Events in no state they can be in.
    std::function<std::int64_t()> sagas_need_operator;  ///< Instances.
};

/// Reads these figures through `reader`, which `mutex` guards. Both must outlive them.
TableFigures table_figures(std::mutex& mutex, StoreTransaction& reader, bool has_sagas);

/// Shows what `status` and the tables tell as metrics with the label `service`.
HostedMetrics watch_delivery(Metrics& metrics, const std::string& service,
                             const std::function<DeliveryStatus()>& status,
                             const TableFigures& tables);

}  // namespace tidings
