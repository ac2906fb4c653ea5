#include "testing/flow_service.h"

#include <tidings/broker/log_broker.h>

#include <algorithm>

namespace tidings {

Result<EffectResult> FlowOutside::perform(const EffectRequest& request) {
    asked[request.name].push_back(request);
    first_asked_.emplace(request.idempotency_key, world_.monotonic());
    const auto answer = answers_.find(request.name);
    if (answer == answers_.end()) return EffectResult{Pending{}};
    return answer->second(request);
}

void FlowOutside::set(std::string effect, Flow::Answer answer) {
    answers_[std::move(effect)] = std::move(answer);
}

Flow::Answer FlowOutside::after(std::string json, Duration delay) {
    return [this, json = std::move(json),
            delay](const EffectRequest& request) -> Result<EffectResult> {
        const TimePoint due = first_asked_.at(request.idempotency_key) + delay;
        const Duration left = due - world_.monotonic();
        if (left > Duration{0}) return EffectResult{Pending{left}};
        return EffectResult{Answered{json}};
    };
}

FlowService::FlowService(std::string name, Flow::MakeService make, StepLoop::Options limits,
                         Surroundings around)
    : name_(std::move(name)),
      make_(std::move(make)),
      limits_(std::move(limits)),
      around_(std::move(around)),
      journal_(around_.world, {LogLevel::warning, 0}, [this](std::string_view line) {
          if (alive_) around_.journal(line);
          return true;
      }) {}

bool FlowService::owns(std::string_view domain) const {
    const auto& domains = service_->domains();
    return std::find(domains.begin(), domains.end(), domain) != domains.end();
}

Result<void> FlowService::start() {
    TIDINGS_ASSERT(!is_up());
    alive_ = true;
    Result<void> opened = open();
    if (!opened) {
        around_.world.kill(name_);
        close();
    }
    return opened;
}

Result<void> FlowService::open() {
    service_ = make_();
    for (const std::string& effect : service_->handlers().effect_names()) {
        const Handlers::Effect declared = *service_->handlers().find_effect(effect);
        service_->handlers().effect(effect, around_.outside, declared.answered,
                                    declared.entry.options);
    }
    HostOptions options;
    options.data = "data";
    options.limits = limits_;
    options.journal = journal_;
    options.broker = [this, &options](io::World& process) -> Result<std::unique_ptr<Broker>> {
        auto log = open_log_broker(process, options.data + "/log", {}, journal_);
        if (!log) return log;
        log_ = std::move(*log);
        auto broker = std::make_unique<FlowBroker>(*log_, held, around_.published);
        broker_ = broker.get();
        broker_->set(fault_);
        return std::unique_ptr<Broker>{std::move(broker)};
    };
    auto opened = Host::open(around_.world.process(name_), options);
    if (!opened) return std::move(opened).error();
    host_ = std::move(*opened);
    if (Result<void> added = host_->add(*service_); !added) return added;
    workers_ = host_->workers();
    for (io::Worker* worker : workers_) around_.scheduler.add(*worker);
    return {};
}

void FlowService::kill() {
    if (!is_up()) return;
    around_.world.kill(name_);
    close();
}

void FlowService::close() {
    alive_ = false;  // It is told what its end makes of it, and says that; nobody listens.
    for (io::Worker* worker : workers_) around_.scheduler.remove(*worker);
    workers_.clear();
    host_.reset();
    broker_ = nullptr;
    log_.reset();
    service_.reset();
}

void FlowService::set(FlowFault fault) {
    fault_ = fault;
    if (broker_ != nullptr) broker_->set(fault);
}

}  // namespace tidings
