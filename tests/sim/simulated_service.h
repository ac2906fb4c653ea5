#pragma once

#include <tidings/broker/log_broker.h>
#include <tidings/service/host.h>
#include <tidings/sim/faulty_broker.h>
#include <tidings/sim/scheduler.h>
#include <tidings/sim/world.h>

#include "demo/platform.h"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace shop {

/// One service of the shop as a process of a simulated world: it can be started, killed and started
/// again, and nothing but its files survives that.
///
/// Lifetime  All that it is given must outlive it.
class SimulatedService {
public:
    struct Options {
        std::string name;
        Platform::Options platform;
        tidings::StepLoop::Options limits;
        /// Takes a line of its journal.
        std::function<void(std::string_view)> tell;
    };

    SimulatedService(tidings::sim::SimWorld& world, tidings::sim::Scheduler& scheduler,
                     const OutsideWorld& outside, Options options);
    ~SimulatedService();
    SimulatedService(const SimulatedService&) = delete;
    SimulatedService& operator=(const SimulatedService&) = delete;

    /// Opens database and logs, and has the workers polled. Requires: it is not up. After a failure
    /// it is not up either.
    tidings::Result<void> start(const tidings::sim::BrokerFaults& faults);
    /// Ends the process, wherever it stands. Who waits for an answer is told that the connection is
    /// gone. When it is down already, nothing.
    void kill();
    bool is_up() const noexcept { return host_ != nullptr; }
    const std::string& name() const noexcept { return options_.name; }

    /// Sends a request as from another process: if this one ends before it answers, the reply is a
    /// 503 of the client's own.
    void request(tidings::io::HttpRequest request, tidings::io::HttpReply reply);

    /// Require: it is up.
    tidings::Host& host() { return *host_; }
    tidings::DeliveryStatus status() const { return host_->status(options_.name); }
    tidings::sim::FaultyBroker& broker() { return *broker_; }

    /// Returns how many events reached it once more and had no effect, over all its lives.
    std::int64_t duplicates() const;

private:
    tidings::Result<void> open(const tidings::sim::BrokerFaults& faults);
    void hang_up();
    void close();

    tidings::sim::SimWorld& world_;
    tidings::sim::Scheduler& scheduler_;
    const OutsideWorld& outside_;
    Options options_;
    tidings::Journal journal_;
    bool alive_ = false;
    int lives_ = 0;
    std::int64_t duplicates_before_ = 0;
    std::uint64_t requests_made_ = 0;
    std::map<std::uint64_t, tidings::io::HttpReply> unanswered_;
    std::vector<tidings::io::Worker*> workers_;
    std::unique_ptr<Platform> platform_;
    std::unique_ptr<tidings::Broker> log_;
    std::unique_ptr<tidings::Host> host_;
    tidings::sim::FaultyBroker* broker_ = nullptr;  // The host's.
};

}  // namespace shop
