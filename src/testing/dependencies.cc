#include "testing/dependencies.h"

#include <tidings/base/assert.h>

#include "testing/definition.h"
#include "testing/run.h"

#include <fmt/format.h>

#include <algorithm>

namespace tidings::sim {

Dependencies::Dependencies(Run& run, const Definition& definition)
    : run_(run), random_(run.world().stream("dependencies")) {
    for (const auto& dependency : definition.dependencies) {
        all_[dependency.name].answer = &dependency.answer;
    }
}

Result<EffectResult> Dependencies::perform(const std::string& dependency,
                                           const EffectRequest& request) {
    const auto found = all_.find(dependency);
    TIDINGS_ASSERT(found != all_.end());
    One& one = found->second;
    // Of a process that has come to its end nothing leaves the machine.
    const Error gone{ErrorCode::unavailable, "this process of the simulated world has ended"};
    if (run_.caller_is_dead()) return gone;
    run_.tell_effect(dependency, request);
    const TimePoint now = run_.world().monotonic();
    Random random = random_.split(
        fmt::format("{} {} {}", dependency, request.idempotency_key, request.attempt));
    const auto answer = [&](Result<EffectResult> result) {
        run_.tell_effect_answer(dependency, request, result);
        return result;
    };
    if (now < one.hanging_until) {
        const bool is_done = random.chance(0.5);
        if (is_done) (void)carry_out(one, request);
        run_.world().advance(one.hanging_call);
        return answer(Error{ErrorCode::timeout, dependency + " does not answer: simulated fault"});
    }
    if (now < one.slow_until) {
        const auto most = static_cast<std::uint64_t>(one.slow_call.count()) + 1;
        run_.world().advance(std::chrono::milliseconds{random.below(most)});
    }
    if (now < one.failing_until) {
        if (random.chance(0.5)) (void)carry_out(one, request);
        return answer(Error{ErrorCode::unavailable, dependency + " fails: simulated fault"});
    }
    return answer(carry_out(one, request));
}

Result<EffectResult> Dependencies::carry_out(One& one, const EffectRequest& request) {
    const auto known = one.by_key.find(request.idempotency_key);
    if (known != one.by_key.end()) {
        DependencyEffect& effect = one.effects[known->second];
        ++effect.asked;
        return EffectResult{Answered{effect.answer}};
    }
    const TimePoint now = run_.world().monotonic();
    const TimePoint first =
        one.first_asked.emplace(std::pair{request.name, request.subject}, now).first->second;
    Result<EffectResult> result = (*one.answer)(request, now - first);
    if (!result) return result;
    if (const auto* answered = std::get_if<Answered>(&*result)) {
        one.by_key[request.idempotency_key] = one.effects.size();
        one.effects.push_back({request.name, request.idempotency_key, request.subject,
                               request.request, answered->answer, 1, run_.elapsed()});
        if (!one.done.emplace(request.name, request.subject).second && !one.done_twice) {
            one.done_twice = fmt::format("{} for {} was done again, with the key {}", request.name,
                                         request.subject, request.idempotency_key);
        }
    }
    return result;
}

void Dependencies::begin(const Incident& incident) {
    const auto found = all_.find(incident.target);
    if (found == all_.end()) return;
    One& one = found->second;
    const TimePoint until = run_.world().monotonic() + incident.lasts;
    const std::chrono::milliseconds call{incident.amount};
    if (incident.kind == FaultKind::dependency_slow) {
        one.slow_until = until;
        one.slow_call = call;
    } else if (incident.kind == FaultKind::dependency_failing) {
        one.failing_until = until;
    } else {
        one.hanging_until = until;
        one.hanging_call = call;
    }
}

void Dependencies::heal() {
    for (auto& [name, one] : all_) {
        one.slow_until = one.failing_until = one.hanging_until = TimePoint{};
    }
}

const Dependencies::One& Dependencies::find(std::string_view dependency) const {
    const auto found = all_.find(dependency);
    TIDINGS_ASSERT(found != all_.end());
    return found->second;
}
const std::vector<DependencyEffect>& Dependencies::effects(std::string_view dependency) const {
    return find(dependency).effects;
}
const std::optional<std::string>& Dependencies::done_twice(std::string_view dependency) const {
    return find(dependency).done_twice;
}

}  // namespace tidings::sim
