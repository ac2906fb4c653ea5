#include "delivery/blocked_lanes.h"

#include <tidings/base/assert.h>

#include <functional>

namespace tidings {

void BlockedLanes::clear() {
    counters_.clear();
    total_ = 0;
}

std::size_t BlockedLanes::slot(Kind kind, std::string_view name, std::string_view key) {
    const std::hash<std::string_view> hash;
    const std::size_t of_name = hash(name) * 2 + static_cast<std::size_t>(kind);
    return (hash(key) ^ (of_name * 0x9E3779B97F4A7C15U)) % counters_count;
}

void BlockedLanes::add(Kind kind, std::string_view name, std::string_view key, std::int64_t count) {
    if (name.empty() || key.empty()) return;
    if (counters_.empty()) counters_.resize(counters_count);
    counters_[slot(kind, name, key)] += static_cast<std::uint32_t>(count);
    total_ += count;
}

void BlockedLanes::remove(Kind kind, std::string_view name, std::string_view key) {
    if (name.empty() || key.empty()) return;
    TIDINGS_ASSERT(total_ > 0 && counters_[slot(kind, name, key)] > 0);
    --counters_[slot(kind, name, key)];
    --total_;
}

bool BlockedLanes::may_block(Kind kind, std::string_view name, std::string_view key) const {
    if (total_ == 0 || name.empty() || key.empty()) return false;
    return counters_[slot(kind, name, key)] > 0;
}

}  // namespace tidings
