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
/// Wall-clock due times are looked at again this often, whatever the clock did meanwhile.
constexpr Duration wall_clock_check = 5s;

/// After these nobody knows what the disk holds; the first one is final (R6).
bool is_final(const Error& error) {
    return error.code == ErrorCode::io_error || error.code == ErrorCode::corruption;
}

}  // namespace

bool StepLoop::Impl::may_take_events() const {
    return !stopping && runner.outbox.pending() < options.outbox_max &&
           runner.held.counts().total() < options.held_max;
}

std::vector<Step> StepLoop::Impl::collect() {
    std::vector<Step> steps;
    if (runner.outbox.pending() < options.outbox_max) {
        const std::lock_guard lock{mutex};
        for (EffectOutcome& outcome : outcomes) steps.emplace_back(std::move(outcome));
        outcomes.clear();
        while (!commands.empty() && steps.size() < options.group_steps_max / 2) {
            steps.emplace_back(CommandStep{std::move(commands.front()), std::nullopt});
            commands.pop_front();
        }
    }
    if (may_take_events()) {
        collect_due(steps);
        collect_events(steps);
    }
    return steps;
}

void StepLoop::Impl::collect_due(std::vector<Step>& steps) {
    // Reading what is due opens the transaction that the group then uses.
    StoreTransaction& tx = store.transaction();
    const Timestamp now = world.now();
    const std::size_t count_max = options.group_steps_max / 4;
    const auto is_due = [now](std::optional<Timestamp> due) { return due && *due <= now; };
    if (is_due(runner.timers.next_due(tx))) {
        for (StoredTimer& timer : runner.timers.due(tx, now, count_max)) {
            steps.emplace_back(std::move(timer));
        }
    }
    if (!is_due(runner.held.next_due(tx))) return;
    for (HeldEvent& event : runner.held.due(tx, now, count_max)) {
        const auto topic = std::find_if(topics.begin(), topics.end(), [&event](const auto& known) {
            return known->name == event.topic;
        });
        steps.emplace_back(
            RetryStep{topic == topics.end() ? nullptr : topic->get(), std::move(event)});
    }
}

void StepLoop::Impl::collect_events(std::vector<Step>& steps) {
    const std::size_t room =
        steps.size() < options.group_steps_max ? options.group_steps_max - steps.size() : 0;
    const std::size_t share = std::max<std::size_t>(room / std::max<std::size_t>(topics.size(), 1), 16);
    for (const auto& topic : topics) {
        Result<Fetched> fetched = topic->subscription->fetch(share);
        if (!fetched) {
            const std::lock_guard lock{mutex};
            status.failed = with_context(fetched.error(), "topic " + topic->name);
            continue;
        }
        topic->fetched = std::move(*fetched);
        if (topic->fetched.next == topic->position) continue;
        topic->position = topic->fetched.next;
        topic->dirty = true;
        for (const DeliveredEvent& event : topic->fetched.events) {
            topic->last_appended_ms = event.appended.time_since_epoch().count();
            if (runner.wants(event)) {
                steps.emplace_back(EventStep{topic.get(), &event});
            } else {
                runner.pass_over(*topic, event);
            }
        }
    }
}

Result<void> StepLoop::Impl::run_group(std::span<Step> steps, std::size_t& reached) {
    if (!store.in_transaction()) {
        if (Result<void> begun = store.begin(); !begun) return begun;
    }
    try {
        for (reached = 0; reached < steps.size(); ++reached) runner.run(steps[reached]);
        runner.before_commit(topics);
    } catch (const GroupLost& lost) {
        store.rollback();
        return lost.error;
    }
    return store.commit();
}

Result<void> StepLoop::Impl::read_again() {
    if (Result<void> begun = store.begin(); !begun) return begun;
    reread = true;
    try {
        runner.open(store.transaction(), topics);
        runner.effects.open(store.transaction());
        (void)runner.effects.committed();
    } catch (const Failure& failure) {
        store.rollback();
        return failure.error();
    }
    store.rollback();
    return {};
}

Result<void> StepLoop::Impl::commit(std::span<Step> steps) {
    std::size_t reached = 0;
    Result<void> committed = run_group(steps, reached);
    if (committed) {
        after_commit(steps);
        return committed;
    }
    if (Result<void> again = read_again(); !again) return again;
    if (is_final(committed.error())) return committed;
    if (steps.size() <= 1) return committed;
    // Run again what stood before the guilty one, then that one alone, then the rest; a failed
    // commit has no guilty one, so there each half is tried.
    const std::size_t split = reached < steps.size() ? std::max<std::size_t>(reached, 1)
                                                     : steps.size() / 2;
    if (Result<void> first = commit(steps.first(split)); !first) return first;
    return commit(steps.subspan(split));
}

void StepLoop::Impl::after_commit(std::span<Step> steps) {
    relay.push(runner.outbox.committed());
    effects.push(runner.effects.committed());
    std::vector<StoredEffect> ask_again;
    for (Step& step : steps) {
        if (auto* command = std::get_if<CommandStep>(&step)) {
            if (!command->command.answer) continue;
            command->command.answer(command->refused ? Result<void>{std::move(*command->refused)}
                                                     : Result<void>{});
            command->command.answer = nullptr;
        } else if (auto* outcome = std::get_if<EffectOutcome>(&step); outcome && outcome->effect.due) {
            ++outcome->effect.request.attempt;
            ask_again.push_back(std::move(outcome->effect));
        }
    }
    effects.push(std::move(ask_again));
}

void StepLoop::Impl::abandon(std::span<Step> steps, const Error& error) {
    for (Step& step : steps) {
        if (auto* command = std::get_if<CommandStep>(&step); command && command->command.answer) {
            Error refused = error;
            if (refused.hint.empty()) refused.hint = "nothing was stored; try again later";
            command->command.answer(std::move(refused));
        } else if (auto* outcome = std::get_if<EffectOutcome>(&step)) {
            const std::lock_guard lock{mutex};
            outcomes.push_back(std::move(*outcome));
        }
    }
    if (is_final(error)) final_error = error;
    const std::lock_guard lock{mutex};
    status.failed = error;
}

void StepLoop::Impl::seek_back() {
    for (const auto& topic : topics) {
        topic->fetched = {};
        if (Result<Position> sought = topic->subscription->seek(topic->position); !sought) {
            const std::lock_guard lock{mutex};
            status.failed = with_context(sought.error(), "topic " + topic->name);
        }
    }
    reread = false;
}

void StepLoop::Impl::run(std::vector<Step>& steps) {
    const Result<void> committed = commit(steps);
    if (!committed) {
        abandon(steps, committed.error());
        not_before = world.monotonic() + standstill;
    }
    if (reread) seek_back();
    if (!committed) return;
    for (const auto& topic : topics) {
        if (topic->committed_position.exchange(topic->position.value) == topic->position.value) {
            continue;
        }
        // A position that the broker misses is told again with the next one.
        (void)topic->subscription->acknowledge(topic->position);
    }
    bookkeeping_since = TimePoint::max();
    store.maintain();
    const std::lock_guard lock{mutex};
    status.failed.reset();
    status.steps += static_cast<std::int64_t>(steps.size());
    ++status.groups;
}

void StepLoop::Impl::refuse_all() {
    std::deque<Command> refused;
    {
        const std::lock_guard lock{mutex};
        refused.swap(commands);
        stopped = stopping.load();
    }
    for (Command& command : refused) {
        if (command.answer) command.answer(*final_error);
    }
}

bool StepLoop::Impl::has_bookkeeping() const {
    return runner.outbox.pending() > 0 || runner.outbox.has_marks() ||
           std::any_of(topics.begin(), topics.end(), [](const auto& topic) { return topic->dirty; });
}

TimePoint StepLoop::Impl::poll(TimePoint now) {
    if (final_error) {
        refuse_all();
        return Worker::when_woken;
    }
    if (now < not_before) return not_before;
    if (!store.in_transaction()) {
        if (Result<void> begun = store.begin(); !begun) {
            const std::lock_guard lock{mutex};
            status.failed = begun.error();
            return now + standstill;
        }
    }
    std::vector<Step> steps = collect();
    const bool busy = !steps.empty();
    const bool late = now >= bookkeeping_since && now - bookkeeping_since >= bookkeeping_delay;
    if (busy || late || (stopping && has_bookkeeping())) {
        run(steps);
    } else {
        store.rollback();  // Nothing but reads.
        store.maintain();
    }
    if (bookkeeping_since == TimePoint::max() && has_bookkeeping()) bookkeeping_since = now;
    publish_status(busy);
    return next_poll(now, busy);
}

TimePoint StepLoop::Impl::next_poll(TimePoint now, bool busy) {
    if (now < not_before) return not_before;
    if (busy) return now;
    TimePoint next = Worker::when_woken;
    if (bookkeeping_since != TimePoint::max()) next = bookkeeping_since + bookkeeping_delay;
    if (stopping) return next;
    std::optional<Timestamp> due;
    if (Result<void> begun = store.begin(); begun) {
        try {
            due = runner.timers.next_due(store.transaction());
            const std::int64_t timers = runner.timers.count(store.transaction());
            const std::lock_guard lock{mutex};
            status.timers = timers;
            const auto held = runner.held.next_due(store.transaction());
            if (held && (!due || *held < *due)) due = held;
        } catch (const Failure&) {
            due = world.now() + 1s;  // The next poll meets the same trouble, and tells it.
        }
        store.rollback();
    }
    if (due) {
        const Duration wait = std::clamp<Duration>(*due - world.now(), 0s, wall_clock_check);
        next = std::min(next, now + wait);
    }
    return next;
}

void StepLoop::Impl::publish_status(bool busy) {
    const std::lock_guard lock{mutex};
    status.scheduled = runner.held.counts().scheduled;
    status.parked = runner.held.counts().parked;
    status.dead = runner.held.counts().dead;
    status.accepted = status.done = status.discarded = status.duplicates = 0;
    for (const auto& topic : topics) {
        status.accepted += topic->accepted;
        status.done += topic->done;
        status.discarded += topic->discarded;
        status.duplicates += topic->duplicates;
    }
    status.effects_open = runner.effects.open_count();
    status.effects_owed = runner.effects.owed_count() + static_cast<std::int64_t>(outcomes.size());
    stopped = stopping && !busy && commands.empty() && outcomes.empty();
}

}  // namespace tidings
