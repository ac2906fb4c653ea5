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
        One& one = all_[dependency.name];
        one.answer = &dependency.answer;
        if (dependency.make_http) one.http = dependency.make_http();
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

namespace {

std::string key_of(const io::HttpRequest& request) {
    const auto key = request.headers.find("idempotency-key");
    return key == request.headers.end() ? std::string{} : key->second;
}

}  // namespace

Result<io::HttpResponse> Dependencies::send(const std::string& dependency,
                                            const io::HttpRequest& request, Duration timeout) {
    const auto found = all_.find(dependency);
    TIDINGS_ASSERT(found != all_.end() && found->second.http);
    if (run_.caller_is_dead()) {
        return Error{ErrorCode::unavailable, "this process of the simulated world has ended"};
    }
    const std::string what =
        fmt::format("{} {} {}", request.method, request.target, key_of(request));
    const int attempt = ++found->second.asked_over_http[what];
    const Random random = random_.split(fmt::format("{} {} {}", dependency, what, attempt));
    Result<io::HttpResponse> response = answer(found->second, request, timeout, random);
    run_.tell_http(dependency, request, response);
    return response;
}

Result<io::HttpResponse> Dependencies::answer(One& one, const io::HttpRequest& request,
                                              Duration timeout, Random random) {
    const TimePoint now = run_.world().monotonic();
    const Error no_answer{ErrorCode::timeout, "no answer in time: simulated fault"};
    if (now < one.hanging_until) {
        if (random.chance(0.5)) carry_out(one, request);
        run_.world().advance(timeout);
        return no_answer;
    }
    if (now < one.slow_until) {
        const auto most = static_cast<std::uint64_t>(one.slow_call.count()) + 1;
        const Duration takes = std::chrono::milliseconds{random.below(most)};
        run_.world().advance(std::min(takes, timeout));
        if (takes >= timeout) {
            carry_out(one, request);
            return no_answer;
        }
    }
    if (now < one.failing_until) {
        if (random.chance(0.4)) return io::problem(503, "unavailable", "simulated fault");
        if (random.chance(0.5)) carry_out(one, request);
        return Error{ErrorCode::unavailable, "the connection broke: simulated fault"};
    }
    return carry_out(one, request);
}

io::HttpResponse Dependencies::carry_out(One& one, const io::HttpRequest& request) {
    io::HttpResponse response = one.http(request);
    const std::string key = key_of(request);
    if (key.empty() || response.status >= 300) return response;
    const auto [known, is_new] = one.by_key.emplace(key, one.effects.size());
    if (is_new) {
        one.effects.push_back({request.method + ' ' + request.target, key, key, request.body,
                               response.body, 0, run_.elapsed()});
    }
    ++one.effects[known->second].asked;
    return response;
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
