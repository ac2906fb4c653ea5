#include "testing/run.h"

#include <tidings/base/assert.h>
#include <tidings/delivery/accounting.h>

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace tidings::sim {
namespace {

/// A service that could not be started is tried again so soon.
constexpr Duration start_pause = 500ms;
/// After the last fault this many starts in vain are too many.
constexpr std::uint64_t starts_in_vain_max = 3;
constexpr Duration between_promises = 1s;

/// After these nobody knows what the disk holds; a service that met one goes no further (R6).
bool is_final(const std::optional<Error>& error) {
    return error && (error->code == ErrorCode::io_error || error->code == ErrorCode::corruption);
}

/// Looks at something, and once more if that met a fault of the disk which was meant for a service.
auto look(const auto& at) {
    try {
        return at();
    } catch (const Failure& failure) {
        if (failure.error().code != ErrorCode::io_error) throw;
        return at();
    }
}

}  // namespace

/// What is to happen at a later time, and needs no worker of its own.
class Run::Later final : public io::Worker {
public:
    void add(TimePoint at, std::function<void()> act) {
        waiting_.emplace(at, std::move(act));
        wakeup().notify();
    }
    bool none() const noexcept { return waiting_.empty(); }
    void clear() { waiting_.clear(); }

    TimePoint poll(TimePoint now) override {
        while (!waiting_.empty() && waiting_.begin()->first <= now) {
            const auto due = waiting_.extract(waiting_.begin());
            due.mapped()();
        }
        return waiting_.empty() ? when_woken : waiting_.begin()->first;
    }
    std::string_view name() const noexcept override { return "repairs"; }

private:
    std::multimap<TimePoint, std::function<void()>> waiting_;
};

Run::Run(Definition& definition, const Plan& plan)
    : definition_(definition),
      plan_(plan),
      world_(std::make_unique<SimWorld>(plan.seed, definition.options.disk)),
      random_(world_->stream("run")),
      scheduler_(*world_),
      began_(world_->monotonic()),
      story_(plan.keeps_all),
      later_(std::make_unique<Later>()) {
    definition_.run = this;
    for (const auto& dependency : definition_.dependencies) {
        dependency_names_.push_back(dependency.name);
    }
    dependencies_ = std::make_unique<Dependencies>(*this, definition_);
    callers_ = std::make_unique<Callers>(
        *this, plan.schedule ? plan.schedule->skipped_calls : std::vector<std::uint64_t>{});
    for (const auto& service : definition_.services) {
        processes_.push_back(std::make_unique<SimulatedProcess>(*this, service));
    }
    injector_ = std::make_unique<Injector>(*this, definition_.options.faults.for_seed(plan.seed),
                                           plan.schedule ? &plan.schedule->incidents : nullptr);
    for (const auto& check : definition_.checks) {
        if (check.when == Definition::When::eventually) promises_.push_back({&check});
    }
    scheduler_.before_poll([this](const io::Worker& worker) {
        const auto found = workers_.find(&worker);
        polled_ = found == workers_.end() ? nullptr : found->second;
    });
}

Run::~Run() {
    for (const auto& process : processes_) process->kill();
    definition_.run = nullptr;
}

RunResult Run::execute() {
    start_all();
    callers_->ask(definition_.workloads);
    result_.spare_calls = callers_->spare_calls();
    go_on(definition_.options.lasts);
    if (!is_violated() && !is_given_up()) {
        if (!is_over()) {
            story_.add({.at = elapsed(), .text = "not at rest yet: " + unrest()});
        }
        heal();
        go_on(definition_.options.settles_within);
        if (!settled_) result_.figures.settled_after = world_->monotonic() - healed_at_;
    }
    if (!is_violated() && !is_given_up()) check_end();
    finish();
    return std::move(result_);
}

void Run::finish() {
    RunFigures& figures = result_.figures;
    for (const auto& process : processes_) figures.duplicates += process->duplicates();
    figures.took = elapsed();
    figures.polls = scheduler_.polls();
    figures.trace = scheduler_.trace();
    figures.digest = world_->digest();
    figures.calls = callers_->answers().size();
    figures.faults = injector_->counts();
    result_.incidents = injector_->happened();
    result_.happenings = story_.happenings();
    result_.before_rest = story_.before_rest();
    result_.story = story_.lines();
}

// ------------------------------------------------------------------------------------ going on

void Run::start_all() {
    for (const auto& process : processes_) start(*process);
    scheduler_.add(*later_);
    scheduler_.add(*callers_);
}

/// Runs until all is over, something is wrong, or the time is up.
void Run::go_on(Duration limit) {
    const TimePoint end = world_->monotonic() + limit;
    bool is_done = false;
    const auto ended = [&] {
        is_done = look_around() && (is_over() || is_violated() || is_given_up());
        return is_done;
    };
    while (!is_violated() && world_->monotonic() < end) {
        const std::uint64_t polls = scheduler_.polls();
        scheduler_.run_until(ended, end - world_->monotonic());
        polled_ = nullptr;
        if (is_done) return;
        // All wait to be woken, or for a time behind the end; somebody may wake them.
        injector_->look();
        if (!supervise() && scheduler_.polls() == polls) return;
    }
}

/// Looks after each poll whether something is to happen or has gone wrong. Returns whether it is
/// time to ask whether all is over.
bool Run::look_around() {
    polled_ = nullptr;
    injector_->look();
    ++looks_;
    check_always();
    if (injector_->is_stopped() && !settled_ && is_settled()) {
        settled_ = true;
        result_.figures.settled_after = world_->monotonic() - healed_at_;
    }
    if (looks_ % definition_.options.check_every != 0) return is_violated();
    check_accounting();
    check_dependencies();
    supervise();
    if (injector_->is_stopped() && world_->monotonic() - promises_checked_at_ >= between_promises) {
        check_promises(false);
    }
    if (scheduler_.polls() > definition_.options.polls_max) {
        violated("all comes to rest",
                 fmt::format("after {} polls: {}", scheduler_.polls(), unrest()));
    }
    return true;
}

void Run::start(SimulatedProcess& process) {
    if (process.is_up()) return;
    const Result<void> started = process.start();
    if (started) {
        tell_fault(process.name(), process.life() == 1
                                       ? std::string{}
                                       : fmt::format("{} is started again", process.name()));
        return;
    }
    const std::string why = started.error().message;
    // A machine that has stopped meanwhile starts it later itself.
    if (world_->is_stopped()) return;
    if (!injector_->has_hit_the_disk() ||
        (injector_->is_stopped() && ++starts_in_vain_ > starts_in_vain_max)) {
        violated("a service that ended can be started again",
                 fmt::format("{}: {}", process.name(), why));
        return;
    }
    tell_fault(process.name(), fmt::format("{} cannot be started: {}", process.name(), why));
    start_later(process, start_pause);
}

void Run::start_later(SimulatedProcess& process, Duration pause) {
    later(pause, [this, &process] { start(process); });
}

void Run::end_service(SimulatedProcess& process, std::string_view how,
                      std::chrono::milliseconds pause) {
    tell_fault(process.name(), fmt::format("{} {}", process.name(), how));
    process.kill();
    start_later(process, pause);
}

bool Run::supervise() {
    bool any = false;
    for (const auto& process : processes_) {
        if (!process->is_up()) continue;
        const DeliveryStatus status = process->status();
        if (!is_final(status.failed) && !is_final(status.relay_error) &&
            !is_final(status.intake_error)) {
            continue;
        }
        const Error& error = is_final(status.failed)        ? *status.failed
                             : is_final(status.relay_error) ? *status.relay_error
                                                            : *status.intake_error;
        if (!injector_->has_hit_the_disk()) {
            violated("no component fails by itself",
                     fmt::format("{}: {}", process->name(), error.message));
            return true;
        }
        any = true;
        end_service(*process, fmt::format("is ended by its supervisor: {}", error.message), 1s);
    }
    return any;
}

void Run::heal() {
    injector_->stop();
    dependencies_->heal();
    later_->clear();
    healed_at_ = world_->monotonic();
    tell_fault("", "all faults are over");
    for (const auto& process : processes_) {
        if (process->is_up()) {
            process->broker().heal();
        } else {
            start(*process);
        }
    }
}

void Run::later(Duration pause, std::function<void()> act) {
    later_->add(world_->monotonic() + pause, std::move(act));
}
void Run::forget_later() { later_->clear(); }
void Run::begin_on_dependency(const Incident& incident) {
    tell_fault(incident.target,
               fmt::format("{}: {} for {} ms", incident.target,
                           incident.kind == FaultKind::dependency_slow      ? "slow"
                           : incident.kind == FaultKind::dependency_failing ? "failing"
                                                                            : "hanging",
                           incident.lasts.count()));
    dependencies_->begin(incident);
}

void Run::add_worker(io::Worker& worker, SimulatedProcess& process) {
    workers_[&worker] = &process;
    scheduler_.add(worker);
}
void Run::remove_worker(io::Worker& worker) {
    workers_.erase(&worker);
    scheduler_.remove(worker);
}

SimulatedProcess* Run::find(std::string_view name) const {
    const auto found = std::find_if(processes_.begin(), processes_.end(),
                                    [name](const auto& one) { return one->name() == name; });
    return found == processes_.end() ? nullptr : found->get();
}

void Run::request(const std::string& from, const std::string& to, io::HttpRequest request,
                  io::HttpReply reply) {
    SimulatedProcess* process = find(to);
    TIDINGS_ASSERT(process != nullptr);
    // Of a process that has come to its end nothing leaves the machine.
    const SimulatedProcess* sender = find(from);
    if (sender != nullptr && sender->is_dead()) return;
    process->request(std::move(request), std::move(reply));
}

Result<EffectResult> Run::perform(const std::string& dependency, const EffectRequest& request) {
    return dependencies_->perform(dependency, request);
}

DeliveryFault Run::fault_of_delivery(const std::string& service, int life, const Topic& topic,
                                     const DeliveredEvent& event) {
    return injector_->deliver(service, life, topic, event);
}
bool Run::loses_answer(const std::string& service, int life, const Topic& topic, Offset first) {
    return injector_->loses_answer(service, life, topic, first);
}
bool Run::loses_reply(std::uint64_t call, int attempt) {
    return injector_->loses_reply(call, attempt);
}

// ------------------------------------------------------------------------------------ looking on

bool Run::all_up() const {
    return std::all_of(processes_.begin(), processes_.end(),
                       [](const auto& one) { return one->is_up() && !one->is_dead(); });
}

bool Run::is_over() const {
    if (!callers_->all_answered() || !later_->none() || !all_up()) return false;
    return std::all_of(processes_.begin(), processes_.end(), [](const auto& one) {
        const DeliveryStatus status = one->status();
        return status.is_quiet() && status.timers == 0 && !status.failed;
    });
}

bool Run::all_quiet() const {
    return std::all_of(processes_.begin(), processes_.end(), [](const auto& one) {
        const DeliveryStatus status = one->status();
        return status.is_quiet() && !status.failed;
    });
}

/// What the outside world was asked and will answer in three days is no unrest.
bool Run::is_settled() const {
    return all_up() && std::all_of(processes_.begin(), processes_.end(), [](const auto& one) {
               const DeliveryStatus status = one->status();
               return status.outbox_pending == 0 && status.scheduled == 0 && status.lag == 0 &&
                      status.commands_waiting == 0 && !status.failed;
           });
}

std::string Run::unrest() const {
    std::string text = fmt::format("{} calls are not answered", callers_->open());
    for (const auto& process : processes_) {
        if (!process->is_up()) {
            text += fmt::format("; {} is down", process->name());
            continue;
        }
        const DeliveryStatus status = process->status();
        if (status.is_quiet() && status.timers == 0 && !status.failed) continue;
        text +=
            fmt::format("; {}: outbox {}, scheduled {}, effects {}, lag {}, commands {}, timers {}",
                        process->name(), status.outbox_pending, status.scheduled,
                        status.effects_owed, status.lag, status.commands_waiting, status.timers);
        for (const auto& error : {status.failed, status.relay_error, status.intake_error}) {
            if (error) text += ", " + error->message;
        }
    }
    return text;
}

void Run::violated(const std::string& invariant, const std::string& what) {
    // The first thing that is wrong ends it: what comes after would only follow from it.
    if (is_violated()) return;
    story_.add(
        {.kind = Happening::Kind::violation, .at = elapsed(), .text = invariant + ": " + what});
    result_.invariant = invariant;
    result_.violation = what;
}

void Run::check_accounting() {
    for (const auto& process : processes_) {
        if (!process->is_up()) continue;
        const DeliveryStatus status = process->status();
        ++result_.figures.checks;
        if (status.unaccounted() == 0) continue;
        violated("every event is accounted for",
                 fmt::format("{}: {} events are unaccounted: {} accepted, {} done, {} scheduled, "
                             "{} parked, {} dead, {} discarded",
                             process->name(), status.unaccounted(), status.accepted, status.done,
                             status.scheduled, status.parked, status.dead, status.discarded));
    }
}

void Run::check_tables() {
    for (const auto& process : processes_) {
        if (!process->is_up()) continue;
        ++result_.figures.checks;
        try {
            const std::int64_t count =
                look([&] { return unaccounted(account(process->reader())); });
            const auto astray = look([&] { return unaccounted_events(process->reader(), 1); });
            if (count == 0 && astray.empty()) continue;
            std::string text =
                fmt::format("{}: its tables leave {} events over", process->name(), count);
            if (!astray.empty()) {
                const UnaccountedEvent& event = astray.front();
                text += fmt::format("; {} {} of {}, place {}: {}", event.topic, event.sequence,
                                    event.source, event.place, event.what);
            }
            violated("every event is accounted for in the tables", text);
        } catch (const Failure& failure) {
            violated("every event is accounted for in the tables",
                     process->name() + ": they cannot be read: " + failure.error().message);
        }
    }
}

void Run::check_dependencies() {
    for (const std::string& dependency : definition_.never_twice) {
        ++result_.figures.checks;
        if (const auto& twice = dependencies_->done_twice(dependency)) {
            violated(dependency + " does nothing twice", *twice);
        }
    }
}

void Run::check_always() {
    bool is_asked = false;
    for (const auto& check : definition_.checks) {
        const std::uint64_t every =
            check.every != 0 ? check.every : definition_.options.check_every;
        if (check.when != Definition::When::always || looks_ % every != 0) continue;
        if (!is_asked && !all_up()) return;
        is_asked = true;
        check_one(check);
    }
}

void Run::check_one(const Definition::OneCheck& check) {
    ++result_.figures.checks;
    try {
        if (const std::optional<std::string> wrong = look([&] { return check.check(*this); })) {
            violated(check.invariant, *wrong);
        }
    } catch (const Failure& failure) {
        violated(check.invariant, "it cannot be looked at: " + failure.error().message);
    }
}

void Run::check_promises(bool is_over) {
    promises_checked_at_ = world_->monotonic();
    if (!all_up()) return;
    for (Promise& promise : promises_) {
        if (promise.is_kept) continue;
        ++result_.figures.checks;
        try {
            const std::optional<std::string> wrong =
                look([&] { return promise.check->check(*this); });
            promise.is_kept = !wrong;
            const Duration since = world_->monotonic() - healed_at_;
            if (wrong && (is_over || since > promise.check->within)) {
                violated(promise.check->invariant,
                         fmt::format("{} after the last fault: {}",
                                     is_over ? "at rest" : "too long", *wrong));
            }
        } catch (const Failure& failure) {
            violated(promise.check->invariant,
                     "it cannot be looked at: " + failure.error().message);
        }
    }
}

void Run::check_end() {
    // A timer may be far away, and that is no unrest.
    if (!callers_->all_answered() || !is_at_rest()) {
        violated("all comes to rest", unrest());
        return;
    }
    check_accounting();
    check_tables();
    check_dependencies();
    check_promises(true);
    for (const auto& check : definition_.checks) {
        if (check.when != Definition::When::eventually) check_one(check);
    }
}

std::vector<std::string> Run::services() const {
    std::vector<std::string> names;
    for (const auto& process : processes_) names.push_back(process->name());
    return names;
}

namespace {

SimulatedProcess& running(const Run& run, std::string_view name) {
    SimulatedProcess* process = run.find(name);
    TIDINGS_ASSERT(process != nullptr);
    if (!process->is_up()) {
        throw Failure{Error{ErrorCode::unavailable, std::string{name} + " is down"}};
    }
    return *process;
}

}  // namespace

DeliveryStatus Run::status(std::string_view service) const {
    return running(*this, service).status();
}
StoreTransaction& Run::read(std::string_view service) const {
    return running(*this, service).reader();
}
Host& Run::host(std::string_view service) const { return running(*this, service).host(); }

}  // namespace tidings::sim
