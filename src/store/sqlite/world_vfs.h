#pragma once

#include <tidings/io/world.h>

#include <sqlite3.h>

#include <memory>
#include <string>

namespace tidings::sqlite {

/// SQLite's operating system, made of an `io::World`: files, randomness, clock and sleep.
///
/// It has no shared memory, so a connection on it must use `locking_mode=EXCLUSIVE` (SQLite then
/// keeps the WAL's index on the heap) and must be the only one on its database; that it is, is for
/// the caller to see to, by a lock. Sleeping returns at once.
///
/// Frozen, it never changes a file: what would be written is refused, what is missing is empty.
///
/// Lifetime  Registered with SQLite from construction to destruction, under a name of its own. The
///           world must outlive it, and it the connections that use it.
class WorldVfs {
public:
    enum class Access { full, frozen };

    WorldVfs(io::World& world, Access access);
    WorldVfs(const WorldVfs&) = delete;
    WorldVfs& operator=(const WorldVfs&) = delete;
    ~WorldVfs();

    const char* name() const noexcept { return name_.c_str(); }
    io::World& world() const noexcept { return world_; }
    bool is_frozen() const noexcept { return access_ == Access::frozen; }

private:
    io::World& world_;
    Access access_;
    std::string name_;
    sqlite3_vfs vfs_{};
};

}  // namespace tidings::sqlite
