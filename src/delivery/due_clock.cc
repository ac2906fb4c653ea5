#include "delivery/due_clock.h"

#include <tidings/base/time.h>

#include "base/test_points.h"

#include <algorithm>

namespace tidings {

namespace {

constexpr Duration keep_interval = 10s;
constexpr Duration keep_alone_interval = 1min;

}  // namespace

DueClock::DueClock(io::World& world) : world_(world), last_(world.now()), at_(world.monotonic()) {}

Timestamp DueClock::now() {
    const std::lock_guard lock{mutex_};
    const TimePoint now = world_.monotonic();
    const Exact steady = last_ + (now - at_);
    const Exact wall = world_.now();
    if (steady - wall > 5s) reached("clock.was_set_back");
    if (wall - steady > 5s) reached("clock.was_set_ahead");
    last_ = std::max(steady, wall);
    at_ = now;
    return std::chrono::floor<std::chrono::milliseconds>(last_);
}

void DueClock::open(StoreTransaction& tx) {
    const std::lock_guard lock{mutex_};
    for (const char* latest :
         {"SELECT said FROM tidings_clock WHERE id = 1",
          "SELECT max(last_failed) FROM tidings_held WHERE state = 1",
          "SELECT max(set_at) FROM tidings_timer", "SELECT max(set_at) FROM tidings_effect"}) {
        last_ = std::max(last_, Exact{tx.value<Timestamp>(latest).value_or(Timestamp{})});
    }
}

void DueClock::before_commit(StoreTransaction& tx) {
    const Timestamp said = now();
    if (said - kept_ < keep_interval) return;
    tx.execute(
        "INSERT INTO tidings_clock (id, said) VALUES (1, $1) "
        "ON CONFLICT (id) DO UPDATE SET said = excluded.said",
        said);
    kept_ = said;
}

bool DueClock::is_worth_keeping() {
    const Timestamp said = now();
    return said - world_.now() > 5s && said - kept_ >= keep_alone_interval;
}

}  // namespace tidings
