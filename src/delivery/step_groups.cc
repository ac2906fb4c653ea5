#include <tidings/base/crc32c.h>

#include "base/test_points.h"
#include "delivery/step_loop_impl.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace tidings {

namespace {

/// How long marks and positions that nothing else needs flushed may wait for company.
constexpr Duration bookkeeping_delay = 50ms;
/// How long the loop stands still when the database would not take a step.
constexpr Duration standstill = 500ms;
/// While the disk is full, how often its database gives back what it can.
constexpr Duration room_interval = 1s;
/// Wall-clock due times are looked at again this often, whatever the clock did meanwhile.
constexpr Duration wall_clock_check = 5s;

/// After these nobody knows what the disk holds; the first one is final (R6).
bool is_final(const Error& error) {
    return error.code == ErrorCode::io_error || error.code == ErrorCode::corruption;
}

/// The checksum of the event just before `position`, if it is among `events`.
std::int64_t checksum_before(Position position, std::span<const DeliveredEvent> events) {
    if (events.empty() || events.back().offset + 1 != position) return -1;
    return crc32c(events.back().envelope);
}

bool is_command(const Step& step) { return std::holds_alternative<CommandStep>(step); }

}  // namespace

bool StepLoop::Impl::outbox_has_room() const {
    return runner.outbox.pending() < options.outbox_max;
}

void StepLoop::Impl::collect(std::vector<Step>& steps) {
    if (runner.attempts.is_marked_clean()) return;
    passed_over = false;  // Of the fetch before: nothing is fetched where there is no room.
    if (relay_wants_more()) hand_on_to_relay(store.transaction());
    if (is_held_back) refuse_held_back();
    if (!outbox_has_room()) return reached("intake.waits_for_outbox");
    refuse_late(world.monotonic());
    {
        const std::lock_guard lock{mutex};
        for (EffectOutcome& outcome : outcomes) steps.emplace_back(std::move(outcome));
        outcomes.clear();
        const std::size_t commands_max = std::max<std::size_t>(group_steps / 2, 1);
        while (!commands.empty() && steps.size() < commands_max) {
            steps.emplace_back(CommandStep{std::move(commands.front().command), std::nullopt});
            commands.pop_front();
            ++commands_running;
        }
    }
    if (stopping || is_held_back) return;
    fetch_failed = passed_over = false;
    // Retries go on where nothing new is taken: they are what makes room.
    collect_due(steps);
    collect_events(steps);
}

Result<void> StepLoop::Impl::recognise_log(TopicState& topic) {
    if (topic.is_log_known) return {};
    const std::lock_guard watching{watch_mutex};
    // Until there is something to fetch, nothing can be mistaken for it.
    if (topic.watch->high_watermark() <= topic.position) return {};
    if (topic.seen >= 0 && topic.position.value > 0 &&
        topic.watch->seek(Position{topic.position.value - 1})) {
        const Result<Fetched> before = topic.watch->fetch(1);
        if (!before) return with_context(before.error(), "topic " + topic.name);
        const std::int64_t found = checksum_before(topic.position, before->events);
        if (found >= 0 && found != topic.seen) {
            reached("consumer.foreign_log_refused");
            return Error{ErrorCode::corruption,
                         "topic " + topic.name + " holds another event at " +
                             std::to_string(topic.position.value - 1) + " than the one that " +
                             options.service + " has read there",
                         "the log was replaced or restored from an older copy: restore logs and "
                         "databases of one backup together"};
        }
    }
    topic.is_log_known = true;
    return {};
}

void StepLoop::Impl::collect_events(std::vector<Step>& steps) {
    intake_error.reset();
    if (runner.effects.owed_count() >= options.effects_max) {
        intake_error = {ErrorCode::unavailable,
                        std::to_string(runner.effects.owed_count()) +
                            " requests to the outside world are owed: no events are taken",
                        "see which dependency does not answer"};
        return;
    }
    const std::size_t room = steps.size() < group_steps ? group_steps - steps.size() : 0;
    const std::size_t share = std::max(room / std::max<std::size_t>(topics.size(), 1),
                                       std::min<std::size_t>(group_steps, 16));
    for (const auto& topic : topics) {
        if (Result<void> known = recognise_log(*topic); !known) {
            intake_error = known.error();
            continue;
        }
        Result<Fetched> fetched = topic->subscription->fetch(share);
        if (!fetched) {
            fetch_failed = true;
            reached("intake.fetch_failed");
            intake_error = with_context(fetched.error(), "topic " + topic->name);
            continue;
        }
        topic->fetched = std::move(*fetched);
        // A broker may hand events over while `next` still waits for an earlier one.
        if (topic->fetched.next != topic->position) {
            topic->position = topic->fetched.next;
            topic->seen = checksum_before(topic->position, topic->fetched.events);
            topic->dirty = true;
        }
        for (const DeliveredEvent& event : topic->fetched.events) {
            topic->last_appended_ms = event.appended.time_since_epoch().count();
            if (runner.wants(event)) {
                steps.emplace_back(EventStep{topic.get(), &event});
            } else {
                reached("intake.event_passed_over");
                runner.pass_over(*topic, event);
                passed_over = true;
            }
        }
    }
}

Result<void> StepLoop::Impl::run_group(std::span<Step> steps, std::size_t& ran) {
    if (!store.in_transaction()) {
        if (Result<void> begun = store.begin(); !begun) return begun;
    }
    try {
        if (planted(Mistake::stores_position_first)) {
            runner.before_commit(topics);
            const Result<void> stored = store.commit();
            if (!stored || !store.begin()) return stored;
        }
        const TimePoint began = world.monotonic();
        for (ran = 0; ran < steps.size(); ++ran) {
            running.begin(steps[ran]);
            runner.run(steps[ran]);
            running.end();
        }
        pace(steps.size(), world.monotonic() - began);
        runner.before_commit(topics);
    } catch (const GroupLost& lost) {
        running.end();
        store.rollback();
        return lost.error;
    }
    if (planted(Mistake::answers_before_commit)) answer(steps);
    if (planted(Mistake::publishes_before_commit)) {
        hand_to_relay();
        relay.poll(world.monotonic());
    }
    Result<void> committed = store.commit();
    if (planted(Mistake::ignores_failed_commit)) return {};
    return committed;
}

Result<void> StepLoop::Impl::read_again() {
    reached("group.lost");
    memory_is_ahead = !planted(Mistake::keeps_lost_group);
    if (!memory_is_ahead) return {};
    if (Result<void> begun = store.begin(); !begun) return begun;
    try {
        runner.open(store.transaction(), topics);
        runner.effects.lose_group();
    } catch (const Failure& failure) {
        store.rollback();
        return failure.error();
    }
    store.rollback();
    memory_is_ahead = false;
    return {};
}

Result<void> StepLoop::Impl::commit(std::span<Step> steps, std::size_t& done) {
    std::size_t count = steps.size() - done;
    do {
        std::size_t ran = 0;
        const std::span<Step> group = steps.subspan(done, count);
        const Result<void> committed = run_group(group, ran);
        if (committed) {
            after_commit(group);
            done += count;
            count = steps.size() - done;
            continue;
        }
        // Nothing of it happened. What is in memory must follow the tables again, or events that
        // were taken in vain would pass for duplicates.
        runner.attempts.lost();
        memory_is_ahead = hand_over_again = true;
        if (planted(Mistake::skips_lost_group)) hand_over_again = false;
        if (Result<void> again = read_again(); !again) return again;
        if (is_final(committed.error())) return committed;
        if (count > 1) {
            reached("group.tried_in_parts");
            // What stood before the guilty one runs again, then that one alone, then the rest. A
            // commit that fails has no guilty one, so there each half is tried.
            count = ran < count ? std::max<std::size_t>(ran, 1) : count / 2;
            continue;
        }
        if (count == 0 || !refuse_alone(steps[done], committed.error())) return committed;
        ++done;
        count = steps.size() - done;
    } while (done < steps.size());
    return {};
}

bool StepLoop::Impl::refuse_alone(Step& step, const Error& error) {
    // Two in a row: it is the disk, not the step. And only who waits for an answer can be refused.
    auto* command = std::get_if<CommandStep>(&step);
    if (command == nullptr || group_error) return false;
    group_error = error;
    reached("group.refused_one_step");
    refuse(command->command, error);
    return true;
}

void StepLoop::Impl::refuse(Command& command, Error error) {
    if (!command.answer) return;
    if (is_final(error)) {
        error.hint = "whether it was stored is known after a restart; then ask again";
    } else if (error.hint.empty()) {
        error.hint = "nothing was stored; try again later";
    }
    command.answer(std::move(error));
    command.answer = nullptr;
}

void StepLoop::Impl::after_commit(std::span<Step> steps) {
    group_error.reset();
    runner.attempts.committed();
    if (steps.size() > 1) reached("group.of_many_steps");
    if (steps.empty()) reached("group.of_bookkeeping");
    hand_to_relay();
    effects.push(runner.effects.committed());
    answer(steps);
    std::vector<StoredEffect> ask_again;
    for (Step& step : steps) {
        auto* outcome = std::get_if<EffectOutcome>(&step);
        if (outcome == nullptr || !outcome->effect.due) continue;
        ++outcome->effect.request.attempt;
        ask_again.push_back(std::move(outcome->effect));
    }
    effects.push(std::move(ask_again));
}

void StepLoop::Impl::answer(std::span<Step> steps) {
    for (Step& step : steps) {
        auto* command = std::get_if<CommandStep>(&step);
        if (command == nullptr || !command->command.answer) continue;
        if (planted(Mistake::answers_success_always)) command->refused.reset();
        command->command.answer(command->refused ? Result<void>{std::move(*command->refused)}
                                                 : Result<void>{});
        command->command.answer = nullptr;
    }
}

void StepLoop::Impl::abandon(std::span<Step> steps, const Error& error) {
    for (Step& step : steps) {
        if (auto* command = std::get_if<CommandStep>(&step)) {
            refuse(command->command, error);
        } else if (auto* outcome = std::get_if<EffectOutcome>(&step)) {
            const std::lock_guard lock{mutex};
            outcomes.push_back(std::move(*outcome));
        }
    }
    runner.attempts.give_up();
    group_error = error;
    if (!steps.empty()) reached("group.abandoned");
    if (is_final(error)) final_error = error;
    not_before = world.monotonic() + standstill;
}

void StepLoop::Impl::seek_back() {
    reached("group.handed_over_again");
    hand_over_again = false;
    for (const auto& topic : topics) {
        topic->fetched = {};
        if (Result<Position> sought = topic->subscription->seek(topic->position); !sought) {
            hand_over_again = true;
            intake_error = with_context(sought.error(), "topic " + topic->name);
        }
    }
}

void StepLoop::Impl::run(std::vector<Step>& steps) {
    std::size_t done = 0;
    group_error.reset();
    const TimePoint began = world.monotonic();
    const Result<void> committed =
        runner.attempts.is_wary() ? commit_warily(steps, done) : commit(steps, done);
    if (!committed) abandon(std::span{steps}.subspan(done), committed.error());
    // On a full disk parts that write nothing succeed, and the same events come again: without a
    // pause that would go round until there is room. Who waits for an answer is not made to.
    if (committed && hand_over_again && std::none_of(steps.begin(), steps.end(), is_command)) {
        not_before = world.monotonic() + standstill;
    }
    if (hand_over_again && !memory_is_ahead) seek_back();
    if (committed) {
        for (const auto& topic : topics) {
            if (topic->committed_position.exchange(topic->position.value) ==
                topic->position.value) {
                continue;
            }
            // A position that the broker misses is told again with the next one.
            (void)topic->subscription->acknowledge(topic->position);
        }
        bookkeeping_since = TimePoint::max();
        store.maintain();
    }
    const TimePoint ended = world.monotonic();
    const std::lock_guard lock{mutex};
    note_command_time(ended - began);
    commands_running = 0;
    status.steps += static_cast<std::int64_t>(done);
    if (committed) ++status.groups;
}

Result<void> StepLoop::Impl::catch_up() {
    if (memory_is_ahead) {
        if (Result<void> read = read_again(); !read) return read;
    }
    if (hand_over_again) seek_back();
    return {};
}

void StepLoop::Impl::refuse_all() {
    std::deque<WaitingCommand> refused;
    {
        const std::lock_guard lock{mutex};
        refused.swap(commands);
        stopped = stopping.load();
    }
    for (WaitingCommand& waiting : refused) refuse(waiting.command, *final_error);
}

bool StepLoop::Impl::has_changes() const {
    return runner.outbox.has_marks() || std::any_of(topics.begin(), topics.end(),
                                                    [](const auto& topic) { return topic->dirty; });
}

bool StepLoop::Impl::has_bookkeeping() const {
    return runner.outbox.pending() > 0 || has_changes();
}

TimePoint StepLoop::Impl::poll(TimePoint now) {
    if (final_error) {
        refuse_all();
        return Worker::when_woken;
    }
    if (now < not_before) return not_before;
    if (is_held_back && now >= room_given_back + room_interval) {
        store.give_room_back();
        room_given_back = now;
    }
    Result<void> ready = catch_up();
    // The transaction that the group will use. What only looks for events does without.
    if (ready && needs_database()) ready = store.begin();
    if (!ready) {
        abandon({}, ready.error());
        publish_status(false);
        return final_error ? poll(now) : not_before;
    }
    collected.clear();
    try {
        collect(collected);
    } catch (const Failure& failure) {
        store.rollback();
        abandon(collected, failure.error());
        collected.clear();
        publish_status(false);
        return final_error ? poll(now) : not_before;
    }
    const bool busy = !collected.empty();
    const bool late = now >= bookkeeping_since && now - bookkeeping_since >= bookkeeping_delay;
    // After a failure an idle loop tries whether the database takes something again.
    if (group_error && !busy) runner.outbox.write_again();
    const bool last = may_mark_clean() && !busy;
    if (last) runner.attempts.mark_clean();
    const bool keeps_time = runner.timers.count() > 0 && clock.is_worth_keeping();
    if (busy || late || keeps_time || group_error || last || (stopping && has_bookkeeping())) {
        run(collected);
    } else {
        store.rollback();  // Nothing but reads, if there is a transaction at all.
        store.maintain();
    }
    collected.clear();  // What answers hold on to must not wait for the next group.
    if (bookkeeping_since == TimePoint::max() && has_bookkeeping()) bookkeeping_since = now;
    publish_status(busy);
    return next_poll(now, busy);
}

TimePoint StepLoop::Impl::next_poll(TimePoint now, bool busy) {
    if (now < not_before) return not_before;
    if (busy || passed_over) return now;  // There may be more behind what was fetched.
    TimePoint next = Worker::when_woken;
    if (bookkeeping_since != TimePoint::max()) next = bookkeeping_since + bookkeeping_delay;
    if (group_error) next = now;
    if (is_held_back) next = std::min(next, room_given_back + room_interval);
    if (stopping || is_held_back || !outbox_has_room()) return next;
    if (fetch_failed) next = std::min(next, now + standstill);
    if (!knows_next_due() && store.begin()) {
        try {
            read_next_due();
        } catch (const Failure&) {
            next = std::min(next, now + 1s);  // The next poll meets the same trouble, and tells it.
        }
        store.rollback();
    }
    if (!knows_next_due()) return next;
    if (const std::optional<Timestamp> due = next_due()) {
        const Duration wait = std::clamp<Duration>(
            std::max<Duration>(*due - clock.now(), overdue.wait()), 0s, wall_clock_check);
        next = std::min(next, now + wait);
    }
    return next;
}

void StepLoop::Impl::publish_status(bool busy) {
    const std::lock_guard lock{mutex};
    status.failed = final_error ? final_error : group_error;
    status.intake_error = intake_error;
    // What was read again by half adds up to nothing; what was said last is what the tables hold.
    if (!memory_is_ahead) publish_counts();
    const bool waits_for_relay = runner.outbox.pending() > 0 && !relay.error();
    stopped = runner.attempts.is_marked_clean() ||
              (group_error && stopping && !busy && commands.empty() && outcomes.empty() &&
               !has_changes() && !waits_for_relay);
}

void StepLoop::Impl::publish_counts() {
    status.scheduled = runner.held.counts().scheduled;
    status.parked = runner.held.counts().parked;
    status.dead = runner.held.counts().dead;
    status.held_bytes = runner.held.counts().bytes;
    status.held_alarm = held_alarm();
    status.retry_storm = runner.retry_storm();
    storm_until = runner.retry_storm_until();
    status.retries_put_off = runner.retries_put_off();
    status.foreign_ids = runner.inbox().foreign_count();
    status.foreign_forgotten_to = std::max(runner.inbox().forgotten_to(), Timestamp{});
    status.accepted = runner.of_other_topics().accepted;
    status.done = runner.of_other_topics().done;
    status.discarded = runner.of_other_topics().discarded;
    status.duplicates = 0;
    for (const auto& topic : topics) {
        status.accepted += topic->accepted;
        status.done += topic->done;
        status.discarded += topic->discarded;
        status.duplicates += topic->duplicates;
    }
    status.timers = runner.timers.count();
    status.timers_failing = runner.timers.failing_count();
    status.timer_error = runner.timers.failing();
    status.effects_failed = runner.effects.failed_count();
    status.effects_open = runner.effects.open_count();
    status.effects_owed = runner.effects.owed_count() + static_cast<std::int64_t>(outcomes.size());
}

}  // namespace tidings
