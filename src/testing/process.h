#pragma once

#include <tidings/broker/log_broker.h>
#include <tidings/service/host.h>
#include <tidings/sim/faulty_broker.h>

#include "testing/definition.h"

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace tidings::sim {

/// One service as a process of a run: it can be started, killed and started again, and nothing but
/// its files survives that.
class SimulatedProcess final : private BrokerScript {
public:
    SimulatedProcess(Run& run, const Definition::OneService& service);
    ~SimulatedProcess() override;
    SimulatedProcess(const SimulatedProcess&) = delete;
    SimulatedProcess& operator=(const SimulatedProcess&) = delete;

    /// Opens database and logs, and has the workers polled. Requires: it is not up. After a failure
    /// it is not up either.
    Result<void> start();
    /// Ends the process, wherever it stands. Who waits for an answer is told that the connection is
    /// gone. When it is down already, nothing.
    void kill();
    bool is_up() const noexcept { return host_ != nullptr; }
    /// Whether it has come to its end, though it may not have been killed yet.
    bool is_dead() const;
    const std::string& name() const noexcept { return service_.name; }
    int life() const noexcept { return lives_; }

    /// Sends a request as from another process: if this one ends before it answers, the reply is a
    /// 503 of the caller's own.
    void request(io::HttpRequest request, io::HttpReply reply);

    // Require: it is up.
    Host& host() { return *host_; }
    DeliveryStatus status() const { return host_->status(service_.name); }
    FaultyBroker& broker() { return *broker_; }
    StoreTransaction& reader();

    /// Returns how many events reached it once more and had no effect, over all its lives.
    std::int64_t duplicates() const;

private:
    Result<void> open();
    void close();
    void hang_up();
    StepLoop::Options limits() const;

    DeliveryFault deliver(const Topic& topic, const DeliveredEvent& event) override;
    bool loses_answer(const Topic& topic, Offset first) override;
    void handed_over(const Topic& topic, const DeliveredEvent& event) override;
    void published(const Topic& topic, Offset first,
                   std::span<const OutgoingEvent> events) override;

    Run& run_;
    const Definition::OneService& service_;
    const StepLoop::Options limits_;
    Journal journal_;
    bool alive_ = false;
    int lives_ = 0;
    std::int64_t duplicates_before_ = 0;
    std::uint64_t requests_made_ = 0;
    std::map<std::uint64_t, io::HttpReply> unanswered_;
    std::vector<io::Worker*> workers_;
    std::shared_ptr<Service> made_;
    std::unique_ptr<Broker> log_;
    std::unique_ptr<Host> host_;
    std::unique_ptr<StoreTransaction> reader_;
    FaultyBroker* broker_ = nullptr;  // The host's.
};

}  // namespace tidings::sim
