#include <tidings/base/assert.h>
#include <tidings/testing/simulation.h>

#include "testing/definition.h"
#include "testing/run.h"
#include "testing/shrink.h"

#include <fmt/format.h>

#include <utility>

namespace tidings::sim {
namespace {

/// The way from a service to a dependency of the run that is under way.
class Port final : public EffectPort {
public:
    Port(const Definition& definition, std::string dependency)
        : definition_(definition), dependency_(std::move(dependency)) {}

    Result<EffectResult> perform(const EffectRequest& request) override {
        TIDINGS_ASSERT(definition_.run != nullptr);
        return definition_.run->perform(dependency_, request);
    }

private:
    const Definition& definition_;
    std::string dependency_;
};

/// The same over HTTP.
class Connection final : public io::HttpDependency {
public:
    Connection(const Definition& definition, std::string dependency)
        : definition_(definition), dependency_(std::move(dependency)) {}

    Result<io::HttpResponse> send(const io::HttpRequest& request, Duration timeout) override {
        TIDINGS_ASSERT(definition_.run != nullptr);
        return definition_.run->send(dependency_, request, timeout);
    }

private:
    const Definition& definition_;
    std::string dependency_;
};

}  // namespace

struct Simulation::Impl {
    Definition definition;
};

Simulation::Simulation(std::uint64_t seed, Options options) : impl_(std::make_unique<Impl>()) {
    impl_->definition.seed = options.schedule ? options.schedule->seed : seed;
    impl_->definition.options = std::move(options);
}
Simulation::~Simulation() = default;
Simulation::Simulation(Simulation&&) noexcept = default;
Simulation& Simulation::operator=(Simulation&&) noexcept = default;

void Simulation::add(std::string name, MakeService make, ServiceOptions options) {
    impl_->definition.services.push_back({std::move(name), std::move(make), std::move(options)});
}
void Simulation::add(std::string name, Answer answer) {
    impl_->definition.dependencies.push_back({std::move(name), std::move(answer), {}});
}
void Simulation::workload(std::function<void(Client&)> calls) {
    impl_->definition.workloads.push_back(std::move(calls));
}
std::shared_ptr<EffectPort> Simulation::port(std::string dependency) {
    return std::make_shared<Port>(impl_->definition, std::move(dependency));
}

void Simulation::http_dependency(std::string name, std::function<AnswerHttp()> make) {
    impl_->definition.dependencies.push_back({std::move(name), {}, std::move(make)});
}
std::shared_ptr<io::HttpDependency> Simulation::http(std::string dependency) {
    return std::make_shared<Connection>(impl_->definition, std::move(dependency));
}

std::function<void(io::HttpRequest, io::HttpReply)> Simulation::connection(std::string from,
                                                                           std::string to) {
    return [definition = &impl_->definition, from = std::move(from), to = std::move(to)](
               io::HttpRequest request, io::HttpReply reply) {
        TIDINGS_ASSERT(definition->run != nullptr);
        definition->run->request(from, to, std::move(request), std::move(reply));
    };
}

void Simulation::always(std::string invariant, Check check, std::uint64_t every) {
    impl_->definition.checks.push_back(
        {std::move(invariant), std::move(check), Definition::When::always, every, Duration{0}});
}
void Simulation::at_end(std::string invariant, Check check) {
    impl_->definition.checks.push_back(
        {std::move(invariant), std::move(check), Definition::When::at_end, 0, Duration{0}});
}
void Simulation::eventually(std::string invariant, Duration within, Check check) {
    impl_->definition.checks.push_back(
        {std::move(invariant), std::move(check), Definition::When::eventually, 0, within});
}

void Simulation::never_twice(std::string dependency) {
    impl_->definition.never_twice.push_back(std::move(dependency));
}
void Simulation::order_per_key() { impl_->definition.order_per_key = true; }

void Simulation::sagas_end(std::string service, Duration within) {
    const std::string invariant = "every saga of " + service + " comes to its end";
    eventually(invariant, within,
               [service = std::move(service)](const View& view) -> std::optional<std::string> {
                   Rows rows = view.read(service).query(
                       "SELECT saga, key, status FROM tidings_saga ORDER BY saga, key");
                   while (rows.next()) {
                       const auto status = static_cast<SagaStatus>(rows.row().integer(2));
                       if (status == SagaStatus::completed || status == SagaStatus::compensated) {
                           continue;
                       }
                       return fmt::format(
                           "{} of {} is {}", rows.row().text(0), rows.row().text(1),
                           status == SagaStatus::running ? "running" : "compensating");
                   }
                   return std::nullopt;
               });
}

Verdict Simulation::run_once() {
    Definition& definition = impl_->definition;
    const Schedule* schedule =
        definition.options.schedule ? &*definition.options.schedule : nullptr;
    return to_verdict(definition.seed,
                      Run{definition, {definition.seed, schedule, false}}.execute());
}

Verdict Simulation::run_drawn() {
    Definition& definition = impl_->definition;
    const auto& schedule = definition.options.schedule;
    const RunResult result =
        Run{definition, {definition.seed, schedule ? &*schedule : nullptr, true}}.execute();
    Verdict verdict = to_verdict(definition.seed, result);
    draw(result, verdict);
    return verdict;
}

Verdict Simulation::run() {
    Definition& definition = impl_->definition;
    const Schedule* schedule =
        definition.options.schedule ? &*definition.options.schedule : nullptr;
    RunResult result = Run{definition, {definition.seed, schedule, false}}.execute();
    Verdict verdict = to_verdict(definition.seed, result);
    if (!verdict) make_small(definition, result, verdict);
    return verdict;
}

}  // namespace tidings::sim
