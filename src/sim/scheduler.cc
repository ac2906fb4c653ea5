#include <tidings/base/assert.h>
#include <tidings/base/crc32c.h>
#include <tidings/sim/scheduler.h>

#include <algorithm>

namespace tidings::sim {

Scheduler::Scheduler(SimWorld& world) : world_(world), random_(world.stream("scheduler")) {}

void Scheduler::add(io::Worker& worker) {
    for (const Place& place : places_) TIDINGS_ASSERT(place.worker != &worker);
    places_.push_back({&worker, world_.monotonic()});
}

void Scheduler::remove(io::Worker& worker) {
    std::erase_if(places_, [&](const Place& place) { return place.worker == &worker; });
}

bool Scheduler::run_until_quiet(Duration limit) {
    const TimePoint end = world_.monotonic() + limit;
    Turn turn = Turn::polled;
    while (turn == Turn::polled) turn = take_turn(end);
    return turn == Turn::quiet;
}

bool Scheduler::run_until(const std::function<bool()>& is_done, Duration limit) {
    const TimePoint end = world_.monotonic() + limit;
    while (!is_done()) {
        if (take_turn(end) != Turn::polled) return false;
    }
    return true;
}

void Scheduler::run_for(Duration duration) {
    const TimePoint end = world_.monotonic() + duration;
    while (take_turn(end) == Turn::polled) continue;
    advance_to(end);
}

Scheduler::Turn Scheduler::take_turn(TimePoint end) {
    const std::optional<TimePoint> due = next_due();
    if (!due) return Turn::quiet;
    if (std::max(*due, world_.monotonic()) >= end) return Turn::late;
    advance_to(*due);
    poll_one_of_those_due();
    return Turn::polled;
}

/// Hears who was woken, and returns when the first worker is due.
std::optional<TimePoint> Scheduler::next_due() {
    TimePoint first = io::Worker::when_woken;
    for (Place& place : places_) {
        if (place.worker->wakeup().take()) place.due = std::min(place.due, world_.monotonic());
        first = std::min(first, place.due);
    }
    if (first == io::Worker::when_woken) return std::nullopt;
    return first;
}

void Scheduler::poll_one_of_those_due() {
    const TimePoint now = world_.monotonic();
    std::vector<io::Worker*> due;
    for (const Place& place : places_) {
        if (place.due <= now) due.push_back(place.worker);
    }
    io::Worker* worker = due[static_cast<std::size_t>(random_.below(due.size()))];
    const auto name = static_cast<std::uint64_t>(crc32c(worker->name()));
    const auto time = static_cast<std::uint64_t>(now.time_since_epoch().count());
    trace_ = (trace_ ^ name ^ time) * 0x100000001b3;
    ++polls_;
    if (watch_) watch_(*worker);
    const TimePoint next = worker->poll(now);
    world_.advance(poll_takes);
    const auto place = std::find_if(places_.begin(), places_.end(),
                                    [&](const Place& p) { return p.worker == worker; });
    if (place != places_.end()) place->due = next;  // It may have been removed meanwhile.
}

void Scheduler::advance_to(TimePoint time) {
    if (time > world_.monotonic()) world_.advance(time - world_.monotonic());
}

}  // namespace tidings::sim
