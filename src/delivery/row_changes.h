#pragma once

#include <tidings/delivery/rehearsal.h>
#include <tidings/store/store.h>

#include <vector>

namespace tidings {

/// Notes every row that changes in a database, by triggers of the connection that watches: they are
/// nobody else's, are part of its savepoints, and are gone with it.
///
/// Of the platform's own tables those that say what a handler asked for are watched: outbox,
/// effects, timers, sagas.
class RowChanges {
public:
    /// Begins to watch. Throws Failure.
    static void watch(StoreTransaction& tx);
    /// Returns what changed since the last call, in order, and forgets it. Throws Failure.
    static std::vector<RowChange> take(StoreTransaction& tx);
};

}  // namespace tidings
