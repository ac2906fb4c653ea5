#pragma once

#include <tidings/sim/random.h>

#include "memory_world.h"

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace tidings::proof {

/// The disks that a loss of power can leave, after each of the operations of a trace.
///
/// What was flushed is there. What was written since is there, or not, or torn at 512 bytes; a file
/// that was cut is cut, or nothing of it has changed from there on; a name that was made, changed
/// or removed is so once its directory was flushed, and before that perhaps, each for itself
/// (`sim::DiskProfile::strict`).
///
/// Lifetime  The trace must outlive it.
class CrashStates {
public:
    /// `ignored` says which operations the disk takes and does not do, for rigs that plant a fault.
    CrashStates(const std::vector<Operation>& trace,
                std::function<bool(const Operation&)> ignored = nullptr);

    /// Does the next operation. Returns whether there was one.
    bool step();
    std::size_t steps() const noexcept { return at_; }
    /// Whether something is not flushed, so that there is more than one state.
    bool is_uncertain() const noexcept { return !pending_.empty() || !changes_.empty(); }

    Image strict() const;  ///< Nothing but what was flushed.
    Image all() const;     ///< All that was written.
    Image drawn(sim::Random& random) const;

private:
    using Names = std::map<std::string, std::size_t>;
    struct File {
        Bytes now;
        Bytes durable;
    };

    void change_names(const Operation& operation);
    void flush_directory(const std::string& path);
    static void apply(const Operation& change, Names& names);
    Bytes torn(std::size_t file, const std::vector<const Operation*>& writes,
               sim::Random& random) const;

    const std::vector<Operation>& trace_;
    std::function<bool(const Operation&)> ignored_;
    std::size_t at_ = 0;
    std::map<std::size_t, File> files_;
    std::map<std::size_t, std::vector<const Operation*>> pending_;  ///< Writes and cuts, by file.
    Names names_;
    Names durable_names_;
    std::vector<const Operation*> changes_;  ///< Of names, not durable yet.
};

/// Adds the directories that `image`'s files are in, and those above.
void add_directories(Image& image);

}  // namespace tidings::proof
