#pragma once

#include <tidings/base/result.h>
#include <tidings/broker/broker.h>
#include <tidings/delivery/step_loop.h>
#include <tidings/io/world.h>
#include <tidings/service/host.h>
#include <tidings/telemetry/metrics.h>

#include "service/disk_watch.h"
#include "service/health.h"

#include <vector>

namespace tidings {

/// What a Host does for its services so that they stay within bounds: the disk, the logs.
///
/// Threads   `add` and `clear` before and after the workers have threads; the rest any.
/// Lifetime  The broker, the metrics and the loops added must outlive it, or `clear`.
class HostWatch {
public:
    HostWatch(io::World& world, const HostOptions& options, Broker& broker, Metrics& metrics);

    /// Holds back the intake of this loop, too, when the disk is full.
    void add(StepLoop& loop) { loops_.push_back(&loop); }
    /// Shows how full the log of a domain is as metrics.
    void show_log(const std::string& domain);
    /// Forgets loops and metrics: before they end.
    void clear();

    DiskWatch& disk() noexcept { return disk_; }
    std::vector<io::Worker*> watchers();
    /// Fills in what it knows of health.
    HealthView view() const;

private:
    bool is_refused_room() const;

    const HostOptions& options_;
    Broker& broker_;
    Metrics& metrics_;
    std::vector<StepLoop*> loops_;
    std::vector<GaugeWatch> watches_;
    DiskWatch disk_;
};

/// Returns how the logs are to be kept. Errors: `invalid_argument` (a bound that is too small).
Result<log::Options> log_options(log::Options wanted);

}  // namespace tidings
