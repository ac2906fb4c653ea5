#pragma once

#include <tidings/delivery/dead_letters.h>
#include <tidings/testing/flow.h>

#include "testing/flow_service.h"
#include "testing/outcome.h"

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace tidings {

/// A flow as it runs: its world, its services, and what happened.
struct Flow::Impl {
    explicit Impl(std::uint64_t seed) : world(seed) {}
    ~Impl() {
        services.clear();
        others.reset();
    }

    FlowService& find(std::string_view name) const;
    FlowService* owner(const std::string& domain) const;
    void tell(std::string line);
    void note(const EventHeaders& headers, std::string_view envelope);
    void go_on();
    void start(FlowService& service);
    void publish(const Cause& event);
    void publish_for_others(const Cause& event);
    void administer(std::string_view service, std::string_view act,
                    std::function<void(DeadLetters&, Timestamp)> run);
    std::string difference(const Expectation& expected);
    std::string timer_difference(const Expectation& expected, StoreTransaction& tx);
    std::string dead_letter_difference(const Expectation& expected, StoreTransaction& tx) const;
    std::string asked_difference(const Expectation& expected) const;
    std::string unaccounted() const;
    CaseVerdict verdict(std::string differences) const;

    sim::SimWorld world;
    sim::Scheduler scheduler{world};
    const TimePoint began = world.monotonic();
    std::shared_ptr<FlowOutside> outside = std::make_shared<FlowOutside>(world);
    std::vector<std::unique_ptr<FlowService>> services;  // In the order of adding.
    std::unique_ptr<Broker> others;  // The services that are not part of the flow.
    std::map<std::string, std::int64_t> sequences;
    std::vector<Fact> published;
    std::set<Uuid> known;  // Of the events published.
    std::size_t forgotten = 0;
    std::vector<std::string> story;
    std::string complaint;
};

}  // namespace tidings
