#include "testing/injector.h"

#include "testing/process.h"
#include "testing/run.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

namespace tidings::sim {
namespace {

constexpr std::uint64_t never = std::numeric_limits<std::uint64_t>::max();
/// Within so many operations, the machine or a service stops once it is said to.
constexpr std::uint64_t operations_to_stop = 200;
constexpr std::uint64_t operations_to_crash = 60;
constexpr std::uint64_t operations_to_error = 40;
/// What a full disk still takes, at most.
constexpr std::uint64_t bytes_to_full = 64 * 1024;
/// How often an operation of a slow disk takes time.
constexpr double slow_share = 0.2;

std::chrono::milliseconds up_to(Random& random, std::chrono::milliseconds most) {
    const auto count = static_cast<std::uint64_t>(most.count()) + 1;
    return std::chrono::milliseconds{static_cast<std::int64_t>(random.below(count))};
}

std::string place(const Topic& topic, Offset offset) {
    return fmt::format("{}@{}", topic.name, offset.value);
}

bool is_of_dependency(FaultKind kind) {
    return kind == FaultKind::dependency_slow || kind == FaultKind::dependency_failing ||
           kind == FaultKind::dependency_hanging;
}

}  // namespace

Injector::Injector(Run& run, const Faults& faults, const std::vector<Incident>* script)
    : run_(run),
      faults_(faults),
      is_scripted_(script != nullptr),
      event_random_(run.world().stream("faults of events")) {
    for (const Incident& incident : is_scripted_ ? *script : faults_.script()) {
        if (is_of_one_event(incident.kind)) {
            const EventKey key{incident.kind, incident.target, incident.event, incident.life};
            of_events_.emplace(key, incident);
        } else {
            waiting_.push_back(incident);
            // The clock must get there, even where nobody else has anything to do.
            if (incident.at.count() > 0) run_.later(incident.at, [] {});
        }
    }
    next_at_.fill(never);
    if (is_scripted_) return;
    for (std::size_t i = 0; i < fault_kinds; ++i) {
        const auto kind = static_cast<FaultKind>(i);
        if (is_of_one_event(kind) || faults_.rate(kind) <= 0) continue;
        random_[i] = run_.world().stream(fmt::format("fault {}", to_string(kind)));
        draw_next(kind);
    }
}

void Injector::draw_next(FaultKind kind) {
    const auto i = static_cast<std::size_t>(kind);
    const double mean = 1000 / faults_.rate(kind);
    const auto most = std::max<std::uint64_t>(static_cast<std::uint64_t>(2 * mean), 1);
    next_at_[i] = run_.world().operations() + 1 + random_[i]->below(most);
}

bool Injector::may_draw() const {
    const Duration elapsed = run_.elapsed();
    return !stopped_ && !is_scripted_ && elapsed >= faults_.from() && elapsed < faults_.until();
}

void Injector::look() {
    SimWorld& world = run_.world();
    if (world.is_stopped()) machine_stops();
    if (!crashing_.empty()) end_crashed();
    if (stopped_) return;
    for (auto next = waiting_.begin(); next != waiting_.end();) {
        if (world.operations() < next->operation || run_.elapsed() < next->at) {
            ++next;
            continue;
        }
        const Incident incident = *next;
        next = waiting_.erase(next);
        if (begin(incident)) note(incident);
    }
    if (!may_draw() || incidents_ >= faults_.incidents_max) return;
    for (std::size_t i = 0; i < fault_kinds; ++i) {
        if (world.operations() < next_at_[i]) continue;
        const auto kind = static_cast<FaultKind>(i);
        std::optional<Incident> incident = draw(kind);
        draw_next(kind);
        if (incident && begin(*incident)) note(*incident);
    }
}

void Injector::note(const Incident& incident) {
    if (!is_of_one_event(incident.kind)) {
        ++incidents_;
    } else if (!of_events_happened_
                    .emplace(incident.kind, incident.target, incident.event, incident.life)
                    .second) {
        return;
    }
    happened_.push_back(incident);
}

std::string Injector::draw_service(Random& random) const {
    const auto& processes = run_.processes();
    return processes[static_cast<std::size_t>(random.below(processes.size()))]->name();
}

std::optional<Incident> Injector::draw(FaultKind kind) {
    Random& random = *random_[static_cast<std::size_t>(kind)];
    Incident incident{.kind = kind, .operation = run_.world().operations()};
    if (is_of_dependency(kind)) {
        const auto& names = run_.dependency_names();
        if (names.empty()) return std::nullopt;
        incident.target = names[static_cast<std::size_t>(random.below(names.size()))];
        incident.lasts = up_to(random, faults_.outage_max);
        if (kind == FaultKind::dependency_slow) {
            incident.amount = up_to(random, faults_.slow_call_max).count();
        } else if (kind == FaultKind::dependency_hanging) {
            incident.amount = faults_.hanging_call.count();
        }
        return incident;
    }
    switch (kind) {
        case FaultKind::crash:
            incident.target = draw_service(random);
            // Half of them between two polls, which is between any two commits or publishes.
            if (random.chance(0.5)) incident.after = 1 + random.below(operations_to_crash);
            incident.lasts = up_to(random, faults_.down_max);
            break;
        case FaultKind::all_killed:
        case FaultKind::power_loss:
            incident.after = 1 + random.below(operations_to_stop);
            incident.lasts = faults_.down_max;
            incident.amount = static_cast<std::int64_t>(random.below(1'000'000));
            break;
        case FaultKind::outage:
            incident.target = draw_service(random);
            incident.lasts = up_to(random, faults_.outage_max);
            break;
        case FaultKind::read_error:
        case FaultKind::write_error:
        case FaultKind::flush_error:
            incident.target = draw_service(random);
            incident.after = 1 + random.below(operations_to_error);
            break;
        case FaultKind::disk_full:
            incident.amount = static_cast<std::int64_t>(random.below(bytes_to_full));
            incident.lasts = up_to(random, faults_.outage_max);
            break;
        case FaultKind::slow_disk:
            incident.amount = up_to(random, faults_.slow_operation_max).count();
            incident.lasts = up_to(random, faults_.outage_max);
            break;
        case FaultKind::clock_jump:
            return draw_clock_jump(incident, random);
        case FaultKind::clock_drift:
            incident.target = draw_service(random);
            incident.amount = up_to(random, faults_.clock_jump_max).count();
            if (random.chance(0.5)) incident.amount = -incident.amount;
            incident.drift_ppm = static_cast<std::int64_t>(random.below(
                                     2 * static_cast<std::uint64_t>(faults_.drift_ppm_max) + 1)) -
                                 faults_.drift_ppm_max;
            break;
        default:
            return std::nullopt;
    }
    return incident;
}

std::optional<Incident> Injector::draw_clock_jump(Incident incident, Random& random) {
    const bool is_late = run_.elapsed() >= faults_.late_clock_from;
    const auto by = up_to(random, is_late ? faults_.late_clock_jump_max : faults_.clock_jump_max);
    const bool is_back = random.chance(0.5);
    if (!is_late) {
        if (clock_jumped_ + by > faults_.clock_jumps_sum_max) return std::nullopt;
        clock_jumped_ += by;
    }
    incident.amount = is_back ? -by.count() : by.count();
    return incident;
}

bool Injector::begin(const Incident& incident) {
    switch (incident.kind) {
        case FaultKind::crash:
        case FaultKind::outage:
        case FaultKind::clock_drift:
            return begin_on_service(incident);
        case FaultKind::all_killed:
        case FaultKind::power_loss:
            if (machine_stop_) return false;
            machine_stop_ = incident;
            run_.world().stop_after(std::max<std::uint64_t>(incident.after, 1));
            return true;
        case FaultKind::clock_jump:
            run_.tell_fault("", fmt::format("the clock is set by {} ms", incident.amount));
            run_.world().jump_wall_clock(std::chrono::milliseconds{incident.amount});
            return true;
        case FaultKind::dependency_slow:
        case FaultKind::dependency_failing:
        case FaultKind::dependency_hanging:
            run_.begin_on_dependency(incident);
            return true;
        default:
            return begin_on_disk(incident);
    }
}

bool Injector::begin_on_service(const Incident& incident) {
    SimulatedProcess* service = run_.find(incident.target);
    if (service == nullptr) return false;
    SimWorld& world = run_.world();
    if (incident.kind == FaultKind::clock_drift) {
        run_.tell_fault(incident.target,
                        fmt::format("{}'s clock is off by {} ms, drifts {} ppm", incident.target,
                                    incident.amount, incident.drift_ppm));
        world.set_clock(incident.target,
                        {std::chrono::milliseconds{incident.amount}, incident.drift_ppm});
        return true;
    }
    if (!service->is_up()) return false;
    if (incident.kind == FaultKind::outage) {
        run_.tell_fault(incident.target, fmt::format("{} cannot reach the broker for {} ms",
                                                     incident.target, incident.lasts.count()));
        service->broker().outage(true);
        run_.later(incident.lasts, [service, life = service->life()] {
            if (service->is_up() && service->life() == life) service->broker().outage(false);
        });
        return true;
    }
    if (crashing_.contains(incident.target)) return false;
    if (incident.after == 0) {
        run_.end_service(*service, "is killed", incident.lasts);
    } else {
        world.stop_after(incident.target, incident.after);
        crashing_.emplace(incident.target, incident);
    }
    return true;
}

bool Injector::begin_on_disk(const Incident& incident) {
    SimWorld& world = run_.world();
    const auto fail_next = [&](DiskOperation operation, std::string_view name) {
        const std::uint64_t nth = std::max<std::uint64_t>(incident.after, 1);
        run_.tell_fault(incident.target,
                        fmt::format("{} {} of {} will fail", nth == 1 ? "the next" : "a coming",
                                    name, incident.target));
        disk_was_hit_ = true;
        world.fail({.operation = operation, .nth = nth, .process = incident.target});
    };
    switch (incident.kind) {
        case FaultKind::read_error:
            fail_next(DiskOperation::read, "read");
            return true;
        case FaultKind::write_error:
            fail_next(DiskOperation::write, "write");
            return true;
        case FaultKind::flush_error:
            fail_next(DiskOperation::flush, "flush");
            return true;
        case FaultKind::disk_full:
            disk_was_hit_ = true;
            run_.tell_fault("", fmt::format("the disk is full for {} ms", incident.lasts.count()));
            world.set_disk_bytes_max(world.disk_bytes() +
                                     static_cast<std::uint64_t>(incident.amount));
            run_.later(incident.lasts, [&world] { world.set_disk_bytes_max(never); });
            return true;
        case FaultKind::slow_disk:
            run_.tell_fault("", fmt::format("the disk is slow for {} ms", incident.lasts.count()));
            world.set_disk_rates(
                {.slow = slow_share, .slow_max = std::chrono::milliseconds{incident.amount}});
            run_.later(incident.lasts, [&world] { world.set_disk_rates({}); });
            return true;
        default:
            return false;
    }
}

/// All processes have come to their end in the middle of something.
void Injector::machine_stops() {
    if (!machine_stop_) return;
    const Incident incident = *machine_stop_;
    machine_stop_.reset();
    crashing_.clear();
    const bool loses_power = incident.kind == FaultKind::power_loss;
    run_.tell_fault("",
                    loses_power ? "the machine loses power" : "all services are killed in a write");
    run_.forget_later();
    // Each comes back at its own time, in any order.
    const Random random{static_cast<std::uint64_t>(incident.amount)};
    std::vector<std::pair<SimulatedProcess*, std::chrono::milliseconds>> repairs;
    for (const auto& process : run_.processes()) {
        process->kill();
        Random own = random.split(process->name());
        repairs.emplace_back(process.get(), up_to(own, incident.lasts));
    }
    SimWorld& world = run_.world();
    loses_power ? world.crash() : world.kill();
    world.set_disk_bytes_max(never);
    world.set_disk_rates({});
    for (const auto& [process, pause] : repairs) run_.start_later(*process, pause);
}

void Injector::end_crashed() {
    for (auto next = crashing_.begin(); next != crashing_.end();) {
        SimulatedProcess* service = run_.find(next->first);
        if (!service->is_up()) {  // Something else was faster.
            next = crashing_.erase(next);
        } else if (run_.world().is_stopped(next->first)) {
            const Incident incident = next->second;
            next = crashing_.erase(next);
            run_.end_service(*service, "is killed between two operations of the disk",
                             incident.lasts);
        } else {
            ++next;
        }
    }
}

void Injector::stop() {
    stopped_ = true;
    machine_stop_.reset();
    crashing_.clear();
    run_.world().heal();
}

// ---------------------------------------------------------------------------- faults of one event

std::optional<Incident> Injector::find_scripted(FaultKind kind, const std::string& target,
                                                const std::string& event, int life) {
    if (of_events_.empty()) return std::nullopt;
    // In one life it befalls the event however often the broker behind hands it over.
    const auto found = of_events_.find({kind, target, event, life});
    if (found != of_events_.end()) return found->second;
    // Without a life it is of the first that comes.
    const auto any = of_events_.extract({kind, target, event, 0});
    if (!any) return std::nullopt;
    return any.mapped();
}

DeliveryFault Injector::deliver(const std::string& service, int life, const Topic& topic,
                                const DeliveredEvent& event) {
    using Kind = DeliveryFault::Kind;
    constexpr std::array<std::pair<FaultKind, Kind>, 3> kinds{{
        {FaultKind::late, Kind::late},
        {FaultKind::repeated, Kind::repeated},
        {FaultKind::dropped, Kind::dropped},
    }};
    if (stopped_) return {};
    const std::string where = place(topic, event.offset);
    for (const auto& [kind, what] : kinds) {
        if (const auto incident = find_scripted(kind, service, where, life)) {
            note(*incident);
            return {what, incident->lasts};
        }
    }
    if (!may_draw()) return {};
    // What befalls an event depends on nothing but where it stands and who gets it, so that one
    // fault more or less changes none of the others.
    Random random = event_random_.split(fmt::format("{} {} {}", service, life, where));
    for (const auto& [kind, what] : kinds) {
        if (!random.chance(faults_.rate(kind))) continue;
        Incident incident{.kind = kind, .target = service, .event = where, .life = life};
        incident.lasts = up_to(random, faults_.late_max);
        note(incident);
        return {what, incident.lasts};
    }
    return {};
}

bool Injector::loses_answer(const std::string& service, int life, const Topic& topic,
                            Offset first) {
    if (stopped_) return false;
    const std::string where = place(topic, first);
    if (const auto known = find_scripted(FaultKind::answer_lost, service, where, life)) {
        note(*known);
        return true;
    }
    if (!may_draw()) return false;
    Random random = event_random_.split(fmt::format("answer {} {} {}", service, life, where));
    if (!random.chance(faults_.rate(FaultKind::answer_lost))) return false;
    note({.kind = FaultKind::answer_lost, .target = service, .event = where, .life = life});
    return true;
}

bool Injector::loses_reply(std::uint64_t call, int attempt) {
    if (stopped_) return false;
    const std::string which = fmt::format("call{}", call);
    if (const auto known = find_scripted(FaultKind::reply_lost, "", which, attempt)) {
        note(*known);
        return true;
    }
    if (!may_draw()) return false;
    Random random = event_random_.split(fmt::format("reply {} {}", call, attempt));
    if (!random.chance(faults_.rate(FaultKind::reply_lost))) return false;
    note({.kind = FaultKind::reply_lost, .event = which, .life = attempt});
    return true;
}

std::map<std::string, int> Injector::counts() const {
    std::map<std::string, int> counts;
    for (const Incident& incident : happened_) ++counts[std::string{to_string(incident.kind)}];
    return counts;
}

}  // namespace tidings::sim
