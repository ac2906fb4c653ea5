#pragma once

#include <tidings/broker/broker.h>
#include <tidings/sim/faulty_broker.h>
#include <tidings/sim/random.h>
#include <tidings/testing/faults.h>

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

namespace tidings::sim {

class Run;
class SimulatedProcess;

/// Has faults happen in a run: drawn from the seed, or exactly those of a schedule. Whatever
/// happens becomes an Incident.
class Injector {
public:
    /// With a `script` nothing is drawn.
    Injector(Run& run, const Faults& faults, const std::vector<Incident>* script);

    /// Begins what is due. Asked after each poll.
    void look();
    /// Ends all faults for good.
    void stop();
    bool is_stopped() const noexcept { return stopped_; }
    /// Whether a fault has hit the disk, so that a service may have trouble to start.
    bool has_hit_the_disk() const noexcept { return disk_was_hit_; }

    DeliveryFault deliver(const std::string& service, int life, const Topic& topic,
                          const DeliveredEvent& event);
    bool loses_answer(const std::string& service, int life, const Topic& topic, Offset first);
    bool loses_reply(std::uint64_t call, int attempt);

    const std::vector<Incident>& happened() const noexcept { return happened_; }
    /// Where faults drawn end and those of single events begin is nothing that a reader knows.
    std::map<std::string, int> counts() const;

private:
    /// Kind, target, event, life.
    using EventKey = std::tuple<FaultKind, std::string, std::string, int>;

    bool may_draw() const;
    void draw_next(FaultKind kind);
    std::optional<Incident> draw(FaultKind kind);
    std::optional<Incident> draw_clock_jump(Incident incident, Random& random);
    std::string draw_service(Random& random) const;
    bool begin(const Incident& incident);
    bool begin_on_service(const Incident& incident);
    bool begin_on_disk(const Incident& incident);
    void machine_stops();
    void end_crashed();
    /// Returns the fault of one event that the script has.
    std::optional<Incident> find_scripted(FaultKind kind, const std::string& target,
                                          const std::string& event, int life);
    void note(const Incident& incident);

    Run& run_;
    const Faults faults_;
    const bool is_scripted_;
    std::vector<Incident> waiting_;  ///< Of the script, in its order, those that did not begin.
    std::map<EventKey, Incident> of_events_;
    std::array<std::optional<Random>, fault_kinds> random_;
    std::array<std::uint64_t, fault_kinds> next_at_{};
    Random event_random_;
    std::vector<Incident> happened_;
    std::set<EventKey> of_events_happened_;
    std::size_t incidents_ = 0;  ///< Those that are no single event's.
    std::optional<Incident> machine_stop_;
    std::map<std::string, Incident> crashing_;  ///< By service.
    std::chrono::milliseconds clock_jumped_{0};
    bool stopped_ = false;
    bool disk_was_hit_ = false;
};

}  // namespace tidings::sim
