#pragma once

#include <tidings/service/host.h>
#include <tidings/sim/scheduler.h>
#include <tidings/sim/world.h>
#include <tidings/testing/flow.h>

#include "testing/flow_broker.h"

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace tidings {

/// The outside world of a flow: what it was asked, and what it says to it. It survives all crashes.
class FlowOutside final : public EffectPort {
public:
    explicit FlowOutside(io::World& world) : world_(world) {}

    Result<EffectResult> perform(const EffectRequest& request) override;
    void set(std::string effect, Flow::Answer answer);
    /// An answer that comes so long after the first time that it was asked for.
    Flow::Answer after(std::string json, Duration delay);

    std::map<std::string, std::vector<EffectRequest>, std::less<>> asked;

private:
    io::World& world_;
    std::map<std::string, Flow::Answer, std::less<>> answers_;
    std::map<std::string, TimePoint> first_asked_;  // By idempotency key.
};

/// One service of a flow: a process of the simulated world that can be ended and started again.
class FlowService {
public:
    struct Surroundings {
        sim::SimWorld& world;
        sim::Scheduler& scheduler;
        std::shared_ptr<FlowOutside> outside;
        FlowBroker::Tell published;
        std::function<void(std::string_view)> journal;
    };

    FlowService(std::string name, Flow::MakeService make, StepLoop::Options limits,
                Surroundings around);
    ~FlowService() { close(); }
    FlowService(const FlowService&) = delete;
    FlowService& operator=(const FlowService&) = delete;

    /// Opens database and log. On an error it is down.
    Result<void> start();
    /// Ends the process. When it is down already, nothing.
    void kill();
    /// Takes note that the whole machine has ended.
    void close();

    void set(FlowFault fault);
    bool is_up() const noexcept { return host_ != nullptr; }
    const std::string& name() const noexcept { return name_; }
    bool owns(std::string_view domain) const;

    /// Require: it is up.
    Host& host() const {
        TIDINGS_ASSERT(is_up());
        return *host_;
    }
    FlowBroker& broker() const { return *broker_; }
    DeliveryStatus status() const { return host_->status(name_); }

    std::vector<EventsOf> held;

private:
    Result<void> open();

    std::string name_;
    Flow::MakeService make_;
    StepLoop::Options limits_;
    Surroundings around_;
    Journal journal_;
    bool alive_ = false;
    FlowFault fault_ = FlowFault::none;
    std::vector<io::Worker*> workers_;
    std::shared_ptr<Service> service_;
    std::unique_ptr<Broker> log_;
    std::unique_ptr<Host> host_;
    FlowBroker* broker_ = nullptr;  // The host's.
};

}  // namespace tidings
