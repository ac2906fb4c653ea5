#pragma once

#include <tidings/base/result.h>
#include <tidings/base/time.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace tidings::sim {

/// What a simulation can do to services. tests/sim/README.md says of each what it is and is not.
enum class FaultKind : std::uint8_t {
    // Of one event, or one answer: rates are chances from 0 to 1.
    late,         ///< An event is held back while later ones of other keys pass it.
    repeated,     ///< An event is handed over once more, some time later.
    dropped,      ///< An event is lost on its way to the consumer, and handed over anew.
    answer_lost,  ///< A publish succeeds, and says that it did not.
    reply_lost,   ///< A request is carried out, and the connection breaks before its answer.
    // The others happen after so many operations of the disk: rates are per 1,000 of them.
    outage,           ///< A service cannot reach the broker for a while.
    crash,            ///< A service is killed between two of its operations on the disk.
    all_killed,       ///< All services are, in the middle of whatever is being done.
    power_loss,       ///< Likewise, and what was not flushed is old, new or torn, block by block.
    read_error,       ///< A read of a service's files fails.
    write_error,      ///< A write does, partly done.
    flush_error,      ///< A flush does; what it should have kept is given up.
    disk_full,        ///< The disk takes nothing more for a while.
    slow_disk,        ///< Operations take time, for a while.
    clock_jump,       ///< The wall clock of the machine is set, forward or back.
    clock_drift,      ///< A service's wall clock is off, and runs fast or slow.
    dependency_slow,  ///< An outside dependency answers late, for a while.
    dependency_failing,  ///< It fails, before or after it has done what was asked, for a while.
    dependency_hanging,  ///< It does not answer at all until its callers give up, for a while.
};
inline constexpr std::size_t fault_kinds = 19;

/// Returns the enumerator's own name, e.g. `power_loss`.
std::string_view to_string(FaultKind kind) noexcept;
/// Whether it befalls single events or requests, so that its rate is a chance.
bool is_of_one_event(FaultKind kind) noexcept;

/// One fault, to the letter: what, to whom, when. Whatever a run draws from its seed becomes one,
/// so that a run can be told, replayed, and made smaller.
///
/// Times are whole milliseconds.
struct Incident {
    FaultKind kind = FaultKind::crash;
    std::string target{};             ///< A service or a dependency; empty: the machine.
    std::uint64_t operation = 0;      ///< It begins once the disk has seen so many operations...
    std::chrono::milliseconds at{0};  ///< ...and so much time has passed.
    /// Of `late`, `repeated`, `dropped` and `answer_lost`: `topic@offset`. Of `reply_lost`: `call`
    /// and its number.
    std::string event{};
    int life = 0;                        ///< In which life of the target, from 1; a call's attempt.
    std::uint64_t after = 0;             ///< The nth operation from then on is hit, or the last.
    std::chrono::milliseconds lasts{0};  ///< How long, or how late.
    std::int64_t amount = 0;             ///< Milliseconds that a clock is set by, or a call takes.
    std::int64_t drift_ppm = 0;          ///< How much faster a clock runs, in millionths.

    bool operator==(const Incident&) const = default;
};

/// Returns an incident as a line of a schedule.
std::string to_string(const Incident& incident);

/// A run without chance: exactly these faults, and the workload but for some of its calls.
///
/// Format    Text. `seed`, `skip` (numbers of calls), then a line for each incident:
///
///     seed 42
///     skip 3-6 9
///     crash target=order-service operation=311 after=4 lasts=2500ms
///     repeated target=payment-service event=order@3 life=1 lasts=800ms
struct Schedule {
    std::uint64_t seed = 0;
    std::vector<Incident> incidents{};
    std::vector<std::uint64_t> skipped_calls{};  ///< Sorted.

    /// Errors: `invalid_argument`, naming the line.
    static Result<Schedule> parse(std::string_view text);
    std::string to_text() const;
};

/// Which faults a simulation draws from its seed, how often, when and how bad.
///
///     sim::Faults::swarm()                                    // another mixture for each seed
///     sim::Faults::none().with(FaultKind::crash, 2).with(FaultKind::repeated, 0.1)
///     sim::Faults::all().without(FaultKind::clock_jump).within(0s, 10min)
///     sim::Faults::none().add({.kind = FaultKind::outage, .target = "a", .at = 3s, .lasts = 1min})
class Faults {
public:
    static Faults none() { return {}; }
    /// Every kind at its usual rate.
    static Faults all();
    /// Every kind, but of each seed a random half, and each at a random rate: some mistakes show
    /// only where one fault is frequent and another, which would hide them, is not there.
    static Faults swarm();
    /// These kinds at their usual rates.
    static Faults only(std::initializer_list<FaultKind> kinds);

    Faults& with(FaultKind kind, double rate);
    Faults& with(FaultKind kind);  ///< At its usual rate.
    Faults& without(FaultKind kind) { return with(kind, 0); }
    /// All kinds this many times as often.
    Faults& scaled(double factor);
    /// Draws faults only in this window of virtual time. The script is not bound to it.
    Faults& within(Duration from, Duration until);
    /// Adds a fault that happens in any case: a script.
    Faults& add(Incident incident);

    double rate(FaultKind kind) const noexcept { return rates_[static_cast<std::size_t>(kind)]; }
    bool is_swarm() const noexcept { return swarm_; }
    Duration from() const noexcept { return from_; }
    Duration until() const noexcept { return until_; }
    const std::vector<Incident>& script() const noexcept { return script_; }
    /// What `swarm()` becomes for a seed; anything else stays as it is.
    Faults for_seed(std::uint64_t seed) const;

    // How bad, at most.
    std::chrono::milliseconds late_max = 3s;    ///< Of `late`, `repeated` and `dropped`.
    std::chrono::milliseconds outage_max = 5s;  ///< Also of a slow or full disk.
    std::chrono::milliseconds down_max = 5s;    ///< Until a service that ended is started again.
    std::chrono::milliseconds slow_call_max = 500ms;
    std::chrono::milliseconds hanging_call = 10s;  ///< After which callers give up.
    std::chrono::milliseconds slow_operation_max = 20ms;
    std::chrono::milliseconds clock_jump_max = 1min;
    std::chrono::milliseconds clock_jumps_sum_max = 5min;
    /// From then on, the clock may be set by `late_clock_jump_max`, and not by so little.
    Duration late_clock_from = Duration::max();
    std::chrono::milliseconds late_clock_jump_max = 6h;
    std::int64_t drift_ppm_max = 1000;
    std::size_t incidents_max = 100;  ///< Those that are no single event's, in one run.

private:
    std::array<double, fault_kinds> rates_{};
    bool swarm_ = false;
    Duration from_{0};
    Duration until_ = Duration::max();
    std::vector<Incident> script_;
};

}  // namespace tidings::sim
