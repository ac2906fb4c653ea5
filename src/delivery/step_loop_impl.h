#pragma once

#include <tidings/delivery/step_loop.h>

#include "delivery/relay.h"
#include "delivery/step.h"
#include "delivery/step_runner.h"

#include <deque>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

namespace tidings {

/// What a StepLoop is made of. Opening and the public face are in step_loop.cc, a group's way from
/// its causes to its answers in step_groups.cc.
struct StepLoop::Impl {
    Impl(io::World& world_, Store& store_, Broker& broker_, const Handlers& handlers_,
         Options options_)
        : world(world_),
          store(store_),
          broker(broker_),
          handlers(handlers_),
          options(std::move(options_)),
          runner(world_, store_, handlers_, options),
          relay(world_, broker_, runner.outbox, options.service + " relay"),
          effects(world_, handlers_, options.service + " effects",
                  [this](std::vector<EffectOutcome> reported) { report(std::move(reported)); }) {}

    Result<void> open(io::Wakeup& wakeup);
    Result<void> read_state();
    void report(std::vector<EffectOutcome> reported);

    TimePoint poll(TimePoint now);
    std::vector<Step> collect();
    void collect_due(std::vector<Step>& steps);
    void collect_events(std::vector<Step>& steps);
    bool may_take_events() const;

    void run(std::vector<Step>& steps);
    Result<void> run_group(std::span<Step> steps, std::size_t& reached);
    Result<void> commit(std::span<Step> steps);
    /// After a lost group: what is in memory follows the tables again.
    Result<void> read_again();
    /// Hands events over again from the position that is stored: done ones are known by the inbox.
    void seek_back();
    void after_commit(std::span<Step> steps);
    void abandon(std::span<Step> steps, const Error& error);
    void refuse_all();
    bool has_bookkeeping() const;
    TimePoint next_poll(TimePoint now, bool busy);
    void publish_status(bool busy);

    io::World& world;
    Store& store;
    Broker& broker;
    const Handlers& handlers;
    const Options options;
    std::vector<std::unique_ptr<TopicState>> topics;
    StepRunner runner;
    Relay relay;
    EffectWorker effects;
    io::Wakeup* own_wakeup = nullptr;

    TimePoint bookkeeping_since = TimePoint::max();
    TimePoint not_before{};

}  // namespace tidings
