// T10: there is no memory for the Nth allocation.
//
// The reference flow, from opening the directory to closing it, runs in a process of its own, in
// which one allocation fails: of C++ (`operator new` throws) or of SQLite (it returns nothing). It
// may report an error, or end; it must not crash, and what it answered for is there afterwards,
// with nothing lost and nothing twice.
#include "child.h"
#include "rig.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <new>
#include <string>
#include <sys/wait.h>

namespace {

std::uint64_t allocations = 0;
std::uint64_t failing = 0;  ///< Which one; 0: none.

// The program's own operators, made of malloc; the compiler would take that for a mistake.
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"

bool is_due() noexcept { return ++allocations == failing; }

}  // namespace

void* operator new(std::size_t bytes) {
    void* const memory = is_due() ? nullptr : std::malloc(bytes == 0 ? 1 : bytes);
    if (memory == nullptr) throw std::bad_alloc{};
    return memory;
}
void* operator new[](std::size_t bytes) { return ::operator new(bytes); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }

namespace tidings::proof {
namespace {

sqlite3_mem_methods own_methods;

/// Has SQLite's allocations counted, too. Before SQLite is used for the first time.
void count_allocations_of_sqlite() {
    sqlite3_config(SQLITE_CONFIG_GETMALLOC, &own_methods);
    sqlite3_mem_methods counting = own_methods;
    counting.xMalloc = [](int bytes) { return is_due() ? nullptr : own_methods.xMalloc(bytes); };
    counting.xRealloc = [](void* memory, int bytes) {
        return is_due() ? nullptr : own_methods.xRealloc(memory, bytes);
    };
    sqlite3_config(SQLITE_CONFIG_MALLOC, &counting);
}

/// Runs the flow with no memory for allocation `at`.
Ended run_without_memory(Witness& witness, const FlowRun& run, std::uint64_t at, bool swallows) {
    return run_child(witness, [&](Telling& telling) {
        Witness own = witness;
        telling.follow(own);
        Flow::Options options;
        options.data = run.data;
        if (swallows) options.swallows_bad_alloc = [] { failing = allocations + 1; };
        allocations = 0;
        failing = at;
        bool ran = false;
        try {
            Flow flow{io::real_world(), own, std::move(options)};
            ran = flow.run(run.first, run.count, nullptr).has_value();
            flow.drop();
        } catch (const std::bad_alloc&) {  // As good as an error that is returned.
        }
        failing = 0;
        telling.number("ran", ran ? 1 : 0);
        telling.number("allocations", static_cast<std::int64_t>(allocations));
    });
}

struct Tally {
    std::int64_t runs = 0;
    std::int64_t went_on = 0;
    std::int64_t ended = 0;  ///< At once, by `std::terminate`.
};

std::vector<std::string> fail_one(const Scratch& scratch, const FlowRun& run, std::uint64_t at,
                                  bool swallows, Tally& tally) {
    scratch.clear();
    Witness witness;
    Ended ended = run_without_memory(witness, run, at, swallows);
    ++tally.runs;
    std::vector<std::string> wrong = ended.wrong;
    const bool terminated = WIFSIGNALED(ended.status) && WTERMSIG(ended.status) == SIGABRT;
    tally.ended += terminated ? 1 : 0;
    tally.went_on += ended.numbers["ran"];
    if (!terminated && !ended.ended_well()) wrong.push_back("it ended with " + ended.how());
    const Ended found = recover_flow(witness, run, {});
    if (!found.ended_well()) wrong.push_back("recovery ended with " + found.how());
    wrong.insert(wrong.end(), found.wrong.begin(), found.wrong.end());
    return wrong;
}

int prove(int argc, char** argv) {
    // What says that the process is being ended on purpose would fill the terminal.
    std::set_terminate([] { std::abort(); });
    count_allocations_of_sqlite();
    Rig rig{"T10", argc, argv};
    const Scratch scratch;
    FlowRun run{scratch.data(), 0, 8};
    Witness nobody;
    Ended whole = run_without_memory(nobody, run, 0, false);
    const auto count = static_cast<std::uint64_t>(whole.numbers["allocations"]);
    if (whole.numbers["ran"] != 1) rig.broken("the flow ends with " + whole.how());
    Tally planted;
    rig.control("a handler that takes no note of a failed allocation",
                !fail_one(scratch, run, 0, true, planted).empty());

    const std::int64_t wanted = rig.amount(5000);
    Tally tally;
    for (std::int64_t i = 0; i < wanted && rig.broken_count() < 100; ++i) {
        const std::uint64_t at =
            1 + (static_cast<std::uint64_t>(i) * count / static_cast<std::uint64_t>(wanted) +
                 rig.seed()) %
                    count;
        for (const std::string& wrong : fail_one(scratch, run, at, false, tally)) {
            rig.broken(fmt::format("no memory for allocation {}: {}", at, wrong));
        }
        rig.progress(tally.runs, wanted, "allocations");
    }
    rig.figure("allocations of the flow", std::to_string(count));
    rig.figure("went on", std::to_string(tally.went_on));
    rig.figure("ended with an error", std::to_string(tally.runs - tally.went_on - tally.ended));
    rig.figure("ended at once", std::to_string(tally.ended));
    return rig.finish(fmt::format("{} allocations", tally.runs));
}

}  // namespace
}  // namespace tidings::proof

int main(int argc, char** argv) { return tidings::proof::prove(argc, argv); }
