#include "base/test_points.h"

#ifdef TIDINGS_TEST_POINTS

#include <array>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <map>
#include <mutex>
#include <set>
#include <sys/syscall.h>
#include <unistd.h>

namespace tidings {

namespace {

std::atomic<Mistake> planted_mistake{Mistake::none};

/// By name. States are few and most are rare, so a lock for each is cheap enough for test builds.
struct Reached {
    std::mutex mutex;
    std::map<std::string, std::uint64_t, std::less<>> counts;
    std::set<std::string_view> marked;  ///< Names that a file was left for.
};

/// Leaves a file of the state's name in the directory that TIDINGS_REACHED names, if it names one:
/// what the tests came through, all of them and also those that were killed, is then seen in one
/// place. Past the library, whose calls some tests count or let fail.
void leave_mark(const char* name) noexcept {
    static const char* const directory = std::getenv("TIDINGS_REACHED");  // tidy: tests alone
    if (directory == nullptr) return;
    std::array<char, 4096> path{};
    std::snprintf(path.data(), path.size(), "%s/%s", directory, name);
    const long file =
        ::syscall(SYS_openat, AT_FDCWD, path.data(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    if (file >= 0) ::syscall(SYS_close, file);
}

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
        if (reached.marked.insert(name).second) leave_mark(name);
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
