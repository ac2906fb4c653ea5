#pragma once

#include <tidings/delivery/step_loop.h>

#include "delivery/due_clock.h"
#include "delivery/overdue_pace.h"
#include "delivery/relay.h"
#include "delivery/step.h"
#include "delivery/step_runner.h"
#include "delivery/watchdog.h"

#include <deque>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace tidings {

/// A command, and since when it has been waiting.
struct WaitingCommand {
    Command command;
    TimePoint since;
};

/// What a StepLoop is made of. Opening and the public face are in step_loop.cc, a group's way from
/// its causes to its answers in step_groups.cc, the wary way of it in step_attempts.cc.
struct StepLoop::Impl {
    Impl(io::World& world_, Store& store_, Broker& broker_, const Handlers& handlers_,
         Options options_)
        : world(world_),
          store(store_),
          broker(broker_),
          handlers(handlers_),
          options(std::move(options_)),
          clock(world_),
          overdue(world_),
          runner(world_, store_, handlers_, options, clock),
          relay(world_, broker_, runner.outbox,
                {options.service, options.metrics, options.journal, options.log_events},
                options.service + " relay"),
          effects(world_, clock, handlers_, options.service + " effects",
                  [this](std::vector<EffectOutcome> reported) { report(std::move(reported)); }),
          watchdog(world_, options.service, options.watchdog, options.journal, running,
                   [this] { return look(); }),
          group_steps(options.group_steps_max) {}

    Result<void> open(io::Wakeup& wakeup);
    Result<void> read_state();
    void report(std::vector<EffectOutcome> reported);

    TimePoint poll(TimePoint now);
    Result<void> submit(Command command);
    DeliveryStatus look();
    /// Refuses commands that have waited for so long that nobody can be waiting for them.
    void refuse_late(TimePoint now);
    /// Gives the relay what the group added; what it has no room for stays in the database.
    void hand_to_relay();
    /// Gives it what stayed there, once it has room. Throws Failure.
    void hand_on_to_relay(StoreTransaction& tx);
    bool relay_wants_more() const;
    /// Refuses what waits while nothing new is taken.
    void refuse_held_back();
    /// How long a command that comes now will wait, as far as can be told. Requires: the mutex.
    Duration expected_wait(TimePoint now) const;
    /// A group with commands took so long.
    void note_command_time(Duration took);
    /// Makes the next group as large as can be done in the time that a group may take.
    void pace(std::size_t steps, Duration took);

    /// Takes what waits, at most one group of it. Throws Failure; then `steps` has what was taken.
    void collect(std::vector<Step>& steps);
    void collect_due(std::vector<Step>& steps);
    /// When the next timer or retry is due, as far as it is known without the database.
    std::optional<Timestamp> next_due() const;
    bool knows_next_due() const;
    /// How many due timers, and how many due retries, may be taken at once.
    std::size_t due_max(Timestamp now);
    void read_next_due();
    /// Whether a group is sure to be made, or whether only the database can tell.
    bool needs_database();
    void collect_events(std::vector<Step>& steps);
    /// Whether the topic's log is the one that was read up to `position`. Errors: `corruption`.
    Result<void> recognise_log(TopicState& topic);
    bool outbox_has_room() const;

    void run(std::vector<Step>& steps);
    Result<void> run_group(std::span<Step> steps, std::size_t& ran);
    /// Commits a beginning of `steps`, all of them if it can; `done` tells how many.
    Result<void> commit(std::span<Step> steps, std::size_t& done);
    /// The same after an unclean stop: those that may be to blame for it alone (see Attempts).
    Result<void> commit_warily(std::span<Step> steps, std::size_t& done);
    Result<void> write_attempt(const Step& step);
    /// Whether nothing is left but to say that the service ended as it should.
    bool may_mark_clean() const;
    /// A step that the database would not take even alone, while it takes others.
    bool refuse_alone(Step& step, const Error& error);
    static void refuse(Command& command, Error error);
    /// After a lost group: what is in memory follows the tables again.
    Result<void> read_again();
    /// Does what a lost group left to do.
    Result<void> catch_up();
    /// Hands events over again from the position that is stored: done ones are known by the inbox.
    void seek_back();
    void after_commit(std::span<Step> steps);
    static void answer(std::span<Step> steps);
    void abandon(std::span<Step> steps, const Error& error);
    void refuse_all();
    bool has_changes() const;
    bool has_bookkeeping() const;
    TimePoint next_poll(TimePoint now, bool busy);
    std::optional<Error> held_alarm() const;
    void publish_status(bool busy);
    void publish_counts();  // Part of it, under its lock.

    io::World& world;
    Store& store;
    Broker& broker;
    const Handlers& handlers;
    const Options options;
    DueClock clock;
    OverduePace overdue;
    std::vector<std::unique_ptr<TopicState>> topics;
    StepRunner runner;
    Relay relay;
    EffectWorker effects;
    RunningStep running;
    Watchdog watchdog;
    io::Wakeup* own_wakeup = nullptr;

    std::int64_t handed_to = 0;  // The position of the last outbox entry that the relay took.
    std::atomic<bool> is_held_back{false};
    std::vector<std::string> claimed_domains;
    std::size_t group_steps;      // Of at most `group_steps_max`, what fits into `group_time_max`.
    std::vector<Step> collected;  // By `poll`, for its group: one memory for all groups.
    TimePoint bookkeeping_since = TimePoint::max();
    TimePoint not_before{};
    TimePoint room_given_back{};  // When, while nothing new is taken, the WAL was last cut.
    bool memory_is_ahead = false;      // Of the tables: a group was lost.
    bool hand_over_again = false;      // The subscriptions stand behind what is stored.
    std::optional<Error> group_error;  // Why the last group, or one step of it, was not taken.
    std::optional<Error> intake_error;
    bool fetch_failed = false;
    bool passed_over = false;          // The last fetch had events that nobody here handles.
    std::optional<Error> final_error;  // The database is in doubt: only a restart may go on.
    std::atomic<bool> stopping{false};
    std::atomic<bool> stopped{false};

    std::mutex watch_mutex;    // A subscription is for one thread at a time; anybody may ask.
    mutable std::mutex mutex;  // Guards what follows.
    std::deque<WaitingCommand> commands;
    std::size_t commands_running = 0;
    Duration command_time{0};        // That passes for each, lately: of groups, with their flush.
    std::optional<Error> held_back;  // Why nothing new is taken, as somebody outside has it.
    std::vector<EffectOutcome> outcomes;
    DeliveryStatus status;
    TimePoint storm_until{};  // Nobody may poll when the status's `retry_storm` ends.
};

}  // namespace tidings
