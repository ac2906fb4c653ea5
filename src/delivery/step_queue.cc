// Commands on their way to a group, and what the loop looks like from outside.
#include "base/test_points.h"
#include "delivery/step_loop_impl.h"

#include <algorithm>
#include <utility>

namespace tidings {

namespace {

/// Whoever has waited so many times longer than a command may is answered without being run.
constexpr int late_factor = 5;
/// When to come again if only the broker or the disk can make room.
constexpr Duration wait_for_room = 5s;

std::string milliseconds(Duration duration) {
    return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(duration).count()) +
           " ms";
}

}  // namespace

void StepLoop::Impl::hand_to_relay() {
    const bool follows = handed_to >= runner.outbox.committed_position();
    std::vector<OutboxEntry> added = runner.outbox.committed();
    if (added.empty()) return;
    const std::int64_t last = added.back().position;
    if (follows && relay.push(added)) {
        handed_to = last;
    } else {
        relay.ring_when_low(own_wakeup);
    }
}

void StepLoop::Impl::hand_on_to_relay(StoreTransaction& tx) {
    std::vector<OutboxEntry> entries =
        runner.outbox.load(tx, handed_to, Relay::entries_max / 2, Relay::bytes_max / 2);
    if (entries.empty()) {
        handed_to = runner.outbox.committed_position();
    } else if (const std::int64_t last = entries.back().position; relay.push(entries)) {
        handed_to = last;
    }
    const bool more = handed_to < runner.outbox.committed_position();
    if (more) reached("relay.fed_from_database");
    relay.ring_when_low(more ? own_wakeup : nullptr);
}

bool StepLoop::Impl::relay_wants_more() const {
    return handed_to < runner.outbox.committed_position() && relay.is_low();
}

void StepLoop::Impl::refuse_held_back() {
    std::vector<Command> refused;
    {
        const std::lock_guard lock{mutex};
        if (!held_back) return;
        intake_error = held_back;
        std::deque<WaitingCommand> kept;
        for (WaitingCommand& waiting : commands) {
            if (waiting.command.administers_held) {
                kept.push_back(std::move(waiting));
            } else {
                refused.push_back(std::move(waiting.command));
            }
        }
        commands.swap(kept);
    }
    for (Command& command : refused) refuse(command, *intake_error);
}

Result<void> StepLoop::Impl::submit(Command command) {
    if (runner.outbox.pending() >= options.outbox_max) {
        reached("command.refused_by_full_outbox");
        return Error{ErrorCode::unavailable, "the outbox of " + options.service + " is full",
                     "the broker does not take its events at the moment; try again later"};
    }
    const TimePoint now = world.monotonic();
    const std::lock_guard lock{mutex};
    if (stopping) return Error{ErrorCode::unavailable, options.service + " is stopping"};
    if (held_back && !command.administers_held) return *held_back;
    if (status.effects_owed >= options.effects_max) {
        return Error{ErrorCode::unavailable,
                     "too many requests to the outside world are owed by " + options.service,
                     "a dependency does not answer at the moment; try again later"};
    }
    if (commands.size() >= options.commands_max) {
        reached("command.refused_by_full_queue");
        ++status.commands_shed;
        return Error{ErrorCode::unavailable, "too many commands wait for " + options.service,
                     "try again in a moment"};
    }
    const Duration wait = expected_wait(now);
    if (options.command_wait_max > Duration{0} && wait > options.command_wait_max) {
        reached("command.refused_by_long_wait");
        ++status.commands_shed;
        return Error{ErrorCode::unavailable,
                     "commands wait about " + milliseconds(wait) + " for " + options.service,
                     "try again in a moment"};
    }
    commands.push_back({std::move(command), now});
    own_wakeup->notify();
    return {};
}

void StepLoop::Impl::refuse_late(TimePoint now) {
    if (options.command_wait_max == Duration{0}) return;
    std::vector<Command> late;
    {
        const std::lock_guard lock{mutex};
        while (!commands.empty() &&
               now - commands.front().since > late_factor * options.command_wait_max) {
            late.push_back(std::move(commands.front().command));
            commands.pop_front();
            ++status.commands_shed;
        }
    }
    if (late.empty()) return;
    reached("command.refused_unrun");
    for (Command& command : late) {
        refuse(command, {ErrorCode::unavailable,
                         "the command waited too long for " + options.service + " to be run",
                         "nothing was stored; try again in a moment"});
    }
}

Duration StepLoop::Impl::expected_wait(TimePoint now) const {
    if (commands.empty() && commands_running == 0) return Duration{0};
    const auto ahead = static_cast<Duration::rep>(commands.size() + commands_running);
    const Duration waited = commands.empty() ? Duration{0} : now - commands.front().since;
    return std::max(waited, ahead * command_time);
}

void StepLoop::Impl::note_command_time(Duration took) {
    if (commands_running == 0) return;
    const Duration each = took / static_cast<Duration::rep>(commands_running);
    // The last few groups count: steps that turned slow are known after one or two of them.
    command_time = command_time == Duration{0} ? each : (3 * command_time + each) / 4;
}

void StepLoop::Impl::pace(std::size_t steps, Duration took) {
    if (options.group_time_max == Duration{0} || steps == 0) return;
    if (took > options.group_time_max) {
        reached("group.made_smaller");
        const auto fits = steps * static_cast<std::size_t>(options.group_time_max / 1us) /
                          static_cast<std::size_t>(took / 1us);
        group_steps = std::clamp<std::size_t>(fits, 1, options.group_steps_max);
    } else if (group_steps < options.group_steps_max && 2 * took < options.group_time_max) {
        group_steps = std::min(2 * group_steps, options.group_steps_max);
    }
}

Timestamp TopicState::oldest_waiting(Timestamp now) {
    const Position oldest{committed_position};
    if (oldest_read == oldest) return oldest_appended;
    // Where the log does not tell: at least as young as the last one that was looked at.
    const std::int64_t last = last_appended_ms.load();
    oldest_appended = last > 0 ? Timestamp{std::chrono::milliseconds{last}} : now;
    if (!watch->seek(oldest)) return oldest_appended;
    const Result<Fetched> found = watch->fetch(1);
    if (!found || found->events.empty()) return oldest_appended;
    oldest_appended = found->events.front().appended;
    oldest_read = oldest;
    return oldest_appended;
}

DeliveryStatus StepLoop::Impl::look() {
    DeliveryStatus seen;
    {
        const std::lock_guard lock{mutex};
        seen = status;
        if (world.monotonic() >= storm_until) seen.retry_storm.reset();
        seen.commands_waiting = static_cast<std::int64_t>(commands.size() + commands_running);
    }
    const Timestamp now = world.now();
    seen.outbox_pending = runner.outbox.pending();
    seen.published = runner.outbox.published_position();
    seen.relay_error = relay.error();
    if (const auto oldest = relay.oldest()) {
        seen.outbox_age = std::max<Duration>(now - *oldest, 0s);
    }
    seen.effects_put_off = effects.put_off_count();
    seen.effects_moved = effects.moved();
    seen.effect_running = effects.running();
    const std::lock_guard watching{watch_mutex};
    for (const auto& topic : topics) {
        seen.positions += topic->committed_position;
        const std::int64_t behind =
            topic->watch->high_watermark().value - topic->committed_position;
        if (behind <= 0) continue;
        seen.lag += behind;
        seen.lag_age = std::max<Duration>(seen.lag_age, now - topic->oldest_waiting(now));
    }
    return seen;
}

Duration StepLoop::retry_after() const {
    if (impl_->runner.outbox.pending() >= impl_->options.outbox_max) return wait_for_room;
    const TimePoint now = impl_->world.monotonic();
    const std::lock_guard lock{impl_->mutex};
    if (impl_->status.failed || impl_->held_back) return wait_for_room;
    return std::clamp<Duration>(impl_->expected_wait(now), 1s, 30s);
}

}  // namespace tidings
