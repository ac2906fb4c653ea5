#pragma once

#include <tidings/base/time.h>

#include "flow.h"
#include "storage_calls.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace tidings::proof {

/// A directory for one run, in memory where the machine has such a place; gone with the object.
class Scratch {
public:
    Scratch();
    ~Scratch();
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;
    std::string data() const { return (path_ / "data").string(); }
    void clear() const;

private:
    std::filesystem::path path_;
};

/// What the child process says to the one that made it, at once, so that its death takes none of it
/// back.
class Telling {
public:
    explicit Telling(int pipe) : pipe_(pipe) {}
    void wrong(std::string_view what) { say("wrong", what); }
    void number(std::string_view name, std::int64_t value);
    /// Has a witness of this process tell that of the other.
    void follow(Witness& witness);

private:
    void say(std::string_view kind, std::string_view text);
    int pipe_;
};

/// What came of a child process.
struct Ended {
    int status = 0;  ///< As `waitpid` says.
    std::vector<std::string> wrong;
    std::map<std::string, std::int64_t, std::less<>> numbers;

    bool was_killed() const noexcept;
    bool ended_well() const noexcept;
    /// `exit 1`, `signal 11`.
    std::string how() const;
};

/// Runs `body` in a process of its own. What it told of promises goes to `witness`. `when_stopped`
/// is called each time the process has stopped itself; it then goes on.
Ended run_child(Witness& witness, const std::function<void(Telling&)>& body,
                const std::function<void()>& when_stopped = nullptr);

/// The reference flow in a child process.
struct FlowRun {
    std::string data;
    int first = 0;
    int count = 12;
    bool acknowledges_early = false;  ///< A planted fault: the client is answered too soon.
    bool starts_anew = true;          ///< In the middle.
};
/// Runs it under a plan, from what `witness` knows on. Tells how many calls to the storage there
/// were (`changes`, `reads`), and how many when it had `opened` and `settled`.
Ended run_flow(Witness& witness, const FlowRun& run, const StoragePlan& plan,
               const std::function<void()>& when_stopped = nullptr);

/// Opens what a flow left, in a process of its own and under a plan, and brings it to its end: the
/// client asks for everything again. Tells what is lost, what is not as it must be, what `tidings
/// verify` says before and after, and as `open_ms` how long it took to open.
Ended recover_flow(Witness& witness, const FlowRun& run, const StoragePlan& plan);

}  // namespace tidings::proof
