#include "base/test_points.h"
#include "delivery/effects.h"

#include <algorithm>

namespace tidings {

EffectWorker::EffectWorker(io::World& world, DueClock& clock, const Handlers& handlers,
                           std::string name, std::function<void(std::vector<EffectOutcome>)> report)
    : world_(world),
      clock_(clock),
      handlers_(handlers),
      name_(std::move(name)),
      report_(std::move(report)) {
    answers_->wakeup = &wakeup();
}

EffectWorker::~EffectWorker() {
    const std::lock_guard lock{answers_->mutex};
    answers_->wakeup = nullptr;
}

void EffectWorker::add(Queue& queue, StoredEffect effect) {
    const std::pair when{effect.due.value_or(Timestamp{}), effect.position};
    queue.waiting.emplace(when, std::move(effect));
}

void EffectWorker::push(std::vector<StoredEffect> effects) {
    if (effects.empty()) return;
    {
        const std::lock_guard lock{mutex_};
        for (StoredEffect& effect : effects) {
            Queue& queue = queues_[effect.request.name];
            add(queue, std::move(effect));
        }
    }
    wakeup().notify();
}

std::int64_t EffectWorker::put_off_count() const {
    std::int64_t count = 0;
    const std::lock_guard lock{mutex_};
    for (const auto& [name, queue] : queues_) {
        if (queue.put_off) count += static_cast<std::int64_t>(queue.waiting.size());
    }
    return count;
}

TimePoint EffectWorker::poll(TimePoint now) {
    std::vector<Queue*> queues;
    {
        const std::lock_guard lock{mutex_};
        for (auto& [name, queue] : queues_) queues.push_back(&queue);
    }
    {
        const std::lock_guard lock{answers_->mutex};
        answers_->is_polling = true;
    }
    std::vector<EffectOutcome> outcomes;
    take_answers(outcomes, false);
    for (Queue* queue : queues) {
        for (std::size_t count = 0; count < batch_max && begin_next(*queue, now); ++count) {
            take_answers(outcomes, false);
        }
    }
    take_answers(outcomes, true);
    if (!outcomes.empty()) report_(std::move(outcomes));
    return next_poll(now);
}

bool EffectWorker::begin_next(Queue& queue, TimePoint now) {
    StoredEffect effect;
    {
        const std::lock_guard lock{mutex_};
        if (queue.put_off && now < queue.not_before) return false;
        queue.put_off = false;
        if (queue.waiting.empty() || queue.begun >= begun_max ||
            queue.waiting.begin()->first.first > clock_.now()) {
            return false;
        }
        effect = std::move(queue.waiting.extract(queue.waiting.begin()).mapped());
        ++queue.begun;
    }
    begin(std::move(effect));
    return true;
}

void EffectWorker::begin(StoredEffect effect) {
    const Handlers::Effect* known = handlers_.find_effect(effect.request.name);
    const auto stored = std::make_shared<StoredEffect>(std::move(effect));
    const auto done = [answers = answers_, stored](Result<EffectResult> result) {
        const std::lock_guard lock{answers->mutex};
        if (answers->wakeup == nullptr) return reached("effect.answered_after_the_end");
        answers->outcomes.push_back({std::move(*stored), std::move(result)});
        if (!answers->is_polling) answers->wakeup->notify();
    };
    if (known == nullptr) {
        return done(Error{ErrorCode::unsupported, "no port for effect " + stored->request.name,
                          "declare it with Service::effect, or go back to the build that knew it"});
    }
    // A copy: what is stored may be answered, and be gone, before the port has returned.
    EffectRequest request = stored->request;
    if (request.attempt > 1) reached("effect.asked_again");
    if (planted(Mistake::new_key_per_attempt)) {
        request.idempotency_key += ':' + std::to_string(request.attempt);
    }
    note(request.name + " of " + request.subject);
    known->port->start(request, done);
    note({});
}

void EffectWorker::note(const std::string& running) {
    const std::lock_guard lock{mutex_};
    running_ = running;
    ++moved_;
}

std::int64_t EffectWorker::moved() const {
    const std::lock_guard lock{mutex_};
    return moved_;
}

std::string EffectWorker::running() const {
    const std::lock_guard lock{mutex_};
    if (!running_.empty()) return running_;
    for (const auto& [name, queue] : queues_) {
        if (queue.begun > 0) return name;
    }
    return {};
}

void EffectWorker::take_answers(std::vector<EffectOutcome>& outcomes, bool last) {
    std::vector<EffectOutcome> answered;
    {
        const std::lock_guard lock{answers_->mutex};
        answered.swap(answers_->outcomes);
        if (last) answers_->is_polling = false;
    }
    if (answered.empty()) return;
    const std::lock_guard lock{mutex_};
    ++moved_;
    for (EffectOutcome& outcome : answered) {
        Queue& queue = queues_[outcome.effect.request.name];
        --queue.begun;
        const PutOff* put_off = outcome.result ? std::get_if<PutOff>(&*outcome.result) : nullptr;
        if (put_off == nullptr) {
            outcomes.push_back(std::move(outcome));
            continue;
        }
        reached("effect.put_off");
        const TimePoint until = world_.monotonic() + std::max<Duration>(put_off->after, 1ms);
        queue.not_before = queue.put_off ? std::max(queue.not_before, until) : until;
        queue.put_off = true;
        add(queue, std::move(outcome.effect));
    }
}

TimePoint EffectWorker::next_poll(TimePoint now) const {
    const Timestamp wall = clock_.now();
    TimePoint next = when_woken;
    const std::lock_guard lock{mutex_};
    for (const auto& [name, queue] : queues_) {
        // One that has begun all it may is polled again when something is answered.
        if (queue.waiting.empty() || queue.begun >= begun_max) continue;
        const Duration wait = std::max<Duration>(queue.waiting.begin()->first.first - wall, 0s);
        next = std::min(next, queue.put_off ? std::max(now + wait, queue.not_before) : now + wait);
    }
    return next;
}

}  // namespace tidings
