// What waits in the tables: when it is due, and how much of it is taken at once.
#include "base/test_points.h"
#include "delivery/step_loop_impl.h"

#include <algorithm>
#include <utility>

namespace tidings {

std::optional<Timestamp> StepLoop::Impl::next_due() const {
    const std::optional<Timestamp> timer = runner.timers.next_due();
    const std::optional<Timestamp> held = runner.held.next_due();
    return held && (!timer || *held < *timer) ? held : timer;
}

bool StepLoop::Impl::knows_next_due() const {
    return runner.timers.knows_next_due() && runner.held.knows_next_due();
}

void StepLoop::Impl::read_next_due() {
    runner.timers.read_next_due(store.transaction());
    runner.held.read_next_due(store.transaction());
}

bool StepLoop::Impl::needs_database() {
    if (relay_wants_more()) return true;
    if (!knows_next_due() || next_due().value_or(Timestamp::max()) <= clock.now()) return true;
    const std::lock_guard lock{mutex};
    return !commands.empty() || !outcomes.empty();
}

std::size_t StepLoop::Impl::due_max(Timestamp now) {
    const std::size_t count_max = std::max<std::size_t>(group_steps / 4, 1);
    const std::optional<Timestamp> due = next_due();
    if (!due || !OverduePace::is_late(*due, now)) {
        overdue.end();
        return count_max;
    }
    if (!overdue.is_active()) {
        overdue.begin(store.transaction()
                          .value<std::int64_t>(
                              "SELECT (SELECT count(*) FROM tidings_timer WHERE due <= $1) + "
                              "(SELECT count(*) FROM tidings_held WHERE state = 1 AND due <= $1)",
                              now)
                          .value_or(0));
    }
    return std::min(count_max, overdue.allowance());
}

void StepLoop::Impl::collect_due(std::vector<Step>& steps) {
    if (!store.in_transaction()) return;  // Known beforehand: nothing is due.
    read_next_due();
    StoreTransaction& tx = store.transaction();
    const Timestamp now = clock.now();
    std::size_t count_max = due_max(now);
    const auto is_due = [now](std::optional<Timestamp> due) { return due && *due <= now; };
    if (count_max > 0 && is_due(runner.timers.next_due())) {
        std::vector<StoredTimer> timers = runner.timers.due(tx, now, count_max);
        overdue.took(timers.size());
        if (overdue.is_active()) count_max -= timers.size();
        for (StoredTimer& timer : timers) steps.emplace_back(std::move(timer));
    }
    if (count_max == 0 || !is_due(runner.held.next_due())) return;
    std::vector<HeldEvent> events = runner.held.due(tx, now, count_max);
    overdue.took(events.size());
    for (HeldEvent& event : events) {
        const auto topic = std::find_if(topics.begin(), topics.end(), [&event](const auto& known) {
            return known->name == event.topic;
        });
        steps.emplace_back(
            RetryStep{topic == topics.end() ? nullptr : topic->get(), std::move(event)});
    }
}

std::optional<Error> StepLoop::Impl::held_alarm() const {
    const HeldCounts& held = runner.held.counts();
    if (held.total() < options.held_alarm && held.bytes < options.held_alarm_bytes) {
        return std::nullopt;
    }
    reached("held.alarm");
    return Error{ErrorCode::limit_exceeded,
                 std::to_string(held.total()) + " events of " + std::to_string(held.bytes / 1024) +
                     " KiB wait for a retry, behind others or as dead letters",
                 "they take room on the disk; look at them: tidings dead-letters --service " +
                     options.service};
}

}  // namespace tidings
