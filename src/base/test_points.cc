#include "base/test_points.h"

#ifdef TIDINGS_TEST_POINTS

#include <atomic>
#include <map>
#include <mutex>

namespace tidings {

namespace {

std::atomic<Mistake> planted_mistake{Mistake::none};

/// By name. States are few and most are rare, so a lock for each is cheap enough for test builds.
struct Reached {
    std::mutex mutex;
    std::map<std::string, std::uint64_t, std::less<>> counts;
};

Reached& states() {
    static Reached reached;
    return reached;
}

}  // namespace

bool planted(Mistake mistake) noexcept {
    return planted_mistake.load(std::memory_order_relaxed) == mistake;
}

void plant(Mistake mistake) noexcept { planted_mistake.store(mistake); }

void reached(const char* name) noexcept {
    Reached& reached = states();
    const std::lock_guard lock{reached.mutex};
    const auto known = reached.counts.find(std::string_view{name});
    if (known != reached.counts.end()) {
        ++known->second;
    } else {
        reached.counts.emplace(name, 1);
    }
}

std::vector<ReachedState> reached_states() {
    Reached& reached = states();
    const std::lock_guard lock{reached.mutex};
    std::vector<ReachedState> all;
    for (const auto& [name, count] : reached.counts) all.push_back({name, count});
    return all;
}

void forget_reached_states() {
    Reached& reached = states();
    const std::lock_guard lock{reached.mutex};
    reached.counts.clear();
}

}  // namespace tidings

#endif
