#pragma once

#include <tidings/base/assert.h>
#include <tidings/base/time.h>
#include <tidings/io/world.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace tidings {

/// The last good answers of a dependency, for a fallback while it is down. No cache to save calls:
/// it is read when a call failed, and only then.
///
///     LastKnown<Money> rates{world, 24h};
///     const auto generation = rates.generation();     // before the dependency is asked
///     ...
///     rates.put(zone, rate, generation);              // after it has answered
///     ...
///     const std::optional<Money> rate = rates.find(zone);
///
/// Guarantees
/// - Nothing is older than the time to live, by the monotonic clock.
/// - An answer that was asked for before `forget()` is not kept after it: the generation tells.
///
/// Limits    `entries_max`; the oldest goes for a new one. Memory alone: a restart knows nothing.
/// Threads   Any.
/// Lifetime  The World must outlive it.
template <class T>
class LastKnown {
public:
    /// `time_to_live` is positive and has no default: how old an answer may be is for its user to
    /// decide.
    LastKnown(io::World& world, Duration time_to_live, std::size_t entries_max = 1000)
        : world_(world), time_to_live_(time_to_live), entries_max_(entries_max) {
        TIDINGS_ASSERT(time_to_live > Duration::zero() && entries_max > 0);
    }

    /// Returns the present generation, to be taken before the dependency is asked.
    std::uint64_t generation() const {
        const std::lock_guard lock{mutex_};
        return generation_;
    }
    /// Keeps an answer. False: something was forgotten since `asked_in`, so it may be out of date.
    bool put(std::string_view key, T value, std::uint64_t asked_in) {
        const std::lock_guard lock{mutex_};
        if (asked_in != generation_) return false;
        const TimePoint now = world_.monotonic();
        const auto found = entries_.find(key);
        if (found != entries_.end()) {
            found->second = {std::move(value), now};
            return true;
        }
        if (entries_.size() >= entries_max_) {
            entries_.erase(std::min_element(
                entries_.begin(), entries_.end(),
                [](const auto& a, const auto& b) { return a.second.learned < b.second.learned; }));
        }
        entries_.emplace(key, Entry{std::move(value), now});
        return true;
    }
    /// Returns the last answer, unless it is too old or there was none.
    std::optional<T> find(std::string_view key) {
        const std::lock_guard lock{mutex_};
        const auto found = entries_.find(key);
        if (found == entries_.end()) return std::nullopt;
        if (world_.monotonic() - found->second.learned >= time_to_live_) {
            entries_.erase(found);
            return std::nullopt;
        }
        return found->second.value;
    }
    /// Drops an answer that is known to be wrong now, and those that are under way.
    void forget(std::string_view key) {
        const std::lock_guard lock{mutex_};
        ++generation_;
        const auto found = entries_.find(key);
        if (found != entries_.end()) entries_.erase(found);
    }

private:
    struct Entry {
        T value;
        TimePoint learned;
    };

    io::World& world_;
    const Duration time_to_live_;
    const std::size_t entries_max_;
    mutable std::mutex mutex_;
    std::uint64_t generation_ = 0;
    std::map<std::string, Entry, std::less<>> entries_;
};

}  // namespace tidings
