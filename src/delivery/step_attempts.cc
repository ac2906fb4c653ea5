// After an unclean stop: the steps that may have taken the process down, one by one.
#include "delivery/step_loop_impl.h"

#include <tuple>
#include <utility>

namespace tidings {

Result<void> StepLoop::Impl::write_attempt(const Step& step) {
    // The transaction may be open since the steps were looked for; it has changed nothing yet.
    if (!store.in_transaction()) {
        if (Result<void> begun = store.begin(); !begun) return begun;
    }
    try {
        runner.attempts.begin(store.transaction(), step, world.now());
    } catch (const Failure& failure) {
        store.rollback();
        return failure.error();
    }
    return store.commit();
}

Result<void> StepLoop::Impl::commit_warily(std::span<Step> steps, std::size_t& done) {
    // The positions are those behind all of `steps`, and are written with the last of them. Until
    // then an event that is handed over again is known by the inbox.
    std::vector<std::pair<Position, std::int64_t>> ends;
    for (const auto& topic : topics) {
        ends.emplace_back(topic->position, topic->seen);
        if (topic->position.value == topic->committed_position) continue;
        topic->position = Position{topic->committed_position};
        topic->seen = -1;
    }
    do {
        std::size_t count = 0;
        while (done + count < steps.size() && !runner.attempts.wants(steps[done + count])) {
            ++count;
        }
        const bool alone = count == 0 && done < steps.size();
        if (alone) count = 1;
        if (alone && !runner.attempts.has_begun(steps[done])) {
            if (Result<void> written = write_attempt(steps[done]); !written) {
                hand_over_again = true;
                return written;
            }
        }
        const bool next =
            alone && done + 1 < steps.size() && runner.attempts.wants(steps[done + 1]);
        runner.attempts.announce(next ? &steps[done + 1] : nullptr, world.now());
        // A group that was lost has put the positions back, and there they stay.
        const bool last = done + count == steps.size() && !hand_over_again;
        for (std::size_t i = 0; last && i < ends.size(); ++i) {
            topics[i]->dirty = topics[i]->dirty || topics[i]->position != ends[i].first;
            std::tie(topics[i]->position, topics[i]->seen) = ends[i];
        }
        if (Result<void> committed = commit(steps.first(done + count), done); !committed) {
            return committed;
        }
    } while (done < steps.size());
    return {};
}

bool StepLoop::Impl::may_mark_clean() const {
    if (!stopping || runner.attempts.is_marked_clean()) return false;
    if (runner.outbox.pending() > 0 && !relay.error()) return false;
    const std::lock_guard lock{mutex};
    return commands.empty() && outcomes.empty();
}

}  // namespace tidings
