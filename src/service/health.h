#pragma once

#include <tidings/broker/broker.h>
#include <tidings/broker/log_scrubber.h>
#include <tidings/delivery/step_loop.h>
#include <tidings/io/http.h>
#include <tidings/service/host.h>

#include "service/disk_watch.h"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace tidings {

/// All that health is judged by, at one moment.
struct HealthView {
    std::string data;  ///< The data directory, for the commands that are named.
    std::vector<std::pair<std::string, DeliveryStatus>> services;
    std::vector<LogDamage> damages;
    DiskState disk;
    std::vector<TopicUsage> logs;
    HealthAlarms alarms;
    std::int64_t outbox_max = 0;
};

/// The answer of `/health/ready`: each service with how it does, every reason why it is not as it
/// should be, and the command that looks at it. 503 if one is down, or red: something stands still
/// while work waits. Damage to a log is told, and turns no service down: what is whole goes on.
io::HttpResponse ready_response(const HealthView& view);
/// The answer of `/status`: the account of each service, and the same reasons.
io::HttpResponse status_response(const HealthView& view);

}  // namespace tidings
