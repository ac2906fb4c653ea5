#include "testing/callers.h"

#include "testing/run.h"

#include <fmt/format.h>

#include <algorithm>

namespace tidings::sim {
namespace {

constexpr Duration pause_max = 2s;
/// How often it is looked whether all is at rest.
constexpr Duration rest_check = 10ms;

bool is_refused_for_now(int status) { return status == 503 || status == 504 || status == 507; }

Duration below(Random& random, Duration most) {
    const auto count = std::max<std::int64_t>(most.count(), 1);
    return Duration{static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(count)))};
}

/// Takes the query apart as the server does, but for percent signs.
void split_target(io::HttpRequest& request) {
    const std::size_t mark = std::min(request.target.find('?'), request.target.size());
    request.path = request.target.substr(0, mark);
    for (std::size_t at = mark; at < request.target.size();) {
        const std::size_t end = std::min(request.target.find('&', at + 1), request.target.size());
        const std::string part = request.target.substr(at + 1, end - at - 1);
        const std::size_t equals = std::min(part.find('='), part.size());
        request.query[part.substr(0, equals)] = part.substr(std::min(equals + 1, part.size()));
        at = end;
    }
}

}  // namespace

Call& Client::send(std::string service, std::string method, std::string path, std::string body) {
    return callers_.make(std::move(service), std::move(method), std::move(path), std::move(body));
}
void Client::spread(Duration over) { callers_.spread_ = over; }
void Client::at_rest() { callers_.rests_.push_back(callers_.calls_.size()); }
Random& Client::random() noexcept { return callers_.random_; }
Duration Client::elapsed() const { return callers_.run_.elapsed(); }

Callers::Callers(Run& run, std::vector<std::uint64_t> skipped)
    : run_(run),
      random_(run.world().stream("workload")),
      places_(run.world().stream("times of calls")),
      skipped_(std::move(skipped)) {}

void Callers::ask(const std::vector<std::function<void(Client&)>>& workloads) {
    for (const auto& workload : workloads) workload(client_);
    first_calls_ = answers_made_ = calls_.size();
    for (const Sent& sent : calls_) {
        if (!is_skipped(sent)) ++waiting_;
    }
    take_workload();
}

std::vector<std::uint64_t> Callers::spare_calls() const {
    std::vector<std::uint64_t> spare;
    for (std::size_t i = 0; i < first_calls_; ++i) {
        if (!calls_[i].call.needed_) spare.push_back(calls_[i].call.number_);
    }
    return spare;
}

bool Callers::is_skipped(const Sent& sent) const {
    return std::binary_search(skipped_.begin(), skipped_.end(), sent.call.number_);
}

Call& Callers::make(std::string service, std::string method, std::string path, std::string body) {
    Sent& sent = calls_.emplace_back();
    sent.call.number_ = calls_.size();
    sent.call.service_ = std::move(service);
    sent.call.request_.method = std::move(method);
    sent.call.request_.target = std::move(path);
    sent.call.request_.body = std::move(body);
    split_target(sent.call.request_);
    // What it draws depends on nothing but its number.
    sent.random = places_.split(fmt::format("call {}", calls_.size()));
    sent.place = below(sent.random, spread_);
    if (sent.call.request_.method != "GET") {
        sent.call.request_.headers["idempotency-key"] =
            fmt::format("call-{}-of-seed-{}", calls_.size(), run_.world().seed());
    }
    return sent.call;
}

void Callers::take_workload() {
    const std::size_t end =
        rests_over_ < rests_.size() ? rests_[rests_over_] : static_cast<std::size_t>(first_calls_);
    const Duration from = run_.elapsed();
    for (; taken_ < end; ++taken_) {
        const Sent& sent = calls_[taken_];
        if (is_skipped(sent)) continue;
        --waiting_;
        take(taken_, from + sent.call.at_.value_or(sent.place));
    }
    wakeup().notify();
}

void Callers::take_new() {
    for (; answers_made_ < calls_.size(); ++answers_made_) {
        take(answers_made_, calls_[answers_made_].call.at_.value_or(run_.elapsed()));
    }
    wakeup().notify();
}

void Callers::take(std::size_t index, Duration at) {
    ++open_;
    due_.emplace(run_.began() + at, index);
}

TimePoint Callers::poll(TimePoint now) {
    if (!due_.empty() && due_.begin()->first <= now) {
        const std::size_t index = due_.begin()->second;
        due_.erase(due_.begin());
        send(index);
    }
    if (!due_.empty()) return due_.begin()->first;
    if (waiting_ == 0 || open_ > 0) return when_woken;
    if (!run_.is_at_rest()) return now + rest_check;
    ++rests_over_;
    run_.tell_rest();
    take_workload();
    return now;
}

void Callers::send(std::size_t index) {
    Sent& sent = calls_[index];
    const int attempt = ++sent.attempts;
    run_.tell_call(sent.call.number_, attempt, sent.call.service_, sent.call.request_);
    run_.request("client", sent.call.service_, sent.call.request_,
                 [this, index, attempt](io::HttpResponse response) {
                     answer(index, attempt, std::move(response));
                 });
}

void Callers::answer(std::size_t index, int attempt, io::HttpResponse response) {
    Sent& sent = calls_[index];
    if (run_.loses_reply(sent.call.number_, attempt)) {
        response = io::problem(503, "no answer", "the connection broke: simulated fault");
    }
    run_.tell_reply(sent.call.service_, sent.call.number_, response);
    if (is_refused_for_now(response.status)) {
        const Duration wait = sent.pause / 2 + below(sent.random, sent.pause / 2);
        sent.pause = std::min(sent.pause * 2, pause_max);
        due_.emplace(run_.world().monotonic() + wait, index);
        wakeup().notify();
        return;
    }
    --open_;
    wakeup().notify();
    answers_.push_back({sent.call.number_, sent.call.service_, sent.call.request_,
                        std::move(response), sent.attempts});
    if (sent.call.answered_) {
        sent.call.answered_(client_, answers_.back().response);
        take_new();
    }
}

}  // namespace tidings::sim
